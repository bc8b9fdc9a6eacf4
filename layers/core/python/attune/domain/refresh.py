"""A nightly run, in numbers."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Run:
    """`run` is the day of the run. A learner is `done` or `failed` once in each course; all others are still to come.

    `lag_seconds` is the time from when the run was due to begin until the last learner was done; None before the first.
    """

    run: str
    learners: int
    done: int
    failed: int
    lag_seconds: int | None
