"""An experiment and its life: draft, running, paused, completed, archived."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from attune.domain.errors import Conflict, Flaw, Invalid
from attune.domain.experiments.definition import Definition

DRAFT: Final = "draft"
RUNNING: Final = "running"
PAUSED: Final = "paused"
COMPLETED: Final = "completed"
ARCHIVED: Final = "archived"
STATUSES: Final = (DRAFT, RUNNING, PAUSED, COMPLETED, ARCHIVED)

ALLOWED: Final[Mapping[str, tuple[str, ...]]] = {
    DRAFT: ("start", "archive"),
    RUNNING: ("pause", "grow_coverage", "stop"),
    PAUSED: ("resume", "grow_coverage", "stop"),
    COMPLETED: ("withdraw_winner", "archive"),
    ARCHIVED: ("withdraw_winner",),
}
ACTIONS: Final = ("start", "pause", "resume", "grow_coverage", "stop", "withdraw_winner", "archive")
GUARDRAIL: Final = "guardrail"
BY_HAND: Final = "by_hand"


@dataclass(frozen=True, slots=True)
class Experiment:
    """`paused_for` says why it pauses, `winner` whose parameters are everybody's; times are RFC 3339."""

    id: str
    definition: Definition
    status: str = DRAFT
    rev: int = 1
    created_at: str | None = None
    started_at: str | None = None
    ended_at: str | None = None
    paused_for: str | None = None
    winner: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether it holds its part of the layer, and counts what those do who are in it."""
        return self.status in (RUNNING, PAUSED)

    @property
    def matters(self) -> bool:
        """Whether serving a learner has to know of it."""
        return self.is_open or self.winner is not None

    def to_json(self) -> dict[str, Any]:
        plain = {name: getattr(self, name) for name in Experiment.__slots__}
        return {**plain, "definition": self.definition.to_json()}

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "Experiment":
        """What `to_json` wrote."""
        return cls(**{**plain, "definition": Definition.from_json(plain["definition"])})


def illegal(found: Experiment) -> Conflict:
    """The refusal of a move that the status does not allow."""
    allowed = list(ALLOWED[found.status])
    return Conflict("illegal_action", "The experiment is past this.", allowed=allowed, current=found.status)


def started(found: Experiment, others: Iterable[Experiment], at: str) -> Experiment:
    """Raises `Conflict` where another experiment has a part of the layer, or the same seed."""
    _require(found, "start")
    every = list(others)
    _require_room(found, every)
    _require_seed(found, every)
    return _moved(found, status=RUNNING, started_at=at)


def paused(found: Experiment, why: str = BY_HAND) -> Experiment:
    _require(found, "pause")
    return _moved(found, status=PAUSED, paused_for=why)


def resumed(found: Experiment) -> Experiment:
    _require(found, "resume")
    return _moved(found, status=RUNNING, paused_for=None)


def grown(found: Experiment, coverage: float) -> Experiment:
    """With more coverage. Raises `Invalid` for less: somebody would be moved."""
    _require(found, "grow_coverage")
    if coverage < found.definition.coverage:
        raise Invalid(Flaw("/coverage", f"At least {found.definition.coverage:g}: coverage only grows."))
    if coverage == found.definition.coverage:
        return found
    return _moved(found, definition=found.definition.grown(coverage))


def stopped(found: Experiment, winner: str | None, at: str) -> Experiment:
    """For good; the parameters of a winner are everybody's from now on."""
    _require(found, "stop")
    if winner is not None and found.definition.arm(winner) is None:
        raise Invalid(Flaw("/winner", "The key of one of the experiment's arms."))
    return _moved(found, status=COMPLETED, ended_at=at, winner=winner, paused_for=None)


def withdrawn(found: Experiment) -> Experiment:
    """With the winner's parameters taken back from everybody."""
    _require(found, "withdraw_winner")
    return found if found.winner is None else _moved(found, winner=None)


def archived(found: Experiment) -> Experiment:
    _require(found, "archive")
    return _moved(found, status=ARCHIVED)


def redefined(found: Experiment, definition: Definition) -> Experiment:
    """A draft laid out anew. Raises `Conflict` once it has run: what was assigned would no longer be true."""
    if found.definition == definition:
        return found
    if found.status != DRAFT:
        allowed = list(ALLOWED[found.status])
        raise Conflict("experiment_immutable", "Only a draft can be changed.", allowed=allowed, current=found.status)
    return _moved(found, definition=definition)


def _moved(found: Experiment, **changes: Any) -> Experiment:
    return replace(found, rev=found.rev + 1, **changes)


def _require(found: Experiment, action: str) -> None:
    if action not in ALLOWED[found.status]:
        raise illegal(found)


def _require_room(found: Experiment, others: Iterable[Experiment]) -> None:
    own = found.definition
    taken = sorted(
        other.id
        for other in others
        if other.id != found.id
        and other.is_open
        and other.definition.layer == own.layer
        and other.definition.part.meets(own.part)
    )
    if taken:
        raise Conflict(
            "layer_taken", "Another experiment of this layer takes some of the same learners.", experiments=taken
        )


def _require_seed(found: Experiment, others: Iterable[Experiment]) -> None:
    """With one seed the arms of two experiments hold the same learners: whose effect it is could not be told."""
    taken = sorted(
        other.id
        for other in others
        if other.id != found.id
        and other.is_open
        and other.definition.layer != found.definition.layer
        and other.definition.seed == found.definition.seed
    )
    if taken:
        raise Conflict(
            "seed_taken", "Another experiment of another layer puts the same learners together.", experiments=taken
        )
