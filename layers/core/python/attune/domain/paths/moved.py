"""A path once something happened: what it finished and reached by itself, and how it was planned anew if need be."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from attune.domain.paths.advance import advance, stalled
from attune.domain.paths.diff import Diff
from attune.domain.paths.evidence import Evidence
from attune.domain.paths.path import Path
from attune.domain.paths.request import PlanRequest

Plan = Callable[[Path], PlanRequest]
"""What planning a path anew starts from."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A path by its id, `before` and now: ids of steps `finished`, skills of milestones `reached`, and the `diff`."""

    id: str
    before: Path
    path: Path
    finished: tuple[str, ...] = ()
    reached: tuple[str, ...] = ()
    diff: Diff = field(default_factory=Diff)

    @property
    def is_new(self) -> bool:
        """Whether anything changed."""
        return self.path != self.before


def moved(id_: str, path: Path, evidence: Evidence, now: int, plan: Plan | None = None) -> Moved:
    """A path after evidence; with a `plan` it is adapted where that has a cause and is worth it."""
    told = advance(path, evidence, now)
    found = Moved(id_, path, told.path, told.finished, told.reached)
    quiet = stalled(path, now)
    cause = next(iter(told.causes), quiet if told.path == path else None)
    if cause is None or plan is None:
        return found
    # Few answers have a path planned anew, and a function starts sooner without what plans.
    from attune.domain.paths.replan import replan

    return adapted(found, evidence, now, *replan(told.path, plan(told.path), cause))


def adapted(found: Moved, evidence: Evidence, now: int, path: Path, diff: Diff) -> Moved:
    """A path that moved and was then planned anew: what its new steps rest on may be there already."""
    if diff.is_empty:
        return replace(found, diff=diff)
    told = advance(path, replace(evidence, answers=()), now)
    return Moved(
        found.id,
        found.before,
        told.path,
        (*found.finished, *told.finished),
        (*found.reached, *told.reached),
        diff,
    )
