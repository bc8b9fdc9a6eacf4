"""A lesson is cut at its headings without losing a byte, and every section has a name of its own."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune.domain.lesson import MAX_SECTION_CHARACTERS, MAX_SECTIONS, Section, misaligned, parse
from tests.unit.conftest import LESSONS, shipped

LINES = [
    "# Title",
    "## Part",
    "## Part",
    "## Part 2",
    "##",
    "## `code` and *more*",
    "### Deeper",
    "Setext",
    "---",
    "===",
    "```",
    "~~~",
    "    ## in code",
    "> ## in a quote",
    "- ## in an item",
    "  ## indented",
    "## نوڈ",
    "text",
    "",
    "| a | b |",
    "[x]: /y",
    "<div>",
    ":::",
    "$$",
    "\t## tab",
    "\0",
    "\u2028## no line",
]
MARKDOWN = st.one_of(
    st.text(),
    st.lists(
        st.tuples(st.sampled_from(LINES), st.sampled_from(["\n", "\n", "\r\n", "\r"])).map("".join), max_size=20
    ).map("".join),
    st.lists(st.sampled_from(LINES) | st.text(max_size=8), max_size=20).map("\n".join),
)


@given(MARKDOWN)
def test_the_pieces_joined_are_the_text_again(markdown: str) -> None:
    lesson = parse(markdown)
    assert lesson.preamble + "".join(section.text for section in lesson.sections) == markdown


@given(MARKDOWN)
def test_every_section_has_a_name_of_its_own(markdown: str) -> None:
    ids = [section.id for section in parse(markdown).sections]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", id_) for id_ in ids)


@given(MARKDOWN)
def test_every_section_but_perhaps_the_first_starts_with_its_heading(markdown: str) -> None:
    lesson = parse(markdown)
    for section in lesson.sections[1:]:
        again = parse(section.text)
        assert again.preamble == ""
        assert [inner.title for inner in again.sections] == [section.title]


@pytest.mark.parametrize("text", ["", "\n\n", "# Title", "# Title\n\n", "[x]: /y\n"])
def test_a_text_without_a_section_is_read_and_has_none(text: str) -> None:
    lesson = parse(text)
    assert lesson.preamble + "".join(section.text for section in lesson.sections) == text
    assert not any(section.text.strip("\n") for section in lesson.sections) or text.startswith("[")


def test_text_before_the_title_is_not_passed_over() -> None:
    assert [flaw.code for flaw in parse("Hello.\n\n# Title\n\n## A\n\nx\n").flaws()] == ["title_missing"]


def test_a_lesson_is_its_title_and_its_sections() -> None:
    text = "# Sensors\n\n## What they are\n\nOne.\n\n### Deeper\n\nTwo.\n\n## What they cost\n\nThree.\n"
    lesson = parse(text)
    assert lesson.title == "Sensors"
    assert lesson.preamble == "# Sensors\n\n"
    assert lesson.sections == (
        Section("what-they-are", "What they are", "## What they are\n\nOne.\n\n### Deeper\n\nTwo.\n\n"),
        Section("what-they-cost", "What they cost", "## What they cost\n\nThree.\n"),
    )
    assert lesson.outline == ("What they are", "What they cost")
    assert lesson.flaws() == []


def test_text_before_the_first_heading_is_a_section_of_its_own() -> None:
    lesson = parse("# Sensors\n\nHello.\n\n## One\n\nText.\n")
    assert lesson.outline == ("Sensors", "One")
    assert lesson.preamble == "# Sensors\n"
    assert lesson.sections[0].text == "\nHello.\n\n"
    assert parse("Only text").outline == ("Introduction",)


@pytest.mark.parametrize(
    "text",
    [
        "# T\n\n## One\n\n```\n## not a heading\n```\n\nx\n",
        "# T\n\n## One\n\n~~~~\n```\n## not a heading\n~~~\n## nor this\n~~~~\n",
        "# T\n\n## One\n\n    ## not a heading\n",
        "# T\n\n## One\n\n- a\n\n  ## inside an item\n",
        "# T\n\n## One\n\n> ## inside a quote\n",
        "# T\n\n## One\n\n```\n## never closed\n\n## nor this\n",
        "# T\n\n## One\n\n<div>\n## inside HTML\n</div>\n",
        "# T\n\n## One\n\n\\## escaped\n",
    ],
)
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_what_only_looks_like_a_heading_cuts_nothing(text: str, ending: str) -> None:
    text = text.replace("\n", ending)
    lesson = parse(text)
    assert lesson.outline == ("One",)
    assert lesson.preamble + lesson.sections[0].text == text


@pytest.mark.parametrize(
    ("heading", "title"),
    [
        ("Setext\n---\n", "Setext"),
        ("Two\nlines\n---\n", "Twolines"),
        ("## Closed ##\n", "Closed"),
        ("   ## Indented\n", "Indented"),
        ("## The `x` in *all* [links](u)\n", "The x in all links"),
        ("## 3 &amp; 4\n", "3 & 4"),
    ],
)
def test_a_heading_in_any_spelling_cuts(heading: str, title: str) -> None:
    lesson = parse(f"# T\n\n{heading}\nText.\n\n## Last\n\nMore.\n")
    assert lesson.outline == (title, "Last")
    assert lesson.sections[0].text == f"{heading}\nText.\n\n"


def test_a_title_is_the_first_heading_of_its_kind() -> None:
    assert parse("Title\n=====\n\n## A\n\nx\n").title == "Title"
    assert parse("## A\n\nx\n\n# Late\n\ny\n").title == ""
    assert parse("# One\n\n## A\n\n# Two\n\nx\n").title == "One"


def test_names_come_from_titles_and_stay_apart() -> None:
    text = "".join(
        f"## {title}\n\nx\n\n" for title in ["Part", "Part", "Part 2", "Part", "نوڈ", "Übung", "!", "a" * 90]
    )
    ids = [section.id for section in parse(text).sections]
    assert ids == ["part", "part-2", "part-2-2", "part-3", "section-5", "ubung", "section-7", "a" * 56]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("", ["title_missing", "empty"]),
        ("# T\n", ["empty"]),
        ("# T\n\n \t\n", ["empty"]),
        ("## A\n\nx\n", ["title_missing"]),
        ("# T\n\n" + "## A\n\nx\n\n" * (MAX_SECTIONS + 1), ["too_many_sections"]),
        ("# T\n\n## A\n\n" + "x" * MAX_SECTION_CHARACTERS, ["section_too_long"]),
        ('# T\n\n## A\n\n:::audience{a="b"}\n\n## B\n\n:::\n', ["unbalanced_block", "unbalanced_block"]),
        ("# T\n\n## A\n\n:::\n", ["unbalanced_block"]),
    ],
)
def test_a_text_that_cannot_be_published_says_why(text: str, codes: list[str]) -> None:
    flaws = parse(text).flaws()
    assert [flaw.code for flaw in flaws] == codes
    assert {flaw.pointer for flaw in flaws} == {"/content"}


def test_the_largest_lesson_that_is_allowed_is_allowed() -> None:
    assert parse("# T\n\n" + "## A\n\nx\n\n" * MAX_SECTIONS).flaws() == []
    head = "## A\n\n"
    assert parse("# T\n\n" + head + "x" * (MAX_SECTION_CHARACTERS - len(head))).flaws() == []


@given(MARKDOWN)
def test_a_lesson_fits_itself(markdown: str) -> None:
    assert not misaligned(parse(markdown), parse(markdown))


@pytest.mark.parametrize(
    "text",
    [
        "# Title\n\n## A\n\nx\n",
        "# Title\n\n## B\n\nx\n\n## A\n\ny\n",
        "# Title\n\n## A\n\nx\n\n## B\n\ny\n\n## C\n\nz\n",
        "# Titel\n\n## A\n\nx\n\n## B\n\ny\n",
        "# Title\n\n## A\n\nx\n\n### B\n\ny\n",
        "# Title\n\n## A\n\n```\nx\n\n## B\n\ny\n",
        "# Title\n\nHello.\n\n## A\n\nx\n\n## B\n\ny\n",
    ],
)
def test_a_translation_with_other_headings_does_not_fit(text: str) -> None:
    original = parse("# Title\n\n## A\n\nx\n\n## B\n\ny\n")
    assert misaligned(original, parse(text))
    assert not misaligned(original, parse("# Title\n\n## A\n\nاور\n\n### More\n\n## B\n\nکچھ\n"))


@pytest.mark.parametrize(("name", "slug"), LESSONS)
def test_the_shipped_lessons_can_be_published_and_translated(name: str, slug: str) -> None:
    text = shipped(name).texts[slug]
    original = parse(text.content)
    assert original.flaws() == []
    assert original.preamble + "".join(section.text for section in original.sections) == text.content
    for translation in text.translations.values():
        assert not misaligned(original, parse(translation))
        assert parse(translation).flaws() == []


def test_a_text_of_many_headings_is_cut_in_a_time_that_suits_its_length() -> None:
    def spent(count: int) -> float:
        text = "# T\n\n" + "## A\n\nx\n\n" * count
        began = time.process_time()
        assert len({section.id for section in parse(text).sections}) == count
        return time.process_time() - began

    # The parser comes with the first text, and its first long ones with its caches.
    spent(100), spent(2000)
    # The least of three: a run in which garbage was collected tells nothing.
    assert min(spent(2000) for _ in range(3)) < 20 * min(spent(400) for _ in range(3))
