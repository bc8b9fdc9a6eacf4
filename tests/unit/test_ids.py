"""Names have one grammar and one spelling, and no two different names ever make one key of the table."""

import inspect
import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune.domain.ids import (
    ID_PATTERN,
    LANGUAGE_PATTERN,
    RESERVED_SLUGS,
    SLUG_PATTERN,
    UUID_PATTERN,
    is_id,
    is_slug,
    is_uuid,
)
from attune.store import keys
from attune.store.keys import Key

_ALNUM = "abcdefghijklmnopqrstuvwxyz0123456789"
_NASTY = st.text("ab01._-/#%|? A\u00e9\u0301\u0660\uff11\n\r\0{}", max_size=12)
_SEGMENTS = st.builds("{}{}".format, st.sampled_from(_ALNUM), st.text(_ALNUM + "._-", max_size=63))


def _well_formed(segment: str) -> bool:
    """The grammar said again without a regular expression."""
    return 1 <= len(segment) <= 64 and segment[0] in _ALNUM and set(segment) <= set(_ALNUM + "._-")


@given(_NASTY | _SEGMENTS)
def test_b7_an_id_is_one_segment_of_the_grammar_and_nothing_else_is(text: str) -> None:
    assert is_id(text) == _well_formed(text)


@given(_NASTY | st.lists(_SEGMENTS | st.sampled_from(["", "..", ".", "A"]), max_size=6).map("/".join))
def test_b7_a_slug_is_one_to_four_segments_and_not_reserved(text: str) -> None:
    parts = text.split("/")
    assert is_slug(text) == (len(parts) <= 4 and all(map(_well_formed, parts)) and text not in RESERVED_SLUGS)


@pytest.mark.parametrize("slug", sorted(RESERVED_SLUGS))
def test_a_reserved_name_is_refused_alone_but_not_as_a_segment(slug: str) -> None:
    assert not is_slug(slug)
    assert is_slug(f"lessons/{slug}")
    assert is_slug(f"{slug}/lessons")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "#",
        "a#b",
        "%23",
        "a%2fb",
        "..",
        "a..",
        "../x",
        " a",
        "a ",
        "a\n",
        "USER#x",
        "COURSE",
        "é",
        "e\u0301",
        "a" * 65,
    ],
)
def test_b7_names_that_would_be_read_in_two_ways_are_no_ids(text: str) -> None:
    assert is_id(text) == (text == "a..")


@given(st.uuids())
def test_b9_a_uuid_is_accepted_in_its_canonical_spelling_alone(value: uuid.UUID) -> None:
    text = str(value)
    assert is_uuid(text) == (value.int not in (0, (1 << 128) - 1))
    assert not is_uuid(text.replace("-", ""))
    assert not is_uuid(f"{{{text}}}")
    assert not is_uuid(value.urn)
    assert not is_uuid(f"{text}\n")
    assert text.upper() == text or not is_uuid(text.upper())


def test_b9_the_nil_and_max_uuids_are_nobody() -> None:
    assert not is_uuid("00000000-0000-0000-0000-000000000000")
    assert not is_uuid("ffffffff-ffff-ffff-ffff-ffffffffffff")
    assert is_uuid("00000000-0000-0000-0000-000000000001")


def test_digits_of_other_scripts_are_no_digits() -> None:
    assert not is_uuid("٠" * 8 + "-0000-0000-0000-000000000001")
    assert not is_id("١")


@pytest.mark.parametrize("pattern", [ID_PATTERN, SLUG_PATTERN, UUID_PATTERN, LANGUAGE_PATTERN])
def test_patterns_are_anchored_for_whoever_only_searches(pattern: str) -> None:
    assert pattern.startswith("^")
    assert pattern.endswith("$")


@pytest.mark.parametrize(
    ("code", "good"), [("en", True), ("zh-hant", True), ("EN", False), ("e", False), ("en_GB", False)]
)
def test_languages_are_named_in_lower_case(code: str, good: bool) -> None:
    assert bool(re.search(LANGUAGE_PATTERN, code)) == good


