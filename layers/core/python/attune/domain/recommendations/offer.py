"""A recommendation as it was made to a learner, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from attune.domain.recommendations.offer_ids import made_at
from attune.domain.recommendations.recommendation import Recommendation

PENDING: Final = "PENDING"
ACCEPTED: Final = "ACCEPTED"
DECLINED: Final = "DECLINED"
COMPLETED: Final = "COMPLETED"
EXPIRED: Final = "EXPIRED"
STATUSES: Final = (PENDING, ACCEPTED, DECLINED, COMPLETED, EXPIRED)

FIELDS: Final = 12
HOUR_MS: Final = 3_600_000
PENDING_MS: Final = 72 * HOUR_MS
ACCEPTED_MS: Final = 14 * 24 * HOUR_MS


@dataclass(frozen=True, slots=True)
class Effect:
    """The rating of a skill before and after; `observed` is None, with a `cause`, if nothing was practised since.

    `expected` is what the recommendation promised, `skill` the first of those it trains.
    """

    skill: str | None
    before: float | None = None
    after: float | None = None
    observed: float | None = None
    expected: float | None = None
    cause: str | None = None

    def to_json(self) -> list[Any]:
        return [getattr(self, name) for name in Effect.__slots__]


@dataclass(frozen=True, slots=True)
class Offer:
    """`at` (ms) is the last change of status; `opinion` is what the learner's client says, kept apart from `effect`.

    `session` is the one that completed it. `unseen`: a night prepared it, and the learner did nothing since.
    `before` is, while it is open, the rating in each of its skills before the first answer that counts as its effect.
    `waiting`: its row in the history, as it now is, is still to be written.
    """

    id: str
    recommendation: Recommendation
    status: str = PENDING
    at: int | None = None
    rating: int | None = None
    reason: str | None = None
    opinion: Mapping[str, float] = field(default_factory=dict)
    effect: Effect | None = None
    session: str | None = None
    unseen: bool = False
    before: Mapping[str, float] = field(default_factory=dict)
    waiting: bool = False

    @property
    def made_at(self) -> int:
        return made_at(self.id)

    @property
    def expires(self) -> int | None:
        """When it can no longer be answered (ms); None once it is closed."""
        if self.status == PENDING:
            return self.made_at + PENDING_MS
        return (self.at or self.made_at) + ACCEPTED_MS if self.status == ACCEPTED else None

    def status_at(self, now: int) -> str:
        """The status, expired ones counted as such whether or not that was stored yet."""
        return EXPIRED if self.expires is not None and now >= self.expires else self.status

    def to_json(self) -> list[Any]:
        """A compact row that `from_json` reads: most are pending, and end with their status."""
        row = [
            self.id,
            self.recommendation.to_json(),
            self.status,
            self.at,
            self.rating,
            self.reason,
            dict(self.opinion) or None,
            self.effect.to_json() if self.effect else None,
            self.session,
            self.unseen or None,
            dict(self.before) or None,
            self.waiting or None,
        ]
        while row[-1] is None:
            row.pop()
        return row

    @classmethod
    def from_json(cls, row: list[Any]) -> "Offer":
        """What `to_json` wrote."""
        whole = [*row, *[None] * (FIELDS - len(row))]
        id_, recommendation, status, at, rating, reason, opinion, effect, session, unseen, before, waiting = whole
        return cls(
            id_,
            Recommendation.from_json(recommendation),
            status,
            at,
            rating,
            reason,
            opinion or {},
            Effect(*effect) if effect else None,
            session,
            bool(unseen),
            before or {},
            bool(waiting),
        )
