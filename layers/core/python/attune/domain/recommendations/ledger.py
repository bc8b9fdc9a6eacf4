"""All that is remembered of the recommendations made to a learner in a course: one small row, whatever the history.

It holds the newest sets, each for a context that was asked for; earlier recommendations that can still be answered;
and what answers taught. What was answered or has expired goes to the history, a row each, and waits here until then.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from attune.domain.recommendations.offer import ACCEPTED, PENDING, Offer
from attune.domain.recommendations.offer_ids import set_of, short
from attune.domain.recommendations.statistics import Statistics
from attune.domain.recommendations.voice import Voice

SETS: Final = 8
EARLIER: Final = 60
MEMORY: Final = 100
"""Most declined items that are remembered."""
LESSONS: Final = 500
"""Most finished lessons that are remembered."""
FULL: Final = 6
"""How many may wait for their rows in the history before the next answer writes them."""


@dataclass(frozen=True, slots=True)
class OfferSet:
    """A set as it was made: for which context (a digest), from what (`basis`: revisions), when (ms), and what it says.

    `summary` is what the answer says of the learner, taken at that moment. `prepared`: nobody had asked for it yet.
    """

    id: str
    context: str
    basis: tuple[Any, ...]
    at: int
    offers: tuple[Offer, ...]
    due: int
    empty_reason: str | None
    summary: Mapping[str, Any]
    prepared: bool = False

    def to_json(self) -> list[Any]:
        return [
            self.id,
            self.context,
            list(self.basis),
            self.at,
            [offer.to_json() for offer in self.offers],
            self.due,
            self.empty_reason,
            dict(self.summary),
            self.prepared,
        ]

    @staticmethod
    def context_in(row: list[Any]) -> str:
        """The context of a set as `to_json` wrote it."""
        return str(row[1])

    @classmethod
    def from_json(cls, row: list[Any]) -> "OfferSet":
        id_, context, basis, at, offers, due, empty_reason, summary, prepared = row
        found = tuple(Offer.from_json(offer) for offer in offers)
        return cls(id_, context, tuple(basis), at, found, due, empty_reason, summary, prepared)


@dataclass(frozen=True, slots=True)
class Ledger:
    """`answers` counts changes by answers: a set made before the last one is out of date.

    `declined` holds (ms, reason) by item; `shift` the last change of the success aimed at, and when; `tallies` how
    welcome and unwelcome a kind and difficulty was; `gains` (n, points) by kind; `finished` lessons by when;
    `credited` up to when (ms) a skill's answers were counted as somebody's effect; `measured` the values (millionths)
    that were counted for experiments, by experiment and metric. `practised` holds, for each skill of which an open
    recommendation has a rating `before`, the rating after its last answer and when (ms) that was; None in a row from
    before this was kept. `voice` is the language and tone in which the newest set was told.
    """

    sets: tuple[OfferSet, ...] = ()
    earlier: tuple[Offer, ...] = ()
    answers: int = 0
    declined: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    shift: tuple[float, int] = (0.0, 0)
    tallies: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    gains: Mapping[str, tuple[int, float]] = field(default_factory=dict)
    finished: Mapping[str, int] = field(default_factory=dict)
    credited: Mapping[str, int] = field(default_factory=dict)
    measured: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    statistics: Statistics = field(default_factory=Statistics)
    last_made: int = 0
    practised: Mapping[str, tuple[float, int]] | None = field(default_factory=dict)
    voice: Voice | None = None

    def offers(self) -> Iterator[Offer]:
        """All that are remembered, newest sets first."""
        for made in self.sets:
            yield from made.offers
        yield from self.earlier

    def find(self, id_: str) -> Offer | None:
        """A recommendation by its id."""
        return next((offer for offer in self.offers() if offer.id == id_), None)

    def called(self, name: str) -> Offer:
        """The recommendation of a short name, which must be one of them."""
        return next(offer for offer in self.offers() if short(offer.id) == name)

    @property
    def waiting(self) -> tuple[Offer, ...]:
        """Those whose rows in the history are still to be written, the longest waiting first."""
        found = [offer for offer in self.offers() if offer.waiting]
        return tuple(sorted(found, key=lambda offer: (offer.at or 0, offer.id)))

    @property
    def ready(self) -> bool:
        """Whether it holds all that an answer needs, with room for another."""
        return self.practised is not None and self.voice is not None and len(self.waiting) < FULL

    def set_for(self, context: str) -> OfferSet | None:
        """The newest set for a context."""
        return next((made for made in self.sets if made.context == context), None)

    def accepted(self, now: int) -> frozenset[str]:
        """The items that were accepted and not completed yet."""
        return frozenset(offer.recommendation.item for offer in self.offers() if offer.status_at(now) == ACCEPTED)

    def with_set(self, made: OfferSet) -> "Ledger":
        """With a new set in the place of the one for its context; what can still be answered of others is kept."""
        kept = [other for other in self.sets if other.context != made.context]
        gone = [other for other in self.sets if other.context == made.context] + kept[SETS - 1 :]
        superseded = [_brief(offer) for other in gone for offer in other.offers if offer.expires or offer.waiting]
        ordered = sorted((*superseded, *self.earlier), key=lambda offer: (not offer.waiting, offer.status != ACCEPTED))
        lost = sum(not offer.unseen for offer in ordered[EARLIER:])
        statistics = replace(self.statistics, expired=self.statistics.expired + lost)
        return replace(
            self,
            sets=(made, *kept[: SETS - 1]),
            earlier=tuple(ordered[:EARLIER]),
            last_made=made.at,
            statistics=statistics,
        )

    def with_unseen(self, since: int) -> "Ledger":
        """With sets prepared from `since` (ms) on put aside as unseen: the learner did nothing after.

        They can still be answered, since reading a set leaves no trace; but left alone they count for nothing.
        """
        unseen = [made for made in self.sets if made.prepared and made.at >= since]
        aside = [replace(_brief(offer), unseen=True) for made in unseen for offer in made.offers if offer.expires]
        answered = [offer for made in unseen for offer in made.offers if offer.waiting and not offer.expires]
        left = tuple(made for made in self.sets if made not in unseen)
        return replace(self, sets=left, earlier=(*answered, *self.earlier, *aside)[:EARLIER])

    def with_offer(self, offer: Offer) -> "Ledger":
        """With a recommendation as it now is."""
        return replace(
            self,
            sets=tuple(
                replace(made, offers=_replaced(made.offers, offer)) if made.id == set_of(offer.id) else made
                for made in self.sets
            ),
            earlier=_replaced(self.earlier, offer),
        )

    def with_earlier(self, offers: Sequence[Offer]) -> "Ledger":
        """With these as the earlier ones; those that do not fit count as expired."""
        lost = sum(not offer.unseen for offer in offers[EARLIER:])
        statistics = replace(self.statistics, expired=self.statistics.expired + lost)
        return replace(self, earlier=tuple(_brief(offer) for offer in offers[:EARLIER]), statistics=statistics)

    def with_each(self, change: Callable[[Offer], Offer]) -> "Ledger":
        """With every recommendation changed."""
        return replace(
            self,
            sets=tuple(replace(made, offers=tuple(change(offer) for offer in made.offers)) for made in self.sets),
            earlier=tuple(change(offer) for offer in self.earlier),
        )

    def file(self, most: int) -> tuple["Ledger", tuple[Offer, ...]]:
        """Those (at most so many) that wait for their rows in the history, and the ledger once these are written."""
        due = tuple(replace(offer, waiting=False) for offer in self.waiting[:most])
        ledger = self
        for offer in due:
            ledger = ledger.with_offer(offer)
        return ledger.without([offer for offer in due if not offer.expires]), due

    def without(self, offers: Sequence[Offer]) -> "Ledger":
        """Without earlier recommendations that went to the history."""
        gone = {offer.id for offer in offers}
        return replace(self, earlier=tuple(offer for offer in self.earlier if offer.id not in gone))

    def to_json(self) -> dict[str, Any]:
        """A plain object that `from_json` reads."""
        return {
            "sets": [made.to_json() for made in self.sets],
            "earlier": [offer.to_json() for offer in self.earlier],
            "answers": self.answers,
            "declined": {item: list(entry) for item, entry in self.declined.items()},
            "shift": list(self.shift),
            "tallies": {name: list(tally) for name, tally in self.tallies.items()},
            "gains": {kind: list(gain) for kind, gain in self.gains.items()},
            "finished": dict(self.finished),
            "credited": dict(self.credited),
            "measured": {experiment: dict(values) for experiment, values in self.measured.items()},
            "statistics": self.statistics.to_json(),
            "last_made": self.last_made,
            "practised": None if self.practised is None else {skill: list(e) for skill, e in self.practised.items()},
            "voice": None if self.voice is None else list(self.voice),
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "Ledger":
        """What `to_json` wrote; a row from before effects were followed has no `practised` and no `voice`."""
        practised, voice = plain.get("practised"), plain.get("voice")
        return cls(
            sets=tuple(OfferSet.from_json(row) for row in plain["sets"]),
            earlier=tuple(Offer.from_json(row) for row in plain["earlier"]),
            answers=plain["answers"],
            declined={item: (entry[0], entry[1]) for item, entry in plain["declined"].items()},
            shift=(plain["shift"][0], plain["shift"][1]),
            tallies={name: (tally[0], tally[1]) for name, tally in plain["tallies"].items()},
            gains={kind: (gain[0], gain[1]) for kind, gain in plain["gains"].items()},
            finished=plain["finished"],
            credited=plain["credited"],
            measured=plain.get("measured", {}),
            statistics=Statistics(*plain["statistics"]),
            last_made=plain["last_made"],
            practised=None
            if practised is None
            else {skill: (entry[0], entry[1]) for skill, entry in practised.items()},
            voice=None if voice is None else Voice(*voice),
        )


NO_LEDGER: Final = Ledger()
"""A learner to whom nothing was recommended yet."""


def remembered(memory: Mapping[str, Any], name: str, value: Any, most: int = MEMORY) -> dict[str, Any]:
    """A memory with one entry more; beyond `most` the oldest is forgotten, by the time (ms) in its value."""
    kept = {**memory, name: value}
    while len(kept) > most:
        del kept[min((other for other in kept if other != name), key=lambda other: (_moment(kept[other]), other))]
    return kept


def _moment(value: Any) -> int:
    moment: int = value[0] if isinstance(value, list | tuple) else value
    return moment


def _brief(offer: Offer) -> Offer:
    """Without its reasons: nobody sees them again."""
    return (
        replace(offer, recommendation=replace(offer.recommendation, reasons=())) if offer.status == PENDING else offer
    )


def _replaced(offers: tuple[Offer, ...], offer: Offer) -> tuple[Offer, ...]:
    return tuple(offer if other.id == offer.id else other for other in offers)
