"""Events count once and in any order; maintained counters equal a recount; streaks follow the calendar."""

import json
import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune.domain.course import Course
from attune.domain.instants import DAY_MS
from attune.domain.manifest import read
from attune.domain.progress.lesson_progress import (
    COMPLETED,
    EVENTS,
    NOT_STARTED,
    STARTED,
    UNTOUCHED,
    LessonEvent,
    LessonProgress,
)
from attune.domain.progress.streak import RUNS, Activity, active_on
from attune.domain.progress.summary import Counters, Summary, overview, recounted

COURSE = read(
    "c",
    4,
    {
        "parts": [
            {
                "id": f"p{p}",
                "chapters": [
                    {"id": f"c{p}{c}", "lessons": [{"slug": f"p{p}/c{c}-{n}"} for n in range(c)]} for c in range(3)
                ],
            }
            for p in range(2)
        ]
    },
)
SLUGS = list(COURSE.lessons)
events = st.lists(
    st.builds(
        LessonEvent,
        id=st.text("abcdef", min_size=1, max_size=3),
        at=st.integers(0, 10**13),
        status=st.sampled_from([None, STARTED, COMPLETED]),
        seconds=st.integers(0, 1000),
    ),
    max_size=40,
    unique_by=lambda event: event.id,
)


def _folded(listed: Sequence[LessonEvent]) -> LessonProgress:
    progress = UNTOUCHED
    for event in listed:
        progress = progress.after(event)
    return progress


def _facts(progress: LessonProgress) -> tuple[object, ...]:
    return progress.status, progress.started_at, progress.completed_at, progress.seconds, sorted(progress.events)


