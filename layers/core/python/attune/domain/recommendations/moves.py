"""How a recommendation changes hands: PENDING to ACCEPTED, DECLINED, COMPLETED or EXPIRED, ACCEPTED to the last two.

Every move teaches: what to leave out, how hard to aim, which kinds are welcome, what a kind brings.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from attune.domain.errors import Conflict
from attune.domain.instants import DAY_MS
from attune.domain.recommendations.ledger import LESSONS, Ledger, remembered
from attune.domain.recommendations.offer import ACCEPTED, COMPLETED, DECLINED, EXPIRED, PENDING, Effect, Offer
from attune.domain.recommendations.recommendation import LEARN, RESUME
from attune.domain.recommendations.situation import Feedback

ALLOWED: Final[Mapping[str, tuple[str, ...]]] = {PENDING: ("accept", "decline", "complete"), ACCEPTED: ("complete",)}
REASONS: Final = ("too_hard", "too_easy", "seen", "not_now", "not_relevant")
STEP: Final = 0.08
FARTHEST: Final = 0.2
SHIFT_HALF_LIFE: Final = 7.0
"""Days after which a too_hard or too_easy counts half."""
DECLINED_MS: Final = 90 * DAY_MS
"""How long a decline is remembered at all; for how long it keeps an item out, the ranking decides by its reason."""


def illegal(status: str) -> Conflict:
    """The refusal of a move that this status does not allow."""
    allowed = list(ALLOWED.get(status, ()))
    return Conflict("illegal_action", "The recommendation is past this.", allowed=allowed, current=status)


def accept(ledger: Ledger, offer: Offer, rating: int | None, now: int) -> tuple[Ledger, Offer]:
    """Raises `Conflict`; the same acceptance again changes nothing."""
    status = offer.status_at(now)
    if status == ACCEPTED and rating in (None, offer.rating):
        return ledger, offer
    if status != PENDING:
        raise illegal(status)
    taken = replace(offer, status=ACCEPTED, at=now, rating=rating, waiting=True)
    statistics = replace(ledger.statistics, accepted=ledger.statistics.accepted + 1).rated(None, rating)
    return _welcome(replace(ledger, statistics=statistics), taken, 1.0, 0.0), taken


def decline(ledger: Ledger, offer: Offer, rating: int | None, reason: str | None, now: int) -> tuple[Ledger, Offer]:
    """Raises `Conflict`; the same refusal again changes nothing."""
    status = offer.status_at(now)
    if status == DECLINED and (rating, reason) == (offer.rating, offer.reason):
        return ledger, offer
    if status != PENDING:
        raise illegal(status)
    refused = replace(offer, status=DECLINED, at=now, rating=rating, reason=reason, before={}, waiting=True)
    fresh = {item: entry for item, entry in ledger.declined.items() if now - entry[0] < DECLINED_MS}
    statistics = replace(ledger.statistics, declined=ledger.statistics.declined + 1).rated(None, rating)
    changed = replace(
        ledger,
        statistics=statistics,
        declined=remembered(fresh, offer.recommendation.item, (now, reason or "")),
        shift=_shifted(ledger, reason, now),
    )
    # That it was known, or came at the wrong time, says nothing against its kind.
    return _welcome(changed, refused, 0.0, 0.0 if reason in ("seen", "not_now") else 1.0), refused


def complete(
    ledger: Ledger, offer: Offer, opinion: Mapping[str, float], effect: Effect, now: int, session: str | None = None
) -> tuple[Ledger, Offer]:
    """Raises `Conflict`; the same completion again changes nothing. One by a `session` may be given an opinion once."""
    status = offer.status_at(now)
    if status == COMPLETED and (session is not None or dict(opinion) == dict(offer.opinion)):
        return ledger, offer
    if status == COMPLETED and offer.session is not None and not offer.opinion:
        return _opined(ledger, offer, replace(offer, opinion=dict(opinion), waiting=True))
    if status not in ALLOWED:
        raise illegal(status)
    done = replace(
        offer,
        status=COMPLETED,
        at=now,
        effect=effect,
        session=session,
        unseen=False,
        opinion={} if session is not None else dict(opinion),
        before={},
        waiting=True,
    )
    was = ledger.statistics
    statistics = replace(was, completed=was.completed + 1, accepted=was.accepted + (status == PENDING))
    changed = _measured(replace(ledger, statistics=statistics), offer.recommendation.kind, None, effect)
    if offer.recommendation.kind in (LEARN, RESUME):
        changed = replace(changed, finished=remembered(changed.finished, offer.recommendation.item, now, LESSONS))
    gained = 0.0 if effect.observed is None else 0.5
    better = (effect.observed or 0.0) > 0
    changed = _welcome(changed, done, 1.0 + gained * better, gained * (not better))
    return _opined(changed, offer, done)


def extend(ledger: Ledger, offer: Offer, more: Effect) -> tuple[Ledger, Offer]:
    """With another piece of the session that completed it: its effect goes on from where it was."""
    was = offer.effect
    if was is None or more.observed is None or (was.observed is not None and was.skill != more.skill):
        return ledger, offer
    before = more.before if was.observed is None else was.before
    effect = Effect(more.skill, before, more.after, (more.after or 0.0) - (before or 0.0), was.expected)
    longer = replace(offer, effect=effect, waiting=True)
    changed = _measured(ledger, offer.recommendation.kind, was, effect)
    return replace(changed.with_offer(longer), answers=changed.answers + 1), longer


def expire(ledger: Ledger, now: int, most: int | None = None) -> tuple[Ledger, tuple[Offer, ...]]:
    """The ledger once everything (or the first `most`) that has run out by `now` is closed, and those that were.

    What nobody has seen is forgotten without a trace.
    """
    out: list[Offer] = []
    forgotten = [offer for offer in ledger.earlier if offer.unseen and offer.status_at(now) == EXPIRED]
    ledger = ledger.without(forgotten)
    for offer in ledger.offers():
        if len(out) == most:
            break
        if offer.status in (PENDING, ACCEPTED) and offer.status_at(now) == EXPIRED:
            closed = replace(offer, status=EXPIRED, at=offer.expires, before={}, waiting=False)
            ledger = ledger.with_offer(closed)
            was = ledger.statistics
            never_accepted = offer.status == PENDING
            ledger = replace(ledger, statistics=replace(was, expired=was.expired + never_accepted))
            out.append(closed)
    return ledger.without(out), tuple(out)


def feedback(ledger: Ledger, now: int) -> Feedback:
    """What the ranking is told of earlier answers."""
    shift, at = ledger.shift
    return Feedback(
        declined={item: entry[0] / 1000 for item, entry in ledger.declined.items()},
        reasons={item: entry[1] for item, entry in ledger.declined.items() if entry[1]},
        shift=shift * 2.0 ** (-max(0, now - at) / DAY_MS / SHIFT_HALF_LIFE) if shift else 0.0,
        tallies=ledger.tallies,
        accepted=ledger.accepted(now),
    )


def _shifted(ledger: Ledger, reason: str | None, now: int) -> tuple[float, int]:
    step = {"too_hard": STEP, "too_easy": -STEP}.get(reason or "")
    if step is None:
        return ledger.shift
    return max(-FARTHEST, min(FARTHEST, feedback(ledger, now).shift + step)), now


def _welcome(ledger: Ledger, offer: Offer, yes: float, no: float) -> Ledger:
    """With the offer as it now is and its kind's tally raised; sets made before are out of date."""
    name = f"{offer.recommendation.kind}:{offer.recommendation.difficulty}"
    was = ledger.tallies.get(name, (0.0, 0.0))
    tallies = {**ledger.tallies, name: (was[0] + yes, was[1] + no)}
    return replace(ledger.with_offer(offer), tallies=tallies, answers=ledger.answers + 1)


