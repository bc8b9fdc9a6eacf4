"""The built-in writer: deterministic, it adapts with what the author provides and needs no key, model or network."""

import re
from collections.abc import Sequence

from attune.domain.audience import reduce_blocks
from attune.domain.placeholders import protect, restore
from attune.domain.section import Draft, SectionRequest, Term, WriterFault
from attune.domain.section_requests import word

RULES_VERSION = "1"
_HEADING = re.compile(r"^ {0,3}#{1,6} ")


class RulesWriter:
    """Keeps the blocks that are for this persona, opens or folds details, and explains terms where they first occur."""

    def write(self, request: SectionRequest, complaints: Sequence[str] = (), deadline: float = 0) -> Draft:
        """The section for this persona. Rules cannot translate: without the author's translation they give up."""
        if request.source_language != request.language:
            raise WriterFault("no_translation", final=True)
        text = reduce_blocks(request.source, request.persona)
        if request.define_terms:
            text = _define(text, request.glossary)
        return Draft(text)


def _define(markdown: str, glossary: Sequence[Term]) -> str:
    """Put each term's definition in brackets behind its first use in prose."""
    protected = protect(markdown)
    lines = protected.text.splitlines(keepends=True)
    for term in glossary:
        if term.definition is None:
            continue
        for place, line in enumerate(lines):
            match = None if _HEADING.match(line) or line.lstrip().startswith("|") else word(term.term).search(line)
            if match and not line[match.end() :].lstrip().startswith("("):
                lines[place] = f"{line[: match.end()]} ({term.definition.rstrip('.')}){line[match.end() :]}"
                break
    return restore("".join(lines), protected.tokens)
