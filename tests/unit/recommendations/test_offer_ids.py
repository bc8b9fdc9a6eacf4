"""Ids tell when and where a recommendation was made, and to whom; they tell nobody else's."""

import uuid

from hypothesis import assume, given
from hypothesis import strategies as st

from attune.domain.ids import is_uuid
from attune.domain.recommendations.offer_ids import RANKS, belongs, made_at, offer_id, set_id, set_of
from tests.unit.recommendations.offers import COURSE, LEARNER, MADE

MOMENTS = st.integers(0, 2**48 - 1)
RANK = st.integers(1, RANKS - 1)
NAMES = st.text(max_size=12)


@given(at=MOMENTS, rank=RANK, learner=NAMES, course=NAMES)
def test_an_id_is_a_uuid_that_holds_its_moment_and_its_set(at: int, rank: int, learner: str, course: str) -> None:
    set_ = set_id(learner, course, at)
    one = offer_id(set_, rank)
    assert is_uuid(one)
    assert uuid.UUID(one).version == 8
    assert uuid.UUID(one).variant == uuid.RFC_4122
    assert (set_of(one), made_at(one), made_at(set_)) == (set_, at, at)
    assert belongs(one, learner, course)
    assert not belongs(set_, learner, course)


@given(first=st.tuples(MOMENTS, RANK), second=st.tuples(MOMENTS, RANK))
def test_ids_sort_by_moment_and_rank(first: tuple[int, int], second: tuple[int, int]) -> None:
    ids = [offer_id(set_id(LEARNER, COURSE, at), rank) for at, rank in sorted((first, second))]
    assert ids == sorted(ids)


@given(other=st.tuples(NAMES, NAMES), at=MOMENTS, rank=RANK)
def test_an_id_belongs_to_one_learner_in_one_course(other: tuple[str, str], at: int, rank: int) -> None:
    assume(other != (LEARNER, COURSE))
    assert not belongs(offer_id(set_id(*other, at), rank), LEARNER, COURSE)


@given(any_=st.uuids())
def test_no_uuid_is_too_strange_to_be_asked_about(any_: uuid.UUID) -> None:
    assert not belongs(str(any_), LEARNER, COURSE)


def test_one_digit_more_or_less_belongs_to_nobody() -> None:
    one = offer_id(set_id(LEARNER, COURSE, MADE), 1)
    for place, letter in enumerate(one):
        other = "0" if letter != "0" else "1"
        changed = f"{one[:place]}{other}{one[place + 1 :]}"
        assert not is_uuid(changed) or place >= 34 or not belongs(changed, LEARNER, COURSE)


def test_the_sets_of_a_learner_do_not_collide() -> None:
    ids = {set_id(LEARNER, COURSE, MADE + later) for later in range(1000)}
    assert len(ids) == 1000
