"""POST /api/user/create: a guest begins, with the browser's own UUID or a new one."""

from attune.actions import create_user as action
from attune.edge import http, idempotency, secrets, tokens
from attune.edge.clock import clock
from attune.edge.documented import answers
from attune.edge.users import CreateUserBody, NewUserView
from attune.settings import settings

app = http.api(public=True)


@app.post("/api/user/create", tags=["identity"], responses=answers({201: NewUserView}, 409))
def create_user(body: CreateUserBody, idempotency_key: http.IdempotencyKey = None) -> http.Answer:
    """Create a guest and give it its token.

    The UUID alone opens nothing: a taken one is 409 and no token. Under an `Idempotency-Key` (at least 22 characters,
    since it stands for the caller here) a repeated request is answered again, with a fresh token.
    """
    # Nobody is created who could not be given a token.
    private_key = secrets.read(settings.guest_key_parameter)
    repetition = idempotency.repetition("create_user", idempotency_key, body.model_dump(exclude_none=True))
    user, principal, replayed = action.run(body.user_id, settings.guest_issuer, repetition, clock.now())
    token, ends = tokens.mint(user.id, private_key, settings.guest_issuer, clock.now())
    view = NewUserView.with_token(principal, user, token, ends)
    return http.answer(view, 201, headers={"Idempotency-Replayed": "true"} if replayed else {})


lambda_handler = http.handler(app)
