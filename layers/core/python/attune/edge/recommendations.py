"""Recommendations as they are shown."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from attune.domain.course import Course
from attune.domain.learner import NONE
from attune.domain.recommendations.offer import PENDING_MS, Offer
from attune.domain.recommendations.phrases import text
from attune.domain.recommendations.recommendation import Dropped, Reason
from attune.domain.recommendations.recommended import Recommended
from attune.domain.recommendations.voice import Voice, voice_of
from attune.domain.text import said
from attune.edge.moments import moment
from attune.edge.recommendation_statistics import StatisticsView, statistics_fields
from attune.edge.views import Instant, Uuid, View

Status = Literal["PENDING", "ACCEPTED", "DECLINED", "COMPLETED", "EXPIRED"]
Kind = Literal["learn", "practise", "review", "retry", "resume", "assess"]


class ReasonView(View):
    """One factor; the weights add up to the priority."""

    code: str
    params: dict[str, Any]
    weight: float
    text: str


class ExpectedView(View):
    """The mean past gain of this kind, in rating points; null while there is no history."""

    points: float | None
    basis: Literal["mean_past_gain_of_kind", "no_history"]
    n: int


class RecommendationView(View):
    id: Uuid
    kind: Kind
    item: str
    title: str
    difficulty: int
    estimated_time: Annotated[int, Field(description="Minutes.")]
    expected_improvement: ExpectedView
    priority: float
    reasons: list[ReasonView]
    skill_focus: list[str]
    prerequisites: list[str]
    p_success: float
    propensity: float
    exceeds_time: bool
    status: Status
    expires_at: Instant | None


class ContextValueView(View):
    value: int | list[str] | None
    source: Literal["request", "preferences", "answers", "default"]


class ContextView(View):
    """What was applied, and where it comes from."""

    course: str
    count: ContextValueView
    time_available: ContextValueView
    difficulty: ContextValueView
    focus_areas: ContextValueView
    exclude: ContextValueView
    goals: ContextValueView
    kinds: ContextValueView


class UserProfileView(View):
    overall_rating: float
    strongest_skill: str | None
    weakest_skill: str | None
    main_weakness: str | None


class DroppedView(View):
    item: str
    rule: str
    params: dict[str, Any]


class SetStatisticsView(StatisticsView):
    due: Annotated[int, Field(description="Skills that are due for a review.")]


class RecommendationsView(View):
    """A set. It stands until something changes that it was made from; `dropped` comes with `explain=full`."""

    set_id: Uuid
    generated_at: Instant
    expires_at: Instant
    items: list[RecommendationView]
    empty_reason: str | None
    user_profile: UserProfileView
    context: ContextView
    stats: SetStatisticsView
    dropped: list[DroppedView] | None = None


def shown(found: Recommended, course: Course, now: int) -> dict[str, Any]:
    """The fields of a `RecommendationsView`, nested ones as plain objects: a set is answered too often to be made of
    two dozen views each time."""
    made, show = found.made, Teller(course, voice_of(course, found.settings))
    context = {
        name: {"value": list(value) if isinstance(value, tuple) else value, "source": source}
        for name, (value, source) in found.resolved.context.items()
    }
    summary = made.summary
    return {
        "set_id": made.id,
        "generated_at": moment(made.at),
        "expires_at": moment(made.at + PENDING_MS),
        "items": [show.fields(offer, now) for offer in made.offers],
        "empty_reason": made.empty_reason,
        "user_profile": {name: summary[name] for name in UserProfileView.model_fields},
        "context": {"course": course.id, **context},
        "stats": {**statistics_fields(found.statistics), "due": made.due},
        "dropped": None if found.dropped is None else [_dropped(one) for one in found.dropped],
    }


def by_name(values: Mapping[str, Any]) -> dict[str, Any]:
    """By name, as the store keeps them: a set that was just made is answered as it is when it is read again."""
    return dict(sorted(values.items()))


def _dropped(one: Dropped) -> dict[str, Any]:
    return {"item": one.item, "rule": one.rule, "params": dict(one.params)}


class Teller:
    """Says recommendations in a learner's language and tone, or in the course's own."""

    def __init__(self, course: Course, voice: Voice | None) -> None:
        self.course = course
        self.language, self.tone = voice or voice_of(course, NONE)

    def offer(self, offer: Offer, now: int) -> RecommendationView:
        """A recommendation with its title and reasons in words."""
        return RecommendationView(**self.fields(offer, now))

    def fields(self, offer: Offer, now: int) -> dict[str, Any]:
        """The fields of the same."""
        one = offer.recommendation
        expected = one.expected
        return {
            "id": offer.id,
            "kind": one.kind,
            "item": one.item,
            "title": self.title(one.item),
            "difficulty": one.difficulty,
            "estimated_time": one.minutes,
            "expected_improvement": {"points": expected.points, "basis": expected.basis, "n": expected.n},
            "priority": float(one.priority),
            "reasons": [self._reason(reason) for reason in one.reasons],
            "skill_focus": list(one.skills),
            "prerequisites": list(one.prerequisites),
            "p_success": float(one.p_success),
            "propensity": float(one.propensity),
            "exceeds_time": one.exceeds_time,
            "status": offer.status_at(now),
            "expires_at": moment(offer.expires) if offer.expires is not None else None,
        }

    def title(self, item: str) -> str:
        """The title of an item or lesson; its id once the course has it no more."""
        found = self.course.items_by_id.get(item) or self.course.lessons.get(item)
        return said(found.title, self.language, self.course.default_language) if found else item

    def _reason(self, reason: Reason) -> dict[str, Any]:
        told = text(reason, self.course, self.language, self.tone)
        return {"code": reason.code, "params": by_name(reason.params), "weight": float(reason.weight), "text": told}
