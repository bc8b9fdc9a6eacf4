"""A text is in the language that was asked for."""

import re
from collections.abc import Iterator

from attune.domain.fidelity import substance
from attune.domain.fidelity.case import Case
from attune.domain.fidelity.names import NAME
from attune.domain.languages import language_of, script_share

SCRIPT = 0.5


def faults(case: Case) -> Iterator[str]:
    language = language_of(case.request.language)
    prose = case.after.prose
    if not language.is_latin:
        for name in sorted({term.term for term in case.request.glossary}, key=len, reverse=True):
            prose = re.sub(re.escape(name), " ", prose, flags=re.IGNORECASE)
        prose = NAME.sub(" ", prose)
    if script_share(prose, language.code) < SCRIPT:
        yield f"The text is not in {language.name}."
    elif not case.translated:
        yield from substance.faults(case)