@given(events, st.randoms())
def test_events_count_once_and_in_any_order(listed: list[LessonEvent], chance: random.Random) -> None:
    other = [*listed, *chance.sample(listed, len(listed) // 2)]
    chance.shuffle(other)
    progress = _folded(listed)
    assert _facts(_folded(other)) == _facts(progress)
    assert progress.seconds == sum(event.seconds for event in listed)
    for event in listed:
        assert progress.after(event) is progress


@given(events)
def test_a_lesson_completed_once_stays_so(listed: list[LessonEvent]) -> None:
    seen = NOT_STARTED
    progress = UNTOUCHED
    for event in listed:
        progress = progress.after(event)
        assert progress.status == COMPLETED or seen != COMPLETED
        assert progress.status != NOT_STARTED
        seen = progress.status
    assert LessonProgress.from_json(json.loads(json.dumps(progress.to_json()))) == progress


def test_the_memory_of_events_is_bounded() -> None:
    progress = _folded([LessonEvent(f"event-{n}", n, None, 1) for n in range(1000)])
    assert progress.seconds == 1000
    assert len(progress.events) == EVENTS
    assert len(json.dumps(progress.to_json())) < 4000
    assert progress.after(LessonEvent("event-999", 5, COMPLETED, 9)) is progress


@given(st.lists(st.tuples(st.sampled_from(SLUGS), st.integers(0, 60)), max_size=60), st.randoms())
def test_maintained_counters_equal_a_recount(sent: list[tuple[str, int]], chance: random.Random) -> None:
    made = [
        LessonEvent(str(number), chance.randint(0, 20) * DAY_MS, chance.choice([None, STARTED, COMPLETED]), seconds)
        for number, (_, seconds) in enumerate(sent)
    ]
    pairs = list(zip((slug for slug, _ in sent), made, strict=True))
    pairs += chance.sample(pairs, len(pairs) // 3)
    summary, lessons = Summary(), dict[str, LessonProgress]()
    chance.shuffle(pairs)
    for slug, event in pairs:
        now = lessons[slug] = lessons.get(slug, UNTOUCHED).after(event)
        summary = summary.after(slug, now, event.at // DAY_MS)
    assert summary == recounted(lessons, active_on(event.at // DAY_MS for event in made))
    assert Summary.from_json(json.loads(json.dumps(summary.to_json()))) == summary
    _agrees(COURSE, summary, lessons)


def _agrees(course: Course, summary: Summary, lessons: dict[str, LessonProgress]) -> None:
    shown = overview(course, summary)
    shares = {part.id: (shown.parts[part.id], list(part.chapters)) for part in course.parts}
    shares |= {chapter.id: (shown.chapters[chapter.id], [chapter]) for chapter in course.chapters()}
    shares["whole"] = (shown.course, list(course.chapters()))
    for share, chapters in shares.values():
        slugs = [entry.slug for chapter in chapters for entry in chapter.lessons]
        own = [lessons[slug] for slug in slugs if slug in lessons]
        assert share.lessons == len(slugs)
        assert share.counters.seconds == sum(entry.seconds for entry in own)
        assert share.counters.started == len(own)
        assert share.counters.completed == sum(entry.status == COMPLETED for entry in own)
        assert 0 <= share.percent <= 100
    assert summary.moves == sum(1 + (entry.status == COMPLETED) for entry in lessons.values())
    assert summary.completed.keys() == {slug for slug, entry in lessons.items() if entry.status == COMPLETED}


def test_lessons_that_the_course_has_no_more_are_not_counted() -> None:
    shown = overview(COURSE, recounted({"gone": LessonProgress(1, 2, 30)}, Activity()))
    assert shown.course.counters == Counters()
    assert shown.chapters["c00"].percent == 0


def test_days_of_other_activity_count_once() -> None:
    summary = Summary().active_on([3, 5, 4, 3])
    assert summary.activity == active_on([3, 4, 5])
    assert summary.active_on([4]) is summary


@given(st.lists(st.integers(0, 60), max_size=40), st.integers(0, 70))
def test_attendance_is_the_share_of_recent_days_since_the_first(days: list[int], today: int) -> None:
    past = {day for day in days if day <= today}
    span = min(28, today - min(past) + 1) if past else 0
    recent = sum(day > today - 28 for day in past)
    assert active_on(days).attendance(today) == (recent + 3) / (span + 3) <= 1


def _by_hand(days: set[int], today: int) -> tuple[int, int, int]:
    days = {day for day in days if day <= today}
    last = today if today in days else today - 1
    current = 0
    while last - current in days:
        current += 1
    best = 0
    for day in days:
        length = 0
        while day + length in days:
            length += 1
        best = max(best, length)
    return current, best, len(days)


@given(st.lists(st.integers(0, 60), max_size=60), st.integers(0, 70), st.randoms())
def test_a_streak_is_what_the_calendar_says(days: list[int], today: int, chance: random.Random) -> None:
    activity = Activity()
    order = [*days, *days]
    chance.shuffle(order)
    for day in order:
        activity = activity.with_day(day)
    assert activity == active_on(days)
    streak = activity.streak(today)
    assert (streak.current, streak.best, streak.total) == _by_hand(set(days), today)
    assert Activity.from_json(json.loads(json.dumps(activity.to_json()))) == activity


@pytest.mark.parametrize(("length", "badges"), [(2, ()), (3, (3,)), (14, (3, 7, 14)), (31, (3, 7, 14, 30))])
def test_badges(length: int, badges: tuple[int, ...]) -> None:
    assert active_on(range(100, 100 + length)).streak(200).badges == badges


def test_a_day_that_is_not_over_breaks_no_streak() -> None:
    activity = active_on([10, 11, 12])
    assert [activity.streak(day).current for day in (11, 12, 13, 14)] == [2, 3, 3, 0]


def test_a_thousand_runs_keep_their_total_and_their_best() -> None:
    activity = active_on([*range(5), *range(10, 4000, 3)])
    assert len(activity.runs) == RUNS
    assert activity.streak(5000).total == 5 + len(range(10, 4000, 3))
    assert activity.streak(5000).best == 5
    assert activity.with_day(2) is activity
