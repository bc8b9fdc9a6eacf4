"""Who is calling, as the authorizer said; here alone is a request refused for its token or its claim."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from attune.domain.errors import DomainError, Forbidden, NotFound, Unavailable, Unidentified
from attune.domain.principal import Kind, Principal

UNAVAILABLE = "issuer_unavailable"
"""The error that is nobody's fault but the issuer's: its keys cannot be had, and were never had."""


def principal_of(event: Mapping[str, Any]) -> Principal:
    """The caller. Raises `Unidentified` without an authorizer's word, or with its word that the token is bad."""
    context = ((event.get("requestContext") or {}).get("authorizer") or {}).get("lambda") or {}
    if context.get("error") == UNAVAILABLE:
        raise Unavailable(UNAVAILABLE)
    if "error" in context or context.get("kind") not in set(Kind) or not {"subject", "issuer"} <= set(context):
        raise Unidentified(str(context.get("error", "token_missing")))
    return Principal(
        kind=Kind(context["kind"]),
        subject=context["subject"],
        issuer=context["issuer"],
        scopes=frozenset(str(context.get("scopes", "")).split()),
    )


def refuse_another(principal: Principal, event: Mapping[str, Any], body: object) -> None:
    """Raise `NotFound` if a header, the query or the body names another learner than the caller."""
    claimed = [
        (event.get("headers") or {}).get("x-user-id"),
        (event.get("queryStringParameters") or {}).get("user_id"),
        body.get("user_id") if isinstance(body, Mapping) else None,
    ]
    if any(claim not in (None, principal.subject) for claim in claimed):
        raise NotFound


def context_of(principal: Principal) -> dict[str, str]:
    """A principal as the flat context of an authorizer's answer."""
    return {
        "kind": principal.kind.value,
        "subject": principal.subject,
        "issuer": principal.issuer,
        "scopes": " ".join(sorted(principal.scopes)),
    }


def require_admin(principal: Principal) -> None:
    """Raise `Forbidden` unless the issuer's scope says admin."""
    if not principal.is_admin:
        raise Forbidden("admin_only", "This needs the admin scope.")


class Verifier(Protocol):
    """Turns an `Authorization` header into a principal."""

    def principal(self, authorization: str | None, now: datetime) -> Principal: ...


def authorize(event: Mapping[str, Any], verifier: Verifier, now: datetime) -> dict[str, Any]:
    """An authorizer's answer. The gateway would refuse in words of its own, so a bad token goes on as an `error`."""
    try:
        principal = verifier.principal((event.get("headers") or {}).get("authorization"), now)
    except DomainError as error:
        return {"isAuthorized": True, "context": {"error": error.code}}
    return {"isAuthorized": True, "context": context_of(principal)}
