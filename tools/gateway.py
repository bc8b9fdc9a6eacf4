"""The HTTP API of the template on this machine: its routes, authorizer and CORS, and the real handlers behind them."""

import logging
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from tools import cors
from tools.code import Code, Context
from tools.events import PAYLOAD_LIMIT, Answer, answer_of, authorizer_event, event_of
from tools.routes import Route, Router
from tools.template import Template

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

log = logging.getLogger("tools.gateway")


class Gateway:
    """A WSGI application. The authorizer runs for each request of a protected route: nothing is cached."""

    def __init__(self, template: Template, code: Code) -> None:
        self._template = template
        self._router = Router(template.routes)
        self._code = code

    def __call__(self, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        answer = self._answer(environ)
        length = [] if answer.status in (204, 304) else [("content-length", str(len(answer.body)))]
        headers = [each for each in answer.headers if each[0] not in ("content-length", "connection")]
        start(answer.line, headers + length)
        return [] if environ["REQUEST_METHOD"] == "HEAD" or answer.status in (204, 304) else [answer.body]

    def _answer(self, environ: "WSGIEnvironment") -> Answer:
        origin, rules = environ.get("HTTP_ORIGIN"), self._template.cors
        asks = environ["REQUEST_METHOD"] == "OPTIONS" and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ
        if rules and origin and asks:
            return cors.preflight(rules, origin)
        # WSGI hands the decoded path over as Latin-1.
        path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
        matched = self._router.match(environ["REQUEST_METHOD"], path)
        if matched is None:
            answer = Answer.message(404, "Not Found")
        else:
            event = event_of(environ, path, *matched)
            answer = self._routed(matched[0], event)
            answer.headers.append(("apigw-requestid", event["requestContext"]["requestId"]))
        if rules:
            cors.decorate(rules, origin, answer)
        return answer

    def _routed(self, route: Route, event: dict[str, Any]) -> Answer:
        if len(event.get("body", "")) > PAYLOAD_LIMIT:
            return Answer.message(413, "Request Entity Too Large")
        try:
            if route.authorizer and (refusal := self._authorize(route.authorizer, event)):
                return refusal
            return answer_of(self.invoke(route.function, event))
        except Exception:
            log.exception("%s failed", route.key)
            return Answer.message(500, "Internal Server Error")

    def _authorize(self, authorizer: str, event: dict[str, Any]) -> Answer | None:
        """None if the request may pass; then the event carries the authorizer's context."""
        token = event["headers"].get("authorization")
        if not token:
            return Answer.message(401, "Unauthorized", ("www-authenticate", "Bearer"))
        verdict = self.invoke(self._template.authorizers[authorizer], authorizer_event(event, token))
        if not isinstance(verdict, Mapping) or not isinstance(verdict.get("isAuthorized"), bool):
            raise ValueError("the authorizer's answer has no isAuthorized")
        if not verdict["isAuthorized"]:
            return Answer.message(403, "Forbidden")
        event["requestContext"]["authorizer"] = {"lambda": verdict.get("context") or {}}
        return None

    def invoke(self, function_id: str, event: dict[str, Any]) -> Any:
        """Calls a function of the template in this process, as Lambda would."""
        function = self._template.functions[function_id]
        request_id = event.get("requestContext", {}).get("requestId") or str(uuid4())
        return self._code.handler(function.name)(event, Context.of(function, request_id))
