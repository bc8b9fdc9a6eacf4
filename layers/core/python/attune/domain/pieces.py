"""The parts of a Markdown text that nobody may rewrite: code, maths, links, images, directives. And what is left."""

import bisect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

CODE_BLOCK, MATHS_BLOCK, DIRECTIVE, DEFINITION = "C", "M", "D", "R"
CODE, MATHS, LINK, IMAGE, URL, BRACKET = "c", "m", "l", "p", "u", "t"
_BLOCKS = {
    "fence": CODE_BLOCK,
    "code_block": CODE_BLOCK,
    "maths": MATHS_BLOCK,
    "directive": DIRECTIVE,
    "definition": DEFINITION,
}


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters `start..end` of a text. `value` is what they mean, whatever quote or list they stand in.

    A piece whose kind is an upper-case letter is a run of whole lines; the others stand inside a line of prose.
    """

    kind: str
    start: int
    end: int
    value: str


@dataclass(frozen=True, slots=True)
class Anatomy:
    """A text taken apart: its pieces in order, its headings as (level, text), its paragraphs without their pieces.

    A list item and a table row count as paragraphs; `rows` are those of tables. `unclosed` says that a code fence runs
    to the end of the text.
    """

    pieces: tuple[Piece, ...]
    headings: tuple[tuple[int, str], ...]
    paragraphs: tuple[str, ...]
    rows: tuple[str, ...]
    unclosed: bool

    @property
    def prose(self) -> str:
        """The paragraphs, one a line."""
        return "\n".join(self.paragraphs)


def dissect(markdown: str) -> Anatomy:
    """Take a text apart. Blocks are what CommonMark says; the time is linear in the length."""
    starts = [0, *(match.end() for match in _NEWLINE.finditer(markdown))]
    ends = [*(match.start() for match in _NEWLINE.finditer(markdown)), len(markdown)]
    env: dict[str, Mapping[str, object]] = {}
    tokens = _parser().parse(markdown, env)
    pieces: list[Piece] = []
    headings: list[tuple[int, str]] = []
    segments: dict[tuple[int, int], str] = {}
    markers: set[int] = set()
    unclosed = False
    for place, token in enumerate(tokens):
        if not token.map:
            continue
        first, last = token.map[0], min(token.map[1], len(ends))
        span = (starts[first], ends[last - 1])
        if token.type in _BLOCKS:
            pieces.append(Piece(_BLOCKS[token.type], *span, _meaning(token)))
            if token.type == "fence":
                closing = markdown[starts[last - 1] : span[1]].strip(" \t>")
                unclosed = unclosed or last - first < 2 or not closing.startswith(token.markup)
        elif token.type == "list_item_open":
            markers.add(first)
        elif token.type == "inline":
            segments[span] = tokens[place - 1].type
            if tokens[place - 1].type == "heading_open":
                headings.append((int(tokens[place - 1].tag[1:]), " ".join(token.content.split())))
    paragraphs, rows = [], []
    references = env.get("references", {})
    for (start, end), opening in segments.items():
        found = list(
            _in_cells(markdown, start, end, references)
            if opening in _CELLS
            else _inline(markdown, start, end, references)
        )
        pieces += found
        if opening != "heading_open":
            text = _without(markdown, start, end, found)
            listed = bisect.bisect_right(starts, start) - 1 in markers
            paragraphs.append(_MARKER.sub("", text, count=1) if listed else _QUOTE.sub("", text))
            rows += paragraphs[-1:] if opening in _CELLS else []
    pieces.sort(key=lambda piece: piece.start)
    around = tuple(_with_brackets(markdown, pieces))
    return Anatomy(around, tuple(headings), tuple(paragraphs), tuple(rows), unclosed)


def outside(markdown: str, pieces: tuple[Piece, ...]) -> str:
    """The text with every piece replaced by a space."""
    return _without(markdown, 0, len(markdown), pieces)


_NEWLINE = re.compile(r"\r\n?|\n")
_CELLS = frozenset({"th_open", "td_open"})
_MARKER = re.compile(r"\A[\s>]*(?:(?:[-*+]|\d{1,9}[.)])\s+)+")
_QUOTE = re.compile(r"(?m)^[ \t]*(?:>[ \t]?)+")


def _meaning(token: "Token") -> str:
    if token.type == "definition":
        return str(token.meta["url"])
    return f"{token.info.strip()}\n{token.content}" if token.type == "fence" else token.content.strip("\r\n")


def _without(markdown: str, start: int, end: int, pieces: tuple[Piece, ...] | list[Piece]) -> str:
    kept, at = [], start
    for piece in pieces:
        kept.append(markdown[at : piece.start])
        at = piece.end
    return " ".join([*kept, markdown[at:end]])


def _with_brackets(markdown: str, pieces: list[Piece]) -> Iterator[Piece]:
    """The pieces, and between them as pieces of their own the brackets that would look like a token's."""
    at = 0
    for piece in [*pieces, Piece("", len(markdown), len(markdown), "")]:
        yield from (Piece(BRACKET, m.start(), m.end(), m[0]) for m in _BRACKET.finditer(markdown, at, piece.start))
        if piece.kind:
            yield piece
        at = piece.end


_BRACKET = re.compile("[⟦⟧]")
_CELL = re.compile(r"(?:\\.|[^|\\])+")


def _in_cells(markdown: str, start: int, end: int, references: Mapping[str, object]) -> Iterator[Piece]:
    for cell in _CELL.finditer(markdown, start, end):
        yield from _inline(markdown, cell.start(), cell.end(), references)


