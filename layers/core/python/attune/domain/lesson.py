"""A lesson is a title and its sections, cut at `##` headings; the pieces joined are the text again, byte for byte."""

import itertools
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from attune.domain import audience
from attune.domain.errors import Flaw
from attune.domain.markdown import blocks_alone, commonmark

if TYPE_CHECKING:
    from markdown_it.token import Token

MAX_TITLE = 300
"""Longer headings are taken as they are written: finding their markup would take too long."""
MAX_SECTIONS = 60
MAX_SECTION_CHARACTERS = 24_000


@dataclass(frozen=True, slots=True)
class Section:
    """`text` is the Markdown from this heading to the next; `id` is unique in its lesson and made from the title."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Lesson:
    """`preamble` is what stands before the first section when it is the title alone; it is never rewritten."""

    title: str
    preamble: str
    sections: tuple[Section, ...]

    @property
    def outline(self) -> tuple[str, ...]:
        return tuple(section.title for section in self.sections)

    def flaws(self) -> list[Flaw]:
        """What keeps this text from being published."""
        found = []
        if not self.title:
            found.append(Flaw("/content", "A lesson starts with a # title.", "title_missing"))
        if not self.sections:
            found.append(Flaw("/content", "A lesson has at least one section with text.", "empty"))
        if len(self.sections) > MAX_SECTIONS:
            found.append(Flaw("/content", f"At most {MAX_SECTIONS} sections.", "too_many_sections"))
        for section in self.sections:
            if len(section.text) > MAX_SECTION_CHARACTERS:
                detail = f"A section has at most {MAX_SECTION_CHARACTERS} characters; split it with ## headings."
                found.append(Flaw("/content", detail, "section_too_long"))
            try:
                list(audience.blocks(section.text))
            except audience.Unbalanced:
                detail = "A ::: block must open and close within one section and must not be nested."
                found.append(Flaw("/content", detail, "unbalanced_block"))
        return found


def parse(markdown: str) -> Lesson:
    """Cut a lesson at its `##` headings (not those inside code). Text before the first makes a section of its own."""
    lines = audience.lines(markdown)
    title, after_title, cuts = "", 0, list[tuple[int, str]]()
    for opening, inline in itertools.pairwise(blocks_alone().parse(markdown)):
        if opening.type != "heading_open" or opening.level or not opening.map:
            continue
        start, end = opening.map
        if opening.tag == "h1" and not title and not "".join(lines[:start]).strip():
            title, after_title = _plain(inline), end
        elif opening.tag == "h2":
            cuts.append((start, _plain(inline)))
    first = cuts[0][0] if cuts else len(lines)
    if "".join(lines[after_title:first]).strip():
        cuts.insert(0, (after_title, title or "Introduction"))
        first = after_title
    ids = _ids([name for _, name in cuts])
    bounds = itertools.pairwise([*(start for start, _ in cuts), len(lines)])
    sections = tuple(
        Section(id_, name, "".join(lines[start:end]))
        for id_, (_, name), (start, end) in zip(ids, cuts, bounds, strict=True)
    )
    return Lesson(title, "".join(lines[:first]) if cuts else markdown, sections)


def _plain(inline: "Token") -> str:
    """A heading's words without their markup."""
    if len(inline.content) > MAX_TITLE:
        return inline.content.strip()
    children = commonmark().parseInline(inline.content)[0].children or []
    return "".join(child.content for child in children if not child.type.endswith(("_open", "_close"))).strip()


def _ids(titles: list[str]) -> list[str]:
    counts: dict[str, int] = {}
    ids: dict[str, None] = {}
    for number, title in enumerate(titles, start=1):
        ascii_title = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
        base = re.sub(r"[^a-z0-9]+", "-", ascii_title)[:56].strip("-") or f"section-{number}"
        id_ = base
        while id_ in ids:
            counts[base] = counts.get(base, 1) + 1
            id_ = f"{base}-{counts[base]}"
        ids[id_] = None
    return list(ids)


def misaligned(original: Lesson, translation: Lesson) -> bool:
    """Whether a translation lacks the original's headings in their order: its sections cannot stand for them then."""
    return original.outline != translation.outline or original.title != translation.title
