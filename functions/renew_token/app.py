"""POST /api/user/token: a guest's valid token is exchanged for a fresh one."""

from attune.domain.errors import Forbidden
from attune.domain.instants import instant
from attune.domain.principal import Kind
from attune.edge import http, secrets, tokens
from attune.edge.clock import clock
from attune.edge.documented import answers
from attune.edge.users import TokenView
from attune.settings import settings
from attune.store import users

app = http.api()


@app.post("/api/user/token", tags=["identity"], responses=answers({200: TokenView}, 403))
def renew_token() -> http.Answer:
    """Renew a guest's token, which lives for 90 days. Accounts renew theirs with their issuer."""
    caller = http.caller()
    if caller.kind is not Kind.GUEST:
        raise Forbidden("guests_only", "An account's token is renewed by its issuer.")
    private_key = secrets.read(settings.guest_key_parameter)
    users.seen(caller, clock.now())
    token, ends = tokens.mint(caller.subject, private_key, settings.guest_issuer, clock.now())
    return http.answer(TokenView(token=token, token_expires_at=instant(ends)))


lambda_handler = http.handler(app)
