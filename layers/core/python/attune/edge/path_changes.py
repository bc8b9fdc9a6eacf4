"""How learning paths change, as it is answered: by themselves, and when they are planned anew."""

from typing import Literal

from attune.domain.paths.diff import Diff
from attune.domain.paths.moved import Moved
from attune.domain.paths.path import Adaptation
from attune.edge.moments import moment
from attune.edge.views import Instant, Uuid, View

Status = Literal["ACTIVE", "PAUSED", "COMPLETED", "CANCELLED", "ARCHIVED"]


class CauseView(View):
    code: Literal["mastered_early", "two_misses_in_a_row", "stalled", "requested", "knowledge_check"]
    skill: str | None = None


class AdaptationView(View):
    at: Instant
    because: list[CauseView]
    added: int
    removed: int
    moved: int

    @classmethod
    def of(cls, found: Adaptation) -> "AdaptationView":
        because = [CauseView(code=code, skill=skill or None) for code, skill in found.because]
        return cls(at=moment(found.at), because=because, added=found.added, removed=found.removed, moved=found.moved)


class DiffView(View):
    """Ids of steps that an adaptation added, removed and moved. `kept` says why nothing changed, if it was tried."""

    added: list[str]
    removed: list[str]
    moved: list[str]
    because: list[CauseView]
    kept: Literal["too_soon", "saves_too_little", "fixed", "nothing_new"] | None

    @classmethod
    def of(cls, diff: Diff) -> "DiffView":
        return cls(
            added=list(diff.added),
            removed=list(diff.removed),
            moved=list(diff.moved),
            because=[CauseView(code=one.code, skill=one.skill or None) for one in diff.because],
            kept=diff.kept,
        )


class MovedView(View):
    """A path that moved by itself: steps finished, skills whose milestone was reached, and how it was adapted."""

    path_id: Uuid
    status: Status
    rev: int
    finished: list[str]
    reached: list[str]
    diff: DiffView

    @classmethod
    def of(cls, found: Moved) -> "MovedView":
        return cls(
            path_id=found.id,
            status=found.path.status,
            rev=found.path.rev,
            finished=list(found.finished),
            reached=list(found.reached),
            diff=DiffView.of(found.diff),
        )
