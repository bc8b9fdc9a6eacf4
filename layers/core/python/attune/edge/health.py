"""How the service is doing."""

from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.openapi.params import Query

from attune.edge.views import View

VERSION = "1.0.0"
Deep = Annotated[bool, Query(description="Ask every part; admins only.")]


class HealthView(View):
    status: Literal["ok", "degraded"]
    version: str = VERSION


class QueueView(View):
    waiting: int
    dead: int


class DeepHealthView(HealthView):
    """For admins: each part by name. `refresh` is the last scheduled run."""

    table: Literal["ok", "down"]
    queue: QueueView | Literal["down"]
    model: Literal["configured", "built_in"]
    refresh: None = None

    @classmethod
    def of(cls, table: bool, queue: QueueView | None, writer: str) -> "DeepHealthView":
        return cls(
            status="ok" if table and queue else "degraded",
            table="ok" if table else "down",
            queue=queue or "down",
            model="built_in" if writer == "rules" else "configured",
        )
