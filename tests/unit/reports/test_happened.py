"""What changes of rows tell adds up to the rows as they are at last."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from attune.domain.progress.lesson_progress import LessonEvent, LessonProgress
from attune.domain.recommendations.offer import ACCEPTED, COMPLETED, DECLINED, EXPIRED, Effect, Offer
from attune.domain.reports import event as names
from attune.domain.reports import happened
from tests.unit.recommendations.offers import an_offer

lesson_events = st.builds(
    LessonEvent,
    st.sampled_from("abcdef"),
    st.integers(0, 10_000),
    st.sampled_from(["started", "completed", None]),
    st.integers(0, 500),
)


@given(st.lists(lesson_events, max_size=12))
def test_what_is_told_of_a_lesson_adds_up(sent: list[LessonEvent]) -> None:
    found: LessonProgress | None = None
    told = []
    for event in sent:
        now = (found or LessonProgress()).after(event)
        told += list(happened.read("l1", found, now, event.at))
        found = now
    assert sum(said.get("seconds", 0) for _, _, said in told) == (found.seconds if found else 0)
    assert sum(name == names.LESSON_STARTED for name, _, _ in told) == int(bool(sent))
    assert sum(name == names.LESSON_COMPLETED for name, _, _ in told) == int(
        bool(found and found.completed_at is not None)
    )


def told(old: Offer | None, new: Offer) -> list[str]:
    return [name for name, _, _ in happened.recommended(old, new)]


def test_a_recommendation_is_shown_once_and_becomes_what_it_becomes() -> None:
    offer = an_offer()
    accepted = replace(offer, status=ACCEPTED, at=5)
    done = replace(accepted, status=COMPLETED, at=9, effect=Effect("sense", 1000.0, 1012.5, 12.5, 10.0))
    longer = replace(done, effect=Effect("sense", 1000.0, 1020.0, 20.0, 10.0))
    assert told(None, accepted) == [names.SHOWN, names.ACCEPTED]
    assert told(accepted, done) == [names.COMPLETED, names.MEASURED]
    assert told(None, done) == [names.SHOWN, names.ACCEPTED, names.COMPLETED, names.MEASURED]
    assert told(done, replace(done, rating=4)) == []
    ((_, _, more),) = happened.recommended(done, longer)
    assert (more["observed"], more["new"], "expected" in more) == (7.5, False, False)
    assert told(None, replace(offer, status=DECLINED, at=5)) == [names.SHOWN, names.DECLINED]
    assert told(accepted, replace(accepted, status=EXPIRED, at=8)) == [names.EXPIRED]


def test_a_rating_stands_in_the_place_of_the_one_before() -> None:
    ((_, _, first),) = happened.rated("l1", None, 2, 1)
    ((_, _, second),) = happened.rated("l1", 2, 5, 2)
    assert (first["stars"], first["low"], first["new"]) == (2, 1, True)
    assert (second["stars"], second["low"], second["new"]) == (3, -1, False)
    assert list(happened.rated("l1", 5, 5, 3)) == []
