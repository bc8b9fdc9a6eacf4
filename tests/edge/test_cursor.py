"""A cursor is good for the list, the caller and the query that it was given for, and holds nothing but a place."""

import base64
import json
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attune.domain.errors import Malformed
from attune.edge.cursor import decode, encode
from tests.builders import a_guest

BOUNDED = settings(derandomize=True, database=None, deadline=None, max_examples=100)
PLACES = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=200)
ANN, BOB = a_guest(), a_guest()


@BOUNDED
@given(PLACES, st.lists(st.text(max_size=5), max_size=3))
def test_b10_a_list_goes_on_where_it_ended_for_its_caller_and_query_alone(place: str, query: list[str]) -> None:
    cursor = encode(place, ANN, *query)
    assert decode(cursor, ANN, *query) == place
    assert decode(None, ANN, *query) is None
    for caller, other in ((BOB, query), (ANN, [*query, ""]), (ANN, [*query, "x"])):
        with pytest.raises(Malformed):
            decode(cursor, caller, *other)


@BOUNDED
@given(PLACES, st.integers(0, 300), st.characters())
def test_b10_a_changed_cursor_is_none(place: str, at: int, put: str) -> None:
    cursor = encode(place, ANN)
    at %= len(cursor)
    with suppress(Malformed):
        assert decode(cursor[:at] + put + cursor[at + 1 :], ANN) == place


@pytest.mark.parametrize("place", ["", "\ud800", "\0", "\n", "\x7f", "caf\xe9", "\U0010ffff"], ids=ascii)
def test_b10_a_place_that_no_key_has_is_none_whoever_sealed_it(place: str) -> None:
    with pytest.raises(Malformed):
        decode(encode(place, ANN), ANN)


@pytest.mark.parametrize("held", [[], {}, [1, 2], ["a"], ["a", "b", "c"], {"a": 1, "b": 2}, None, "ab", 1e999], ids=str)
def test_b10_what_was_never_given_is_none(held: object) -> None:
    cursor = base64.urlsafe_b64encode(json.dumps(held).encode()).decode().rstrip("=")
    with pytest.raises(Malformed):
        decode(cursor, ANN)
