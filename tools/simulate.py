"""What a way of choosing the next items is worth: simulated learners in several worlds, the same ones for every policy.

    make simulate                       every world, 100 learners each
    python -m tools.simulate --learners 20 --seed 7

Prints the mastery gained after 20, 60 and 120 items with 95 % intervals; the same seed prints the same bytes.
"""

import argparse
import random
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final

from tools.simulated_policies import BREAK, POLICIES, Known
from tools.simulated_worlds import WORLDS, World, course_of, learner_of

AFTER: Final = (20, 60, 120)
"""Items after which mastery is counted."""
BARS: Final[Mapping[bool, float]] = {True: 20.0, False: 5.0}
"""What ours has to be better than random by, in percent: in worlds with prerequisites, and without."""

Gains = tuple[float, ...]
"""What one learner gained, by `AFTER`."""


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean with the half of its 95 % interval."""

    value: float
    half: float

    def __str__(self) -> str:
        return f"{self.value:6.2f} ± {self.half:4.2f}"


def run(world: World, policy: str, seed: str) -> Gains:
    """One learner's gains. The same seed gives the same course and learner to every policy."""
    course = course_of(world, random.Random(f"{seed}:course"))  # noqa: S311
    learner = learner_of(world, course, random.Random(f"{seed}:learner"))  # noqa: S311
    rng = random.Random(f"{seed}:{policy}")  # noqa: S311
    known = Known(course)
    start, done, gains = learner.known(), 0, []
    while done < AFTER[-1] and (chosen := POLICIES[policy](known, learner, rng)):
        for item in chosen:
            known.learn(item, learner.answer(item))
            done += 1
            if done in AFTER:
                gains.append(learner.known() - start)
            if done % 5 == 0:
                known.now += BREAK
    # A policy may see nothing left to do before the end.
    gains.extend([learner.known() - start] * (len(AFTER) - len(gains)))
    return tuple(gains[: len(AFTER)])


def mean(values: Sequence[float]) -> Mean:
    n = len(values)
    middle = sum(values) / n
    spread = sum((value - middle) ** 2 for value in values) / max(1, n - 1)
    return Mean(middle, 1.96 * sqrt(spread / n))


def over(values: Sequence[float], others: Sequence[float]) -> Mean:
    """How much larger the mean is than another of the same learners, in percent (delta method, paired)."""
    base = sum(others) / len(others)
    ratio = sum(values) / len(values) / base if base else 1.0
    around = mean(
        [(value - ratio * other) / base if base else 0.0 for value, other in zip(values, others, strict=True)]
    )
    return Mean(100.0 * (ratio - 1.0), 100.0 * around.half)


def simulate(worlds: Iterable[World], learners: int, seed: int, policies: Iterable[str] = POLICIES) -> list[str]:
    """The lines of the report; progress goes to stderr."""
    lines, bars = [f"seed {seed}, {learners} learners in each world (seeds {seed}:0 to {seed}:{learners - 1})"], []
    for world in worlds:
        gains: dict[str, list[Gains]] = {}
        for policy in policies:
            print(f"\r{world.name}: {policy:14}", end="", file=sys.stderr, flush=True)
            gains[policy] = [run(world, policy, f"{seed}:{number}:{world.name}") for number in range(learners)]
        lines += ["", f"{world.name}: mastery gained, and the difference over random in %"]
        lines.append(f"{'after items':14}" + "".join(f"{after:>15}" for after in AFTER) + f"{'over random':>18}")
        for policy, found in gains.items():
            cells = "".join(f"{mean([gain[place] for gain in found])!s:>15}" for place in range(len(AFTER)))
            lead = over([gain[-1] for gain in found], [gain[-1] for gain in gains["random"]])
            lines.append(f"{policy:14}{cells}{lead.value:+9.1f} ± {lead.half:4.1f} %")
            if policy == "ours":
                bar = BARS[world.has_prerequisites]
                said = "met" if lead.value >= bar else "MISSED"
                bars.append(
                    f"bar {world.name}: over random {lead.value:+.1f} %, at least {bar:+.1f} %, "
                    f"margin {lead.value - bar:+.1f}: {said}"
                )
    print("\r" + " " * 40 + "\r", end="", file=sys.stderr, flush=True)
    return [*lines, "", *bars]


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the report; fails if a bar is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--learners", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--world", choices=[world.name for world in WORLDS], action="append")
    chosen = parser.parse_args(arguments)
    worlds = [world for world in WORLDS if not chosen.world or world.name in chosen.world]
    lines = simulate(worlds, chosen.learners, chosen.seed)
    print("\n".join(lines))
    return int(any(line.endswith("MISSED") for line in lines))


if __name__ == "__main__":
    sys.exit(main())
