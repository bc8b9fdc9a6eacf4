"""A section's key stands for all that shapes its text: any change of that changes it, and nothing else does."""

import dataclasses
import hashlib
import re
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune.domain import section
from attune.domain.section import SectionRequest, Style, Term, WriterFault, digest

STYLE = Style("openai", "model-1", "chat", "7")
REQUEST = SectionRequest(
    lesson_title="Sensors",
    title="Encoders",
    outline=("Encoders", "Gyroscopes"),
    source="## Encoders\n\nAn encoder counts.\n",
    source_language="en",
    language="ur",
    persona={"programming": "new", "robotics": "false", "language": "ur"},
    instructions=("Explain.", "Use pictures."),
    glossary=(Term("encoder", "a counter"), Term("IMU")),
    define_terms=True,
    style=STYLE,
    edition=0,
)
NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | NAMES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=8,
)
CHANGES: dict[str, dict[str, Any]] = {
    "lesson title": {"lesson_title": "Sensors "},
    "title": {"title": "encoders"},
    "outline": {"outline": ("Encoders", "Gyroscope")},
    "order of the outline": {"outline": ("Gyroscopes", "Encoders")},
    "one byte of the source": {"source": "## Encoders\n\nAn encoder counts!\n"},
    "a line ending of the source": {"source": "## Encoders\n\nAn encoder counts.\r\n"},
    "an ending of the source": {"source": "## Encoders\n\nAn encoder counts."},
    "language of the source": {"source_language": "ur"},
    "language": {"language": "en"},
    "a value of the persona": {"persona": {"programming": "some", "robotics": "false", "language": "ur"}},
    "a name of the persona": {"persona": {"coding": "new", "robotics": "false", "language": "ur"}},
    "less of the persona": {"persona": {"programming": "new", "robotics": "false"}},
    "values of the persona that change places": {
        "persona": {"programming": "false", "robotics": "new", "language": "ur"}
    },
    "an instruction": {"instructions": ("Explain.", "Use words.")},
    "instructions run together": {"instructions": ("Explain.Use pictures.",)},
    "a definition": {"glossary": (Term("encoder", "a device"), Term("IMU"))},
    "a definition less": {"glossary": (Term("encoder"), Term("IMU"))},
    "a term": {"glossary": (Term("encoder", "a counter"), Term("imu"))},
    "a term less": {"glossary": (Term("encoder", "a counter"),)},
    "whether terms are defined": {"define_terms": False},
    "writer": {"style": dataclasses.replace(STYLE, writer="rules")},
    "model": {"style": dataclasses.replace(STYLE, model="model-2")},
    "no model": {"style": dataclasses.replace(STYLE, model=None)},
    "interface": {"style": dataclasses.replace(STYLE, api="responses")},
    "version of the prompt": {"style": dataclasses.replace(STYLE, prompt_version="8")},
    "edition": {"edition": 1},
    "grade": {"readability": 8.0},
}


def _decomposed(value: Any) -> Any:
    """A value with all its texts, names too, in the other form of Unicode."""
    if isinstance(value, str):
        return unicodedata.normalize("NFD", value)
    if isinstance(value, list):
        return [_decomposed(each) for each in value]
    if isinstance(value, dict):
        return {_decomposed(name): _decomposed(each) for name, each in value.items()}
    return value


def _turned(value: Any) -> Any:
    """A value with the names of all its objects in the other order."""
    if isinstance(value, list):
        return [_turned(each) for each in value]
    if isinstance(value, dict):
        return {name: _turned(value[name]) for name in reversed(value)}
    return value


def test_every_field_of_a_request_takes_part_here() -> None:
    changed = {name for change in CHANGES.values() for name in change}
    assert changed == {field.name for field in dataclasses.fields(SectionRequest)}
    styles = [change["style"] for change in CHANGES.values() if "style" in change]
    for field in dataclasses.fields(Style):
        assert {getattr(style, field.name) for style in styles} != {getattr(STYLE, field.name)}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_of_one_input_changes_the_key(name: str) -> None:
    assert dataclasses.replace(REQUEST, **CHANGES[name]).key != REQUEST.key


