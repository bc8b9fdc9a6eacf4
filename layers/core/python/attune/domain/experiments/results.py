"""What came of an experiment, and what to do about it, in words, with what that rests on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from attune.domain.experiments.definition import GROUP
from attune.domain.experiments.experiment import GUARDRAIL, Experiment
from attune.domain.experiments.metric import BINARY, RATIO, Metric
from attune.domain.experiments.tally import MICRO, Tally
from attune.domain.statistics.clusters import Clusters, between, clusters
from attune.domain.statistics.correction import shared
from attune.domain.statistics.difference import Difference, adjusted, difference
from attune.domain.statistics.sequence import LEAST, Interval, interval
from attune.domain.statistics.split import Split, split

INVALID: Final = "invalid"
KEEP_RUNNING: Final = "keep_running"
SHIP: Final = "ship"
STOP: Final = "stop"

LEAST_GROUPS: Final = 30
"""Groups per arm below which there is no interval, where groups are what is assigned."""
TEXTS: Final[Mapping[str, str]] = {
    "guardrail_breached": "A guardrail is breached: what must not rise has surely risen, and by more than is allowed.",
    "too_few": "Too few were exposed in some arm for any interval.",
    "surely_better": "The whole interval is on the better side of zero, however often it was looked at.",
    "surely_worse": "The whole interval of every other arm is on the worse side of zero: the control is better.",
    "no_effect": "As many were exposed as was planned, and the interval still holds zero.",
    "holds_zero": "The interval holds zero, and fewer were exposed than was planned.",
}


@dataclass(frozen=True, slots=True)
class ArmResult:
    """`conversions` of a binary metric; `mean` is its rate, or the mean over all exposed learners.

    Of a ratio it is that of the sums, None where there is nothing to count by; `contributing` are those who have any.
    """

    key: str
    n: int
    mean: float | None
    conversions: int | None
    contributing: int | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """An arm against the control; no difference and no interval while there are too few."""

    arm: str
    difference: float | None = None
    interval: Interval | None = None


@dataclass(frozen=True, slots=True)
class MetricResult:
    """A metric in every arm. `alpha` is the error that each comparison may make."""

    metric: Metric
    arms: tuple[ArmResult, ...]
    comparisons: tuple[Comparison, ...]
    alpha: float

    @property
    def leading(self) -> Comparison:
        """The arm that is better than the control by most, or the first while nothing is known."""
        return max(self.comparisons, key=self._better_by)

    def _better_by(self, one: Comparison) -> float:
        return self.metric.sign * one.difference if one.difference is not None else float("-inf")


@dataclass(frozen=True, slots=True)
class GuardrailResult:
    metric: Metric
    max_increase: float
    breached: bool
    arm: str | None = None
    difference: float | None = None
    interval: Interval | None = None


@dataclass(frozen=True, slots=True)
class Results:
    """`invalid`: the split is broken, so there is nothing else. `code` says what the decision rests on."""

    split: Split
    exposed: Mapping[str, int]
    exited: Mapping[str, int]
    multi_exposed: int
    primary: MetricResult | None = None
    secondary: tuple[MetricResult, ...] = ()
    guardrails: tuple[GuardrailResult, ...] = ()
    decision: str | None = None
    code: str | None = None

    @property
    def is_valid(self) -> bool:
        return self.split.ok

    @property
    def multi_share(self) -> float:
        every = sum(self.exposed.values()) + self.multi_exposed
        return self.multi_exposed / every if every else 0.0

    @property
    def breached(self) -> bool:
        return any(one.breached for one in self.guardrails)


def results(experiment: Experiment, counted: Mapping[str, Sequence[Tally]]) -> Results:
    """Of what was counted in each arm: one tally of all its learners, or one for each of its groups."""
    found = _Analysis(experiment, counted)
    sizes = [found.units(arm) for arm in found.keys]
    one = Results(
        split(sizes, [arm.weight for arm in found.definition.arms]),
        {key: found.whole[key].n for key in found.keys},
        {key: found.whole[key].exited for key in found.keys},
        sum(tally.excluded for tally in found.whole.values()),
    )
    if not one.is_valid:
        return one
    primary = found.metric(found.definition.primary, found.definition.alpha)
    wanted = found.definition.secondary
    alpha = shared(found.definition.alpha, len(wanted))
    guardrails = tuple(found.guardrails())
    # Who are served as everybody since a guardrail paused it make no breach good.
    breached = any(guardrail.breached for guardrail in guardrails) or experiment.paused_for == GUARDRAIL
    decision, code = found.decide(primary, breached)
    return Results(
        one.split,
        one.exposed,
        one.exited,
        one.multi_exposed,
        primary,
        tuple(found.metric(metric, alpha) for metric in wanted),
        guardrails,
        decision,
        code,
    )


class _Analysis:
    def __init__(self, experiment: Experiment, counted: Mapping[str, Sequence[Tally]]) -> None:
        self.definition = experiment.definition
        self.keys = [arm.key for arm in self.definition.arms]
        self.counted = {key: counted.get(key, ()) for key in self.keys}
        self.whole = {key: _whole(tallies) for key, tallies in self.counted.items()}
        self.by_group = self.definition.unit == GROUP

    def units(self, arm: str) -> int:
        """How many of what is assigned are in an arm."""
        return sum(tally.n > 0 for tally in self.counted[arm]) if self.by_group else self.whole[arm].n

    def enough(self, arm: str, metric: Metric) -> bool:
        """Whether the approximation holds: a ratio rests on those alone who have anything that it is counted by."""
        if self.whole[arm].n < LEAST or (self.by_group and self.units(arm) < LEAST_GROUPS):
            return False
        if metric.type != RATIO:
            return True
        groups = sum(one.of(metric.name).k > 0 for one in self.counted[arm])
        return self.whole[arm].of(metric.name).k >= LEAST and (not self.by_group or groups >= LEAST_GROUPS)

    def metric(self, metric: Metric, alpha: float) -> MetricResult:
        """In every arm, and of every arm against the control, which share the error."""
        each = shared(alpha, len(self.keys) - 1)
        arms = tuple(self._arm(metric, key) for key in self.keys)
        return MetricResult(metric, arms, tuple(self._compare(metric, key, each) for key in self.keys[1:]), each)

    def guardrails(self) -> Iterator[GuardrailResult]:
        """Breached where some arm is surely above the control, and by more than is allowed."""
        for guardrail in self.definition.guardrails:
            metric = guardrail.metric
            found = [self._compare(metric, key, self.definition.alpha) for key in self.keys[1:]]
            known = [one for one in found if one.difference is not None and one.interval is not None]
            worst = max(known, key=lambda one: one.difference or 0.0, default=None)
            breached = [
                one for one in known if one.interval and one.interval.low > 0.0 and _above(one, guardrail.max_increase)
            ]
            shown = breached[0] if breached else worst
            if shown is None:
                yield GuardrailResult(metric, guardrail.max_increase, False)
            else:
                yield GuardrailResult(
                    metric, guardrail.max_increase, bool(breached), shown.arm, shown.difference, shown.interval
                )

    def decide(self, primary: MetricResult, breached: bool) -> tuple[str, str]:
        if breached:
            return STOP, "guardrail_breached"
        sign = primary.metric.sign
        intervals = [one.interval for one in primary.comparisons if one.interval is not None]
        if len(intervals) < len(primary.comparisons):
            return KEEP_RUNNING, "too_few"
        leading = primary.leading.interval
        if leading is not None and _better_bound(leading, sign) > 0.0:
            return SHIP, "surely_better"
        if all(_better_bound(one, -sign) > 0.0 for one in intervals):
            return STOP, "surely_worse"
        if sum(self.units(key) for key in self.keys) >= self.definition.planned_total:
            return STOP, "no_effect"
        return KEEP_RUNNING, "holds_zero"

    def _arm(self, metric: Metric, key: str) -> ArmResult:
        whole = self.whole[key]
        if metric.type == RATIO:
            sums = whole.of(metric.name)
            return ArmResult(key, whole.n, sums.y / sums.d if sums.d else None, None, sums.k)
        conversions = whole.of(metric.name).y // MICRO if metric.type == BINARY else None
        return ArmResult(key, whole.n, whole.moments(metric.name).mean, conversions)

    def _compare(self, metric: Metric, key: str, alpha: float) -> Comparison:
        control = self.keys[0]
        if not (self.enough(control, metric) and self.enough(key, metric)):
            return Comparison(key)
        found = self._difference(metric, control, key)
        return Comparison(key, found.value, interval(found, self.definition.planned_total, alpha))

    def _difference(self, metric: Metric, control: str, key: str) -> Difference:
        if self.by_group:
            return between(self._groups(metric, control), self._groups(metric, key))
        if metric.type == RATIO:
            return between(_draws(self.whole[control], metric), _draws(self.whole[key], metric))
        before, after = (self.whole[arm].moments(metric.name) for arm in (control, key))
        return adjusted(before, after) if self.definition.adjusted else difference(before, after)

    def _groups(self, metric: Metric, arm: str) -> Clusters:
        """The groups of an arm by their sizes, or by what a ratio is counted by, and by their totals."""
        size = (lambda one: one.of(metric.name).d / MICRO) if metric.type == RATIO else (lambda one: float(one.n))
        return clusters((size(one), one.of(metric.name).y / MICRO) for one in self.counted[arm] if one.n)


def _draws(whole: Tally, metric: Metric) -> Clusters:
    """A ratio over all who were exposed, each of whom is one draw: the minutes of one learner are no draws."""
    sums = whole.of(metric.name)
    scaled = (sums.dd / MICRO**2, sums.yy / MICRO**2, sums.yd / MICRO**2)
    return Clusters(whole.n, sums.d / MICRO, sums.y / MICRO, *scaled)


def _better_bound(found: Interval, sign: int) -> float:
    """How far an arm is above the control at least, or below it where less is better."""
    return found.low if sign > 0 else -found.high


def _whole(tallies: Sequence[Tally]) -> Tally:
    found = Tally()
    for tally in tallies:
        found = found.plus(tally)
    return found


def _above(one: Comparison, most: float) -> bool:
    return one.difference is not None and one.difference > most
