"""JSON is read as every strict reader would read it, or refused before it costs anything."""

import json
import time
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attune.domain.errors import Malformed
from attune.edge.strict_json import MAX_DEPTH, MAX_INTEGER, SMALLEST, parse

pytestmark = pytest.mark.disable_socket

BOUNDED = settings(
    derandomize=True, database=None, deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow]
)
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-MAX_INTEGER, MAX_INTEGER)
    | st.floats(allow_nan=False, allow_infinity=False).filter(lambda number: not 0 < abs(number) < SMALLEST)
    | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=15,
)
CPU = 0.5


def _refused(text: str) -> str:
    began = time.process_time()
    with pytest.raises(Malformed) as caught:
        parse(text)
    assert time.process_time() - began < CPU
    return caught.value.code


@BOUNDED
@given(VALUES, st.booleans(), st.sampled_from([None, 1]))
def test_what_is_valid_is_read_as_json_reads_it(value: Any, ascii_only: bool, indent: int | None) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    assert repr(parse(text)) == repr(_whole(json.loads(text)))
    assert json.loads(text) == value


def _whole(value: Any) -> Any:
    """The value with an integer for each whole number that a double holds exactly, whatever is near it."""
    if isinstance(value, dict):
        return {name: _whole(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_whole(one) for one in value]
    is_safe = isinstance(value, float) and value == value // 1 and abs(value) < MAX_INTEGER
    return int(value) if is_safe else value


@BOUNDED
@given(st.integers(1 - MAX_INTEGER, MAX_INTEGER - 1), st.integers(0, 20), st.sampled_from("eE"))
def test_b6_a_whole_number_is_an_integer_however_it_is_written(number: int, places: int, letter: str) -> None:
    written = [
        f"{number}.{'0' * places}0",
        f"{number}{letter}0",
        f"{number}.0{letter}+00",
        f"{number * 1000}{letter}-3",
    ]
    written += [f"{str(number)[:-1]}.{str(number)[-1]}{letter}1"] if abs(number) > 9 else []
    assert {repr(parse(text)) for text in written} == {repr(number)}
    assert {parse(f'{{"{text}": [{text}]}}')[text][0] for text in written} == {number}


@BOUNDED
@given(st.floats(allow_nan=False, allow_infinity=False).filter(lambda number: abs(number) >= SMALLEST))
def test_b6_any_other_number_stays_as_it_is(number: float) -> None:
    found = parse(repr(number))
    assert found == number
    assert isinstance(found, int) == (number.is_integer() and abs(number) < MAX_INTEGER)


@BOUNDED
@given(st.integers(-(10**25), 10**25).filter(lambda number: abs(number) >= MAX_INTEGER))
def test_b6_what_a_double_may_have_rounded_is_no_integer(number: int) -> None:
    for text in (f"{number}.0", f"{number}e0"):
        assert repr(parse(text)) == repr(float(number))


def test_d10_what_is_closer_to_zero_than_a_row_can_hold_is_zero() -> None:
    found = parse("[5e-324, -1e-300, 1e-101, 1e-100, -1e-99, 0.30000000000000004]")
    assert repr(found) == "[0.0, -0.0, 0.0, 1e-100, -1e-99, 0.30000000000000004]"
    assert repr(parse("[0.0, -0.0, 0e5, -0E-5]")) == "[0, 0, 0, 0]"


@BOUNDED
@given(st.text(st.sampled_from('{}[]",:\\u0019ade- \n.eEtrfn'), max_size=16) | st.text(max_size=16))
def test_b1_whatever_json_refuses_is_refused_and_nothing_else_is_raised(text: str) -> None:
    try:
        expected = json.loads(text)
    except ValueError:
        assert _refused(text)
        return
    try:
        assert repr(parse(text)) == repr(_whole(expected))
    except Malformed as refused:
        code = refused.code
    else:
        return
    assert code in {"duplicate_key", "integer_too_large", "not_finite", "unwanted_character"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("-0", 0),
        ("-0.0", 0),
        ("1e5", 100_000),
        ("1E-2", 0.01),
        ("1.50e1", 15),
        ("2.5", 2.5),
        ("1e20", 1e20),
        ("9007199254740991.0", MAX_INTEGER - 1),
        ("9007199254740992.0", float(MAX_INTEGER)),
        ("9007199254740993.0", float(MAX_INTEGER)),
        ("-9007199254740993.0", -float(MAX_INTEGER)),
        (str(MAX_INTEGER), MAX_INTEGER),
        (str(-MAX_INTEGER), -MAX_INTEGER),
        ('"\\ud83d\\ude00"', "😀"),
        ('"\\uD83D\\uDE00"', "😀"),
        ('"😀"', "😀"),
        ('"\\\\u0000"', "\\u0000"),
        ('"\\\\ud800"', "\\ud800"),
        ('"[[[[{{{{"', "[[[[{{{{"),
        ('"\\"[{"', '"[{'),
        ('{"a": {"a": 1}}', {"a": {"a": 1}}),
        ('{"a": 1, "A": 2}', {"a": 1, "A": 2}),
        (" \t\r\n1 ", 1),
        ("[]", []),
        ("null", None),
        ('"\u202e"', "\u202e"),
    ],
    ids=ascii,
)
def test_what_only_looks_dangerous_is_read(text: str, value: Any) -> None:
    assert repr(parse(text)) == repr(value)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "malformed_json"),
        (" ", "malformed_json"),
        ("{", "malformed_json"),
        ('{"a":1', "malformed_json"),
        ('{"a":1}}', "malformed_json"),
        ("{} {}", "malformed_json"),
        ("1 2", "malformed_json"),
        ("{}x", "malformed_json"),
        ("\ufeff{}", "malformed_json"),
        ("{'a': 1}", "malformed_json"),
        ('{"a": 1,}', "malformed_json"),
        ("[1,]", "malformed_json"),
        ("{a: 1}", "malformed_json"),
        ("01", "malformed_json"),
        ("+1", "malformed_json"),
        (".5", "malformed_json"),
        ("5.", "malformed_json"),
        ("0x1", "malformed_json"),
        ("1_000", "malformed_json"),
        ("١", "malformed_json"),
        ("True", "malformed_json"),
        ('"a\nb"', "malformed_json"),
        ('"\\x41"', "malformed_json"),
        ('"\\', "malformed_json"),
        ('"\\u12', "malformed_json"),
        ("\u00a01", "malformed_json"),
        ("// c\n1", "malformed_json"),
        ("NaN", "not_finite"),
        ("[Infinity]", "not_finite"),
        ('{"a": -Infinity}', "not_finite"),
        ("1e999", "not_finite"),
        ("-1e999", "not_finite"),
        ("1" + "0" * 400 + ".0", "not_finite"),
        (str(MAX_INTEGER + 1), "integer_too_large"),
        (str(-MAX_INTEGER - 1), "integer_too_large"),
        ("9" * 5000, "integer_too_large"),
        ("[-" + "9" * 5000 + "]", "integer_too_large"),
        ('{"a": 1, "a": 1}', "duplicate_key"),
        ('[{"b": {"a": 1, "\\u0061": 2}}]', "duplicate_key"),
        ('"\ud800"', "unwanted_character"),
        ('["\udfff"]', "unwanted_character"),
        ('"\\ud800"', "unwanted_character"),
        ('"\\udc00"', "unwanted_character"),
        ('"\\udc00\\ud800"', "unwanted_character"),
        ('"\\ud800x\\udc00"', "unwanted_character"),
        ('"\\ud800\\n"', "unwanted_character"),
        ('"\\ud800\\ud800\\udc00"', "unwanted_character"),
        ('{"\\ud800": 1}', "unwanted_character"),
        ('"\\ud800", "\\udc00"', "unwanted_character"),
        ('"\0"', "unwanted_character"),
        ('"\\u0000"', "unwanted_character"),
        ('"\\\\\\u0000"', "unwanted_character"),
        ('{"\\u0000": 1}', "unwanted_character"),
        ("\0", "unwanted_character"),
    ],
    ids=lambda value: ascii(value)[:30] + str(len(value)),
)
def test_b2_what_readers_may_understand_differently_is_refused(text: str, code: str) -> None:
    assert _refused(text) == code


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")], ids=["arrays", "objects"])
def test_b2_nesting_is_bounded(opening: str, closing: str) -> None:
    inside = "1"
    assert parse(opening * MAX_DEPTH + inside + closing * MAX_DEPTH)
    assert _refused(opening * (MAX_DEPTH + 1) + inside + closing * (MAX_DEPTH + 1)) == "too_deep"


