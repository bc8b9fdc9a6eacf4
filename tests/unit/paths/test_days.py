"""Days never hold more than their minutes, whatever is due; nothing that is due waits for ever."""

from hypothesis import given
from hypothesis import strategies as st

from attune.domain.paths.agenda import agenda
from attune.domain.paths.days import REVIEW, Review, ReviewQueue, pack
from attune.domain.paths.goal import Goal
from attune.domain.paths.memory import Memory, memories
from attune.domain.paths.step import LEARN, PRACTISE, Step
from attune.domain.practice.gist import Gist, SkillGist
from tests.unit.paths.worlds import TODAY, a_path, a_request, a_world, later

seeds = st.integers(0, 10_000_000)


def _steps(minutes: list[tuple[str, int]]) -> list[Step]:
    return [Step(f"s-{n}", kind, f"p{n}", f"skill{n // 3}", m, m) for n, (kind, m) in enumerate(minutes)]


steps = st.lists(st.tuples(st.sampled_from([LEARN, PRACTISE]), st.integers(1, 200)), max_size=30).map(_steps)
reviews = st.dictionaries(
    st.integers(0, 40).map(lambda n: f"skill{n}"),
    st.tuples(st.integers(1, 60), st.floats(0.01, 1.0), st.integers(0, 9), st.integers(0, 400)),
    max_size=30,
)


def _queue(known: dict[str, tuple[int, float, int, int]], daily: int) -> ReviewQueue:
    return ReviewQueue(
        {skill: Review(skill, skill, min(daily, minutes), worth) for skill, (minutes, worth, _, _) in known.items()},
        {skill: Memory(successes, TODAY - ago) for skill, (_, _, successes, ago) in known.items()},
    )


@given(steps, reviews, st.integers(1, 300), st.integers(0, 400))
def test_every_day_fits_and_every_step_finds_its_days_in_order(
    listed: list[Step], known: dict[str, tuple[int, float, int, int]], daily: int, spent: int
) -> None:
    packed = pack(listed, TODAY, daily, _queue(known, daily), spent=spent)
    for day in packed.days:
        assert 0 < day.minutes <= (max(0, daily - spent) if day.day == TODAY else daily)
        assert len({entry.id for entry in day.entries if entry.kind == REVIEW}) == sum(
            entry.kind == REVIEW for entry in day.entries
        )
    entries = [entry for day in packed.days for entry in day.entries if entry.kind != REVIEW]
    assert list(dict.fromkeys(entry.id for entry in entries)) == [step.id for step in listed]
    for step in listed:
        parts = [entry for entry in entries if entry.id == step.id]
        assert sum(entry.minutes for entry in parts) == step.minutes
        assert [entry.part for entry in parts] == ([0] if len(parts) == 1 else list(range(1, len(parts) + 1)))
        if step.kind == PRACTISE and step.minutes <= daily:
            assert len(parts) == 1
    assert packed.missing == 0
    assert packed.placed == len(listed)


@given(steps, reviews, st.integers(1, 300), st.integers(0, 10))
def test_what_finds_no_day_is_counted_as_missing(
    listed: list[Step], known: dict[str, tuple[int, float, int, int]], daily: int, most: int
) -> None:
    packed = pack(listed, TODAY, daily, _queue(known, daily), most=most)
    placed = sum(entry.minutes for day in packed.days for entry in day.entries if entry.kind != REVIEW)
    assert placed + packed.missing == sum(step.minutes for step in listed)
    assert len(packed.days) <= most


