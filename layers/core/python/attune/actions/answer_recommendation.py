"""Take or refuse a recommendation, or say that it was done: each once, each with an effect on what comes next.

What the row says is open is answered in one write. Everything else reads first: what is too late, was answered before
or is nobody's, what a session has closed, and a row that has to write its history before it takes more.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Final

from attune.actions import count_outcome
from attune.domain.course import Course
from attune.domain.errors import NotFound, Unavailable
from attune.domain.practice.replay import replay
from attune.domain.principal import Principal
from attune.domain.recommendations import moves
from attune.domain.recommendations.answer import ACCEPT, COMPLETE, DECLINE, Answer, apply
from attune.domain.recommendations.effect import follow
from attune.domain.recommendations.ledger import Ledger
from attune.domain.recommendations.offer import EXPIRED, Offer
from attune.domain.recommendations.offer_ids import belongs
from attune.domain.recommendations.voice import voice_of
from attune.store import history, learner_changes, learner_course, ledgers, parameters, table
from attune.store.learner_course import Changes, Rows

TRIES: Final = 6
FILED: Final = 20
"""How many recommendations get their rows in the history in one write: more than can wait for them."""


def accept(principal: Principal, course: Course, id_: str, rating: int | None, now: datetime) -> tuple[Offer, Ledger]:
    """Raises `NotFound`, `Conflict`."""
    return _answer(principal, course, id_, Answer.to(id_, ACCEPT, _moment(now), rating=rating), now)


def decline(
    principal: Principal, course: Course, id_: str, rating: int | None, reason: str | None, now: datetime
) -> tuple[Offer, Ledger]:
    """Raises `NotFound`, `Conflict`."""
    return _answer(principal, course, id_, Answer.to(id_, DECLINE, _moment(now), rating=rating, reason=reason), now)


def complete(
    principal: Principal, course: Course, id_: str, opinion: Mapping[str, float], now: datetime
) -> tuple[Offer, Ledger]:
    """Close it with the effect that the evidence since shows; `opinion` is kept apart.

    Raises `NotFound`, `Conflict`.
    """
    return _answer(principal, course, id_, Answer.to(id_, COMPLETE, _moment(now), opinion=opinion), now)


def _moment(now: datetime) -> int:
    return int(now.timestamp() * 1000)


def _answer(principal: Principal, course: Course, id_: str, answer: Answer, now: datetime) -> tuple[Offer, Ledger]:
    if belongs(id_, principal.learner, course.id):
        with suppress(table.ConditionFailed):
            ledger = ledgers.answer(principal, course.id, id_, answer, now)
            return ledger.called(answer.name), ledger
    return _reading(principal, course, id_, answer, now)


def _reading(principal: Principal, course: Course, id_: str, answer: Answer, now: datetime) -> tuple[Offer, Ledger]:
    """The same for what the row did not take: with the log, since an older row may not tell what it shows."""
    in_force = parameters.recent(course.id, now).at
    for turn in range(TRIES):
        rows = learner_course.read_all(principal, course.id, None, now)
        known = follow(_told(rows, course), replay(rows.log, in_force))
        offer = known.find(id_) or _closed(principal, course, id_, now)
        ledger, moved = apply(known, offer, answer)
        if moved == offer:
            return moved, known
        ledger, counts = count_outcome.run(rows, ledger, offer, moved, now)
        ledger, due = ledger.file(FILED)
        others = [one for one in due if one.id != id_]
        changes = Changes(ledger=ledger, history=(moved, *others), counts=counts)
        try:
            learner_changes.write(rows, changes, now, seen=True)
        except table.ConditionFailed:
            table.pause(turn)
            continue
        return moved, ledger
    raise Unavailable("store_busy")


def _told(rows: Rows, course: Course) -> Ledger:
    """The ledger with the voice that it was told in, which an older row does not say."""
    return rows.ledger if rows.ledger.voice else replace(rows.ledger, voice=voice_of(course, rows.settings))


def _closed(principal: Principal, course: Course, id_: str, now: datetime) -> Offer:
    """A recommendation that is only history. Raises `NotFound`, and `Conflict` if it ran out without a trace."""
    found = history.get(principal, course.id, id_, now)
    if found is None and belongs(id_, principal.learner, course.id):
        raise moves.illegal(EXPIRED)
    if found is None:
        raise NotFound("unknown_recommendation", "There is no such recommendation.")
    return found
