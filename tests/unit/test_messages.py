"""A message names rows and holds nothing else; what is not such a message is not taken for one."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune.domain.messages import SCHEMA, SectionMessage, UnknownMessage, section_message

KEYS = st.text("0123456789abcdef", min_size=64, max_size=64)
A, B = "a" * 64, "b" * 64
GOOD = {"type": "write_section", "schema": SCHEMA, "variant": A, "section": B}


@given(KEYS, KEYS)
def test_a_message_arrives_as_it_was_sent(variant: str, section: str) -> None:
    message = SectionMessage(variant, section)
    assert section_message(message.to_json()) == message
    assert len(message.to_json().encode()) < 1024


def test_f21_a_message_holds_names_only() -> None:
    assert json.loads(SectionMessage(A, B).to_json()) == GOOD


@pytest.mark.parametrize(
    "change",
    [
        {"type": "refresh"},
        {"schema": SCHEMA + 1},
        {"schema": str(SCHEMA)},
        {"variant": None},
        {"variant": A[:-1]},
        {"section": A + "a"},
        {"section": "A" * 64},
        {"section": "g" * 64},
        {"section": ["a"] * 64},
        {"section": "٠" * 64},
    ],
    ids=lambda change: f"{next(iter(change))}-{str(next(iter(change.values())))[:5]}-{len(str(change))}",
)
def test_f18_what_is_not_a_message_of_ours_is_left_alone(change: dict[str, Any]) -> None:
    with pytest.raises(UnknownMessage):
        section_message(json.dumps({**GOOD, **change}))


@given(st.text())
def test_any_other_body_is_left_alone(body: str) -> None:
    with pytest.raises(UnknownMessage):
        section_message(body)


@pytest.mark.parametrize(
    "body",
    ["", "null", "[]", '"x"', "1", "{}", '{"type": ["write_section"]}', pytest.param("[" * 100_000, id="deep")],
)
def test_json_of_another_shape_is_left_alone(body: str) -> None:
    with pytest.raises(UnknownMessage):
        section_message(body)


def test_a_field_of_a_later_release_does_no_harm() -> None:
    assert section_message(json.dumps({**GOOD, "priority": 3})) == SectionMessage(A, B)
