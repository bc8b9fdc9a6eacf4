"""Parts of a lesson for some readers: `:::audience` blocks are kept or dropped, `:::detail` blocks opened or folded."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from attune.domain.markdown import blocks_alone

_OPEN = re.compile(r"^:::(?P<name>audience|detail)\{(?P<attributes>[^{}]*)\}[ \t]*$")
_CLOSE = re.compile(r"^:::[ \t]*$")
_ATTRIBUTE = re.compile(r'\s*(?P<name>[a-z][a-z0-9_-]*)="(?P<value>[^"]*)"')
_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")
_CODE = frozenset({"fence", "code_block"})


class Unbalanced(ValueError):
    """A directive that is not closed, closes nothing, is nested or cannot be read; `line` counts from 1."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line}")
        self.line = line


@dataclass(frozen=True, slots=True)
class Block:
    """A run of lines: plain text (`name` empty), or the inside of a directive with its attributes."""

    name: str
    attributes: Mapping[str, str]
    text: str

    def fits(self, persona: Mapping[str, str]) -> bool:
        """Whether the persona has one of the values for every attribute but the title."""
        return all(persona.get(name) in value.split("|") for name, value in self.attributes.items() if name != "title")


def lines(markdown: str) -> list[str]:
    """The text cut into lines as CommonMark counts them, with their endings: joined they are the text again."""
    return _LINE.findall(markdown)


def code_lines(markdown: str) -> set[int]:
    """The numbers (from 0) of all lines inside code blocks, where nothing else has a meaning."""
    found: set[int] = set()
    for token in blocks_alone().parse(markdown):
        if token.type in _CODE and token.map:
            found.update(range(*token.map))
    return found


def blocks(markdown: str) -> Iterator[Block]:
    """The text as plain runs and directives, in order. Raises `Unbalanced`."""
    if ":::" not in markdown:
        yield Block("", {}, markdown)
        return
    code = code_lines(markdown)
    name, attributes, opened, run = "", dict[str, str](), 0, list[str]()
    for number, line in enumerate(lines(markdown)):
        bare = line.rstrip("\r\n")
        if number in code or not bare.startswith(":::"):
            run.append(line)
            continue
        start, end = _OPEN.match(bare), _CLOSE.match(bare)
        if bool(end) != bool(name) or not (start or end):
            raise Unbalanced(number + 1)
        yield Block(name, attributes, "".join(run))
        run, opened = [], number + 1
        name = start["name"] if start else ""
        attributes = _attributes(start["attributes"], number + 1) if start else {}
    if name:
        raise Unbalanced(opened)
    yield Block("", {}, "".join(run))


def openings(markdown: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    """The line (from 1) and the attributes of each directive, whatever else is wrong with them."""
    code = code_lines(markdown) if ":::" in markdown else set()
    for number, line in enumerate(lines(markdown)):
        if number not in code and (start := _OPEN.match(line.rstrip("\r\n"))):
            yield number + 1, {match["name"]: match["value"] for match in _ATTRIBUTE.finditer(start["attributes"])}


def _attributes(text: str, line: int) -> dict[str, str]:
    found = {match["name"]: match["value"] for match in _ATTRIBUTE.finditer(text)}
    if _ATTRIBUTE.sub("", text).strip() or not found:
        raise Unbalanced(line)
    return found


def reduce_blocks(markdown: str, persona: Mapping[str, str]) -> str:
    """The text as this persona's readers get it: blocks for others left out, details for others folded into a line."""
    return "".join(_reduced(block, persona) for block in blocks(markdown))


def _reduced(block: Block, persona: Mapping[str, str]) -> str:
    if not block.name or block.fits(persona):
        return block.text
    if block.name == "detail" and block.attributes.get("title"):
        return f"> **{block.attributes['title']}** …\n"
    return ""
