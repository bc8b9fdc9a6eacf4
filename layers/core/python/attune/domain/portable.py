"""Markdown as it is given out: the same page in every renderer, and nothing in it that runs.

CommonMark reads the result as it read the text, except that raw HTML is shown instead of obeyed and that addresses
which run code lead nowhere. MDX reads it likewise: what would be an expression, an element or a module there is text.
"""

import re
from collections.abc import Iterator

from attune.domain import pieces
from attune.domain.addresses import harmless
from attune.domain.characters import visible
from attune.domain.pieces import Piece, dissect

NOWHERE = "#"
_PROSE = re.compile(
    r"\\[\s\S]|(?P<mark>[<{}])|^(?P<module>import|export)\b|^[ \t>]{0,40}(?P<label>\[)[^\[\]\r\n]{1,999}\]:",
    re.MULTILINE,
)
_INDENT = re.compile(r"^(?: {4}| {0,3}\t)")
_TAG_IN_TITLE = re.compile(r"(?<!\\)<")
_TAG_IN_MATHS = re.compile(r"<(?=[A-Za-z/!?>])")
_MARKUP = re.compile(r"[\\`*_\[\](){}<>&~$|!]")
_AFTER_LABEL = re.compile(r"[ \t]*(?:\r?\n)?[ \t>]*<?(\S{0,2000})")


def portable(markdown: str) -> str:
    """The text as every renderer may have it. What comes out is given back unchanged."""
    markdown = _shown(markdown)
    parts: list[str] = []
    at = 0
    for piece in dissect(markdown).pieces:
        if piece.kind == pieces.URL and markdown[piece.start] != "<":
            # An address without brackets is words to CommonMark.
            continue
        parts += (_prose(markdown, at, piece.start), _piece(markdown, piece))
        at = piece.end
    return "".join([*parts, _prose(markdown, at, len(markdown))])


def _shown(markdown: str) -> str:
    """Without hidden characters, but for those in code, which is its author's to the letter."""
    if visible(markdown) == markdown:
        return markdown
    parts: list[str] = []
    at = 0
    for piece in dissect(markdown).pieces:
        if piece.kind in (pieces.CODE, pieces.CODE_BLOCK):
            parts += (visible(markdown[at : piece.start]), markdown[piece.start : piece.end])
            at = piece.end
    return "".join([*parts, visible(markdown[at:])])


def _prose(markdown: str, start: int, end: int) -> str:
    """What stands between pieces. The places of line ends are those of the whole text."""
    return "".join(_escaped(markdown, start, end))


def _escaped(markdown: str, start: int, end: int) -> Iterator[str]:
    at = start
    for match in _PROSE.finditer(markdown, start, end):
        if match["mark"]:
            yield from (markdown[at : match.start()], "\\", match[0])
            at = match.end()
        elif match["module"]:
            # CommonMark reads the entity as its letter, and MDX reads no module where no such word begins the line.
            yield from (markdown[at : match.start()], f"&#{ord(match[0][0])};", match[0][1:])
            at = match.end()
        elif match["label"] and _defines(markdown, match):
            yield from (markdown[at : match.start("label")], "\\[")
            at = match.end("label")
    yield markdown[at:end]


def _defines(markdown: str, match: re.Match[str]) -> bool:
    """Whether another parser might see the definition of a link here that leads where none may."""
    address = _AFTER_LABEL.match(markdown, match.end())
    return address is not None and not harmless(address[1])


def _piece(markdown: str, piece: Piece) -> str:
    text = markdown[piece.start : piece.end]
    match piece.kind:
        case pieces.CODE_BLOCK:
            return fenced(text, piece.value)
        case pieces.MATHS | pieces.MATHS_BLOCK:
            return _TAG_IN_MATHS.sub(r"\\lt ", text)
        case pieces.LINK if markdown[piece.start - 1] == "(" and not harmless(piece.value):
            return NOWHERE
        case pieces.DEFINITION if not harmless(piece.value):
            return f"{text.partition(']:')[0]}]: {NOWHERE}"
        case pieces.IMAGE:
            return _picture(text, piece.value)
        case pieces.URL:
            return _address(piece.value)
        case pieces.DIRECTIVE:
            return _TAG_IN_TITLE.sub(r"\\<", text)
        case _:
            return text


def fenced(text: str, code: str) -> str:
    """Code that only its indentation marks, which MDX does not know, in a fence."""
    lines = [_INDENT.sub("", line) for line in text.splitlines()]
    if "\n".join(lines).strip("\r\n") != code.replace("\r\n", "\n"):
        return text
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", code)), default=0))
    return "\n".join([fence, *lines, fence])


def _picture(text: str, address: str) -> str:
    """A picture with its description as plain text, or the description alone where there is no showing it."""
    if text.endswith(")"):
        ends = text.rfind("](", 0, text.rfind(address) if address else len(text))
    else:
        ends = text.rfind("][")
    if ends < 2 or text.endswith("[]"):
        # The description is the name of a definition, and must stay as it is to lead there.
        return text if harmless(address, picture=True) else _prose(text, 2, len(text) - 1)
    description = _prose(text[:ends], 2, ends)
    return f"![{description}{text[ends:]}" if harmless(address, picture=True) else description


def _address(address: str) -> str:
    """An address in pointed brackets, which MDX takes for an element, as a link that says where it leads."""
    shown = _MARKUP.sub(r"\\\g<0>", address)
    target = address if ":" in address else f"mailto:{address}"
    return f"[{shown}]({_MARKUP.sub(_quoted, target)})" if harmless(target) else shown


def _quoted(match: re.Match[str]) -> str:
    return f"\\{match[0]}"
