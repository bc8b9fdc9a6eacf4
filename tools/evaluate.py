"""`make evaluate DATA=folder`: how well the learner model predicts real answers, beside what others reach.

Students are split by a hash of their names: seven in ten for training, the others tested and never trained on.
Warm: the training students' answers have been seen, one student after the other. Cold: nothing has. Then the tested
students' answers come round robin, each predicted before it is learnt from.
"""

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import isnan
from pathlib import Path
from time import process_time
from typing import Final

from attune.domain.learning.model import ABILITY_BYTES, SKILL_BYTES, LearnerModel
from tools.answer_logs import Answer, files, read, round_robin, split
from tools.errors import OperatorError
from tools.goodness import Goodness, goodness
from tools.peers import PUBLISHED, Elo, KnowledgeTracing, MeanPerItem, Model

SHARE: Final = 0.3
OURS: Final = "Attune"
PEERS: Final[dict[str, Callable[[Iterable[Answer]], Model]]] = {
    "mean per item": lambda fit: MeanPerItem(),
    "BKT, fitted on a grid": KnowledgeTracing,
    "Elo": lambda fit: Elo(),
    OURS: lambda fit: LearnerModel(),
}
BARS: Final = {
    "assist09": {"warm": 0.778, "cold": 0.741},
    "statics": {"warm": 0.828, "cold": 0.786},
    "assist15": {"warm": 0.716},
}
"""The least AUC, by the beginning of a file's name."""
MOST_ECE: Final = 0.02
MOST_US: Final = 25.0
MOST_BYTES: Final = 50


@dataclass(frozen=True, slots=True)
class Result:
    """What one model did on one file."""

    model: str
    warm: Goodness
    cold: Goodness
    us: float


def run(model: Model, test: Sequence[Answer], train: Iterable[Answer] = ()) -> tuple[Goodness, float]:
    """How good a model is on the test, and the microseconds of CPU that predicting and learning take for an answer."""
    for user, item, skills, correct, ts in train:
        model.predict(user, item, skills, ts)
        model.update(user, item, skills, correct, ts)
    predicted = []
    start = process_time()
    for user, item, skills, correct, ts in test:
        predicted.append(model.predict(user, item, skills, ts))
        model.update(user, item, skills, correct, ts)
    us = (process_time() - start) / len(test) * 1e6
    return goodness([answer.correct for answer in test], predicted), us


def evaluate(name: str, answers: Sequence[Answer], seed: int = 0, models: Iterable[str] = PEERS) -> list[Result]:
    """Every model on one log; progress goes to stderr."""
    tested, train = split(answers, seed, SHARE)
    if not train or not tested:
        raise OperatorError(f"{name} has too few students to be split into training and test.")
    test, results = round_robin(tested), []
    for model in models:
        print(f"\r{name}: {model:24}", end="", file=sys.stderr, flush=True)
        warm, us = run(PEERS[model](train), test, train)
        cold, _ = run(PEERS[model](()), test)
        results.append(Result(model, warm, cold, us))
    print("\r" + " " * 60 + "\r", end="", file=sys.stderr, flush=True)
    return results


def table(name: str, results: Iterable[Result]) -> Iterator[str]:
    """The lines for one log."""
    yield f"{name:24}" + "".join(
        f"{head:>10}" for head in ("warm AUC", "log-loss", "ECE", "cold AUC", "log-loss", "ECE", "us/event", "bytes")
    )
    for result in results:
        figures = [f"{getattr(each, field):10.4f}" for each in (result.warm, result.cold) for field in _FIELDS]
        size = f"{SKILL_BYTES:10}" if result.model == OURS else f"{'':10}"
        yield f"{result.model:24}{''.join(figures)}{result.us:10.1f}{size}".rstrip()
    for paper in PUBLISHED:
        auc = next((auc for start, auc in paper.auc.items() if name.startswith(start)), None)
        if auc is not None:
            yield f"{paper.name + ', cited':24}{auc:10.3f}    {paper.source}"


_FIELDS: Final = ("auc", "log_loss", "ece")


def bars(name: str, result: Result) -> Iterator[str]:
    """What our model must reach on a log, and by how much it does."""
    wanted = next((bar for start, bar in BARS.items() if name.startswith(start)), {})
    for mode, least in wanted.items():
        found = (result.warm if mode == "warm" else result.cold).auc
        yield _bar(f"{name} {mode} AUC", found, "at least", least, found - least, 4)
    yield _bar(f"{name} warm ECE", result.warm.ece, "at most", MOST_ECE, MOST_ECE - result.warm.ece, 4)
    yield _bar(f"{name} us/event", result.us, "at most", MOST_US, MOST_US - result.us, 1)


def _bar(what: str, found: float, side: str, bar: float, margin: float, digits: int) -> str:
    said = "no answer" if isnan(found) else "met" if margin >= 0 else "MISSED"
    return f"bar {what}: {found:.{digits}f}, {side} {bar:g}, margin {margin:+.{digits}f}: {said}"


def report(found: Iterable[Path], seed: int) -> list[str]:
    """The whole report."""
    lines, last = list[str](), list[str]()
    for file in found:
        name = file.name.partition(".")[0]
        answers = read(file)
        results = evaluate(name, answers, seed)
        students = len({answer.user for answer in answers})
        lines += [f"{file.name}: {len(answers)} answers of {students} students", *table(name, results), ""]
        last += bars(name, results[-1])
    size = _bar("bytes per learner and skill", SKILL_BYTES, "at most", MOST_BYTES, MOST_BYTES - SKILL_BYTES, 0)
    return [
        f"Tested: students with SHA-256('{seed}:student') in the first {SHARE:.0%} of its range; others trained on.",
        f"A learner's state takes {ABILITY_BYTES} bytes and {SKILL_BYTES} for each skill.",
        "",
        *lines,
        *last,
        size,
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the report; 1 if a bar is missed, 2 where there is nothing to evaluate on."""
    parser = argparse.ArgumentParser(prog="python -m tools.evaluate", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("data", type=Path, nargs="?", help="the folder with the logs")
    parser.add_argument("--seed", type=int, default=0, help="of the split")
    chosen = parser.parse_args(arguments)
    try:
        lines = report(files(chosen.data), chosen.seed)
    except OperatorError as error:
        print(f"attune: {error}", file=sys.stderr)
        return 2
    print("\n".join(lines))
    return int(any(not line.endswith(": met") for line in lines if line.startswith("bar ")))


if __name__ == "__main__":
    sys.exit(main())