# Keys: names that differ by little, so that a missing delimiter shows.
_NAMES = st.sampled_from(["1", "10", "1.0", "1-0", "a", "a.b", "a-b", "ab", "user", "current", "settings"])
_LEARNERS = st.builds(
    "{}.{}".format,
    st.sampled_from("ga"),
    st.sampled_from(["00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000010"]),
)
_SLUGS = st.lists(_NAMES, min_size=1, max_size=3).map("/".join)
_NUMBERS = st.sampled_from([0, 1, 10, 100, 9999])
_DIGESTS = st.sampled_from(["0" * 64, "0" * 63 + "1", "f" * 64])
_UUIDS = st.sampled_from(["00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000010"])
_DAYS = st.sampled_from(["2026-11-01", "2026-11-10", "2026-11-11"])
_MONTHS = st.sampled_from(["2026-01", "2026-10", "2026-11"])
_INSTANTS = st.sampled_from(["2026-11-01T00:00:00Z", "2026-11-01T00:00:01Z", "2026-11-10T00:00:00Z"])
_ROUTES = st.sampled_from(["create_user", "create", "user"])
_IDEMPOTENCY = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=6)

_BUILDERS: dict[Callable[..., Key], tuple[st.SearchStrategy[Any], ...]] = {
    keys.user: (_LEARNERS,),
    keys.settings: (_LEARNERS, _NAMES),
    keys.pointer: (_LEARNERS, _NAMES, _SLUGS),
    keys.creation: (_ROUTES, _IDEMPOTENCY),
    keys.course: (_NAMES,),
    keys.version: (_NAMES, _NUMBERS),
    keys.manifest: (_NAMES, _DIGESTS, _NUMBERS),
    keys.text: (_NAMES, _SLUGS, _DIGESTS),
    keys.staged: (_NAMES, _SLUGS),
    keys.section: (_DIGESTS,),
    keys.variant: (_DIGESTS,),
    keys.profile: (_LEARNERS, _NAMES),
    keys.recommendations: (_LEARNERS, _NAMES),
    keys.log: (_LEARNERS, _NAMES),
    keys.session: (_LEARNERS, _NAMES, _UUIDS),
    keys.recommendation: (_LEARNERS, _NAMES, _UUIDS),
    keys.snapshot: (_LEARNERS, _NAMES, _DAYS),
    keys.parameters: (_NAMES, _INSTANTS),
    keys.candidate: (_NAMES,),
    keys.budget: (_MONTHS,),
    keys.progress: (_LEARNERS, _NAMES),
    keys.lesson_progress: (_LEARNERS, _NAMES, _SLUGS),
    keys.paths: (_LEARNERS, _NAMES),
    keys.path: (_LEARNERS, _NAMES, _UUIDS),
    keys.link: (_LEARNERS, _LEARNERS),
    keys.joining: (_INSTANTS, _LEARNERS),
    keys.batch: (_NAMES,),
    keys.batched: (_NAMES, _DIGESTS),
    keys.tombstone: (_DIGESTS,),
    keys.erasure: (_UUIDS,),
    keys.under_way: (_INSTANTS, _UUIDS),
    keys.repetition: (_LEARNERS, _ROUTES, _IDEMPOTENCY),
    keys.experiment: (_NAMES, _NAMES),
    keys.tally: (_NAMES, _NAMES, _NAMES, _NUMBERS),
    keys.group_tally: (_NAMES, _NAMES, _NAMES, _DIGESTS),
    keys.outcomes: (_LEARNERS, _NAMES, _NAMES),
    keys.outcome: (_LEARNERS, _NAMES, _NAMES, _IDEMPOTENCY),
    keys.quota: (_LEARNERS, _DAYS),
    keys.rating: (_LEARNERS, _NAMES, _DIGESTS),
    keys.ratings: (_DIGESTS,),
    keys.withdrawal: (_NAMES, _DIGESTS),
    keys.breaker: (_NUMBERS,),
    keys.refresh: (),
    keys.shard: (_DAYS, _NUMBERS),
    keys.failure: (_DAYS, _DIGESTS),
    keys.sums: (_DAYS, _NAMES, _NUMBERS),
    keys.session_index: (_LEARNERS, _NAMES, _INSTANTS, _UUIDS),
    keys.due: (_LEARNERS, _NAMES, _DAYS),
    keys.event: (_NAMES, _DAYS, _DIGESTS),
    keys.metric: (_NAMES, _NAMES, _DAYS, _NUMBERS),
    keys.presence: (_NAMES, _DIGESTS),
    keys.report: (_NAMES, _MONTHS),
}
_PREFIXES: dict[Callable[..., Key], tuple[Callable[..., Key], tuple[st.SearchStrategy[Any], ...]]] = {
    keys.pointer_prefix: (keys.pointer, (_LEARNERS, _NAMES)),
    keys.version_prefix: (keys.version, (_NAMES,)),
    keys.staged_prefix: (keys.staged, (_NAMES,)),
    keys.session_prefix: (keys.session, (_LEARNERS, _NAMES)),
    keys.recommendation_prefix: (keys.recommendation, (_LEARNERS, _NAMES)),
    keys.parameters_prefix: (keys.parameters, (_NAMES,)),
    keys.shard_prefix: (keys.shard, (_DAYS,)),
    keys.lesson_progress_prefix: (keys.lesson_progress, (_LEARNERS, _NAMES)),
    keys.path_prefix: (keys.path, (_LEARNERS, _NAMES)),
    keys.link_prefix: (keys.link, (_LEARNERS,)),
    keys.experiment_prefix: (keys.experiment, (_NAMES,)),
    keys.withdrawal_prefix: (keys.withdrawal, (_NAMES,)),
    keys.event_prefix: (keys.event, (_NAMES, _DAYS)),
    keys.breaker_prefix: (keys.breaker, ()),
    keys.batch_prefix: (keys.batch, ()),
    keys.batched_prefix: (keys.batched, ()),
    keys.sums_prefix: (keys.sums, (_DAYS, _NAMES)),
}
Call = tuple[Callable[..., Key], tuple[Any, ...]]


