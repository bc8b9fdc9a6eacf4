"""Days that hold no more than their minutes: steps in order, and reviews of what was learnt, the most valuable first.

What is overdue takes a share of a day while there are steps to go on with, and what room they leave: after a long
absence there is more to review than a day has, and the day stays as long as ever.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Final, NamedTuple

from attune.domain.made import made
from attune.domain.paths.memory import Memory
from attune.domain.paths.parameters import DEFAULT
from attune.domain.paths.step import Step

PART: Final = 5
"""A lesson may be read in parts of at least so many minutes."""
PATIENCE: Final = 30.0
"""Days after which the least valuable review comes before the most valuable one that is due today."""
REVIEW: Final = "review"
FAR: Final = 3660
"""Days after which packing gives up."""


class Review(NamedTuple):
    """What a review of a skill would be: an item with its minutes, and what the skill is worth (above 0)."""

    skill: str
    item: str
    minutes: int
    worth: float


class Entry(NamedTuple):
    """A step (by id) or a review (by item) on a day; `part` counts from 1 where a step takes several days, else 0."""

    kind: str
    id: str
    skill: str
    minutes: int
    part: int = 0


@dataclass(frozen=True, slots=True)
class Day:
    """A day since 1970 and what it is for."""

    day: int
    entries: tuple[Entry, ...]

    @property
    def minutes(self) -> int:
        return sum(entry.minutes for entry in self.entries)


@dataclass(frozen=True, slots=True)
class Packed:
    """`placed` steps found room wholly; `missing` minutes of steps found none. `due` reviews were left for later."""

    days: tuple[Day, ...]
    placed: int
    missing: int
    due: int

    @property
    def last(self) -> int | None:
        """The day of the last step."""
        found = (day.day for day in reversed(self.days) if any(entry.kind != REVIEW for entry in day.entries))
        return next(found, None)


class ReviewQueue:
    """The reviews that are due on a day, by what they are worth."""

    def __init__(self, reviews: Mapping[str, Review], memories: Mapping[str, Memory]) -> None:
        self._reviews = reviews
        self._memories = {skill: memory for skill, memory in memories.items() if skill in reviews}
        self._later: dict[int, list[str]] = {}
        for skill, memory in self._memories.items():
            self._later.setdefault(memory.due, []).append(skill)
        self._days = sorted(self._later)
        self._due: list[tuple[float, str]] = []

    def copy(self) -> "ReviewQueue":
        """The same once more, for another way to lay out days; what is due already need not be found again."""
        other = ReviewQueue.__new__(ReviewQueue)
        other._reviews, other._memories = self._reviews, dict(self._memories)
        other._later = {day: list(skills) for day, skills in self._later.items()}
        other._days, other._due = list(self._days), list(self._due)
        return other

    def advance(self, day: int) -> None:
        """Lets what is due by a day come forward. The worth is taken then: it orders, it need not be exact."""
        while self._days and self._days[0] <= day:
            due = heappop(self._days)
            for skill in self._later.pop(due):
                worth = self._reviews[skill].worth * self._memories[skill].forgotten(day) + (day - due) / PATIENCE
                heappush(self._due, (-worth, skill))

    def take(self, day: int, minutes: int) -> list[Review]:
        """The best reviews, as many as fit, each expected to go well. The next one is never passed over."""
        taken = list[Review]()
        while self._due:
            skill = self._due[0][1]
            review = self._reviews[skill]
            if review.minutes > minutes:
                break
            heappop(self._due)
            minutes -= review.minutes
            taken.append(review)
            self._remember(skill, self._memories[skill].reviewed(day))
        return taken

    @property
    def next_minutes(self) -> int:
        """The minutes of the best review; 0 without any."""
        return self._reviews[self._due[0][1]].minutes if self._due else 0

    def learnt(self, skill: str, day: int) -> None:
        """A skill whose steps end on a day is reviewed from then on, if nothing was known of it."""
        if skill in self._reviews and skill not in self._memories:
            self._remember(skill, Memory(1, day))

    @property
    def waiting(self) -> int:
        """How many reviews are due and not on a day yet."""
        return len(self._due)

    def _remember(self, skill: str, memory: Memory) -> None:
        self._memories[skill] = memory
        due = memory.due
        if due not in self._later:
            self._later[due] = []
            heappush(self._days, due)
        self._later[due].append(skill)


@dataclass(slots=True)
class _Head:
    """The step that comes next and how much of it is left."""

    steps: Sequence[Step]
    place: int = 0
    part: int = 0
    step: Step | None = None
    left: int = 0

    def __post_init__(self) -> None:
        self._come_to(self.place)

    def _come_to(self, place: int) -> None:
        self.place = place
        self.step = self.steps[place] if place < len(self.steps) else None
        self.left = self.step.minutes if self.step else 0

    def least(self, whole: int) -> int:
        """The minutes without which it cannot go on, of a day's `whole`; what is longer than a day is split anyhow."""
        step = self.step
        if step is not None and (step.is_lesson or step.minutes > whole):
            return min(self.left, PART, whole)
        return self.left

    def finish(self) -> None:
        self.part = 0
        self._come_to(self.place + 1)