def test_no_two_of_these_changes_make_one_key() -> None:
    assert (
        len({dataclasses.replace(REQUEST, **change).key for change in CHANGES.values()} | {REQUEST.key})
        == len(CHANGES) + 1
    )


def test_a_new_gate_makes_new_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    before = REQUEST.key
    monkeypatch.setattr(section, "GATE_VERSION", "another")
    assert REQUEST.key != before


def test_the_same_inputs_make_the_same_key_in_every_process() -> None:
    assert REQUEST.key == dataclasses.replace(REQUEST, persona=dict(REQUEST.persona)).key
    assert re.fullmatch("[0-9a-f]{64}", REQUEST.key)
    text = '{"a":[1,null,true,"ü"],"b":{}}'
    assert digest({"b": {}, "a": (1, None, True, "ü")}) == hashlib.sha256(text.encode()).hexdigest()


@given(st.permutations(list(REQUEST.persona.items())))
def test_the_order_of_a_persona_makes_no_difference(items: list[tuple[str, str]]) -> None:
    assert dataclasses.replace(REQUEST, persona=dict(items)).key == REQUEST.key


@given(st.text(st.sampled_from("éüآn\u0301e\u0308 \u1e9b\u0323Å")), st.text(st.sampled_from("éüآ e\u0301")))
def test_the_form_of_unicode_makes_no_difference(source: str, title: str) -> None:
    forms = [
        dataclasses.replace(
            REQUEST, source=unicodedata.normalize(form, source), title=unicodedata.normalize(form, title)
        ).key
        for form in ("NFC", "NFD")
    ]
    assert forms[0] == forms[1]


@given(st.text(max_size=30), st.text(max_size=30))
def test_two_sources_share_a_key_only_if_they_are_one_text(one: str, other: str) -> None:
    keys = [dataclasses.replace(REQUEST, source=source).key for source in (one, other)]
    assert (keys[0] == keys[1]) == (unicodedata.normalize("NFC", one) == unicodedata.normalize("NFC", other))


@given(JSON)
def test_the_order_of_names_makes_no_difference_to_a_digest(value: Any) -> None:
    assert digest(_turned(value)) == digest(value)


@given(st.dictionaries(st.text(st.sampled_from("eéfo\u0301z"), max_size=3), st.integers(0, 1), max_size=4))
def test_the_form_of_names_makes_no_difference_to_a_digest(value: dict[str, int]) -> None:
    composed = {unicodedata.normalize("NFC", name): each for name, each in value.items()}
    assert digest(_decomposed(composed)) == digest(composed)


def _exact(value: Any) -> object:
    """A value with the kinds of its parts, in which only the form of Unicode and the order of names are let go."""
    if isinstance(value, list):
        return [_exact(each) for each in value]
    if isinstance(value, dict):
        return {unicodedata.normalize("NFC", name): _exact(each) for name, each in value.items()}
    return (type(value).__name__, unicodedata.normalize("NFC", value) if isinstance(value, str) else repr(value))


@given(JSON, JSON)
def test_different_values_have_different_digests(one: Any, other: Any) -> None:
    assert (digest(one) == digest(other)) == (_exact(one) == _exact(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, True),
        (0, False),
        (1, 1.0),
        (1, "1"),
        (None, "null"),
        ([], {}),
        ([1, 2], [12]),
        (["a", "b"], ["a,b"]),
        ("", None),
    ],
    ids=str,
)
def test_values_that_look_alike_are_told_apart(one: object, other: object) -> None:
    assert digest(one) != digest(other)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object(), {1, 2}], ids=["nan", "inf", "object", "set"])
def test_what_is_not_json_has_no_digest(value: object) -> None:
    with pytest.raises((ValueError, TypeError)):
        digest(value)


def test_a_request_does_not_change() -> None:
    change: Callable[[], None] = lambda: setattr(REQUEST, "title", "other")  # noqa: E731
    with pytest.raises(dataclasses.FrozenInstanceError):
        change()


def test_a_fault_says_whether_trying_again_can_help() -> None:
    fault = WriterFault("refused", final=True)
    assert (str(fault), fault.reason, fault.final, fault.retry_after) == ("refused", "refused", True, None)
    assert WriterFault("busy", final=False, retry_after=3.5).retry_after == 3.5
