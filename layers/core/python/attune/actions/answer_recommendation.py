"""Take or refuse a recommendation, or say that it was done: each once, each with an effect on what comes next."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from attune.actions import count_outcome
from attune.domain.course import Course
from attune.domain.errors import NotFound, Unavailable
from attune.domain.practice.log import replay
from attune.domain.principal import Principal
from attune.domain.recommendations import moves
from attune.domain.recommendations.effect import credit, measure
from attune.domain.recommendations.ledger import Ledger
from attune.domain.recommendations.offer import EXPIRED, Offer
from attune.domain.recommendations.offer_ids import belongs
from attune.store import history, learner_course, parameters, table
from attune.store.learner_course import Changes, Rows

TRIES: Final = 6
Move = Callable[[Rows, Offer, int], tuple[Ledger, Offer]]


def accept(
    principal: Principal, course: Course, id_: str, rating: int | None, now: datetime
) -> tuple[Offer, Ledger, Rows]:
    """Raises `NotFound`, `Conflict`."""
    return _move(principal, course, id_, now, lambda rows, offer, at: moves.accept(rows.ledger, offer, rating, at))


def decline(
    principal: Principal, course: Course, id_: str, rating: int | None, reason: str | None, now: datetime
) -> tuple[Offer, Ledger, Rows]:
    """Raises `NotFound`, `Conflict`."""
    return _move(
        principal, course, id_, now, lambda rows, offer, at: moves.decline(rows.ledger, offer, rating, reason, at)
    )


def complete(
    principal: Principal, course: Course, id_: str, opinion: Mapping[str, float], now: datetime
) -> tuple[Offer, Ledger, Rows]:
    """Close it with the effect that the evidence since shows; `opinion` is kept apart.

    Raises `NotFound`, `Conflict`.
    """
    in_force = parameters.recent(course.id, now).at

    def move(rows: Rows, offer: Offer, at: int) -> tuple[Ledger, Offer]:
        evidence = list(replay(rows.log, in_force))
        effect = measure(offer, evidence, rows.ledger.credited)
        ledger, moved = moves.complete(rows.ledger, offer, opinion, effect, at)
        return (ledger if moved.effect == offer.effect else credit(ledger, moved, evidence)), moved

    return _move(principal, course, id_, now, move)


def _move(principal: Principal, course: Course, id_: str, now: datetime, move: Move) -> tuple[Offer, Ledger, Rows]:
    moment = int(now.timestamp() * 1000)
    for turn in range(TRIES):
        rows = learner_course.read_all(principal, course.id, None, now)
        offer = rows.ledger.find(id_)
        offer = offer or _closed(principal, course, id_, now)
        ledger, moved = move(rows, offer, moment)
        if moved == offer:
            return moved, rows.ledger, rows
        ledger, counts = count_outcome.run(rows, ledger, offer, moved, now)
        try:
            learner_course.write(rows, Changes(ledger=ledger, history=(moved,), counts=counts), now, seen=True)
        except table.ConditionFailed:
            table.pause(turn)
            continue
        return moved, ledger, rows
    raise Unavailable("store_busy")


def _closed(principal: Principal, course: Course, id_: str, now: datetime) -> Offer:
    """A recommendation that is only history. Raises `NotFound`, and `Conflict` if it ran out without a trace."""
    found = history.get(principal, course.id, id_, now)
    if found is None and belongs(id_, principal.learner, course.id):
        raise moves.illegal(EXPIRED)
    if found is None:
        raise NotFound("unknown_recommendation", "There is no such recommendation.")
    return found
