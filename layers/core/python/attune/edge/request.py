"""A request as the gateway passes it on: its body read within bounds, its caller known, before any route sees it."""

import base64
import re
import time
import uuid
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from attune.domain.errors import Malformed, TooLarge, Unsupported
from attune.domain.ids import is_uuid
from attune.domain.principal import Principal
from attune.edge import auth, strict_json

_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
_GATEWAY_ID = re.compile(r"[A-Za-z0-9=_-]{8,64}")
_MEDIA_TYPE = re.compile(r"application/json\s*(;\s*charset=\"?utf-8\"?\s*)?", re.IGNORECASE)


@dataclass(slots=True)
class Request:
    """One request. `body` is its JSON, once it was read; `state` is the router's scratch space, `refused` what the log
    tells of a refusal. `acting`: the principal is the learner that the caller acts for."""

    event: Mapping[str, Any]
    began: float = field(default_factory=time.perf_counter)
    body: Any = None
    principal: Principal | None = None
    proxy: Any = None
    context: Any = None
    state: dict[str, Any] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    acting: bool = False
    id: str = ""

    def __post_init__(self) -> None:
        wanted = self.header("x-request-id") or ""
        given = str((self.event.get("requestContext") or {}).get("requestId", ""))
        if _REQUEST_ID.fullmatch(wanted):
            self.id = wanted
        else:
            self.id = given if _GATEWAY_ID.fullmatch(given) else str(uuid.uuid4())

    def header(self, name: str) -> str | None:
        """A header by its name in lower case."""
        value = (self.event.get("headers") or {}).get(name)
        return None if value is None else str(value)

    def identify(self) -> None:
        """Know the caller. Raises `Unidentified`."""
        self.principal = auth.principal_of(self.event)

    def read_body(self, wanted: bool, limit: int) -> None:
        """Read the body if the route wants one. Raises `TooLarge`, `Unsupported`, `Malformed`."""
        raw = self._bytes()
        if len(raw) > limit:
            raise TooLarge(detail=f"The body has more than {limit} bytes.")
        if not wanted:
            if raw:
                raise Malformed("unexpected_body", "This route takes no body.")
            return
        if not _MEDIA_TYPE.fullmatch((self.header("content-type") or "").strip()):
            raise Unsupported
        if self.header("content-encoding") not in (None, "identity"):
            raise Unsupported(detail="This route takes no compressed body.")
        try:
            self.body = strict_json.parse(raw.decode())
        except UnicodeDecodeError:
            raise Malformed("malformed_json", "The body is not UTF-8.") from None

    def act_for(self, scope: str | None) -> None:
        """Let a caller with this scope be the learner that the body names: a site's own backend, reporting for one."""
        caller, named = self.principal, self.body.get("user_id") if isinstance(self.body, dict) else None
        if scope is not None and caller is not None and scope in caller.scopes and is_uuid(str(named)):
            self.principal, self.acting = Principal.named(str(named), caller.issuer), True

    def refuse_another(self) -> None:
        """Raise `NotFound` if the request names another learner than its caller."""
        if self.principal is not None:
            auth.refuse_another(self.principal, self.event, self.body)

    def _bytes(self) -> bytes:
        body = self.event.get("body") or ""
        if not self.event.get("isBase64Encoded"):
            return str(body).encode("utf-8", "surrogatepass")
        try:
            return base64.b64decode(body, validate=True)
        except ValueError:
            raise Malformed("malformed_body", "The body cannot be decoded.") from None


current: ContextVar[Request] = ContextVar("current")


def current_id() -> str:
    """The id of the request being served."""
    return current.get().id