def _calls(builders: dict[Callable[..., Key], tuple[st.SearchStrategy[Any], ...]]) -> st.SearchStrategy[Call]:
    return st.one_of([st.tuples(st.just(made), st.tuples(*given)) for made, given in builders.items()])


def test_every_kind_of_key_takes_part() -> None:
    made = {
        function
        for _, function in inspect.getmembers(keys, inspect.isfunction)
        if function.__module__ == keys.__name__ and function.__annotations__["return"] is Key
    }
    several: list[Callable[..., Key]] = [keys.course_prefix, keys.hot_prefix]
    several += [keys.active_paths_prefix, keys.tally_prefix]
    assert made == {*_BUILDERS, *_PREFIXES, *several}, "some prefixes collect rows of several kinds or courses"


@given(st.lists(_calls(_BUILDERS), min_size=2, max_size=12))
def test_b7_different_names_make_different_keys(calls: list[Call]) -> None:
    distinct = list(dict.fromkeys(calls))
    assert len({make(*names) for make, names in distinct}) == len(distinct)


@given(_SEGMENTS, _SEGMENTS, _SEGMENTS, _SEGMENTS)
def test_b8_names_cannot_be_cut_in_another_place(a: str, b: str, c: str, d: str) -> None:
    learner = "g.00000000-0000-4000-8000-000000000001"
    assert (keys.pointer(learner, a, b) == keys.pointer(learner, c, d)) == ((a, b) == (c, d))
    assert (keys.staged(a, b) == keys.staged(c, d)) == ((a, b) == (c, d))


@given(_calls({make: given for make, (_, given) in _PREFIXES.items()}), _calls(_BUILDERS))
def test_b8_a_prefix_finds_its_own_collection_and_nothing_else(prefix: Call, call: Call) -> None:
    start, key = prefix[0](*prefix[1]), call[0](*call[1])
    found = key.pk == start.pk and key.sk.startswith(start.sk)
    collection, owners = _PREFIXES[prefix[0]][0], prefix[1]
    assert found == (call[0] is collection and call[1][: len(owners)] == owners)


@given(st.integers(0, 99_999_999), st.integers(0, 99_999_999))
def test_versions_sort_by_their_number(one: int, other: int) -> None:
    assert (keys.version("c", one).sk < keys.version("c", other).sk) == (one < other)


def test_a_guest_and_an_account_of_one_uuid_share_no_key() -> None:
    subject = "00000000-0000-4000-8000-000000000001"
    assert keys.user(f"g.{subject}") != keys.user(f"a.{subject}")


def test_the_key_of_a_public_creation_is_not_kept_as_sent() -> None:
    assert "my-secret-key-of-128-bits" not in "".join(keys.creation("create_user", "my-secret-key-of-128-bits"))
