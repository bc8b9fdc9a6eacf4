"""What came of an experiment as it is answered: what may not be known, as of a broken split, is not there at all."""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from attune.domain.experiments.experiment import Experiment
from attune.domain.experiments.metric import BINARY
from attune.domain.experiments.results import INVALID, TEXTS, ArmResult, GuardrailResult, MetricResult, Results
from attune.domain.statistics.sequence import Interval
from attune.edge.experiments import MetricType
from attune.edge.rounding import rounded
from attune.edge.views import View

P_DIGITS = 3
DIFFERENCE, BOUND = 4, 3
"""Decimals of a difference, and of rates and the ends of intervals."""


def _absent(value: object) -> bool:
    return value is None


Bounds = Annotated[list[float], Field(min_length=2, max_length=2)]
Decision = Literal["keep_running", "ship", "stop"]


class SplitView(View):
    """The sizes of the arms against their weights: `p` under 0.001 is a broken split."""

    p: float
    ok: bool


class MultiExposedView(View):
    """Learners exposed to two arms: they are served the earlier, and counted here alone."""

    n: int
    share: float


class ArmResultView(View):
    """Learners exposed; those who converted and their rate, or the mean of all. Only `n` where the split is broken.

    Of a ratio `mean` is that of the sums, and `contributing` those who have any of what it is counted by.
    """

    n: int
    exited: int
    conversions: Annotated[int | None, Field(exclude_if=_absent)] = None
    rate: Annotated[float | None, Field(exclude_if=_absent)] = None
    mean: Annotated[float | None, Field(exclude_if=_absent)] = None
    contributing: Annotated[int | None, Field(exclude_if=_absent)] = None


class RestsOnView(View):
    """What a decision rests on."""

    code: str
    text: str
    planned_total: int
    alpha: float
    adjusted: bool


class ComparedView(View):
    """An arm against the control, with an interval that holds however often it is looked at."""

    arm: str
    difference: Annotated[float | None, Field(exclude_if=_absent)] = None
    interval: Annotated[Bounds | None, Field(exclude_if=_absent)] = None


class MetricResultView(View):
    """Every arm under its key, and the leading arm against the control."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, ArmResultView] = Field(init=False)

    metric: str
    type: MetricType
    arm: Annotated[str | None, Field(exclude_if=_absent)] = None
    difference: Annotated[float | None, Field(exclude_if=_absent)] = None
    interval: Annotated[Bounds | None, Field(exclude_if=_absent)] = None
    others: Annotated[list[ComparedView] | None, Field(exclude_if=_absent)] = None


class PrimaryView(MetricResultView):
    decision: Annotated[Decision | None, Field(exclude_if=_absent)] = None
    rests_on: Annotated[RestsOnView | None, Field(exclude_if=_absent)] = None


class GuardrailResultView(View):
    """`breached`: it has surely risen in `arm`, and by more than is allowed."""

    metric: str
    breached: bool
    max_increase: float
    arm: Annotated[str | None, Field(exclude_if=_absent)] = None
    difference: Annotated[float | None, Field(exclude_if=_absent)] = None
    interval: Annotated[Bounds | None, Field(exclude_if=_absent)] = None


class ResultsView(View):
    """`status` is that of the experiment, or `invalid` while its split is broken: then there is no result."""

    experiment_id: str
    status: Literal["draft", "running", "paused", "completed", "archived", "invalid"]
    srm: SplitView
    multi_exposed: MultiExposedView
    primary: PrimaryView
    secondary: list[MetricResultView]
    guardrails: list[GuardrailResultView]
    winner: str | None

    @classmethod
    def of(cls, experiment: Experiment, found: Results) -> "ResultsView":
        status: Any = experiment.status if found.is_valid else INVALID
        return cls(
            experiment_id=experiment.id,
            status=status,
            srm=SplitView(p=float(f"{found.split.p:.{P_DIGITS}g}"), ok=found.split.ok),
            multi_exposed=MultiExposedView(n=found.multi_exposed, share=round(found.multi_share, 4)),
            primary=_primary(experiment, found),
            secondary=[MetricResultView(**_metric(found, one)) for one in found.secondary],
            guardrails=[_guardrail(one) for one in found.guardrails],
            winner=experiment.winner,
        )


def _primary(experiment: Experiment, found: Results) -> PrimaryView:
    definition = experiment.definition
    if found.primary is None:
        arms = {key: ArmResultView(n=n, exited=found.exited[key]) for key, n in found.exposed.items()}
        broken: dict[str, Any] = {"metric": definition.primary.name, "type": definition.primary.type, **arms}
        return PrimaryView(**broken)
    decision: Any = found.decision
    return PrimaryView(
        **_metric(found, found.primary),
        decision=decision,
        rests_on=RestsOnView(
            code=found.code or "",
            text=TEXTS[found.code or ""],
            planned_total=definition.planned_total,
            alpha=found.primary.alpha,
            adjusted=definition.adjusted,
        ),
    )


def _metric(found: Results, one: MetricResult) -> dict[str, Any]:
    leading = one.leading
    others = [each for each in one.comparisons if each is not leading]
    return {
        "metric": one.metric.name,
        "type": one.metric.type,
        "arm": leading.arm,
        "difference": rounded(leading.difference, DIFFERENCE),
        "interval": _bounds(leading.interval),
        "others": [
            ComparedView(arm=each.arm, difference=rounded(each.difference, DIFFERENCE), interval=_bounds(each.interval))
            for each in others
        ]
        or None,
        **{arm.key: _arm(arm, found, binary=one.metric.type == BINARY) for arm in one.arms},
    }


def _arm(arm: ArmResult, found: Results, *, binary: bool) -> ArmResultView:
    mean = rounded(arm.mean, BOUND)
    return ArmResultView(
        n=arm.n,
        exited=found.exited[arm.key],
        conversions=arm.conversions,
        rate=mean if binary else None,
        mean=None if binary else mean,
        contributing=arm.contributing,
    )


def _guardrail(one: GuardrailResult) -> GuardrailResultView:
    return GuardrailResultView(
        metric=one.metric.name,
        breached=one.breached,
        max_increase=one.max_increase,
        arm=one.arm,
        difference=rounded(one.difference, DIFFERENCE),
        interval=_bounds(one.interval),
    )


def _bounds(found: Interval | None) -> list[float] | None:
    return None if found is None else [round(found.low, BOUND), round(found.high, BOUND)]
