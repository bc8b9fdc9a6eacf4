"""Experiments as their owner lays them out and acts on them, and as they are shown."""

from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler.openapi.params import Path
from pydantic import ConfigDict, Field, model_validator

from attune.domain.experiments.definition import WHOLE, Arm, Definition
from attune.domain.experiments.experiment import ALLOWED, Experiment
from attune.domain.experiments.metric import BINARY, Guardrail, Metric
from attune.domain.experiments.ranges import Range
from attune.domain.experiments.tally import MOST
from attune.domain.ids import ID_PATTERN
from attune.domain.statistics.power import units_for_means, units_for_shares
from attune.domain.statistics.sequence import ALPHA, PLANNED
from attune.edge.views import Body, Instant, Json, View

ExperimentId = Annotated[str, Path(pattern=ID_PATTERN, description="An experiment of the course.")]
ArmKey = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$")]
MetricName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
MetricType = Literal["binary", "mean", "ratio"]
Status = Literal["draft", "running", "paused", "completed", "archived"]
Layer = Literal["ranking", "writing", "planning"]
Place = Annotated[float, Field(ge=0, le=1)]
Part = Annotated[float, Field(gt=0, le=1)]
MOST_PLANNED = 100_000_000
Planned = Annotated[int, Field(ge=200, le=MOST_PLANNED)]
MOST_METRICS = 10


class ArmBody(Body):
    """A way to serve. `params` are those of the layer that differ; an empty one is as everybody is served."""

    key: ArmKey
    weight: Part
    params: Json = {}


class MetricBody(Body):
    """`binary`: did a learner do it, once at most. `mean`: the sum of a learner's values, over all learners.

    `ratio`: of the metrics that are measured here, one sum by another, as points by minutes.
    """

    metric: MetricName
    type: MetricType = BINARY

    def read(self) -> Metric:
        return Metric(self.metric, self.type)


class GuardrailBody(MetricBody):
    """What must not rise over the control by more than this, a share or points of a mean."""

    max_increase: Annotated[float, Field(ge=0, le=MOST)]


class DetectBody(Body):
    """The least change of the primary metric that is worth seeing, from its share `base`, or with its `variance`."""

    change: Annotated[float, Field(gt=0, le=MOST)]
    base: Annotated[float, Field(gt=0, lt=1)] | None = None
    variance: Annotated[float, Field(gt=0, le=MOST**2)] | None = None

    @model_validator(mode="after")
    def _one(self) -> "DetectBody":
        if (self.base is None) == (self.variance is None):
            raise ValueError("either base or variance")
        if self.base is not None and self.base + self.change >= 1:
            raise ValueError("a share that stays below 1")
        return self

    def per_arm(self, alpha: float) -> int:
        """How many learners an arm needs."""
        if self.variance is not None:
            return units_for_means(self.variance, self.change, alpha)
        return units_for_shares(self.base or 0.5, self.change, alpha)


_EXAMPLE: Json = {
    "layer": "ranking",
    "seed": "rec-spacing-1",
    "coverage": 1.0,
    "planned_total": 5000,
    "arms": [
        {"key": "A", "weight": 0.5, "params": {"review_share": 0.3}},
        {"key": "B", "weight": 0.5, "params": {"review_share": 0.5}},
    ],
    "primary": {"metric": "completed_within_7d", "type": "binary"},
    "guardrails": [{"metric": "dropout_14d", "max_increase": 0.03}],
}