ATTACKS: dict[str, str] = {
    "100,000 arrays": "[" * 100_000,
    "100,000 closed arrays": "[" * 100_000 + "]" * 100_000,
    "100,000 objects": '{"a":' * 100_000,
    "100,000 ends": "]" * 100_000,
    "5 MB string without an end": '"' + "a" * 5_000_000,
    "5 MB string without an end after an object": '{"a": "' + "a" * 5_000_000,
    "256 KB of escaped quotes": '"' + '\\"' * 131_072,
    "256 KB of backslashes": '"' + "\\" * 262_143,
    "256 KB of quotes": '"' * 262_143,
    "256 KB of strings that do not follow one another": '"a"' * 87_381,
    "256 KB of half surrogates": '"' + "\\ud800" * 43_690,
    "256 KB of digits": "9" * 262_144,
    "256 KB of digits behind a point": "0." + "9" * 262_144 + "e999",
    "256 KB of one key": "{" + ",".join(['"a":1'] * 43_000) + "}",
    "256 KB of spaces": " " * 262_144,
}


@pytest.mark.parametrize("name", ATTACKS)
def test_b2_an_attack_costs_its_sender_more_than_us(name: str) -> None:
    _refused(ATTACKS[name])


@pytest.mark.parametrize("content", ["a" * 5_000_000, "\\n" * 150_000], ids=["plain", "escaped"])
def test_a_long_text_is_read_in_time(content: str) -> None:
    began = time.process_time()
    assert len(parse(f'["{content}"]')[0]) == len(content.replace("\\n", "n"))
    assert time.process_time() - began < CPU


@BOUNDED
@given(VALUES, st.sampled_from(['"', "\\", "}", "]", ",", "\0", "\ufeff"]), st.integers(0, 40))
def test_b1_a_body_that_was_damaged_on_its_way_is_never_an_accident(value: Any, damage: str, place: int) -> None:
    text = json.dumps(value)
    place %= len(text) + 1
    damaged = text[:place] + damage + text[place:]
    with suppress(Malformed):
        assert repr(parse(damaged)) == repr(_whole(json.loads(damaged)))
