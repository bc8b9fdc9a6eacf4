"""Blocks for some readers are found outside code only, nothing of a text is lost, and each reader gets their part."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune.domain.audience import Block, Unbalanced, blocks, code_lines, lines, reduce_blocks
from tests.unit.conftest import LESSONS, shipped

OPEN = ':::audience{level="new"}'
LINES = [
    OPEN,
    ':::audience{level="some|expert" robots="true"}',
    ':::detail{title="Why" level="expert"}',
    ":::",
    ":::  ",
    ":::wrong",
    "```",
    "~~~",
    "    :::",
    "> quoted",
    "- item",
    "text :::",
    "",
    "# Title",
]
ENDINGS = ["\n", "\r\n", "\r"]
TEXTS = st.one_of(
    st.text(),
    st.lists(st.tuples(st.sampled_from(LINES), st.sampled_from(ENDINGS)).map("".join), max_size=14).map("".join),
    st.lists(st.sampled_from(LINES), max_size=14).map("\n".join),
)


@given(TEXTS)
def test_lines_joined_are_the_text_again(text: str) -> None:
    cut = lines(text)
    assert "".join(cut) == text
    for line in cut:
        assert line
        assert not {"\r", "\n"} & set(line.rstrip("\r\n"))
        assert line[len(line.rstrip("\r\n")) :] in ("", *ENDINGS)
    assert all(line[-1] in "\r\n" for line in cut[:-1])


@given(TEXTS)
def test_blocks_lose_nothing_but_the_lines_that_open_and_close_them(text: str) -> None:
    code, cut = code_lines(text), lines(text)
    directives = {n for n, line in enumerate(cut) if n not in code and line.startswith(":::")}
    try:
        found = list(blocks(text))
    except Unbalanced as error:
        found, wrong = [], error.line
    else:
        wrong = 0
    if wrong:
        assert wrong - 1 in directives
        return
    assert "".join(block.text for block in found) == "".join(line for n, line in enumerate(cut) if n not in directives)
    assert [bool(block.name) for block in found] == [bool(n % 2) for n in range(len(found))]
    assert len(found) == len(directives) + 1


@given(TEXTS)
def test_who_has_read_a_text_is_given_no_less_the_second_time(text: str) -> None:
    persona = {"level": "new", "robots": "true"}
    try:
        once = reduce_blocks(text, persona)
    except Unbalanced:
        return
    if ":::" not in once:
        assert reduce_blocks(once, persona) == once


def test_a_text_is_cut_into_plain_runs_and_blocks() -> None:
    text = 'Before\n\n:::audience{level="new|some" robots="true"}\nInside\n:::\n\nAfter'
    assert list(blocks(text)) == [
        Block("", {}, "Before\n\n"),
        Block("audience", {"level": "new|some", "robots": "true"}, "Inside\n"),
        Block("", {}, "\nAfter"),
    ]


@pytest.mark.parametrize(
    "code",
    [
        f"```\n{OPEN}\n:::\n```\n",
        f"~~~ text\n{OPEN}\n~~~\n",
        f"````\n```\n{OPEN}\n```\n````\n",
        "- item\n\n      :::audience\n",
        f"```\r\n{OPEN}\r\n```\r\n",
        f"```\n{OPEN}",
    ],
)
def test_code_that_shows_a_block_is_no_block(code: str) -> None:
    assert list(blocks(code)) == [Block("", {}, code)]
    assert reduce_blocks(code, {"level": "expert"}) == code


def test_code_inside_a_block_may_show_the_end_of_one() -> None:
    text = f"{OPEN}\n```\n:::\n```\n:::\n"
    assert reduce_blocks(text, {"level": "new"}) == "```\n:::\n```\n"
    assert reduce_blocks(text, {"level": "expert"}) == ""


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (OPEN, 1),
        (f"a\n\n{OPEN}\nb", 3),
        (":::", 1),
        (f"{OPEN}\n:::\n:::\n", 3),
        (f"{OPEN}\n{OPEN}\n:::\n:::\n", 2),
        (":::audience\n:::\n", 1),
        (":::audience{}\n:::\n", 1),
        (":::audience{level=new}\n:::\n", 1),
        (':::audience{level="new" and more}\n:::\n', 1),
        (':::reader{level="new"}\n:::\n', 1),
        (f"a\r\n{OPEN}\r\nb\r\n", 2),
        (f"a\r{OPEN}\rb", 2),
        ("::: note\n:::\n", 1),
    ],
)
def test_a_block_that_does_not_hold_together_is_named_by_its_line(text: str, line: int) -> None:
    with pytest.raises(Unbalanced) as caught:
        list(blocks(text))
    assert caught.value.line == line


@pytest.mark.parametrize(
    ("attributes", "fits"),
    [
        ({"level": "new"}, True),
        ({"level": "some|new"}, True),
        ({"level": "some|expert"}, False),
        ({"level": "newer"}, False),
        ({"level": "new", "robots": "true"}, True),
        ({"level": "new", "robots": "false"}, False),
        ({"level": "new", "title": "whatever"}, True),
        ({"height": "tall"}, False),
        ({"level": ""}, False),
    ],
)
def test_a_block_is_for_readers_with_one_of_the_values_for_each_attribute(
    attributes: dict[str, str], fits: bool
) -> None:
    assert Block("audience", attributes, "").fits({"level": "new", "robots": "true"}) is fits


def test_a_detail_is_opened_for_its_readers_and_folded_for_the_others() -> None:
    text = 'One.\n\n:::detail{title="Where the 2 comes from" level="expert"}\nLong.\n:::\n\nTwo.\n'
    assert reduce_blocks(text, {"level": "expert"}) == "One.\n\nLong.\n\nTwo.\n"
    assert reduce_blocks(text, {"level": "new"}) == "One.\n\n> **Where the 2 comes from** …\n\nTwo.\n"


def test_a_block_for_others_leaves_no_trace() -> None:
    assert reduce_blocks(f"One.\n\n{OPEN}\nTwo.\n:::\n\nThree.\n", {"level": "expert"}) == "One.\n\n\nThree.\n"


def test_a_text_without_blocks_is_the_same_for_everybody() -> None:
    assert reduce_blocks("a : b :: c", {}) == "a : b :: c"
    assert list(blocks("")) == [Block("", {}, "")]


@pytest.mark.parametrize(("name", "slug"), LESSONS)
def test_the_shipped_lessons_use_attributes_and_values_of_their_course_only(name: str, slug: str) -> None:
    course = shipped(name).course
    offered = {}
    for dimension in course.persona:
        question = course.question(dimension.question)
        assert question is not None
        values = [str(option.value).lower() for option in question.options]
        offered[dimension.name] = {dimension.values.get(value, value) for value in values}
    text = shipped(name).texts[slug]
    for markdown in (text.content, *text.translations.values()):
        for block in blocks(markdown):
            for attribute, value in block.attributes.items():
                if attribute != "title":
                    assert set(value.split("|")) <= offered[attribute]
            assert block.name != "detail" or block.attributes.get("title")
