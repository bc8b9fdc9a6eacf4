"""Experiments as an owner lays them out, and learners that meet them."""

from collections.abc import Callable
from typing import Any

from attune.domain.experiments.choice import Unit
from attune.domain.experiments.definition import Arm, Definition
from attune.domain.experiments.experiment import RUNNING, Experiment
from attune.domain.experiments.metric import Metric

HALVES = (Arm("A", 0.5, {"review_share": 0.3}), Arm("B", 0.5, {"review_share": 0.5}))


def a_definition(**changes: Any) -> Definition:
    """Two arms of half each, nobody held out."""
    told: dict[str, Any] = {
        "layer": "ranking",
        "seed": "rec-spacing-1",
        "arms": HALVES,
        "primary": Metric("completed_within_7d"),
        "holdout": 0.0,
    }
    return Definition(**told | changes)


def an_experiment(
    id: str = "rec-spacing", status: str = RUNNING, winner: str | None = None, **changes: Any
) -> Experiment:
    return Experiment(id, a_definition(**changes), status, winner=winner)


def a_unit(learner: str, group: str | None = None, rating: Callable[[], float] = lambda: 1000.0, **told: Any) -> Unit:
    traits = {"kind": "guest", "course": "poker", "language": "en", **told}
    return Unit(learner=learner, group=group, rating=rating, **traits)


def learners(count: int) -> list[str]:
    return [f"g.{number:08x}-0000-4000-8000-000000000000" for number in range(count)]
