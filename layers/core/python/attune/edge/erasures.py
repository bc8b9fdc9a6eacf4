"""Erasures as they are answered."""

from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.openapi.params import Path
from pydantic import Field

from attune.domain.erasure import KEPT, Erasure
from attune.domain.ids import UUID_PATTERN
from attune.edge.views import Instant, Uuid, View

ReceiptId = Annotated[str, Path(pattern=UUID_PATTERN, description="As the erasure was answered with.")]


class ReceiptView(View):
    receipt_id: Uuid


class ErasureView(View):
    """`deleted` counts rows by kind (and the `evidence` in sessions); `kept` says what stays, and for how long."""

    receipt_id: Uuid
    status: Literal["running", "done"]
    requested_at: Instant
    done_at: Instant | None
    deleted: Annotated[dict[str, int], Field(description="Rows by kind.")]
    kept: dict[str, str]

    @classmethod
    def of(cls, found: Erasure) -> "ErasureView":
        return cls(
            receipt_id=found.receipt,
            status="done" if found.state == "done" else "running",
            requested_at=found.requested_at,
            done_at=found.done_at,
            deleted=dict(sorted(found.deleted.items())),
            kept=dict(KEPT),
        )
