"""An experiment as its owner lays it out. Once it runs nothing of it changes but the coverage, which only grows."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from attune.domain.experiments.buckets import place, place_in_layer
from attune.domain.experiments.metric import Guardrail, Metric
from attune.domain.experiments.ranges import Range, arm_ranges, choose
from attune.domain.statistics.sequence import ALPHA, PLANNED

LEARNER: Final = "learner"
GROUP: Final = "group"
UNITS: Final = (LEARNER, GROUP)
WHOLE: Final = Range(0.0, 1.0)
HOLDOUT: Final = 0.05
_HOLDOUT_SEED: Final = "__holdout"
"""The same for all experiments: who is held out of one is held out of every other with as large a holdout."""


@dataclass(frozen=True, slots=True)
class Arm:
    """A way to serve: what differs from how everybody is served."""

    key: str
    weight: float
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Definition:
    """The first arm is the control. `part` is the share of the layer's learners that it may take; `unit` is what is
    put into an arm, a learner or a group; `adjusted`: means are adjusted by the rating before the exposure."""

    layer: str
    seed: str
    arms: tuple[Arm, ...]
    primary: Metric
    secondary: tuple[Metric, ...] = ()
    guardrails: tuple[Guardrail, ...] = ()
    coverage: float = 1.0
    part: Range = WHOLE
    holdout: float = HOLDOUT
    eligibility: Mapping[str, Any] = field(default_factory=dict)
    unit: str = LEARNER
    planned_total: int = PLANNED
    alpha: float = ALPHA
    adjusted: bool = False

    @property
    def control(self) -> Arm:
        return self.arms[0]

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """All that are counted, each once."""
        every = (self.primary, *self.secondary, *(guardrail.metric for guardrail in self.guardrails))
        return tuple({metric.name: metric for metric in every}.values())

    def metric(self, name: str) -> Metric | None:
        return next((metric for metric in self.metrics if metric.name == name), None)

    def arm(self, key: str) -> Arm | None:
        return next((arm for arm in self.arms if arm.key == key), None)

    def arm_of(self, unit: str) -> Arm | None:
        """The arm that a learner or a group falls into by its name, whether or not it was ever exposed to it."""
        if self.part != WHOLE and not self.part.holds(place_in_layer(self.layer, unit)):
            return None
        number = choose(place(self.seed, unit), arm_ranges([arm.weight for arm in self.arms], self.coverage))
        return None if number is None else self.arms[number]

    def grown(self, coverage: float) -> "Definition":
        return replace(self, coverage=coverage)

    def to_json(self) -> dict[str, Any]:
        return {
            "layer": self.layer,
            "seed": self.seed,
            "arms": [[arm.key, arm.weight, dict(arm.params)] for arm in self.arms],
            "primary": [self.primary.name, self.primary.type],
            "secondary": [[metric.name, metric.type] for metric in self.secondary],
            "guardrails": [[one.metric.name, one.metric.type, one.max_increase] for one in self.guardrails],
            "coverage": self.coverage,
            "part": [self.part.start, self.part.end],
            "holdout": self.holdout,
            "eligibility": dict(self.eligibility),
            "unit": self.unit,
            "planned_total": self.planned_total,
            "alpha": self.alpha,
            "adjusted": self.adjusted,
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "Definition":
        """What `to_json` wrote."""
        return cls(
            **{
                **plain,
                "arms": tuple(Arm(*arm) for arm in plain["arms"]),
                "primary": Metric(*plain["primary"]),
                "secondary": tuple(Metric(*metric) for metric in plain["secondary"]),
                "guardrails": tuple(Guardrail(Metric(name, type), most) for name, type, most in plain["guardrails"]),
                "part": Range(*plain["part"]),
            }
        )


def is_held_out(learner: str, holdout: float) -> bool:
    """Whether a learner is kept out of everything: a part of the stack's learners, the same for all experiments."""
    return place(_HOLDOUT_SEED, learner) < holdout