@given(steps, reviews, st.integers(5, 120))
def test_planning_anew_each_day_comes_to_an_end(
    listed: list[Step], known: dict[str, tuple[int, float, int, int]], daily: int
) -> None:
    """A learner who does each day what is planned for it finishes, though nothing is kept from day to day."""
    done: dict[str, int] = {}
    remembered = {skill: Memory(successes, TODAY - ago) for skill, (_, _, successes, ago) in known.items()}
    described = {
        skill: Review(skill, skill, min(daily, minutes), worth) for skill, (minutes, worth, _, _) in known.items()
    }
    total = sum(step.minutes for step in listed)
    bound = 4 * (total // max(1, daily // 4) + len(listed) + 2)
    for day in range(TODAY, TODAY + bound):
        left = [
            Step(step.id, step.kind, step.piece, step.skill, step.authored, step.minutes - done.get(step.id, 0))
            for step in listed
            if step.minutes > done.get(step.id, 0)
        ]
        if not left:
            return
        packed = pack(left, day, daily, ReviewQueue(described, remembered), most=1)
        assert sum(one.minutes for one in packed.days) <= daily
        for entry in (entry for one in packed.days for entry in one.entries):
            if entry.kind == REVIEW:
                remembered[entry.skill] = remembered[entry.skill].reviewed(day)
            else:
                done[entry.id] = done.get(entry.id, 0) + entry.minutes
    raise AssertionError("steps are left")


@given(st.integers(1, 60), st.integers(10, 60), st.integers(0, 8))
def test_sixty_days_away_make_no_avalanche_and_the_backlog_is_cleared(skills: int, daily: int, successes: int) -> None:
    """Everything is overdue on the first day; steps go on; after bounded days every skill has had its review."""
    described = {f"r{n}": Review(f"r{n}", f"i{n}", 2 + n % 3, 0.1 + n / 100) for n in range(skills)}
    remembered = {skill: Memory(successes, TODAY - 60) for skill in described}
    steps_left = _steps([(PRACTISE, 5)] * 400)
    reviewed: set[str] = set()
    share = max(1, daily // 4 // 4)
    for number in range(30 + 12 * (skills // share + 2)):
        day = TODAY + number
        packed = pack(steps_left, day, daily, ReviewQueue(described, remembered), most=1)
        (only,) = packed.days
        assert only.minutes <= daily
        assert any(entry.kind != REVIEW for entry in only.entries) or number % 2 == 0 or daily < 10
        for entry in only.entries:
            if entry.kind == REVIEW:
                reviewed.add(entry.skill)
                remembered[entry.skill] = remembered[entry.skill].reviewed(day)
        finished = {entry.id for entry in only.entries if entry.kind != REVIEW}
        steps_left = [step for step in steps_left if step.id not in finished] or _steps([(PRACTISE, 5)] * 400)
        if len(reviewed) == skills:
            return
    assert len(reviewed) == skills


def test_the_most_valuable_review_comes_first() -> None:
    described = {name: Review(name, name, 5, worth) for name, worth in (("low", 0.1), ("high", 1.0), ("mid", 0.5))}
    queue = ReviewQueue(described, dict.fromkeys(described, Memory(3, TODAY - 60)))
    packed = pack(_steps([(LEARN, 100)]), TODAY, 24, queue)
    assert [entry.id for day in packed.days for entry in day.entries if entry.kind == REVIEW][:3] == [
        "high",
        "mid",
        "low",
    ]


def test_what_has_just_been_learnt_is_reviewed_on_a_later_day() -> None:
    described = {"skill0": Review("skill0", "i", 5, 1.0)}
    packed = pack(_steps([(LEARN, 10), (PRACTISE, 20)] * 8), TODAY, 30, ReviewQueue(described, {}))
    days = [day.day for day in packed.days for entry in day.entries if entry.kind == REVIEW]
    assert days
    assert days[0] > TODAY


@given(seeds)
def test_an_absence_moves_the_days_and_makes_none_longer(seed: int) -> None:
    _, request, chance = a_world(seed)
    path = a_path(request)
    for away in (0, chance.randint(1, 90), 60):
        shown = agenda(path, later(request, away), shown=40)
        assert all(day.minutes <= path.minutes_per_day for day in shown.days)
        assert all(day.day >= TODAY + away for day in shown.days)


@given(seeds)
def test_the_days_move_by_the_absence_where_nothing_is_to_be_reviewed(seed: int) -> None:
    course, _, chance = a_world(seed)
    request = a_request(course, chance, Goal(), memories={})
    path = a_path(request)
    before, after = agenda(path, request), agenda(path, later(request, 30))
    shifted = [(day.day + 30, day.entries) for day in before.days]
    assert [(day.day, day.entries) for day in after.days] == shifted


def test_a_memory_is_due_later_after_each_success() -> None:
    assert [Memory(n, 0).due for n in (0, 1, 3, 6, 8, 12)] == [1, 1, 2, 10, 28, 28]
    assert 0.0 <= Memory(3, 10).forgotten(12) < Memory(3, 10).forgotten(60) < 1.0


def test_memories_are_of_what_was_answered_well_where_the_learner_lives() -> None:
    gist = Gist(skills={"a": SkillGist(successes=2, success_at=86_400_000 * 10 - 1), "b": SkillGist()})
    assert memories(gist, ["a", "b", "c"]) == {"a": Memory(2, 9)}
    assert memories(gist, ["a"], shift_ms=3_600_000) == {"a": Memory(2, 10)}


def test_a_random_world_has_reviews() -> None:
    found = 0
    for seed in range(60):
        _, request, _ = a_world(seed)
        shown = agenda(a_path(request), request)
        found += any(entry.kind == REVIEW for day in shown.days for entry in day.entries)
    assert found > 10
