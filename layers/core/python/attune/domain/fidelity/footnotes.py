"""The marks of footnotes are those of the source, as often."""

import re
from collections import Counter
from collections.abc import Iterator

from attune.domain.fidelity.case import Case
from attune.domain.pieces import outside

_FOOTNOTE = re.compile(r"\[\^[^\[\]\s]{1,99}\]")


def faults(case: Case) -> Iterator[str]:
    before, after = (
        Counter(_FOOTNOTE.findall(outside(text, some.pieces)))
        for text, some in ((case.source, case.before), (case.written, case.after))
    )
    if before != after:
        yield "The marks of footnotes are not those of the source."
