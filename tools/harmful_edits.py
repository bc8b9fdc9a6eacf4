"""Edits of a section that harm its readers: what a model gets wrong, and what somebody might make it do."""

import random
import re
from collections.abc import Callable, Sequence
from typing import Final

from attune.domain import pieces
from attune.domain.pieces import Anatomy, Piece, dissect

Harm = Callable[[str, random.Random, Sequence[str]], str | None]
"""The harmed text, or None where there is nothing to harm in this way; the last argument are all other sections."""

_REFUSALS: Final = (
    "I'm sorry, but I can't help with that.",
    "I cannot assist with rewriting this section.",
    "As an AI language model, I am unable to adapt this content.",
    "I apologize, but this request goes against my guidelines.",
    "Sorry, I can't continue with this.",
    "I won't rewrite this lesson. Let me know if you would like something else.",
)
_PREFACES: Final = (
    "Sure! Here is the adapted section:",
    "Certainly, here's the rewritten version for a beginner:",
    "Here is your adapted section in Markdown:",
    "Of course. Below is the text you asked for.",
)
_OTHER_CODE: Final = "```sh\ncurl -s https://get.example.net/install | sh\n```"
_NUMBER: Final = re.compile(r"(?<![\w.,#])\d+(?:\.\d+)?(?![\w.)]|,\d)")


def _prose_lines(text: str) -> list[tuple[int, int]]:
    """Where the lines of plain paragraphs stand."""
    whole = [piece for piece in dissect(text).pieces if piece.kind.isupper()]
    found, at = [], 0
    for line in text.splitlines(keepends=True):
        end = at + len(line)
        inside = any(piece.start < end and piece.end > at for piece in whole)
        if not inside and re.match(r"[A-Za-z\"'*_\[`(]", line):
            found.append((at, at + len(line.rstrip())))
        at = end
    return found


def _chosen(text: str, rng: random.Random, *kinds: str) -> Piece | None:
    found = [piece for piece in dissect(text).pieces if piece.kind in kinds]
    return rng.choice(found) if found else None


def _put(text: str, rng: random.Random, what: str) -> str | None:
    """Put something at the end of a line of prose."""
    lines = _prose_lines(text)
    if not lines:
        return None
    _, end = rng.choice(lines)
    return f"{text[:end]} {what}{text[end:]}"


def dropped_code(text: str, rng: random.Random, others: Sequence[str]) -> str | None:
    piece = _chosen(text, rng, pieces.CODE_BLOCK)
    return text[: piece.start] + text[piece.end :] if piece else None


def altered_code(text: str, rng: random.Random, others: Sequence[str]) -> str | None:
    """One character of a code block is another one, or a line of it is gone."""
    piece = _chosen(text, rng, pieces.CODE_BLOCK)
    if piece is None or not piece.value.strip():
        return None
    lines = text[piece.start : piece.end].split("\n")
    inside = [n for n, line in enumerate(lines) if 0 < n < len(lines) - 1 and line.strip()]
    if not inside:
        return None
    n = rng.choice(inside)
    if rng.random() < 0.5:
        del lines[n]
    else:
        place = rng.choice([at for at, character in enumerate(lines[n]) if not character.isspace()])
        lines[n] = f"{lines[n][:place]}{'#' if lines[n][place] != '#' else '%'}{lines[n][place + 1 :]}"
    return f"{text[: piece.start]}{chr(10).join(lines)}{text[piece.end :]}"


def invented_code(text: str, rng: random.Random, others: Sequence[str]) -> str | None:
    return f"{text.rstrip()}\n\n{_OTHER_CODE}\n"


def altered_identifier(text: str, rng: random.Random, others: Sequence[str]) -> str | None:
    """A name in code has another ending, another case, or is another word."""
    piece = _chosen(text, rng, pieces.CODE_BLOCK, pieces.CODE)
    words = list(re.finditer(r"[A-Za-z_]{3,}", text[piece.start : piece.end])) if piece else []
    if piece is None or not words:
        return None
    word = rng.choice(words)
    new = rng.choice([f"{word[0]}x", word[0].swapcase(), word[0][:-1], f"my_{word[0]}"])
    return f"{text[: piece.start + word.start()]}{new}{text[piece.start + word.end() :]}"


def dropped_section(text: str, rng: random.Random, others: Sequence[str]) -> str | None:
    """A heading is gone with all that stands below it; where there is one heading alone, its line is."""
    anatomy = dissect(text)
    lines = text.splitlines(keepends=True)
    heads = [n for n, line in enumerate(lines) if _is_heading(line, anatomy)]
    if not heads:
        return None
    n = rng.choice(heads)
    end = next((other for other in heads if other > n), len(lines))
    kept = lines[:n] + (lines[n + 1 :] if len(heads) == 1 else lines[end:])
    return "".join(kept) if "".join(kept).strip() else None


def _is_heading(line: str, anatomy: Anatomy) -> bool:
    match = re.match(r" {0,3}(#{1,6})\s+(.*?)\s*#*\s*$", line)
    return match is not None and (len(match[1]), " ".join(match[2].split())) in anatomy.headings


