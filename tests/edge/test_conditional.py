"""Entity tags are compared as RFC 9110 says: weakly to spare an answer, strongly to guard a change."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attune.domain.errors import Malformed, PreconditionFailed
from attune.edge.conditional import expected_revisions, tags, unchanged

pytestmark = pytest.mark.disable_socket

BOUNDED = settings(derandomize=True, database=None, deadline=None, max_examples=100)
OPAQUE = st.text(st.characters(min_codepoint=0x23, max_codepoint=0x7E) | st.just("!"), max_size=6)
LISTED = st.lists(st.tuples(st.booleans(), OPAQUE), min_size=1, max_size=5)


def _written(listed: list[tuple[bool, str]], between: str = ", ") -> str:
    return between.join(f'{"W/" if weak else ""}"{opaque}"' for weak, opaque in listed)


@BOUNDED
@given(LISTED, st.sampled_from([",", ", ", " ,\t", " , "]))
def test_b15_a_list_of_tags_is_read_as_it_was_written(listed: list[tuple[bool, str]], between: str) -> None:
    assert tags(_written(listed, between), "If-Match") == listed
    assert tags(f"  {_written(listed, between)} ", "If-Match") == listed


@pytest.mark.parametrize(
    "header",
    [
        "",
        " ",
        "3",
        "'3'",
        '"3',
        '3"',
        'w/"3"',
        'W/ "3"',
        '"3" "4"',
        '"3";"4"',
        '"a b"',
        '"a\x7f"',
        '"é"',
        '"3",',
        '*, "3"',
        '"3"\n,"4',
    ],
    ids=ascii,
)
def test_b15_what_is_no_list_of_tags_is_refused(header: str) -> None:
    with pytest.raises(Malformed) as caught:
        tags(header, "If-Match")
    assert caught.value.code == "malformed_header"
    with pytest.raises(Malformed):
        unchanged(header, "3")
    with pytest.raises(Malformed):
        expected_revisions(header)


def test_b15_a_very_long_header_is_read_in_time() -> None:
    began = time.process_time()
    for header in ('"a", ' * 20_000, '"' * 100_000, '"a"' + " " * 100_000, "W/" * 50_000):
        with pytest.raises(Malformed):
            tags(header + "x", "If-None-Match")
    assert time.process_time() - began < 0.5


@BOUNDED
@given(LISTED, OPAQUE)
def test_b16_an_answer_is_spared_if_any_tag_is_the_one_weak_or_not(listed: list[tuple[bool, str]], etag: str) -> None:
    assert unchanged(_written(listed), etag) == (etag in [opaque for _, opaque in listed])


@pytest.mark.parametrize(
    ("header", "expected"),
    [(None, False), ("*", True), (" * ", True), ('"7"', True), ('W/"7"', True), ('"6", "7"', True), ('"77"', False)],
)
def test_b16_an_answer_is_spared_only_to_who_has_it(header: str | None, expected: bool) -> None:
    assert unchanged(header, "7") is expected


@BOUNDED
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 10**6).map(str) | OPAQUE), min_size=1, max_size=5))
def test_b15_a_change_is_allowed_for_the_strong_tags_only(listed: list[tuple[bool, str]]) -> None:
    strong = {opaque for weak, opaque in listed if not weak}
    revisions = frozenset(int(opaque) for opaque in strong if opaque.isdigit() and str(int(opaque)) == opaque)
    if revisions:
        assert expected_revisions(_written(listed)) == revisions
    else:
        with pytest.raises(PreconditionFailed):
            expected_revisions(_written(listed))


@pytest.mark.parametrize("header", [None, "*", " * "])
def test_b15_any_revision_may_be_changed_where_none_is_named(header: str | None) -> None:
    assert expected_revisions(header) is None


@pytest.mark.parametrize(
    "header", ['W/"3"', '"abc"', '"-3"', '"3.0"', '" 3"'.replace(" ", "+"), '""', f'"{"9" * 5000}"', '"03"']
)
def test_b15_a_tag_that_is_no_revision_matches_none(header: str) -> None:
    with pytest.raises(PreconditionFailed):
        expected_revisions(header)