class ExperimentBody(Body):
    """An experiment. The first arm is the control; `part` is the share of the layer's learners that it may take."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    layer: Layer
    seed: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    arms: Annotated[list[ArmBody], Field(min_length=2, max_length=6)]
    primary: MetricBody
    secondary: Annotated[list[MetricBody], Field(max_length=MOST_METRICS)] = []
    guardrails: Annotated[list[GuardrailBody], Field(max_length=MOST_METRICS)] = []
    coverage: Part = 1.0
    part: Annotated[list[Place], Field(min_length=2, max_length=2)] = [WHOLE.start, WHOLE.end]
    holdout: Place | None = None
    eligibility: Json = {}
    unit: Literal["learner", "group"] = "learner"
    planned_total: Planned | None = None
    detect: DetectBody | None = None
    alpha: Annotated[float, Field(ge=0.001, le=0.2)] = ALPHA
    adjusted: bool = False

    @model_validator(mode="after")
    def _one_size(self) -> "ExperimentBody":
        if self.planned_total is not None and self.detect is not None:
            raise ValueError("either planned_total or detect")
        if self._planned() > MOST_PLANNED:
            raise ValueError(f"a change that at most {MOST_PLANNED} learners show")
        return self

    def definition(self, id_: str, holdout: float) -> Definition:
        """The definition of the experiment of this id, with the stack's holdout where none is said."""
        return Definition(
            layer=self.layer,
            seed=self.seed or id_,
            arms=tuple(Arm(arm.key, arm.weight, arm.params) for arm in self.arms),
            primary=self.primary.read(),
            secondary=tuple(metric.read() for metric in self.secondary),
            guardrails=tuple(Guardrail(one.read(), one.max_increase) for one in self.guardrails),
            coverage=self.coverage,
            part=Range(*self.part),
            holdout=holdout if self.holdout is None else self.holdout,
            eligibility=self.eligibility,
            unit=self.unit,
            planned_total=self._planned(),
            alpha=self.alpha,
            adjusted=self.adjusted,
        )

    def _planned(self) -> int:
        if self.detect is not None:
            return max(200, len(self.arms) * self.detect.per_arm(self.alpha))
        return PLANNED if self.planned_total is None else self.planned_total


class ActionBody(Body):
    """What to do with an experiment. `coverage` goes with grow_coverage, `winner` with stop."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"action": "start"},
                {"action": "grow_coverage", "coverage": 1.0},
                {"action": "stop", "winner": "B"},
            ]
        }
    )

    action: Literal["start", "pause", "resume", "grow_coverage", "stop", "withdraw_winner", "archive"]
    coverage: Part | None = None
    winner: ArmKey | None = None

    @model_validator(mode="after")
    def _what_goes_with_it(self) -> "ActionBody":
        if (self.coverage is not None) != (self.action == "grow_coverage"):
            raise ValueError("coverage with grow_coverage, and with nothing else")
        if self.winner is not None and self.action != "stop":
            raise ValueError("winner with stop, and with nothing else")
        return self


class ArmView(View):
    key: str
    weight: float
    params: dict[str, Any]


class MetricView(View):
    metric: str
    type: MetricType

    @classmethod
    def of(cls, metric: Metric) -> "MetricView":
        return cls(metric=metric.name, type=_type(metric))


class GuardrailView(MetricView):
    max_increase: float


class ExperimentView(View):
    """An experiment. `allowed` lists what can be done with it; `paused_for` is `guardrail` if it paused by itself."""

    experiment_id: str
    status: Status
    rev: int
    allowed: list[str]
    layer: Layer
    seed: str
    arms: list[ArmView]
    primary: MetricView
    secondary: list[MetricView]
    guardrails: list[GuardrailView]
    coverage: float
    part: list[float]
    holdout: float
    eligibility: dict[str, Any]
    unit: Literal["learner", "group"]
    planned_total: int
    alpha: float
    adjusted: bool
    created_at: Instant | None
    started_at: Instant | None
    ended_at: Instant | None
    paused_for: Literal["guardrail", "by_hand"] | None
    winner: str | None

    @classmethod
    def of(cls, found: Experiment) -> "ExperimentView":
        one = found.definition
        fields: dict[str, Any] = {
            name: getattr(one, name)
            for name in ("layer", "seed", "coverage", "holdout", "unit", "planned_total", "alpha", "adjusted")
        }
        times = {name: getattr(found, name) for name in ("created_at", "started_at", "ended_at")}
        state: dict[str, Any] = {name: getattr(found, name) for name in ("status", "paused_for", "winner")}
        return cls(
            experiment_id=found.id,
            rev=found.rev,
            allowed=list(ALLOWED[found.status]),
            arms=[ArmView(key=arm.key, weight=arm.weight, params=dict(arm.params)) for arm in one.arms],
            primary=MetricView.of(one.primary),
            secondary=[MetricView.of(metric) for metric in one.secondary],
            guardrails=[
                GuardrailView(metric=each.metric.name, type=_type(each.metric), max_increase=each.max_increase)
                for each in one.guardrails
            ],
            part=[one.part.start, one.part.end],
            eligibility=dict(one.eligibility),
            **fields,
            **times,
            **state,
        )


def _type(metric: Metric) -> Any:
    return metric.type


class ExperimentsView(View):
    items: list[ExperimentView]
    next_cursor: str | None
