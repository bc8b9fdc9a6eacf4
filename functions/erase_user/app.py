"""DELETE /api/user/{user_id}: everything that is held about the caller goes."""

from attune.actions import erase_user as action
from attune.edge import http, queue, request, static
from attune.edge.clock import clock
from attune.edge.documented import answers
from attune.edge.erasures import ReceiptView
from attune.edge.users import UserIdPath
from attune.settings import settings

app = http.api(refuse=static.misrouted)
send = queue.sender(lambda: settings.job_queue, request.current_id)


@app.delete("/api/user/<user_id>", tags=["identity"], responses=answers({202: ReceiptView}))
def erase_user(user_id: UserIdPath) -> http.Answer:
    """Erase the caller: refused everywhere from now on, deleted everywhere within minutes.

    `Location` tells how far it is. The same request again, while it is under way, is answered with the same receipt.
    """
    receipt = action.begin(http.caller(), user_id, clock.now(), send)
    return http.answer(ReceiptView(receipt_id=receipt), 202, headers={"Location": f"/api/erasures/{receipt}"})


lambda_handler = http.handler(app)
