"""What keeps a lesson's text from being published: whatever could run, or show itself otherwise, in a reader's page."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from attune.domain import audience, pieces
from attune.domain.addresses import harmless
from attune.domain.characters import CONTROLS, OVERRIDES
from attune.domain.pieces import Piece, dissect
from attune.domain.portable import fenced

_TAG = re.compile(r"</?[A-Za-z][\w.:-]*(?:\s[^<>]{0,2000})?/?>|<!--|<!\[CDATA\[|<![A-Za-z]|<\?[A-Za-z]|</?>")
_EXPRESSION = re.compile(r"\{\s*/\*|\{\s*(?:props|process|window|document|globalThis|require|import)\b")
_MODULE = re.compile(
    r"^(?:import\b[^\r\n]*(?:\bfrom[ \t]*)?['\"][^\r\n]*['\"][ \t]*;?[ \t]*$"
    r"|export[ \t]+(?:default|const|let|var|function|class|async)\b|export[ \t]*[{*])",
    re.MULTILINE,
)
_SPECIAL = re.compile(r"[{<]")
_FENCE = re.compile(r"[\s>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(?:```|~~~)")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with a text, in a line counted from 1."""

    line: int
    code: str
    detail: str


def findings(markdown: str) -> list[Finding]:
    """All that is wrong, by line, one of a kind in each."""
    starts = [0, *(match.end() for match in re.finditer(r"\r\n?|\n", markdown))]
    found: dict[tuple[int, str], Finding] = {}
    for place, code, detail in sorted(_places(markdown)):
        line = _line(starts, place)
        found.setdefault((line, code), Finding(line, code, detail))
    return list(found.values())


def _line(starts: Sequence[int], place: int) -> int:
    low, high = 0, len(starts)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if starts[middle] <= place else (low, middle)
    return low + 1


def _places(markdown: str) -> Iterator[tuple[int, str, str]]:
    for match in OVERRIDES.finditer(markdown):
        yield match.start(), "hidden_character", "A hidden character turns the text round or carries another one."
    for match in CONTROLS.finditer(markdown):
        yield match.start(), "hidden_character", "A control character."
    found = dissect(markdown).pieces
    at = 0
    for piece in (*found, Piece("", len(markdown), len(markdown), "")):
        yield from _in_prose(markdown, at, piece.start)
        if piece.kind:
            yield from _in_piece(markdown, piece)
        at = piece.end


def _in_prose(markdown: str, start: int, end: int) -> Iterator[tuple[int, str, str]]:
    for pattern, code, detail in (
        (_TAG, "raw_html", "Raw HTML or JSX; write Markdown, put code between backticks, or write \\< for the sign."),
        (_EXPRESSION, "mdx", "An MDX expression; lessons are Markdown."),
        (_MODULE, "mdx", "An MDX import or export; lessons are Markdown."),
    ):
        for match in pattern.finditer(markdown, start, end):
            if not _is_escaped(markdown, match.start()):
                yield match.start(), code, detail


def _is_escaped(markdown: str, place: int) -> bool:
    before = place
    while before and markdown[before - 1] == "\\":
        before -= 1
    return (place - before) % 2 == 1


def _in_piece(markdown: str, piece: Piece) -> Iterator[tuple[int, str, str]]:
    text = markdown[piece.start : piece.end]
    if piece.kind in (pieces.LINK, pieces.DEFINITION, pieces.IMAGE):
        if not harmless(piece.value, picture=piece.kind == pieces.IMAGE):
            detail = "Links lead to https, http, mailto or a place of the site, and pictures come from there."
            yield piece.start, "unsafe_address", detail
    elif piece.kind == pieces.URL and text.startswith("<"):
        if ":" in piece.value and not harmless(piece.value):
            yield piece.start, "unsafe_address", "An address leads to https, http or mailto."
    elif piece.kind == pieces.DIRECTIVE and "<" in text:
        yield piece.start, "raw_html", "A title that reads like HTML; titles are words."
    elif piece.kind in (pieces.MATHS, pieces.MATHS_BLOCK):
        if tag := _TAG.search(text):
            yield piece.start + tag.start(), "raw_html", "A formula that reads like HTML; write \\lt for the sign."
    elif piece.kind == pieces.CODE_BLOCK and _SPECIAL.search(text) and _is_nested_and_indented(text, piece.value):
        yield piece.start, "indented_code", "Code inside a list or a quote stands in a fence."


def _is_nested_and_indented(text: str, code: str) -> bool:
    """Whether code is marked by its indentation where that cannot be made a fence: MDX would read it as text."""
    return not _FENCE.match(text) and fenced(text, code) == text


def unknown_attributes(markdown: str, personas: Mapping[str, Sequence[str]]) -> Iterator[Finding]:
    """The `:::` blocks that ask for a persona, or a value of one, that no reader of the course can have."""
    for line, attributes in audience.openings(markdown):
        for name, value in attributes.items():
            if name == "title":
                continue
            if name not in personas:
                yield Finding(line, "unknown_attribute", "A ::: block names something that is no part of the persona.")
            elif unknown := [each for each in value.split("|") if each not in personas[name]]:
                many = "values" if len(unknown) > 1 else "a value"
                yield Finding(line, "unknown_attribute", f"A ::: block asks for {many} that no reader's persona has.")