_SPECIAL = re.compile(r"\\[!-/:-@\[-`{-~]|`+|\$\$?|!\[|\[|\]|<|(?<!\w)(?:https?://|www\.)", re.IGNORECASE)
_AUTOLINK = re.compile(r"<([A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*|[\w.+-]{1,64}@[\w.-]{1,255})>")
_BARE_URL = re.compile(r"[^\s<>\[\]⟦⟧|\"`]+")
_MATHS = {
    "$$": re.compile(r"\$\$(.+?)\$\$", re.DOTALL),
    # Money is not maths: no space inside the dollars, no digit after them.
    "$": re.compile(r"\$(?![\s$])((?:\\.|[^$\\])*+)(?<!\s)\$(?!\d)", re.DOTALL),
}
# Lengths are bounded, so that a text full of openings costs no more than its size.
_TARGET = re.compile(
    r"\((?P<inside>\s{0,9}(?:<(?P<angle>[^<>\n]{0,2000})>|(?P<plain>(?:[^\s()\\]|\\.|\((?:[^\s()\\]|\\.){0,500}\)){0,2000}+))"
    r"(?:\s{1,9}(?:\"(?:[^\"\\]|\\.){0,500}\"|'(?:[^'\\]|\\.){0,500}'|\((?:[^()\\]|\\.){0,500}\)))?\s{0,9})\)",
    re.DOTALL,
)
_LABEL = re.compile(r"\[(?P<label>[^\[\]]{0,999})\]")


def maths_at(text: str, start: int, end: int) -> int | None:
    """Where the formula ends that begins here; None if none does."""
    mark = "$$" if text.startswith("$$", start) else "$"
    found = _MATHS[mark].match(text, start, end)
    return found.end() if found else None


def _inline(text: str, start: int, end: int, references: Mapping[str, object]) -> Iterator[Piece]:
    """The pieces inside one paragraph, heading or cell, found from left to right without going back."""
    runs: dict[str, list[int]] = {}
    for run in re.finditer("`+", text[start:end]):
        runs.setdefault(run[0], []).append(start + run.start())
    found: list[Piece] = []
    open_brackets: list[tuple[int, bool, int]] = []
    at = start
    while match := _SPECIAL.search(text, at, end):
        at, mark = match.end(), match[0]
        piece: Piece | None = None
        if mark[0] == "`":
            later = runs[mark][bisect.bisect_left(runs[mark], at) :][:1] if mark in runs else []
            if later:
                piece = Piece(CODE, match.start(), later[0] + len(mark), text[at : later[0]].strip())
        elif mark in _MATHS:
            if maths := _MATHS[mark].match(text, match.start(), end):
                piece = Piece(MATHS, maths.start(), maths.end(), maths[0])
        elif mark == "<":
            if link := _AUTOLINK.match(text, match.start(), end):
                piece = Piece(URL, link.start(), link.end(), link[1])
        elif mark.endswith(("/", ".")):
            piece = _bare_url(text, match.start(), end)
        elif mark in ("[", "!["):
            open_brackets.append((match.start(), mark == "![", len(found)))
        elif mark == "]" and open_brackets:
            opened, is_image, before = open_brackets.pop()
            piece = _link(text, opened, is_image, match.start(), end, references)
            if piece and piece.start == opened:
                del found[before:]
            elif piece:
                open_brackets = [bracket for bracket in open_brackets if bracket[1]]
        if piece:
            found.append(piece)
            at = max(at, piece.end)
    yield from found


def _bare_url(text: str, start: int, end: int) -> Piece | None:
    found = _BARE_URL.match(text, start, end)
    url = found[0] if found else ""
    while url and (url[-1] in ".,;:!?'*_~" or (url[-1] == ")" and url.count(")") > url.count("("))):
        url = url[:-1]
    return Piece(URL, start, start + len(url), url) if url.partition("//")[2] or url.partition("www.")[2] else None


def _link(
    text: str, opened: int, is_image: bool, closed: int, end: int, references: Mapping[str, object]
) -> Piece | None:
    """What a `]` completes: where a link goes, or the whole of an image or of a link that is its own label."""
    kind = IMAGE if is_image else LINK
    if target := _TARGET.match(text, closed + 1, end):
        address = target["angle"] if target["angle"] is not None else target["plain"]
        return Piece(kind, opened, target.end(), address) if is_image else Piece(kind, *target.span("inside"), address)
    if not references:
        return None
    label = _LABEL.match(text, closed + 1, end)
    named = _destination(label["label"], references) if label and label["label"] else None
    if label and named is not None:
        return Piece(kind, opened, label.end(), named) if is_image else Piece(kind, *label.span("label"), named)
    itself = _destination(text[opened + (2 if is_image else 1) : closed], references)
    if itself is None:
        return None
    return Piece(kind, opened, label.end() if label and not label["label"] else closed + 1, itself)


def _destination(label: str, references: Mapping[str, object]) -> str | None:
    entry = references.get(" ".join(label.split()).lower().upper())
    return str(entry["href"]) if isinstance(entry, dict) else None


@cache
def _parser() -> "MarkdownIt":
    """Blocks only: what stands inside a line is found here in linear time, which a full parser does not promise."""
    from markdown_it import MarkdownIt

    from attune.domain.blocks import with_blocks

    parser = MarkdownIt("commonmark", {"html": False, "inline_definitions": True}).enable("table").disable("inline")
    return with_blocks(parser)
