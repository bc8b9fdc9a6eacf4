"""An answer to a recommendation as it was given: stored as it is, and counted by whoever reads the ledger."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from attune.domain.recommendations import moves
from attune.domain.recommendations.effect import credit_so_far, so_far
from attune.domain.recommendations.ledger import Ledger
from attune.domain.recommendations.offer import Offer
from attune.domain.recommendations.offer_ids import short

ACCEPT: Final = "accept"
DECLINE: Final = "decline"
COMPLETE: Final = "complete"


@dataclass(frozen=True, slots=True)
class Answer:
    """`name` is the short name of what is answered, `at` (ms) when."""

    name: str
    move: str
    at: int
    rating: int | None = None
    reason: str | None = None
    opinion: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def to(cls, id_: str, move: str, at: int, **said: Any) -> "Answer":
        """An answer to the recommendation of an id."""
        return cls(short(id_), move, at, **said)

    def to_json(self) -> list[Any]:
        """A short list that `from_json` reads: it ends with the last thing that was said."""
        row = [self.name, self.move, self.at, self.rating, self.reason, dict(self.opinion) or None]
        while row[-1] is None:
            row.pop()
        return row

    @classmethod
    def from_json(cls, row: list[Any]) -> "Answer":
        """What `to_json` wrote."""
        return cls(*row)


def apply(ledger: Ledger, offer: Offer, answer: Answer) -> tuple[Ledger, Offer]:
    """The ledger and the recommendation after an answer. Raises `Conflict`; the same again changes nothing."""
    if answer.move == ACCEPT:
        return moves.accept(ledger, offer, answer.rating, answer.at)
    if answer.move == DECLINE:
        return moves.decline(ledger, offer, answer.rating, answer.reason, answer.at)
    changed, moved = moves.complete(ledger, offer, answer.opinion, so_far(offer, ledger), answer.at)
    return (changed if moved.effect == offer.effect else credit_so_far(changed, moved)), moved


def counted(ledger: Ledger, answers: Iterable[Answer]) -> Ledger:
    """The ledger after answers that were taken, in the order in which they were."""
    for answer in answers:
        ledger, _ = apply(ledger, ledger.called(answer.name), answer)
    return ledger
