"""How the service is doing."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import Field

from attune.domain.batch import CLOSED, SETTLED, Batch
from attune.domain.budget import MICRO
from attune.domain.instants import instant
from attune.domain.refresh import Run
from attune.edge.views import TRUTH, View

VERSION = "1.0.0"
Deep = Annotated[bool, Query(description="Ask every part; admins only."), TRUTH]


class HealthView(View):
    status: Literal["ok", "degraded"]
    version: str = VERSION


class QueueView(View):
    waiting: int
    dead: int


class RefreshView(View):
    """A nightly run: learners who were due so far, each once a course, and how many of them are done or failed."""

    run: str = Field(description="The day of the run.", examples=["2026-11-24"])
    learners: int
    done: int
    failed: int
    lag_seconds: int | None = Field(description="From when the run was due to begin until the last learner was done.")


class BatchView(View):
    """The batch of a course's sections that is under way, or the last that was."""

    course: str
    state: Literal["intended", "sent", "settled", "closed"]
    status: str | None = Field(description="The provider's word for it.", examples=["in_progress"])
    reason: str | None = Field(description="What is or went wrong.", examples=["unauthorized"])
    name: str = Field(description="Under `attune` in the batch's metadata at the provider.")
    began_at: str
    ended_at: str | None
    sections: int = Field(description="Sections that were asked for.")
    written: int = Field(description="Of them stored, once it has ended.")
    originals: int = Field(description="Of them refused, so that their originals stand for a day.")
    left: int = Field(description="Of them left to be asked for by themselves.")
    reserved: float = Field(description="Dollars set aside; 0 once it is settled.")
    cost: float = Field(description="Dollars that were settled.")
    duplicates: int = Field(description="Batches that the provider made of the same intent besides; they are paid for.")

    @classmethod
    def of(cls, batch: Batch) -> "BatchView":
        counts, settled = batch.counts, batch.state in (SETTLED, CLOSED)
        return cls(
            course=batch.course,
            state=batch.state,
            status=batch.status,
            reason=batch.reason,
            name=batch.name,
            began_at=_at(batch.began_at),
            ended_at=_at(batch.ended_at) if batch.ended_at is not None else None,
            sections=len(batch.sections),
            written=counts.written,
            originals=counts.originals,
            left=counts.left,
            reserved=0.0 if settled else batch.amount / MICRO,
            cost=counts.cost / MICRO,
            duplicates=batch.duplicates,
        )


class DeepHealthView(HealthView):
    """For admins: each part by name. `refresh` is the last nightly run; null before the first. `batches` holds one for
    each course whose nights are written in them."""

    table: Literal["ok", "down"]
    queue: QueueView | Literal["down"]
    jobs: QueueView | Literal["down"]
    model: Literal["configured", "built_in"]
    refresh: RefreshView | None
    batches: list[BatchView]

    @classmethod
    def of(
        cls,
        table: bool,
        refresh: Run | None,
        queue: QueueView | None,
        jobs: QueueView | None,
        writer: str,
        batches: Sequence[Batch] = (),
    ) -> "DeepHealthView":
        return cls(
            status="ok" if table and queue and jobs else "degraded",
            table="ok" if table else "down",
            queue=queue or "down",
            jobs=jobs or "down",
            model="built_in" if writer == "rules" else "configured",
            refresh=RefreshView(**asdict(refresh)) if refresh else None,
            batches=[BatchView.of(each) for each in batches],
        )


def _at(seconds: float) -> str:
    return instant(datetime.fromtimestamp(seconds, UTC))
