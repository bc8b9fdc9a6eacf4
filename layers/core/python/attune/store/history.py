"""Recommendations that were answered or ran out: a row each, newest first by when they were made."""

from datetime import datetime
from typing import Final

from attune.domain.principal import Principal
from attune.domain.recommendations.ledger import Ledger
from attune.domain.recommendations.offer import PENDING, Offer
from attune.store import keys, table
from attune.store.items import RecommendationItem
from attune.store.packed import unpack

PAGE: Final = 100
PAGES: Final = 5
"""Rows in a round trip, and round trips in a request: a status that is rare may take several requests to list."""


def get(principal: Principal, course: str, id_: str, now: datetime) -> Offer | None:
    """One of them, or None."""
    row = table.get(RecommendationItem, keys.recommendation(principal.learner, course, id_), now, consistent=True)
    return None if row is None else of(row)


def page(
    principal: Principal,
    course: str,
    ledger: Ledger,
    now: datetime,
    *,
    status: str | None,
    below: str | None,
    limit: int,
) -> tuple[list[Offer], str | None]:
    """The newest ones under the id `below`, of a status if one is given, and the id to go on from, if any.

    What is still open has no row yet: it is in the ledger. So is what waits for its row, as it now is.
    """
    moment = int(now.timestamp() * 1000)
    if status == PENDING:
        pending = [offer for offer in ledger.offers() if offer.status_at(moment) == PENDING]
        ordered = sorted((offer for offer in pending if below is None or offer.id < below), key=_id, reverse=True)
        return ordered[:limit], ordered[limit - 1].id if len(ordered) > limit else None
    prefix = keys.recommendation_prefix(principal.learner, course)
    found: list[Offer] = []
    for _ in range(PAGES):
        start = None if below is None else prefix.sk + below
        rows, on = table.newest(RecommendationItem, prefix, now, below=start, limit=PAGE)
        listed: dict[str, RecommendationItem | Offer] = {row.sk.removeprefix(prefix.sk): row for row in rows}
        last = "" if on is None else on.removeprefix(prefix.sk)
        for offer in ledger.waiting:
            if last <= offer.id and (below is None or offer.id < below):
                listed[offer.id] = offer
        for below in sorted(listed, reverse=True):
            one = listed[below]
            offer = one if isinstance(one, Offer) else of(one)
            # What was accepted may have run out since.
            if status in (None, offer.status_at(moment)):
                found.append(offer)
            if len(found) == limit:
                return found, below
        if on is None:
            return found, None
    return found, below


def _id(offer: Offer) -> str:
    return offer.id


def of(row: RecommendationItem) -> Offer:
    """The recommendation that a row holds."""
    return Offer.from_json(unpack(row.data))