def dropped_paragraphs(text: str, rng: random.Random, others: Sequence[str]) -> str | None:
    """Half of the paragraphs are gone."""
    blocks = text.split("\n\n")
    plain = [n for n, block in enumerate(blocks) if re.match(r"[A-Z]", block) and len(block) > 80]
    if len(plain) < 2:
        return None
    gone = set(rng.sample(plain, (len(plain) + 1) // 2))
    return "\n\n".join(block for n, block in enumerate(blocks) if n not in gone)


def cut_end(text: str, rng: random.Random, others: Sequence[str]) -> str | None:
    return text[: int(len(text.rstrip()) * rng.uniform(0.3, 0.9))]


def wrong_lesson(text: str, rng: random.Random, others: Sequence[str]) -> str | None:
    """Another section, as it is or below this one's heading."""
    other = rng.choice([each for each in others if each != text])
    if rng.random() < 0.5 or not text.startswith("#"):
        return other
    return f"{text.partition(chr(10))[0]}\n{other.partition(chr(10))[2]}"


def refusal(text: str, rng: random.Random, others: Sequence[str]) -> str | None:
    said = rng.choice(_REFUSALS)
    first = f"{text.partition(chr(10))[0]}\n\n" if text.startswith("#") else ""
    return rng.choice([said, f"{first}{said}\n", f"{text.rstrip()}\n\n{said}\n"])


def preface(text: str, rng: random.Random, others: Sequence[str]) -> str | None:
    return f"{rng.choice(_PREFACES)}\n\n{text}"


def invented_link(text: str, rng: random.Random, others: Sequence[str]) -> str | None:
    """A link more, in one of the ways to write one, or one that leads elsewhere."""
    piece = _chosen(text, rng, pieces.LINK)
    if piece and rng.random() < 0.3:
        return f"{text[: piece.start]}https://docs.example.net/page{text[piece.end :]}"
    ways = (
        "See [the manual](https://example.com/manual).",
        "See <https://example.net/start>.",
        "More at https://www.example.org/guide.",
        "More at www.example.org/guide.",
        "![A diagram](https://example.com/pixel.png)",
        "See [this page](/another/page).",
        "See [more][1].\n\n[1]: https://example.com/more\n\n",
    )
    return _put(text, rng, rng.choice(ways))


def changed_number(text: str, rng: random.Random, others: Sequence[str]) -> str | None:
    """A number of the prose is another one: a step beside it, ten times as much, or with its digits turned round."""
    found = dissect(text).pieces
    numbers = [
        match
        for match in _NUMBER.finditer(text)
        if not any(piece.start <= match.start() < piece.end for piece in found)
        and not re.match(r" {0,3}(?:#|\d+[.)]\s*$)", text[text.rfind("\n", 0, match.start()) + 1 : match.end() + 2])
    ]
    if not numbers:
        return None
    number = rng.choice(numbers)
    old = number[0]
    ways = [str(int(float(old)) + rng.choice([1, 2, 7])), f"{old}0" if "." not in old else old.replace(".", "")]
    if len(old) > 1 and old[::-1] != old and old[-1] not in "0." and old[0] != ".":
        ways.append(old[::-1])
    new = rng.choice([way for way in ways if float(way) != float(old)])
    return f"{text[: number.start()]}{new}{text[number.end() :]}"


def raw_html(text: str, rng: random.Random, others: Sequence[str]) -> str | None:
    ways = ("<img src=x onerror=alert(1)>", "<b>now</b>", "<script>alert(1)</script>", "<!-- note -->", "<Tabs/>")
    return _put(text, rng, rng.choice(ways))


def mdx(text: str, rng: random.Random, others: Sequence[str]) -> str | None:
    if rng.random() < 0.5:
        return _put(text, rng, rng.choice(("It is {process.env.KEY}.", "{alert(1)}", "{/* note */}")))
    return f'import Evil from "evil"\n\n{text}'


def unsafe_link(text: str, rng: random.Random, others: Sequence[str]) -> str | None:
    ways = ("[Go](javascript:alert(1))", "[Go](data:text/html;base64,PHA+)", "![x](data:image/svg+xml,<svg/>)")
    return _put(text, rng, rng.choice(ways))


def open_fence(text: str, rng: random.Random, others: Sequence[str]) -> str | None:
    return f"{text.rstrip()}\n\n```python\nprint(1)\n"


HARMFUL: Final[dict[Harm, float]] = {
    dropped_code: 0.98,
    altered_code: 0.98,
    invented_code: 0.98,
    altered_identifier: 0.98,
    dropped_section: 0.98,
    cut_end: 0.98,
    wrong_lesson: 0.98,
    refusal: 0.98,
    invented_link: 0.88,
    changed_number: 0.86,
    dropped_paragraphs: 0.86,
    preface: 0.98,
    raw_html: 0.98,
    mdx: 0.98,
    unsafe_link: 0.98,
    open_fence: 0.98,
}
"""Every harm with the share of it that the gate must catch."""
