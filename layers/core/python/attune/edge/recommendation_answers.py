"""Answers to recommendations as they are sent, and what became of earlier ones as it is answered."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from attune.domain.recommendations.ledger import Ledger
from attune.domain.recommendations.offer import COMPLETED, Effect, Offer
from attune.edge.moments import moment
from attune.edge.recommendation_statistics import StatisticsView
from attune.edge.recommendations import RecommendationView, Teller, by_name
from attune.edge.rounding import POINTS, rounded
from attune.edge.views import Instant, PersonalBody, Uuid, View

Decline = Literal["too_hard", "too_easy", "seen", "not_now", "not_relevant"]
_ID = "019aa4f1-2c00-8a1b-9c2d-3e4f5a6b7c01"


class AnswerRecommendationBody(PersonalBody):
    """Take it or refuse it; a `reason` says why it is refused, and each has an effect of its own."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"recommendation_id": _ID, "action": "accept"},
                {"recommendation_id": _ID, "action": "decline", "reason": "too_hard"},
            ]
        }
    )

    recommendation_id: Uuid
    action: Literal["accept", "decline"]
    rating: Annotated[int, Field(ge=1, le=5)] | None = None
    reason: Decline | None = None


Share = Annotated[float, Field(ge=0, le=1)]


class CompleteRecommendationBody(PersonalBody):
    """It was done, in so many minutes. The effect is measured; what is said besides is kept as an opinion."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"recommendation_id": _ID, "completion_time": 24}]})

    recommendation_id: Uuid
    completion_time: Annotated[float, Field(ge=0, le=10_000)]
    user_rating: Annotated[int, Field(ge=1, le=5)] | None = None
    actual_improvement: Annotated[float, Field(ge=-2000, le=2000)] | None = None
    effectiveness: Share | None = None
    accuracy_score: Share | None = None
    satisfaction_score: Share | None = None

    def opinion(self) -> dict[str, float]:
        """All that was said, by name."""
        return self.model_dump(exclude_none=True, exclude={"recommendation_id", "user_id"})


class EffectView(View):
    """The rating before and after, by the evidence; `observed` is null, with a `cause`, if there is none."""

    skill: str | None
    before: float | None
    after: float | None
    observed: float | None
    expected: float | None
    cause: str | None

    @classmethod
    def of(cls, effect: Effect) -> "EffectView":
        return cls(
            skill=effect.skill,
            before=rounded(effect.before, POINTS),
            after=rounded(effect.after, POINTS),
            observed=rounded(effect.observed, POINTS),
            expected=rounded(effect.expected, POINTS),
            cause=effect.cause,
        )


class AnsweredView(RecommendationView):
    """A recommendation as it now is. `opinion` is what the client said, apart from the measured `effect`."""

    responded_at: Instant | None
    rating: int | None
    reason: str | None
    effect: EffectView | None
    opinion: dict[str, float]

    @classmethod
    def of(cls, offer: Offer, show: Teller, now: int) -> "AnsweredView":
        return cls(
            **show.fields(offer, now),
            responded_at=moment(offer.at) if offer.at is not None else None,
            rating=offer.rating,
            reason=offer.reason,
            effect=EffectView.of(offer.effect) if offer.effect else None,
            opinion=by_name(offer.opinion),
        )


class CompletedView(AnsweredView):
    stats: StatisticsView

    @classmethod
    def with_stats(cls, offer: Offer, show: Teller, ledger: Ledger, now: int) -> "CompletedView":
        view = AnsweredView.of(offer, show, now)
        return cls(
            **{name: getattr(view, name) for name in AnsweredView.model_fields},
            stats=StatisticsView.of(ledger.statistics),
        )


class ItemSuccessView(View):
    """How an item did among those listed: completions, and the mean effect measured."""

    item: str
    completed: int
    observed: float | None


class HistoryView(View):
    """Answered and expired recommendations, newest first; `by_item` is over this page."""

    items: list[AnsweredView]
    next_cursor: str | None
    stats: StatisticsView
    by_item: list[ItemSuccessView]

    @classmethod
    def of(cls, page: list[Offer], following: str | None, ledger: Ledger, show: Teller, now: datetime) -> "HistoryView":
        moment = int(now.timestamp() * 1000)
        done = [offer for offer in page if offer.status == COMPLETED]
        items = dict.fromkeys(offer.recommendation.item for offer in done)
        return cls(
            items=[AnsweredView.of(offer, show, moment) for offer in page],
            next_cursor=following,
            stats=StatisticsView.of(ledger.statistics),
            by_item=[_success(item, [offer for offer in done if offer.recommendation.item == item]) for item in items],
        )


def _success(item: str, done: list[Offer]) -> ItemSuccessView:
    gains = [offer.effect.observed for offer in done if offer.effect and offer.effect.observed is not None]
    mean = sum(gains) / len(gains) if gains else None
    return ItemSuccessView(item=item, completed=len(done), observed=rounded(mean, POINTS))
