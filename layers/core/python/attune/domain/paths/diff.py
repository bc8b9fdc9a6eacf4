"""What a re-plan changed, by the ids of steps, and why."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from attune.domain.paths.advance import Cause


@dataclass(frozen=True, slots=True)
class Diff:
    """Ids of steps; `because` is empty where nothing changed, and `kept` says why (too_soon, saves_too_little, fixed,
    nothing_new)."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    because: tuple[Cause, ...] = ()
    kept: str | None = None

    @property
    def is_empty(self) -> bool:
        return not (self.added or self.removed or self.moved)

    def to_json(self) -> dict[str, Any]:
        """What is answered."""
        because = [{"code": cause.code, **({"skill": cause.skill} if cause.skill else {})} for cause in self.because]
        return {
            "added": list(self.added),
            "removed": list(self.removed),
            "moved": list(self.moved),
            "because": because,
        }


def compare(before: Sequence[str], after: Sequence[str]) -> Diff:
    """The difference between two orders of ids, with as few moves as there can be."""
    old, new = set(before), set(after)
    places = {id_: place for place, id_ in enumerate(before)}
    common = [id_ for id_ in after if id_ in old]
    staying = _rising([places[id_] for id_ in common])
    return Diff(
        added=tuple(id_ for id_ in after if id_ not in old),
        removed=tuple(id_ for id_ in before if id_ not in new),
        moved=tuple(id_ for id_ in common if places[id_] not in staying),
    )


def _rising(numbers: Sequence[int]) -> set[int]:
    """The members of a longest rising subsequence."""
    tails: list[int] = []
    at: list[int] = []
    for number in numbers:
        place = bisect_left(tails, number)
        tails[place : place + 1] = [number]
        at.append(place)
    found, wanted = set[int](), len(tails) - 1
    for number, place in zip(reversed(numbers), reversed(at), strict=True):
        if place == wanted:
            found.add(number)
            wanted -= 1
    return found
