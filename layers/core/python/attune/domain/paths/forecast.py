"""When a path will be finished, and between which days it will be with 95 % probability."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt

from attune.domain.paths.days import FAR, Packed, ReviewQueue, pack
from attune.domain.paths.pace import QUANTILE, Minutes
from attune.domain.paths.parameters import DEFAULT
from attune.domain.paths.step import Step


@dataclass(frozen=True, slots=True)
class Finish:
    """Days since 1970."""

    estimate: int
    earliest: int
    latest: int


def forecast(
    steps: Sequence[Step],
    minutes: Minutes,
    first: int,
    minutes_per_day: int,
    queue: ReviewQueue,
    attendance: float = 1.0,
    packed: Packed | None = None,
    review_share: float = DEFAULT.review_share,
) -> Finish:
    """The last day of open steps, planned from the `first` day on.

    `minutes` are those of the steps, with their interval; the `queue` holds the reviews, and stays as it is. A learner
    who studies on a share `attendance` of days needs n study days in n / attendance days on average, with the spread
    of waiting for n successes. `packed` is how the steps fit as they are, where that is known; `review_share` is the
    part of a day that reviews may take.
    """
    if not steps:
        return Finish(first, first, first)
    share = max(0.01, min(1.0, attendance))

    def study_days(minutes_now: int) -> int:
        factor = minutes_now / max(1, minutes.estimate)
        scaled = [step._replace(minutes=max(1, round(step.minutes * factor))) for step in steps]
        last = pack(scaled, first, minutes_per_day, queue.copy(), most=FAR, share=review_share).last
        return (last or first) - first + 1

    few, many = study_days(minutes.low), study_days(minutes.high)
    known = packed.last if packed is not None and not packed.missing else None
    middle = study_days(minutes.estimate) if known is None else known - first + 1
    spread = QUANTILE * sqrt(many * (1.0 - share)) / share
    low_spread = QUANTILE * sqrt(few * (1.0 - share)) / share
    estimate = ceil(middle / share)
    return Finish(
        first + estimate - 1,
        first + min(estimate, max(few, ceil(few / share - low_spread))) - 1,
        first + max(estimate, ceil(many / share + spread)) - 1,
    )
