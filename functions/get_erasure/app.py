"""GET /api/erasures/{receipt_id}: how far an erasure is, for whoever holds its receipt."""

from attune.domain.errors import NotFound
from attune.edge import http
from attune.edge.clock import clock
from attune.edge.documented import answers
from attune.edge.erasures import ErasureView, ReceiptId
from attune.store import erasures

app = http.api(public=True)


@app.get("/api/erasures/<receipt_id>", tags=["identity"], responses=answers({200: ErasureView}))
def get_erasure(receipt_id: ReceiptId) -> http.Answer:
    """See how far an erasure is: how many rows of each kind are deleted, and what is kept all the same.

    The receipt is the only thing that opens it; it says nothing of who was erased.
    """
    found = erasures.get(receipt_id, clock.now())
    if found is None:
        raise NotFound("unknown_erasure", "There is no such erasure.")
    return http.answer(ErasureView.of(found))


lambda_handler = http.handler(app)
