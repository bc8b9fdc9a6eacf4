"""What can be an experiment: everything else is refused when it is defined, with its place."""

from typing import Any

import pytest

from attune.domain.experiments.definition import Arm, Definition
from attune.domain.experiments.eligibility import Traits, eligible
from attune.domain.experiments.metric import Guardrail, Metric
from attune.domain.experiments.parameters import LAYERS
from attune.domain.experiments.ranges import Range
from attune.domain.experiments.soundness import flaws
from tests.unit.experiments.laid_out import a_definition


def places(**changes: Any) -> list[str]:
    return [flaw.pointer for flaw in flaws(a_definition(**changes), 0.0)]


def arms(*weights: float, **more: Any) -> tuple[Arm, ...]:
    return tuple(Arm(chr(65 + number), weight, **more) for number, weight in enumerate(weights))


def test_a_sound_one_has_no_flaws() -> None:
    whole = a_definition(
        secondary=(Metric("measured_gain", "mean"), Metric("clicked")),
        guardrails=(Guardrail(Metric("dropout_14d"), 0.03),),
        eligibility={
            "kind": ["guest"],
            "any": [{"language": ["ur"]}, {"all": [{"rating": [0, 1200]}, {"group": ["7a"]}]}],
        },
    )
    assert not list(flaws(whole, 0.0))
    assert Definition.from_json(whole.to_json()) == whole


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"arms": arms(0.0, 1.0)}, ["/arms/0/weight"]),
        ({"arms": arms(0.5, 0.6)}, ["/arms"]),
        ({"arms": arms(0.5, 0.4)}, ["/arms"]),
        ({"arms": (Arm("A", 0.5), Arm("A", 0.5))}, ["/arms/0/key", "/arms/1/key"]),
        ({"arms": (Arm("interval", 0.5), Arm("B", 0.5))}, ["/arms/0/key"]),
        ({"part": Range(0.5, 0.5)}, ["/part"]),
        ({"holdout": 0.1}, ["/holdout"]),
        ({"unit": "group", "adjusted": True}, ["/adjusted"]),
        ({"primary": Metric("gain_per_minute", "ratio"), "adjusted": True}, ["/adjusted"]),
        ({"primary": Metric("gain_per_minute", "mean")}, ["/primary/type"]),
        ({"primary": Metric("points_by_hour", "ratio")}, ["/primary/type"]),
        ({"guardrails": (Guardrail(Metric("retained_7d"), 0.1),)}, ["/guardrails/0/metric"]),
        ({"seed": "__ranking"}, ["/seed"]),
        ({"primary": Metric("accepted", "mean")}, ["/primary/type"]),
        ({"guardrails": (Guardrail(Metric("accepted"), 0.1),)}, ["/guardrails/0/metric"]),
        ({"secondary": (Metric("completed_within_7d"),)}, ["/secondary/0/metric"]),
        ({"secondary": (Metric("x"),), "guardrails": (Guardrail(Metric("x", "mean"), 1.0),)}, ["/guardrails/0/type"]),
    ],
)
def test_k2_what_cannot_be_run_is_refused(changes: dict[str, Any], wanted: list[str]) -> None:
    assert places(**changes) == wanted


@pytest.mark.parametrize(
    ("params", "wanted"),
    [
        ({"colour": "red"}, ["/arms/0/params/colour", "/arms/1/params/colour"]),
        ({"review_share": "much"}, ["/arms/0/params/review_share", "/arms/1/params/review_share"]),
        ({"review_share": True}, ["/arms/0/params/review_share", "/arms/1/params/review_share"]),
        ({"algorithm": 3}, ["/arms/0/params/algorithm", "/arms/1/params/algorithm"]),
        ({"algorithm": "magic"}, ["/arms/0/params", "/arms/1/params"]),
        ({"target": 1.5}, ["/arms/0/params", "/arms/1/params"]),
        ({"mastery_threshold": 0.7, "algorithm": "baseline", "mixing": 0}, []),
    ],
)
def test_a_parameter_that_is_none_is_refused(params: dict[str, Any], wanted: list[str]) -> None:
    assert places(arms=arms(0.5, 0.5, params=params)) == wanted


@pytest.mark.parametrize(
    ("layer", "good", "bad"),
    [
        ("ranking", {"temperature": 0.2}, {"frame": False}),
        ("writing", {"frame": False, "glossary_share": 0.5}, {"glossary_share": 2.0}),
        ("planning", {"stage_steps": 3, "worth_replanning": 0.2}, {"stage_steps": 2.5}),
    ],
)
def test_every_layer_has_parameters_of_its_own(layer: str, good: dict[str, Any], bad: dict[str, Any]) -> None:
    assert layer in LAYERS
    assert places(layer=layer, arms=arms(0.5, 0.5, params=good)) == []
    assert places(layer=layer, arms=arms(0.5, 0.5, params=bad))


@pytest.mark.parametrize(
    "rule",
    [
        {"shoe_size": [44]},
        {"any": []},
        {"all": "of them"},
        {"kind": "guest"},
        {"rating": [1200, 1000]},
        {"rating": [True, 2]},
        {"any": [{"any": [{"any": [{"any": [{"any": [{"kind": ["guest"]}]}]}]}]}]},
    ],
)
def test_a_rule_that_is_none_is_refused(rule: dict[str, Any]) -> None:
    assert places(eligibility=rule)


@pytest.mark.parametrize(
    ("rule", "wanted"),
    [
        ({}, True),
        ({"kind": ["guest"]}, True),
        ({"kind": ["account"]}, False),
        ({"kind": ["guest"], "language": ["ur"]}, False),
        ({"any": [{"language": ["ur"]}, {"course": ["poker"]}]}, True),
        ({"all": [{"language": ["en", "ur"]}, {"rating": [900, 1100]}]}, True),
        ({"all": [{"language": ["en"]}, {"rating": [1000.5, 1100]}]}, False),
        ({"group": ["7a"]}, False),
        ({"any": [{"all": [{"kind": ["account"]}]}, {"all": [{"kind": ["guest"]}, {"rating": [0, 1000.5]}]}]}, True),
    ],
)
def test_rules_join_by_and_and_or(rule: dict[str, Any], wanted: bool) -> None:
    assert eligible(rule, Traits("guest", "poker", "en", 1000.0)) is wanted
