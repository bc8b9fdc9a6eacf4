"""The built-in writer adapts every shipped lesson to every persona, always in the same way, and passes its own gate."""

import itertools
import re
from collections.abc import Mapping
from functools import cache

import pytest

from attune.domain.audience import blocks
from attune.domain.fidelity.gate import check
from attune.domain.persona import everybody
from attune.domain.pieces import CODE_BLOCK, dissect
from attune.domain.section import Draft, SectionRequest, Style, Term, WriterFault
from attune.domain.section_requests import lesson_in, section_requests
from attune.writers.rules import RULES_VERSION, RulesWriter
from tests.unit.conftest import LESSONS, shipped

pytestmark = pytest.mark.disable_socket

STYLE = Style("rules", None, None, RULES_VERSION)
WRITER = RulesWriter()
Persona = Mapping[str, str]


@cache
def _requests(name: str, slug: str) -> tuple[SectionRequest, ...]:
    """One request for each section and persona for whom there is a text in their language."""
    found = shipped(name)
    return tuple(
        request
        for persona in everybody(found.course)
        for request in section_requests(found.course, found.texts[slug], persona, persona["language"], STYLE)
        if request.source_language == request.language
    )


@cache
def _written(name: str, slug: str) -> tuple[tuple[SectionRequest, str], ...]:
    """The requests of a lesson, each with the text that comes of it."""
    return tuple((request, WRITER.write(request).text) for request in _requests(name, slug))


def _request(source: str, persona: Persona | None = None, *terms: Term, define: bool = False) -> SectionRequest:
    return SectionRequest("T", "A", ("A",), source, "en", "en", persona or {}, (), terms, define, STYLE)


def _defined(source: str, *terms: Term) -> str:
    return WRITER.write(_request(source, None, *terms, define=True)).text


@pytest.mark.parametrize(("name", "slug"), LESSONS)
def test_what_it_writes_passes_the_gate(name: str, slug: str) -> None:
    wrong = {
        (request.title, *request.persona.values()): complaints
        for request, text in _written(name, slug)
        if (complaints := check(request, text))
    }
    assert wrong == {}


@pytest.mark.parametrize(("name", "slug"), LESSONS)
def test_it_writes_the_same_every_time_and_says_that_it_costs_nothing(name: str, slug: str) -> None:
    for request in _requests(name, slug)[::5]:
        draft = WRITER.write(request)
        assert draft == RulesWriter().write(request, ["a complaint"], 3)
        assert draft == Draft(draft.text, None, 0, 0)


@pytest.mark.parametrize(("name", "slug"), LESSONS)
def test_every_two_personas_read_another_text(name: str, slug: str) -> None:
    texts: dict[tuple[str, ...], str] = {}
    for request, text in _written(name, slug):
        persona = tuple(request.persona.values())
        texts[persona] = texts.get(persona, "") + text
    for one, other in itertools.combinations(texts, 2):
        assert texts[one] != texts[other], (one, other)


@pytest.mark.parametrize(("name", "slug"), LESSONS)
def test_no_block_and_nothing_for_others_is_left(name: str, slug: str) -> None:
    for request, text in _written(name, slug):
        code = {line for piece in dissect(text).pieces if piece.kind == CODE_BLOCK for line in piece.value.splitlines()}
        assert not [line for line in text.splitlines() if line.startswith(":::") and line not in code]
        for block in blocks(request.source):
            others = block.name == "audience" and not block.fits(request.persona)
            if others and len(block.text.strip()) > 40:
                assert block.text.strip() not in text


@pytest.mark.parametrize(("name", "slug"), LESSONS)
def test_terms_are_explained_to_newcomers_once_and_to_nobody_else(name: str, slug: str) -> None:
    course = shipped(name).course
    for request, text in _written(name, slug):
        source = request.source
        newcomer = any(request.persona[key] in values for key, values in course.define_terms_for.items())
        for term in request.glossary:
            if term.definition is None:
                continue
            said = f"({term.definition.rstrip('.')})"
            added = text.count(said) - source.count(said)
            assert added <= (1 if newcomer else 0)
        added_lines = set(text.splitlines()) - set(source.splitlines())
        if not newcomer:
            assert all(line.startswith("> **") and line.endswith("…") for line in added_lines)
        assert not [line for line in added_lines if line.startswith(("#", "|", "```", "$$", "!["))]


