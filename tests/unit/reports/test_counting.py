"""Whatever the order, the batches and the repetitions, what is counted is what a recount of the events gives."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from attune.domain.reports import cell, presence
from attune.domain.reports import event as names
from attune.domain.reports.cell import FEWEST, Cell
from attune.domain.reports.counting import counted
from attune.domain.reports.event import Event, day_of, number_of
from attune.domain.reports.presence import Presence

BEGAN = 1_793_491_200_000
DAY = 86_400_000
LEARNERS = [f"learner {place}" for place in range(8)]
HELD_OUT = LEARNERS[:2]
moments = st.integers(BEGAN, BEGAN + 30 * DAY)
answers = st.builds(
    lambda item, score, p, gain, mistake: {
        "item": item,
        "skills": ["sense"],
        "score": score,
        "success": score >= 0.6,
        "seconds": 20,
        "p": p,
        "gain": {"sense": gain},
        **({"mistake": mistake} if mistake else {}),
    },
    st.sampled_from(["q1", "q2"]),
    st.sampled_from([0.0, 0.4, 1.0]),
    st.sampled_from([0.0, 0.25, 0.9999, 1.0]),
    st.sampled_from([-3.1, 0.0, 12.4]),
    st.sampled_from([None, "rushed", "guessed"]),
)
about = st.sampled_from([{"kind": "learn", "item": "l1"}, {"kind": "practise", "item": "q1"}])
anything = st.one_of(
    st.tuples(st.just(names.ANSWERED), answers),
    st.tuples(st.sampled_from([names.SHOWN, names.ACCEPTED, names.EXPIRED]), about),
    st.tuples(st.just(names.LESSON_TIME), st.just({"lesson": "l1", "seconds": 7})),
)
events = st.builds(
    lambda told, at, learner: Event(
        told[0], at, "course", learner, {**told[1], **({"held_out": True} if learner in HELD_OUT else {})}
    ),
    anything,
    moments,
    st.sampled_from(LEARNERS),
)
Counts = Mapping[tuple[str, str], Mapping[str, Cell]]


class Kept:
    """What the store does with batches, in memory: markers, presence, sums."""

    def __init__(self) -> None:
        self.known: set[int] = set()
        self.presences: dict[str, Presence] = {}
        self.counts: dict[tuple[str, str], dict[str, Cell]] = {}

    def fold(self, batch: Iterable[tuple[int, Event]]) -> None:
        new = {id_: event for id_, event in batch if id_ not in self.known}
        self.known |= new.keys()
        self._add(counted(new.values()))
        apart = presence.held_out(list(new.values()))
        for learner, days in presence.days_of(list(new.values())).items():
            was = self.presences.get(learner, Presence())
            self.presences[learner], more = presence.change(learner, was, days, held_out=learner in apart)
            self._add(more)

    def _add(self, more: Counts) -> None:
        for place, cells in more.items():
            self.counts[place] = cell.added([self.counts.get(place, {}), cells])

    def plain(self) -> dict[tuple[str, str, str], dict[str, int]]:
        return {
            (*place, name): figures
            for place, cells in self.counts.items()
            for name, one in cells.items()
            if (figures := {figure: n for figure, n in one.figures.items() if n})
        }


def in_batches(line: Sequence[tuple[int, Event]], cuts: Iterable[int]) -> Iterable[Sequence[tuple[int, Event]]]:
    places = [0, *sorted(cut % (len(line) + 1) for cut in cuts), len(line)]
    return (line[start:end] for start, end in pairwise(places))


@settings(max_examples=60, deadline=None)
@given(st.lists(events, max_size=25), st.lists(st.integers(0, 99), max_size=6), st.randoms(use_true_random=False))
def test_b46_any_order_twice_and_split_anyhow_is_a_recount(
    told: list[Event],
    cuts: list[int],
    rng: "st.randoms",  # type: ignore[valid-type]
) -> None:
    line = list(enumerate(told)) * 2
    rng.shuffle(line)  # type: ignore[attr-defined]
    kept, at_once = Kept(), Kept()
    for batch in in_batches(line, cuts):
        kept.fold(batch)
    at_once.fold(enumerate(told))
    assert kept.plain() == at_once.plain() == recounted(told)
    for place, cells in kept.counts.items():
        for name, one in cells.items():
            behind = at_once.counts[place][name].learners
            if one["active"] == one["new"] == one["returning"] == 0:
                assert one.learners == behind
            assert one.is_shown == (len(one.learners) == FEWEST)


def side(learner: str) -> str:
    return "holdout:held_out" if learner in HELD_OUT else "holdout:others"


def recounted(told: Sequence[Event]) -> dict[tuple[str, str, str], dict[str, int]]:
    """The same without sums: event by event, learner by learner."""
    found: Counter[tuple[str, str, str, str]] = Counter()

    def count(report: str, event: Event, cell: str, **figures: int) -> None:
        for name, n in figures.items():
            found[report, event.day, cell, name] += n

    days: dict[str, set[str]] = {}
    for event in told:
        said = event.said
        if event.name not in (names.SHOWN, names.EXPIRED):
            days.setdefault(event.learner, set()).add(event.day)
        if event.name == names.ANSWERED:
            score, gain = round(said["score"] * 10_000), round(said["gain"]["sense"] * 10)
            own = {"answers": 1, "correct": int(said["success"]), "score": score, "seconds": 20, "measured": 1}
            for name in ("total", side(event.learner)):
                count("skills", event, name, **own, gain=gain, studied=20)
            count("skills", event, "skill:sense", **own, gain=gain)
            p = round(said["p"] * 10_000)
            count("skills", event, f"expected:{min(9, p // 1000)}", answers=1, p=p, score=score)
            count("engagement", event, "total", answers=1, seconds=20)
            if "mistake" in said:
                count("skills", event, f"mistake:{said['mistake']}", mistakes=1)
        elif event.name == names.LESSON_TIME:
            count("content", event, "total", seconds=7)
            count("content", event, "lesson:l1", seconds=7)
            count("engagement", event, "total", reading=7)
        else:
            for name in ("total", side(event.learner), f"kind:{said['kind']}", f"item:{said['item']}"):
                count("recommendations", event, name, **{event.name.removeprefix("recommendation_"): 1})
    for learner, there in days.items():
        weeks = {date.fromisoformat(day).isocalendar()[:2] for day in there}
        for name in ("total", side(learner)):
            for day in there:
                found["engagement", day, name, "active"] += 1
            for week in weeks:
                monday = date.fromisocalendar(*week, 1)
                found["weeks", monday.isoformat(), name, "active"] += 1
                before = date.fromordinal(monday.toordinal() - 7).isocalendar()[:2]
                found["weeks", monday.isoformat(), name, "returning"] += before in weeks
                found["weeks", monday.isoformat(), name, "new"] += week == min(weeks)
    plain: dict[tuple[str, str, str], dict[str, int]] = {}
    for (report, day, name, figure), n in found.items():
        if n:
            plain.setdefault((report, day, name), {})[figure] = n
    return plain


@given(st.lists(st.integers(20_000, 20_500), min_size=1, max_size=30))
def test_a_presence_forgets_but_the_first_day(days: list[int]) -> None:
    found = Presence()
    for day in days:
        found = found.with_days(frozenset({day}))
    assert found.first == min(days)
    assert max(found.days) == max(days)
    assert max(found.days) - min(found.days) < presence.KEPT + 7


def test_a_week_begins_on_monday() -> None:
    for text in ("2026-11-02", "2026-11-08", "2026-12-31", "2027-01-03", "1970-01-01"):
        day = date.fromisoformat(text)
        monday = day.toordinal() - day.weekday()
        assert presence.monday(number_of(text)) - number_of(text) == monday - day.toordinal()
    assert day_of(BEGAN) == "2026-11-01"


def test_cells_add_up_in_any_order_and_remember_five_learners() -> None:
    several = [Cell({"n": place}, frozenset({f"{place}"})) for place in range(9)]
    forward, backward = Cell(), Cell()
    for one, other in zip(several, reversed(several), strict=True):
        forward, backward = forward + one, backward + other
    assert forward == backward == Cell({"n": 36}, frozenset("01234"))
    assert Cell.from_json(forward.to_json()) == forward
