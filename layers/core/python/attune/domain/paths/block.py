"""The steps of one skill, in their order: its lessons, then its practice."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Final

from attune.domain.course import Item, LessonEntry
from attune.domain.made import made
from attune.domain.paths.closure import Closure, Standings
from attune.domain.paths.material import Material
from attune.domain.paths.order import ordered
from attune.domain.paths.request import PlanRequest
from attune.domain.paths.step import ASSESS, LEARN, PRACTISE, Step, named
from attune.domain.paths.worth import Worth

_LESSON: Final = "lesson "
"""Tells lessons from skills where both are ordered; no id has a space."""


@dataclass(frozen=True, slots=True)
class Block:
    """A skill ("" for none) with its steps."""

    skill: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """What a new plan leaves as it is.

    `blocks` are open steps by skill, in the order that skills have; `done` are the pieces of finished steps with the
    ms at which they were finished; `numbers` is the highest number of a step by skill. `affected` are the skills that
    are planned anew.
    """

    blocks: Mapping[str, tuple[Step, ...]] = field(default_factory=dict)
    order: tuple[str, ...] = ()
    done: Mapping[str, int] = field(default_factory=dict)
    numbers: Mapping[str, int] = field(default_factory=dict)
    affected: frozenset[str] = frozenset()


class Blocks:
    """Makes the blocks of one request, in an order in which no skill comes before an unmet prerequisite."""

    def __init__(
        self, request: PlanRequest, material: Material, standings: Standings, found: Closure, kept: Kept
    ) -> None:
        self._request, self._material, self._standings = request, material, standings
        self._found, self._kept = found, kept
        self._worth = Worth(request, material, standings, found)
        self._numbers = dict(kept.numbers)
        self._factor, self._now = request.pace.factor, request.now
        self.order = self._ordered()
        self._position = {skill: place for place, skill in enumerate(self.order)}
        self._opens: dict[str, float] = {}
        self._planned: dict[int, int] = {}
        self._taken = {step.piece for steps in kept.blocks.values() for step in steps}
        self._homes = self._homed()

    def made(self) -> list[Block]:
        """All blocks that hold a step."""
        blocks = []
        lessons = self._by_home()
        for place, skill in enumerate(("", *self.order), start=-1):
            if skill in self._kept.blocks:
                steps = list(self._kept.blocks[skill])
            else:
                steps = [self._learn(entry, skill) for entry in lessons.get(place, ())]
                steps.extend([self._practise(item, skill) for item in self._items(skill)])
            if steps:
                blocks.append(Block(skill, tuple(steps)))
        if last := lessons.get(len(self.order)):
            blocks.append(Block("", tuple(self._learn(entry, "") for entry in last)))
        return blocks

    def assess(self, item: Item, skill: str, covers: tuple[str, ...]) -> Step:
        """A test-out in the stage of a skill."""
        self._taken.add(item.id)
        return self._step(ASSESS, item.id, item.minutes, skill, covers)

    def is_taken(self, item: Item) -> bool:
        """Whether an item has a step already, finished or not."""
        return item.id in self._taken or item.id in self._kept.done

    def _ordered(self) -> tuple[str, ...]:
        """The kept order as far as it goes, what is new just before what needs it, else by worth a minute.

        Lessons are ordered along with the skills, so that a skill comes after its lessons where it can.
        """
        places = {skill: float(place) for place, skill in enumerate(self._kept.order)}
        # A skill that is planned anew and no longer asked for has no block, nor may other skills' lessons be put there.
        old = (
            skill for skill in self._kept.order if skill and (skill in self._kept.blocks or skill in self._found.nodes)
        )
        nodes = dict.fromkeys((*old, *self._found.nodes))
        if places:
            self._give_places(places, nodes)
        names = {slug: f"{_LESSON}{slug}" for slug in self._found.lessons if slug not in self._kept.done}
        lessons = {name: slug for slug, name in names.items()}
        course_place, stock = self._material.place, self._material
        settled = self._kept.affected.union(self._kept.order)

        def needs(node: str) -> Iterable[str]:
            if node in self._kept.blocks:
                # What is new for others only does not come before what stays.
                return (need for need in stock.needs(node) if need in settled)
            if node not in lessons:
                return stock.needs(node)
            skills = (need for skill in self._entry(lessons[node]).skills for need in stock.needs(skill))
            return (*skills, *(names[slug] for slug in self._before(lessons[node]) if slug in names))

        def wishes(node: str) -> Iterable[str]:
            if node in lessons or node in self._kept.blocks:
                return ()
            along = self._found.along.get(node, ())
            # Kept skills have their order already, lessons or not.
            return (
                along
                if node in places
                else (*(names[e.slug] for e in stock.main.get(node, ()) if e.slug in names), *along)
            )

        def priority(node: str) -> tuple[float, bool, float, int]:
            if node in lessons:
                return -1.0, False, 0.0, 0
            value = -self._worth.of(node) / self._worth.minutes(node) if node in stock.skills else 0.0
            return places.get(node, float("inf")), node in self._found.along, value, course_place.get(node, -1)

        found = ordered({**nodes, **lessons}, needs, priority, wishes)
        return tuple(node for node in found if node not in lessons)

    def _give_places(self, places: dict[str, float], nodes: Iterable[str]) -> None:
        """What is new takes the place of the first skill that rests on it and does not stay as it is."""
        for skill in self._kept.order:
            if skill in self._kept.blocks and not self._kept.affected.intersection(self._material.needs(skill)):
                continue
            pending = [need for need in self._material.needs(skill) if need in nodes]
            while pending:
                need = pending.pop()
                if need not in places:
                    places[need] = places[skill] - 0.5
                    pending.extend(before for before in self._material.needs(need) if before in nodes)

    def _homed(self) -> dict[str, int]:
        """By lesson, the place in the order of the block that holds it: one of its own skills', or an earlier one's
        where a lesson that builds upon it stands."""
        kept = {
            step.piece: self._position.get(skill, -1)
            for skill, steps in self._kept.blocks.items()
            for step in steps
            if step.kind == LEARN
        }
        places = {slug: place for place, slug in enumerate(self._found.lessons) if slug not in self._kept.done}
        lessons = ordered(places, self._before, places.__getitem__)
        least, homes = dict(kept), dict(kept)
        for slug in lessons:
            if slug in kept:
                continue
            needs = (need for skill in self._entry(slug).skills for need in self._material.needs(skill))
            earlier = (least.get(name, -1) for name in self._before(slug))
            least[slug] = max([0 if self.order else -1, *earlier, *(self._position.get(n, -1) + 1 for n in needs)])
        for slug in reversed(lessons):
            if slug in kept:
                continue
            own = [self._position[skill] for skill in self._entry(slug).skills if skill in self._position]
            best = self._free(next((place for place in own if place >= least[slug]), least[slug]))
            homes[slug] = min(best, homes.get(slug, best))
            for name in self._before(slug):
                if name in least and name not in kept:
                    homes[name] = min(homes.get(name, homes[slug]), homes[slug])
        return {slug: homes[slug] for slug in lessons}

    def _free(self, place: int) -> int:
        """The first block from a place on that can take something in, as kept ones cannot; past the end if none can."""
        order, kept = self.order, self._kept.blocks
        while place < len(order) and (order[place] if place >= 0 else "") in kept:
            place += 1
        return place

    def _by_home(self) -> dict[int, list[LessonEntry]]:
        found: dict[int, list[LessonEntry]] = {}
        for slug, place in self._homes.items():
            if slug not in self._taken and slug not in self._kept.done:
                found.setdefault(place, []).append(self._entry(slug))
        return found

    def _entry(self, slug: str) -> LessonEntry:
        return self._material.course.lessons[slug]

    def _before(self, slug: str) -> Sequence[str]:
        return self._material.before.get(slug, ())

    def _items(self, skill: str) -> list[Item]:
        """What practises a skill, which no other skill takes then."""
        need = self._found.needs.get(skill)
        if need is None:
            return []
        allowed, again, shared = list[Item](), list[Item](), list[Item]()
        place = self._position[skill]
        for item in self._material.items.get(skill, ()):
            if len(item.skills) == 1 or self._may_come(item, place):
                name = item.id
                (shared if name in self._taken else again if name in self._kept.done else allowed).append(item)
        if not allowed and not again:
            # All that practises it is practised for other skills; without a step of its own it would not come along.
            allowed = shared
        if again:
            again.sort(key=lambda item: (self._kept.done[item.id], self._material.item_place[item.id]))
        chosen = self._worth.chosen(skill, need, allowed, again)
        self._taken.update([item.id for item in chosen])
        return chosen

    def _may_come(self, item: Item, place: int) -> bool:
        """Whether all of an item's skills may be practised in the block at a place."""
        for skill in item.skills:
            opening = self._opens.get(skill)
            if (self._opening(skill) if opening is None else opening) >= place and self._position.get(skill) != place:
                return False
        return True

    def _opening(self, skill: str) -> float:
        """The place in the order behind which all that a skill builds upon is there, found once; infinity if never."""
        found = self._opens.get(skill)
        if found is None:
            shut = [need for need in self._material.needs(skill) if not self._standings.is_open(need)]
            found = max((self._position[need] if self._is_brought(need) else inf for need in shut), default=-inf)
            self._opens[skill] = found
        return found

    def _is_brought(self, skill: str) -> bool:
        return skill in self._found.needs or skill in self._kept.blocks

    def _learn(self, entry: LessonEntry, skill: str) -> Step:
        return self._step(LEARN, entry.slug, entry.minutes, skill)

    def _practise(self, item: Item, skill: str) -> Step:
        return self._step(PRACTISE, item.id, item.minutes, skill)

    def _step(self, kind: str, piece: str, minutes: int, skill: str, covers: tuple[str, ...] = ()) -> Step:
        number = self._numbers.get(skill, 0) + 1
        self._numbers[skill] = number
        planned = self._planned.get(minutes)
        if planned is None:
            planned = self._planned[minutes] = max(1, round(minutes * self._factor))
        return made(
            Step,
            (named(skill, number), kind, piece, skill, minutes, planned, self._now, covers, None, None, None, 0),
        )
