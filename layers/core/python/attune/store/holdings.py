"""Everything that is held about a learner: each kind of row under their key, what it is, and what becomes of it.

Erasing takes every row there, and an export lists every row there, of whatever kind. What a row is called in an export,
and how it comes over when a guest is joined to an account, stands here; a test fails for a kind that is missing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Any, Final

from attune.domain.errors import Unidentified
from attune.domain.principal import Kind, Principal
from attune.store import keys, table, users
from attune.store.ledgers import WORDS
from attune.store.packed import unpack_small
from attune.store.table import Row


class Joining(Enum):
    """How a guest's row comes over to the account."""

    MOVES = auto()
    """It moves, unless the account has one under the same key, which stands."""
    UNITES = auto()
    """What both hold is united in the account's row."""
    GOES = auto()
    """It is deleted: what it says is made anew from other rows, or is said of the guest alone."""


@dataclass(frozen=True, slots=True)
class Holding:
    """`listed` is its name in an export, `why` what it is kept for."""

    listed: str
    why: str
    joining: Joining


HOLDINGS: Final[Mapping[str, Holding]] = {
    "user": Holding("user", "That the learner exists, and since when.", Joining.GOES),
    "settings": Holding(
        "settings", "Answers and preferences: lessons and recommendations follow them.", Joining.UNITES
    ),
    "profile": Holding("profile", "What is measured from practice.", Joining.UNITES),
    "log": Holding("log", "The newest attempts, so that late ones can be put in their place.", Joining.UNITES),
    "session": Holding("sessions", "What was answered: the evidence behind the profile.", Joining.UNITES),
    "recommendations": Holding("ledger", "What is recommended now, and what answers taught.", Joining.UNITES),
    "recommendation": Holding("recommendations", "What became of earlier recommendations.", Joining.MOVES),
    "snapshot": Holding("snapshots", "Ratings by day.", Joining.MOVES),
    "pointer": Holding("pointers", "Which text of a lesson was shown last.", Joining.MOVES),
    "progress": Holding("progress", "How far the learner is in a course, and on which days.", Joining.UNITES),
    "lesson_progress": Holding("lessons", "What was done in a lesson.", Joining.UNITES),
    "paths": Holding("active_paths", "Learning paths that are followed now.", Joining.UNITES),
    "path": Holding("paths", "Learning paths that are paused, completed or cancelled.", Joining.MOVES),
    "rating": Holding("ratings", "What was said of a personalized lesson; it is counted once.", Joining.MOVES),
    "outcomes": Holding("outcomes", "What was measured or reported for an experiment, summed.", Joining.UNITES),
    "outcome": Holding("outcome_events", "What was counted for it, by a hash, so that it counts once.", Joining.MOVES),
    "quota": Holding("quotas", "Which lessons were written for money today.", Joining.MOVES),
    "idempotency": Holding("repetitions", "Answers to repeat under an Idempotency-Key, for a day.", Joining.GOES),
    "link": Holding("links", "Which guests were joined to the account.", Joining.GOES),
}
_OF_NO_COURSE: Final = frozenset({"LINK", "QUOTA", "IDEMPOTENCY"})
"""How the sort keys begin of rows that belong to no course."""
_OURS: Final = frozenset({"pk", "sk", "kind", "schema_version", "write_id", "gsi1pk", "gsi1sk", "came_over"})
"""What says where a row stands, and nothing of the learner."""


@dataclass(frozen=True, slots=True)
class Held:
    """One row in plain values, with the course and the rest of its key."""

    kind: str
    course: str | None
    id: str | None
    data: Mapping[str, Any]


def every(principal: Principal, now: datetime, after: str | None = None) -> Iterator[tuple[str, Held]]:
    """Every row of a learner with its place, in the order of their places, after one. Raises `Unidentified`."""
    if users.get(principal, now) is None:
        # An account may have none, and nothing else; a guest has one as long as it is there.
        users.refuse_gone(principal, now)
        if principal.kind is Kind.GUEST:
            raise Unidentified("unknown_user", "There is no such learner any more.")
    for row in table.stored(keys.Key(keys.user(principal.learner).pk, ""), after=after):
        if not _is_over(row, now):
            yield table.key_of(row).sk, held(row)


def held(row: Row) -> Held:
    """What a row holds, in plain values."""
    key = table.key_of(row)
    plain = {name: _plain(value) for name, value in row.items() if name not in _OURS}
    return Held(table.kind_of(row), course_of(key), _rest(key), plain)


def course_of(key: keys.Key) -> str | None:
    """The course in the key of a learner's row, if it is a row of a course."""
    kind, _, rest = key.sk.partition("#")
    return rest.partition("#")[0] if rest and kind not in _OF_NO_COURSE else None


def _rest(key: keys.Key) -> str | None:
    kind, _, rest = key.sk.partition("#")
    if kind in _OF_NO_COURSE:
        return rest
    return rest.partition("#")[2] or None if kind != "COURSE" else None


def _is_over(row: Row, now: datetime) -> bool:
    return "expires_at" in row and int(row["expires_at"]["N"]) <= now.timestamp()


def _plain(value: Mapping[str, Any]) -> Any:
    """A typed value as JSON has it; what is packed is unpacked."""
    ((kind, found),) = value.items()
    match kind:
        case "M":
            return {name: _plain(one) for name, one in found.items()}
        case "L":
            return [_plain(one) for one in found]
        case "N":
            return int(found) if found.lstrip("-").isdigit() else float(found)
        case "SS":
            return sorted(found)
        case "B":
            return unpack_small(found, WORDS)
        case "NULL":
            return None
    return found
