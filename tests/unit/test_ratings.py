"""When ratings take a lesson out of service."""

from hypothesis import given
from hypothesis import strategies as st

from attune.domain.ratings import ENOUGH, NO_RATINGS, Rating, Tally, wilson

STARS = st.integers(1, 5)


def rating(stars: int) -> Rating:
    return Rating(stars, None, "2026-11-21T09:00:00Z")


def tally(*stars: int) -> Tally:
    found = NO_RATINGS
    for each in stars:
        found = found.with_rating(rating(each), None)
    return found


def test_five_who_agree_are_enough_and_four_are_not() -> None:
    assert not tally(1, 1, 1, 1).out_of_service
    assert tally(1, 2, 1, 2, 1).out_of_service
    assert not tally(1, 2, 1, 2, 3).out_of_service
    assert tally(1, 1, 1, 1, 1, 1, 5).out_of_service


def test_half_is_never_most() -> None:
    assert not any(Tally(2 * n, n).out_of_service for n in range(500))
    assert Tally(1000, 530).out_of_service


def test_what_the_owner_approved_stays() -> None:
    assert not Tally(50, 50, approved=True).out_of_service


@given(st.lists(STARS, max_size=30), st.data())
def test_a_rating_in_the_place_of_another_is_as_if_it_had_been_the_first(stars: list[int], data: st.DataObject) -> None:
    old, new = data.draw(STARS), data.draw(STARS)
    changed = tally(*stars, old).with_rating(rating(new), rating(old))
    assert changed == tally(*stars, new) == tally(new, *stars)
    assert changed.rated == len(stars) + 1
    assert changed.low == sum(each <= 2 for each in [*stars, new])


@given(st.integers(0, 300), st.integers(0, 300))
def test_a_low_rating_never_brings_a_lesson_back_and_a_good_one_never_takes_it_away(low: int, good: int) -> None:
    now = Tally(low + good, low)
    assert 0 <= wilson(low, low + good) <= (low / (low + good) if low + good else 0)
    if now.out_of_service:
        assert now.with_rating(rating(1), None).out_of_service
        assert now.rated >= ENOUGH
        assert 2 * low > low + good
    else:
        assert not now.with_rating(rating(5), None).out_of_service
