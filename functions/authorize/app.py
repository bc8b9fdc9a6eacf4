"""The Lambda authorizer: who is calling, and nothing else; what they may do is decided where it is done."""

from typing import Any

from attune import start
from attune.edge import auth
from attune.edge.clock import clock
from attune.edge.verifier import verifier


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Turn the bearer token into the request's context; a bad one goes on as an error, to be refused as a problem."""
    return auth.authorize(event, verifier(), clock.now())


start.end()
