"""All that is remembered of the recommendations made to a learner in a course: one small row, whatever the history.

It holds the newest sets, each for a context that was asked for; earlier recommendations that can still be answered;
and what answers taught. What was answered or has expired goes to the history, a row each.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from attune.domain.recommendations.offer import ACCEPTED, PENDING, Offer
from attune.domain.recommendations.offer_ids import set_of
from attune.domain.recommendations.statistics import Statistics

SETS: Final = 8
EARLIER: Final = 60
MEMORY: Final = 100
"""Most declined items that are remembered."""
LESSONS: Final = 500
"""Most finished lessons that are remembered."""


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
    that were counted for experiments, by experiment and metric.
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

    def offers(self) -> Iterator[Offer]:
        """All that are remembered, newest sets first."""
        for made in self.sets:
            yield from made.offers
        yield from self.earlier

    def find(self, id_: str) -> Offer | None:
        """A recommendation by its id."""
        return next((offer for offer in self.offers() if offer.id == id_), None)

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
        superseded = [_brief(offer) for other in gone for offer in other.offers if offer.status in (PENDING, ACCEPTED)]
        ordered = sorted((*superseded, *self.earlier), key=lambda offer: offer.status != ACCEPTED)
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
        left = tuple(made for made in self.sets if made not in unseen)
        return replace(self, sets=left, earlier=(*self.earlier, *aside)[:EARLIER])

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
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "Ledger":
        """What `to_json` wrote."""
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
        offer if offer.status == ACCEPTED else replace(offer, recommendation=replace(offer.recommendation, reasons=()))
    )


def _replaced(offers: tuple[Offer, ...], offer: Offer) -> tuple[Offer, ...]:
    return tuple(offer if other.id == offer.id else other for other in offers)
