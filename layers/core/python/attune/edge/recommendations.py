"""Recommendations as they are asked for, answered and shown."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import ConfigDict, Field

from attune.domain.course import Course
from attune.domain.errors import Flaw, Invalid
from attune.domain.learner import LearnerSettings
from attune.domain.persona import language_of
from attune.domain.preferences import complete
from attune.domain.recommendations.asked import Asked
from attune.domain.recommendations.ledger import Ledger
from attune.domain.recommendations.offer import COMPLETED, PENDING_MS, Effect, Offer
from attune.domain.recommendations.phrases import text
from attune.domain.recommendations.recommendation import KINDS, Dropped, Reason
from attune.domain.recommendations.recommended import Recommended
from attune.domain.text import said
from attune.edge.moments import moment
from attune.edge.profile import POINTS, StatisticsView, rounded, statistics_fields
from attune.edge.views import Instant, PersonalBody, Uuid, View

Status = Literal["PENDING", "ACCEPTED", "DECLINED", "COMPLETED", "EXPIRED"]
Kind = Literal["learn", "practise", "review", "retry", "resume", "assess"]
_KINDS = "|".join(KINDS)
_LIST: Any = {"max_length": 1000, "pattern": r"^[a-z0-9][a-z0-9._/-]*(,[a-z0-9][a-z0-9._/-]*)*$"}

CountQuery = Annotated[int | None, Query(alias="count", ge=1, le=20, description="How many; 5 if left out.")]
TimeQuery = Annotated[
    int | None, Query(alias="time_available", ge=1, le=1440, description="Minutes; the stored ones if left out.")
]
DifficultyQuery = Annotated[int | None, Query(alias="difficulty", ge=1, le=5, description="A wish, not a filter.")]
FocusQuery = Annotated[
    str | None,
    Query(alias="focus_areas", description="Skills, items or lessons, comma separated.", **_LIST),
]
ExcludeQuery = Annotated[str | None, Query(alias="exclude", description="What not to show, comma separated.", **_LIST)]
GoalsQuery = Annotated[str | None, Query(alias="goals", description="Goals or skills, comma separated.", **_LIST)]
KindsQuery = Annotated[
    str | None,
    Query(alias="kinds", description="Comma separated.", max_length=1000, pattern=f"^({_KINDS})(,({_KINDS}))*$"),
]
ExplainQuery = Annotated[
    Literal["full"] | None, Query(alias="explain", description="`full`: also why everything else is not shown.")
]
RefreshQuery = Annotated[bool, Query(alias="refresh", description="Make a new set although nothing has changed.")]
StatusQuery = Annotated[Status | None, Query(alias="status")]


def asked(
    course: Course,
    count: int | None,
    time_available: int | None,
    difficulty: int | None,
    focus_areas: str | None,
    exclude: str | None,
    goals: str | None,
    kinds: str | None,
) -> Asked:
    """What a request asks. Raises `Invalid` for names that the course does not have."""
    skills = {skill.id for skill in course.skills}
    things = skills | set(course.items_by_id) | set(course.lessons)
    return Asked(
        count=count,
        time_available=time_available,
        difficulty=difficulty,
        focus_areas=_names("focus_areas", focus_areas, things),
        exclude=_names("exclude", exclude, None),
        goals=_names("goals", goals, skills | {goal.id for goal in course.goals}),
        kinds=_names("kinds", kinds, None),
    )


def _names(name: str, sent: str | None, known: set[str] | None) -> tuple[str, ...] | None:
    """The names in a list, each once; None if none was sent. Names to leave out may be of things that are gone."""
    if sent is None:
        return None
    found = tuple(dict.fromkeys(sent.split(",")))
    if known is not None and not known.issuperset(found):
        raise Invalid(Flaw(f"/query/{name}", "Not all of these are in the course.", "unknown_reference"))
    return found


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

    @classmethod
    def of(cls, found: Recommended, course: Course, now: int) -> "RecommendationsView":
        made, show = found.made, Teller(course, found.settings)
        context = {
            name: ContextValueView(value=list(value) if isinstance(value, tuple) else value, source=_source(source))
            for name, (value, source) in found.resolved.context.items()
        }
        return cls(
            set_id=made.id,
            generated_at=moment(made.at),
            expires_at=moment(made.at + PENDING_MS),
            items=[show.offer(offer, now) for offer in made.offers],
            empty_reason=made.empty_reason,
            user_profile=UserProfileView(**made.summary),
            context=ContextView(course=course.id, **context),
            stats=SetStatisticsView(due=made.due, **statistics_fields(found.statistics)),
            dropped=None if found.dropped is None else [_dropped(one) for one in found.dropped],
        )


def _source(source: str) -> Any:
    return source


def _in_order(values: Mapping[str, Any]) -> dict[str, Any]:
    """By name, as the store keeps them: a set that was just made is answered as it is when it is read again."""
    return dict(sorted(values.items()))


def _dropped(one: Dropped) -> DroppedView:
    return DroppedView(item=one.item, rule=one.rule, params=dict(one.params))


class Teller:
    """Says recommendations in a learner's language and tone."""

    def __init__(self, course: Course, settings: LearnerSettings) -> None:
        self.course = course
        self.language = language_of(course, settings.answers)
        self.tone = complete(settings.preferences, course)["feedback_style"]

    def offer(self, offer: Offer, now: int) -> RecommendationView:
        """A recommendation with its title and reasons in words."""
        return RecommendationView(**self.fields(offer, now))

    def fields(self, offer: Offer, now: int) -> dict[str, Any]:
        one = offer.recommendation
        expected = one.expected
        return {
            "id": offer.id,
            "kind": one.kind,
            "item": one.item,
            "title": self.title(one.item),
            "difficulty": one.difficulty,
            "estimated_time": one.minutes,
            "expected_improvement": ExpectedView(points=expected.points, basis=_source(expected.basis), n=expected.n),
            "priority": one.priority,
            "reasons": [self._reason(reason) for reason in one.reasons],
            "skill_focus": list(one.skills),
            "prerequisites": list(one.prerequisites),
            "p_success": one.p_success,
            "propensity": one.propensity,
            "exceeds_time": one.exceeds_time,
            "status": offer.status_at(now),
            "expires_at": moment(offer.expires) if offer.expires is not None else None,
        }

    def title(self, item: str) -> str:
        """The title of an item or lesson; its id once the course has it no more."""
        found = self.course.items_by_id.get(item) or self.course.lessons.get(item)
        return said(found.title, self.language, self.course.default_language) if found else item

    def _reason(self, reason: Reason) -> ReasonView:
        told = text(reason, self.course, self.language, self.tone)
        return ReasonView(code=reason.code, params=_in_order(reason.params), weight=reason.weight, text=told)


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
            opinion=_in_order(offer.opinion),
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


class TrainingRecommendationView(View):
    """A recommendation in the words of the earlier training system."""

    id: Uuid
    scenario: str
    title: str
    difficulty: int
    estimated_time: int
    expected_improvement: float | None
    reasoning: str
    skill_focus: list[str]
    priority: float


class TrainingRecommendationsView(View):
    """The set of `GET /api/personalization/recommendations`, under the names that were used before."""

    recommendations: list[TrainingRecommendationView]

    @classmethod
    def of(cls, found: Recommended, course: Course, now: int) -> "TrainingRecommendationsView":
        shown = RecommendationsView.of(found, course, now).items
        return cls(
            recommendations=[
                TrainingRecommendationView(
                    id=one.id,
                    scenario=one.item,
                    title=one.title,
                    difficulty=one.difficulty,
                    estimated_time=one.estimated_time,
                    expected_improvement=one.expected_improvement.points,
                    reasoning=" ".join(reason.text for reason in one.reasons),
                    skill_focus=one.skill_focus,
                    priority=one.priority,
                )
                for one in shown
            ]
        )