def _measured(ledger: Ledger, kind: str, was: Effect | None, effect: Effect) -> Ledger:
    """With an effect counted, in the place of what it `was` when it was counted before."""
    if effect.observed is None:
        return ledger
    counted = was is not None and was.observed is not None
    more = effect.observed - (was.observed or 0.0 if was else 0.0)
    n, points = ledger.gains.get(kind, (0, 0.0))
    found = ledger.statistics
    statistics = replace(found, measured=found.measured + (not counted), gain=found.gain + more)
    if effect.expected is not None and not counted:
        statistics = replace(statistics, with_promise=found.with_promise + 1, promised=found.promised + effect.expected)
    gains = {**ledger.gains, kind: (n + (not counted), points + more)}
    return replace(ledger, gains=gains, statistics=statistics)


def _opined(ledger: Ledger, was: Offer, offer: Offer) -> tuple[Ledger, Offer]:
    """With what the client says of a completed recommendation."""
    given = offer.opinion.get("user_rating")
    rated = replace(offer, rating=int(given) if given is not None else offer.rating)
    statistics = ledger.statistics.rated(was.rating, rated.rating)
    said = offer.opinion.get("effectiveness")
    if said is not None:
        statistics = replace(statistics, said=statistics.said + 1, effectiveness=statistics.effectiveness + float(said))
    return replace(ledger.with_offer(rated), statistics=statistics), rated
