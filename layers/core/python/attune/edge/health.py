"""How the service is doing."""

from dataclasses import asdict
from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import Field

from attune.domain.refresh import Run
from attune.edge.views import View

VERSION = "1.0.0"
Deep = Annotated[bool, Query(description="Ask every part; admins only.")]


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


class DeepHealthView(HealthView):
    """For admins: each part by name. `refresh` is the last nightly run; null before the first."""

    table: Literal["ok", "down"]
    queue: QueueView | Literal["down"]
    jobs: QueueView | Literal["down"]
    model: Literal["configured", "built_in"]
    refresh: RefreshView | None

    @classmethod
    def of(
        cls, table: bool, refresh: Run | None, queue: QueueView | None, jobs: QueueView | None, writer: str
    ) -> "DeepHealthView":
        return cls(
            status="ok" if table and queue and jobs else "degraded",
            table="ok" if table else "down",
            queue=queue or "down",
            jobs=jobs or "down",
            model="built_in" if writer == "rules" else "configured",
            refresh=RefreshView(**asdict(refresh)) if refresh else None,
        )
