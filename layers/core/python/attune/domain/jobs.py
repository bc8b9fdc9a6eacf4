"""What is queued to be done in the background: typed messages that hold ids only, and may come twice."""

import json
from dataclasses import asdict, dataclass
from typing import get_args, get_type_hints


@dataclass(frozen=True, slots=True)
class RebuildProfile:
    """Fold all of a learner's sessions anew: an answer came that is older than the log."""

    learner: str
    course: str

    def to_json(self) -> str:
        return _json(self)


@dataclass(frozen=True, slots=True)
class StartRefresh:
    """Begin the run of the day on which it was scheduled: what the schedule sends. `time` is RFC 3339."""

    time: str

    def to_json(self) -> str:
        return _json(self)


@dataclass(frozen=True, slots=True)
class RefreshPage:
    """Refresh the learners of one page of a shard of the index who are due on the day of the run, and go on after it.

    `after` is the last learner of the page before, as the index's sort key; empty for the first page.
    """

    run: str
    shard: int
    after: str = ""

    @property
    def is_first(self) -> bool:
        """Whether the night begins with it."""
        return self.shard == 0 and not self.after

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


@dataclass(frozen=True, slots=True)
class Reestimate:
    """Look after a course's shared parameters: what a run gathered is complete."""

    run: str
    course: str

    def to_json(self) -> str:
        return _json(self)


@dataclass(frozen=True, slots=True)
class CheckExperiment:
    """Look at an experiment's guardrails and its split: something was counted that may break one."""

    course: str
    experiment: str

    def to_json(self) -> str:
        return _json(self)


@dataclass(frozen=True, slots=True)
class StartReports:
    """Have the reports of the week before written, that of the `course` in any case: what the schedule sends.

    `time` is RFC 3339.
    """

    time: str
    course: str

    def to_json(self) -> str:
        return _json(self)


@dataclass(frozen=True, slots=True)
class WriteReport:
    """Write a course's report of a week, such as 2026-W45."""

    course: str
    week: str

    def to_json(self) -> str:
        return _json(self)


@dataclass(frozen=True, slots=True)
class EraseUser:
    """Delete what is left of a learner; who it is, the receipt's row says."""

    receipt: str

    def to_json(self) -> str:
        return _json(self)


@dataclass(frozen=True, slots=True)
class LinkUser:
    """Carry over to an account what is left of a guest."""

    account: str
    guest: str

    def to_json(self) -> str:
        return _json(self)


Job = (
    RebuildProfile
    | StartRefresh
    | RefreshPage
    | RefreshLearner
    | Reestimate
    | CheckExperiment
    | StartReports
    | WriteReport
    | EraseUser
    | LinkUser
)
_KINDS: dict[str, type[Job]] = {kind.__name__: kind for kind in get_args(Job)}


def job(body: str) -> Job:
    """The job of a message. Raises `ValueError` for what is none."""
    fields = json.loads(body)
    try:
        kind = _KINDS[fields.pop("job")]
        wanted = get_type_hints(kind)
        if any(type(value) is not wanted[name] for name, value in fields.items()):
            raise ValueError("not a job")
        return kind(**fields)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("not a job") from error


def _json(job: Job) -> str:
    return json.dumps({"job": type(job).__name__, **asdict(job)}, separators=(",", ":"))
