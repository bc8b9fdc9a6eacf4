"""The built-in writer: deterministic, it adapts with what the author provides and needs no key, model or network."""

import itertools
import re
from collections.abc import Iterator, Sequence

from attune.domain.audience import lines, reduce_blocks
from attune.domain.budget import NOTHING_USED, Usage
from attune.domain.markdown import with_tables
from attune.domain.placeholders import protect, restore
from attune.domain.section import Draft, SectionRequest, Term, WriterFault

RULES_VERSION = "1"
_LABEL = re.compile(r"\[[^\[\]]*\](?=[(\[])")


class RulesWriter:
    """Keeps the blocks that are for this persona, opens or folds details, and explains terms where they first occur."""

    def most(self, request: SectionRequest, complaints: Sequence[str]) -> Usage:
        """Nothing: it calls nobody."""
        return NOTHING_USED

    def write(
        self, request: SectionRequest, complaints: Sequence[str] = (), deadline: float = 0, tries: int = 1
    ) -> Draft:
        """The section for this persona. Rules cannot translate: without the author's translation they give up."""
        if request.source_language != request.language:
            raise WriterFault("no_translation", final=True)
        text = reduce_blocks(request.source, request.persona)
        if request.define_terms:
            text = _define(text, request.glossary)
        return Draft(text)


def _define(markdown: str, glossary: Sequence[Term]) -> str:
    """Put each term's definition in brackets behind its first use in the section's paragraphs."""
    terms = sorted((term for term in glossary if term.definition), key=lambda term: -len(term.term))
    if not terms:
        return markdown
    protected = protect(markdown)
    anyone = re.compile("|".join(f"(?P<t{place}>{_pattern(term.term)})" for place, term in enumerate(terms)))
    found: dict[str, re.Match[str]] = {}
    labels = [match.span() for match in _LABEL.finditer(protected.text)]
    for start, end in _paragraphs(protected.text):
        for match in anyone.finditer(protected.text, start, end):
            if not any(begin <= match.start() < stop for begin, stop in labels):
                found.setdefault(str(match.lastgroup), match)
    text = protected.text
    for name, match in sorted(found.items(), key=lambda entry: -entry[1].end()):
        if not text[match.end() :].lstrip(" ").startswith("("):
            definition = (terms[int(name[1:])].definition or "").rstrip(".")
            text = f"{text[: match.end()]} ({definition}){text[match.end() :]}"
    return restore(text, protected.tokens)


def _pattern(term: str) -> str:
    """The term, in the plural too, when it is not part of a longer word; capitals count where it has any."""
    word = rf"(?<!\w){re.escape(term)}(?:s|es)?(?!\w)"
    return word if term != term.lower() else f"(?i:{word})"


def _paragraphs(markdown: str) -> Iterator[tuple[int, int]]:
    """Where the paragraphs stand: headings, tables and code hold no definitions."""
    starts = [0, *itertools.accumulate(map(len, lines(markdown)))]
    for token in with_tables().parse(markdown):
        if token.type == "paragraph_open" and token.map:
            yield starts[token.map[0]], starts[token.map[1]]
