"""POST /api/user/link: a guest becomes part of the account that is calling."""

from attune.actions import link_user as action
from attune.domain.link import LINKED
from attune.edge import http, queue, request
from attune.edge.clock import clock
from attune.edge.documented import answers
from attune.edge.links import LinkUserBody, LinkView, guest_of
from attune.edge.verifier import guests
from attune.settings import settings

app = http.api()
send = queue.sender(lambda: settings.job_queue, request.current_id)


@app.post("/api/user/link", tags=["identity"], responses=answers({200: LinkView, 202: LinkView}, 403, 409))
def link_user(body: LinkUserBody) -> http.Answer:
    """Join a guest to the account: answers, evidence, estimates, recommendations and pointers become the account's.

    202 while it is under way; the same request again tells when it is done. The account wins on answers and
    preferences, evidence is united by its ids, and the guest's token opens nothing any more.
    """
    now = clock.now()
    link = action.begin(http.caller(), guest_of(body.guest_token, guests(), now), now, send)
    if link.state == LINKED:
        return http.answer(LinkView.of(link))
    return http.answer(LinkView.of(link), 202, headers={"Retry-After": "2"})


lambda_handler = http.handler(app)
