"""The gate on the lessons that ship, edited by script: harmless edits pass, harmful ones are stopped."""

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from attune.domain.audience import reduce_blocks
from attune.domain.fidelity.gate import check
from attune.domain.lesson import parse
from attune.domain.pieces import dissect
from attune.domain.section import SectionRequest, Term
from tests.unit.conftest import LESSONS, shipped
from tests.unit.gated import REQUEST

# The shipped lessons, edited in all the ways that the gate must tell apart.


def _sections() -> Iterator[tuple[str, SectionRequest]]:
    for name, slug in LESSONS:
        course = shipped(name).course
        terms = [Term(str(entry.term)) for entry in course.glossary]
        lesson = parse(shipped(name).texts[slug].content)
        for section in lesson.sections:
            used = tuple(term for term in terms if re.search(rf"(?<!\w){re.escape(term.term)}(?!\w)", section.text))
            text = reduce_blocks(section.text, {})
            request = replace(
                REQUEST, source=text, title=section.title, outline=lesson.outline, glossary=used, persona={}
            )
            if len(text) > 150:
                yield text, request


SECTIONS = list(_sections())

Edit = Callable[[str, random.Random], str | None]


def _prose(text: str, change: Callable[[str], str], only: int | None = None) -> str:
    """Change lines of prose: all, or the one with this number."""
    whole = [piece for piece in dissect(text).pieces if piece.kind.isupper()]
    lines, at, number = [], 0, 0
    for line in text.splitlines(keepends=True):
        inside = any(piece.start < at + len(line) and piece.end > at for piece in whole)
        at += len(line)
        if not inside and line.strip() and not line.startswith(("#", "|")):
            line = change(line) if only in (None, number) else line
            number += 1
        lines.append(line)
    return "".join(lines)


def synonyms(text: str, rng: random.Random) -> str:
    pairs = {
        " because ": " since ",
        " big ": " large ",
        " must ": " has to ",
        " only ": " just ",
        " shows ": " makes clear ",
    }
    return _prose(text, lambda line: _replaced(line, pairs))


def _replaced(line: str, pairs: dict[str, str]) -> str:
    for old, new in pairs.items():
        line = line.replace(old, new)
    return line


def opening(text: str, rng: random.Random) -> str:
    return text.replace("\n\n", "\n\nThink of how a child learns to ride a bicycle.\n\n", 1)


def emphasis(text: str, rng: random.Random) -> str:
    return _prose(text, lambda line: re.sub(r"^([A-Z][a-z]{4,}) ", r"**\1** ", line))


def _piece(text: str, rng: random.Random, kinds: str) -> tuple[int, int] | None:
    found = [(piece.start, piece.end) for piece in dissect(text).pieces if piece.kind in kinds]
    return rng.choice(found) if found else None


def dropped_code(text: str, rng: random.Random) -> str | None:
    span = _piece(text, rng, "C")
    return text[: span[0]] + text[span[1] :] if span else None


def altered_identifier(text: str, rng: random.Random) -> str | None:
    span = _piece(text, rng, "Cc")
    words = [m for m in re.finditer(r"[A-Za-z]{3,}", text) if span and span[0] <= m.start() and m.end() <= span[1]]
    if not words:
        return None
    word = rng.choice(words)
    return f"{text[: word.end()]}x{text[word.end() :]}"


def cut_end(text: str, rng: random.Random) -> str:
    return text[: int(len(text.rstrip()) * rng.uniform(0.4, 0.9))]


def dropped_heading(text: str, rng: random.Random) -> str | None:
    return re.sub(r"\A#.*\n", "", text) if text.startswith("#") else None


def wrong_lesson(text: str, rng: random.Random) -> str:
    return rng.choice([other for other, _ in SECTIONS if other != text])


def wrong_text(text: str, rng: random.Random) -> str:
    return text.split("\n")[0] + "\n" + wrong_lesson(text, rng).partition("\n")[2]


def refusal(text: str, rng: random.Random) -> str:
    return text.split("\n")[0] + "\n\n" + rng.choice(["I'm sorry, but I can't help with that.", "I cannot assist you."])


def invented_link(text: str, rng: random.Random) -> str:
    return _prose(text, lambda line: f"{line.rstrip()} See [more](https://example.com/more).\n", only=0)


def changed_number(text: str, rng: random.Random) -> str | None:
    pieces = dissect(text).pieces
    numbers = [
        match
        for match in re.finditer(r"(?<![\w.#])\d+(?:\.\d+)?(?![.)]\s)", text)
        if not any(piece.start <= match.start() < piece.end for piece in pieces)
        and not text[text.rfind("\n", 0, match.start()) + 1 :].startswith("#")
    ]
    if not numbers:
        return None
    number = rng.choice(numbers)
    return f"{text[: number.start()]}{int(float(number[0])) + rng.choice([1, 3, 10])}{text[number.end() :]}"


@pytest.mark.parametrize("edit", [synonyms, opening, emphasis])
def test_shipped_lessons_pass_with_harmless_edits(edit: Edit) -> None:
    rng = random.Random(1)
    passed = [not check(request, edit(text, rng) or "") for text, request in SECTIONS]
    assert sum(passed) >= 0.97 * len(passed)


@pytest.mark.parametrize(
    ("edit", "bar"),
    [
        (dropped_code, 0.98),
        (altered_identifier, 0.98),
        (cut_end, 0.98),
        (dropped_heading, 0.98),
        (wrong_lesson, 0.98),
        (wrong_text, 0.98),
        (refusal, 0.98),
        (invented_link, 0.98),
        (changed_number, 0.95),
    ],
)
def test_shipped_lessons_are_stopped_with_harmful_ones(edit: Edit, bar: float) -> None:
    rng = random.Random(1)
    pairs = [(request, edit(text, rng), text) for text, request in SECTIONS]
    caught = [
        bool(check(request, written)) for request, written, text in pairs if written not in (None, text) and written
    ]
    assert len(caught) > 20
    assert sum(caught) >= bar * len(caught)


def test_translations_by_their_authors_pass() -> None:
    passed = []
    for name, slug in LESSONS:
        texts = shipped(name).texts[slug]
        if "ur" not in texts.translations:
            continue
        pairs = zip(parse(texts.content).sections, parse(texts.translations["ur"]).sections, strict=True)
        for original, translated in pairs:
            source, written = (reduce_blocks(section.text, {}) for section in (original, translated))
            request = replace(REQUEST, source=source, language="ur", glossary=(), persona={})
            passed.append(not check(request, written))
    assert sum(passed) >= 0.95 * len(passed)