@pytest.mark.parametrize(("name", "slug"), LESSONS)
def test_newcomers_do_get_definitions(name: str, slug: str) -> None:
    texts = [(request, text) for request, text in _written(name, slug) if request.define_terms]
    assert any(
        f"({term.definition.rstrip('.')})" in text
        for request, text in texts
        for term in request.glossary
        if term.definition
    )


@pytest.mark.parametrize(("name", "slug"), LESSONS)
def test_without_the_authors_translation_it_gives_up_for_good(name: str, slug: str) -> None:
    found = shipped(name)
    persona = next(persona for persona in everybody(found.course) if persona["language"] == "ur")
    for request in section_requests(found.course, found.texts[slug], persona, "ur", STYLE):
        if lesson_in(found.texts[slug], found.course, "ur")[1] == "ur":
            assert re.search("[\u0600-\u06ff]", WRITER.write(request).text)
            continue
        with pytest.raises(WriterFault) as caught:
            WRITER.write(request)
        assert (caught.value.reason, caught.value.final) == ("no_translation", True)


NODE = Term("node", "a program")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("A node talks. A node listens.", "A node (a program) talks. A node listens."),
        ("## A node\n\nA node talks.\n", "## A node\n\nA node (a program) talks.\n"),
        ("```\nnode\n```\n\nThe node.\n", "```\nnode\n```\n\nThe node (a program).\n"),
        ("Run `node` on a node.", "Run `node` on a node (a program)."),
        ("Let $node$ be a node.", "Let $node$ be a node (a program)."),
        (
            "| node | b |\n|---|---|\n| node | 1 |\n\nA node.\n",
            "| node | b |\n|---|---|\n| node | 1 |\n\nA node (a program).\n",
        ),
        ("Two nodes talk.", "Two nodes (a program) talk."),
        ("A node (which talks).", "A node (which talks)."),
        ("A nodename.", "A nodename."),
        ("![a node](node.png)\n\nA node.\n", "![a node](node.png)\n\nA node (a program).\n"),
        ("See <https://a.example/node> for a node.", "See <https://a.example/node> for a node (a program)."),
        ("    node\n\nA node.\r\n", "    node\n\nA node (a program).\r\n"),
        ("A node\n------\n\nThe node.\n", "A node\n------\n\nThe node (a program).\n"),
        ("node | b\n---|---\nnode | 1\n\nA node.\n", "node | b\n---|---\nnode | 1\n\nA node (a program).\n"),
        ("> ## A node\n\nA node.\n", "> ## A node\n\nA node (a program).\n"),
        ("##\tA node\n\nA node.\n", "##\tA node\n\nA node (a program).\n"),
    ],
)
def test_a_definition_stands_behind_the_first_use_in_prose(source: str, expected: str) -> None:
    assert _defined(source, NODE) == expected


def test_a_definition_ends_without_a_full_stop_and_a_term_may_have_none() -> None:
    assert _defined("An IMU and a node.", Term("IMU"), Term("node", "a program.")) == "An IMU and a node (a program)."


def test_a_term_is_not_explained_inside_the_explanation_of_another() -> None:
    text = _defined("A topic and a node.", Term("topic", "a name that a node knows"), NODE)
    assert text == "A topic (a name that a node knows) and a node (a program)."


def test_a_longer_term_is_not_torn_by_a_shorter_one() -> None:
    terms = (Term("odds", "chances"), Term("pot odds", "a price"))
    assert _defined("The pot odds are good. The odds are bad.", *terms) == (
        "The pot odds (a price) are good. The odds (chances) are bad."
    )


def test_blocks_and_details_are_reduced_for_the_persona() -> None:
    source = 'Hello.\n\n:::audience{level="new"}\nEasy.\n:::\n\n:::detail{title="Why" level="expert"}\nHard.\n:::\n'
    assert WRITER.write(_request(source, {"level": "new"})).text == "Hello.\n\nEasy.\n\n> **Why** …\n"
    assert WRITER.write(_request(source, {"level": "expert"})).text == "Hello.\n\n\nHard.\n"
