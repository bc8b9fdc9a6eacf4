"""How good predictions of right and wrong answers are."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

CERTAIN = 1e-6
BINS = 20


@dataclass(frozen=True, slots=True)
class Goodness:
    """`auc`: how often a right answer was thought likelier than a wrong one. `log_loss`: in nats an answer.

    `ece`: by how much, on average, the share of right answers differs from the predicted one, over twenty equal bins.
    """

    auc: float
    log_loss: float
    ece: float


def goodness(correct: Sequence[int], predicted: Sequence[float]) -> Goodness:
    """Of predictions, which are taken to lie between a millionth and one less a millionth."""
    loss, off = 0.0, [0.0] * BINS
    for y, raw in zip(correct, predicted, strict=True):
        p = max(CERTAIN, min(1.0 - CERTAIN, raw))
        loss -= log(p if y else 1.0 - p)
        off[min(BINS - 1, int(p * BINS))] += y - p
    return Goodness(auc(correct, predicted), loss / len(correct), sum(map(abs, off)) / len(correct))


def auc(correct: Sequence[int], predicted: Sequence[float]) -> float:
    """The area under the ROC curve by the ranks of right answers (Mann and Whitney), equals at their middle rank."""
    pairs = sorted(zip(predicted, correct, strict=True))
    right = sum(correct)
    wrong = len(pairs) - right
    if not right or not wrong:
        return float("nan")
    ranks, start = 0.0, 0
    while start < len(pairs):
        end, hits = start, 0
        while end < len(pairs) and pairs[end][0] == pairs[start][0]:
            hits += pairs[end][1]
            end += 1
        ranks += hits * (start + end + 1) / 2
        start = end
    return (ranks - right * (right + 1) / 2) / (right * wrong)
