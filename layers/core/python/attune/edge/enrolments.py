"""The experiments that a learner is in, and what the site says of them."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from attune.domain.experiments.assignments import ACTIVE, EXITED, Assignment, Assignments
from attune.domain.experiments.experiment import Experiment
from attune.domain.experiments.tally import MOST
from attune.edge.experiments import MetricName
from attune.edge.moments import moment
from attune.edge.views import Instant, PersonalBody, View

COMPLETED = "COMPLETED"
EventId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$")]


class OutcomeBody(PersonalBody):
    """Something that happened, once for each `event_id`: 0 or 1 of a binary metric, any value of a mean."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"event_id": "subscribed-2026-11-12", "metric": "dropout_14d", "value": 1}]}
    )

    event_id: EventId
    metric: MetricName
    value: Annotated[float, Field(ge=-MOST, le=MOST)]


class OutcomeView(View):
    """`counted`, or why not: the event was counted before, the learner was never exposed, or has left."""

    experiment_id: str
    event_id: str
    metric: str
    result: Literal["counted", "duplicate", "not_enrolled", "left"]


class EnrolmentView(View):
    """An experiment that the learner was exposed to, or left. COMPLETED once the experiment is over."""

    experiment_id: str
    arm: str | None
    status: Literal["ACTIVE", "COMPLETED", "EXITED", "EXCLUDED"]
    enrolled_at: Instant | None
    exited_at: Instant | None

    @classmethod
    def of(cls, id_: str, one: Assignment, *, is_open: bool) -> "EnrolmentView":
        status: Any = EXITED if one.has_left else one.status
        if status == ACTIVE and not is_open:
            status = COMPLETED
        return cls(
            experiment_id=id_,
            arm=one.arm,
            status=status,
            enrolled_at=moment(one.at) if one.arm is not None else None,
            exited_at=moment(one.left_at) if one.left_at is not None else None,
        )


class EnrolmentsView(View):
    items: list[EnrolmentView]

    @classmethod
    def of(cls, arms: Assignments, known: Sequence[Experiment]) -> "EnrolmentsView":
        open_ = {one.id for one in known if one.is_open}
        ordered = sorted(arms.items(), key=lambda each: (each[1].at, each[0]))
        return cls(items=[EnrolmentView.of(id_, one, is_open=id_ in open_) for id_, one in ordered])
