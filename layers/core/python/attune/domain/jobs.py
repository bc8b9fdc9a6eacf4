"""What is queued to be done in the background: typed messages that hold ids only, and may come twice."""

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class RebuildProfile:
    """Fold all of a learner's sessions anew: an answer came that is older than the log."""

    learner: str
    course: str

    def to_json(self) -> str:
        return _json(self)


@dataclass(frozen=True, slots=True)
class RefreshPage:
    """Refresh the learners of one page of a shard of the index who are due on the day of the run, and go on after it.

    `after` is the last learner of the page before, as the index's sort key.
    """

    run: str
    shard: int
    after: str | None = None

    def to_json(self) -> str:
        return _json(self)


@dataclass(frozen=True, slots=True)
class RefreshLearner:
    """Refresh one learner in one course: tried again by itself, after it failed among others."""

    run: str
    shard: int
    learner: str
    course: str

    def to_json(self) -> str:
        return _json(self)


Job = RebuildProfile | RefreshPage | RefreshLearner
_KINDS: dict[str, type[Job]] = {kind.__name__: kind for kind in (RebuildProfile, RefreshPage, RefreshLearner)}


def job(body: str) -> Job:
    """The job of a message. Raises `ValueError` for what is none."""
    fields = json.loads(body)
    try:
        return _KINDS[fields.pop("job")](**fields)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("not a job") from error


def _json(job: Job) -> str:
    return json.dumps({"job": type(job).__name__, **asdict(job)}, separators=(",", ":"))
