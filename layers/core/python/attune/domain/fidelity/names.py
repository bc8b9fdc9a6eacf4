"""The terms of the glossary, and names that look like none other, are still there."""

import re
from collections.abc import Iterator

from attune.domain.fidelity.case import Case
from attune.domain.languages import language_of

NAMES_KEPT = 0.8
NAME = re.compile(r"(?<![\w-])(?=[\w-]*[A-Z][\w-]*[A-Z])[A-Za-z][A-Za-z0-9-]+(?![\w-])", re.ASCII)


def faults(case: Case) -> Iterator[str]:
    source, written = case.before.prose, case.after.prose
    endings = language_of(case.request.language).endings
    terms = {term.term for term in case.request.glossary if _occurs(term.term, source)}
    names = set(NAME.findall(source)) - terms
    lost_terms, lost_names = (
        sorted(name for name in some if not _occurs(name, written, endings)) for some in (terms, names)
    )
    few = (1 - NAMES_KEPT) + 1e-9
    if len(lost_terms) > few * len(terms) or len(lost_names) > max(1, few * len(names)):
        yield f"Terms of the source are missing: {', '.join([*lost_terms, *lost_names][:8])}."


def _occurs(term: str, text: str, endings: str = "s|es") -> bool:
    """Whether a term or a name stands in a text, with what a language may add to it."""
    words = r"\s+".join(map(re.escape, term.split()))
    return re.search(rf"(?<![A-Za-z0-9]){words}(?:{endings})?(?![A-Za-z0-9])", text, re.IGNORECASE) is not None
