"""One text against its source: every rule in turn."""

from collections.abc import Callable, Iterator

from attune.domain.audience import reduce_blocks
from attune.domain.fidelity import (
    asides,
    ease,
    ending,
    footnotes,
    foreign,
    form,
    headings,
    kept,
    language,
    length,
    names,
    numbers,
    tables,
)
from attune.domain.fidelity.case import Case
from attune.domain.pieces import dissect
from attune.domain.section import SectionRequest


def check(request: SectionRequest, written: str) -> list[str]:
    """Why a written section must not be shown, as short sentences for a repair; empty when it may. Pure and stable."""
    if not written.strip():
        return ["The text is empty."]
    source = reduce_blocks(request.source, request.persona)
    definitions = "\n\n".join(term.definition or "" for term in request.glossary) if request.define_terms else ""
    if len(written) > 4 * (len(source) + len(definitions)) + 4000:
        return ["The text is much longer than the source."]
    case = Case(request, source, written, dissect(source), dissect(written), definitions)
    return [reason for rule in _RULES for reason in rule(case)]


_RULES: tuple[Callable[[Case], Iterator[str]], ...] = (
    form.faults,
    headings.faults,
    kept.faults,
    footnotes.faults,
    foreign.faults,
    asides.faults,
    length.faults,
    ending.faults,
    numbers.faults,
    tables.faults,
    names.faults,
    language.faults,
    ease.faults,
)