@dataclass(slots=True)
class _Sheet:
    """A day as it is filled."""

    room: int
    entries: list[Entry] = field(default_factory=list)

    def put(self, entry: Entry) -> None:
        self.entries.append(entry)
        self.room -= entry.minutes


def pack(
    steps: Sequence[Step],
    first: int,
    minutes: int,
    queue: ReviewQueue,
    *,
    most: int = FAR,
    spent: int = 0,
    share: float = DEFAULT.review_share,
) -> Packed:
    """Steps in their order and reviews over at most so many days from the `first`, until the steps are over.

    `minutes` (at least 1) are those of each day, `spent` those already used on the first, `share` the part of each that
    reviews may take while there are steps.
    """
    head, days = _Head(steps), list[Day]()
    ends = {step.skill: place for place, step in enumerate(steps)}
    for day in range(first, first + most):
        queue.advance(day)
        if head.step is None and (day > first or not queue.waiting):
            break
        sheet = _Sheet(max(0, minutes - spent) if day == first else minutes)
        _review(sheet, queue, day, _share(head, queue, day, int(share * minutes), minutes, sheet.room))
        for skill, place in _fill(sheet, head, minutes):
            if ends[skill] == place:
                queue.learnt(skill, day)
        _review(sheet, queue, day, sheet.room)
        if sheet.entries:
            days.append(Day(day, tuple(sheet.entries)))
    rest = sum([step.minutes for step in steps[head.place + 1 :]]) + head.left
    return Packed(tuple(days), head.place, rest, queue.waiting)


def _share(head: _Head, queue: ReviewQueue, day: int, share: int, minutes: int, room: int) -> int:
    """The minutes that reviews may take before any step, of a `share` of them.

    Days take turns, by their number and not by what was planned before, so that planning anew each day comes to the
    same: on even days the best review has its place however long it is, on odd days the next step has.
    """
    if head.step is None:
        return room
    share = min(room, share)
    if day % 2 == 0:
        return min(room, max(share, queue.next_minutes))
    return max(0, min(share, room - head.least(minutes)))


def _review(sheet: _Sheet, queue: ReviewQueue, day: int, minutes: int) -> None:
    """Puts reviews on a day."""
    taken = queue.take(day, minutes)
    sheet.entries.extend([made(Entry, (REVIEW, item, skill, long, 0)) for skill, item, long, _ in taken])
    sheet.room -= sum([review.minutes for review in taken])


def _fill(sheet: _Sheet, head: _Head, whole: int) -> Iterable[tuple[str, int]]:
    """Puts steps on a day as long as they fit; tells the skill and place of each that ends on it."""
    ended = []
    while (step := head.step) is not None and sheet.room > 0:
        if head.left <= sheet.room:
            part = head.part + 1 if head.part else 0
            sheet.put(made(Entry, (step.kind, step.id, step.skill, head.left, part)))
            ended.append((step.skill, head.place))
            head.finish()
            continue
        if sheet.room >= head.least(whole):
            head.part += 1
            minutes = sheet.room
            head.left -= minutes
            sheet.put(Entry(step.kind, step.id, step.skill, minutes, head.part))
        break
    return ended


def due_reviews(memories: Mapping[str, Memory], day: int) -> int:
    """How many skills are due on a day."""
    return sum(memory.due <= day for memory in memories.values())
