"""Whether a definition can be run at all: everything that its shape alone does not say."""

from collections import Counter
from collections.abc import Iterator

from attune.domain.errors import Flaw
from attune.domain.experiments import eligibility, parameters
from attune.domain.experiments.definition import Definition
from attune.domain.experiments.metric import BUILT_IN, GUARDS, RATIO, Metric
from attune.domain.experiments.ranges import TOLERANCE

RESERVED = frozenset({"difference", "interval", "decision", "metric", "type", "arm", "others", "rests_on"})
"""Names that results use beside those of the arms."""

OURS = "__"
"""How the seeds begin by which holdouts and layers are told apart."""


def flaws(found: Definition, holdout: float) -> Iterator[Flaw]:
    """What is wrong with a definition, where the stack's holdout is this."""
    yield from _arms(found)
    if found.part.start >= found.part.end:
        yield Flaw("/part", "The first number less than the second.")
    if found.seed.startswith(OURS):
        yield Flaw("/seed", f"What begins with {OURS} is taken: arms would depend on who is held out.")
    if found.holdout != holdout:
        yield Flaw("/holdout", f"The holdout is the stack's: {holdout:g}. Leave it out.")
    yield from eligibility.flaws(found.eligibility, "/eligibility")
    if found.layer == parameters.WRITING and eligibility.asks_rating(found.eligibility):
        yield Flaw(
            "/eligibility", "Where lessons are read, ratings are not looked up: no rule of `writing` asks for one."
        )
    yield from _metrics(found)
    if found.unit != "learner" and found.adjusted:
        yield Flaw("/adjusted", "Groups are not adjusted.")
    if found.adjusted and found.primary.type == RATIO:
        yield Flaw("/adjusted", "A ratio is not adjusted.")


def _arms(found: Definition) -> Iterator[Flaw]:
    keys = Counter(arm.key for arm in found.arms)
    for number, arm in enumerate(found.arms):
        if keys[arm.key] > 1:
            yield Flaw(f"/arms/{number}/key", "Each arm has a key of its own.")
        if arm.key in RESERVED:
            yield Flaw(f"/arms/{number}/key", "Results use this word for something else.")
        if arm.weight <= 0.0:
            yield Flaw(f"/arms/{number}/weight", "More than 0: an arm that nobody falls into is none.")
        yield from parameters.flaws(found.layer, arm.params, f"/arms/{number}/params")
    if abs(sum(arm.weight for arm in found.arms) - 1.0) > TOLERANCE:
        yield Flaw("/arms", "The weights add up to 1.", "weights")


def _metrics(found: Definition) -> Iterator[Flaw]:
    placed: list[tuple[str, Metric]] = [("/primary", found.primary)]
    placed += [(f"/secondary/{number}", metric) for number, metric in enumerate(found.secondary)]
    placed += [(f"/guardrails/{number}", one.metric) for number, one in enumerate(found.guardrails)]
    for number, one in enumerate(found.guardrails):
        if one.metric.name in BUILT_IN and one.metric.name not in GUARDS:
            known = " or ".join(f"`{name}`" for name in sorted(GUARDS))
            yield Flaw(f"/guardrails/{number}/metric", f"A guardrail is {known} or a metric that the site records.")
    types: dict[str, str] = dict(BUILT_IN)
    seen: set[tuple[str, str]] = set()
    for at, metric in placed:
        if types.setdefault(metric.name, metric.type) != metric.type:
            yield Flaw(f"{at}/type", f"This metric is of type {types[metric.name]}.")
        elif metric.type == RATIO and metric.name not in BUILT_IN:
            yield Flaw(f"{at}/type", "What a site records is no ratio: `binary` or `mean`.")
        role = at.split("/")[1].replace("primary", "secondary")
        if (role, metric.name) in seen:
            yield Flaw(f"{at}/metric", "Named twice.")
        seen.add((role, metric.name))
