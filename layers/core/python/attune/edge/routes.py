"""Powertools' resolver made fit for one route a function, several requests at once, and slugs of several segments."""

import inspect
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.event_handler.openapi import compat

from attune.domain.errors import DomainError
from attune.edge import request

_PARAMETER = re.compile(r"<(\w+)>")
Refuse = Callable[[Mapping[str, Any]], DomainError | None]
# Powertools finds out at every request, for each parameter and header, what its annotation says: that stays the same.
vars(compat)["field_annotation_is_scalar"] = cache(compat.field_annotation_is_scalar)


class HttpApi(APIGatewayHttpResolver):
    """One function's route.

    Powertools keeps the request on a class attribute, which suits Lambda's one request at a time. Here it lives in a
    context variable, so that the local gateway may serve many requests in one process.
    """

    def __init__(
        self, *, public: bool, admin: bool, max_body: int, refuse: Refuse | None = None, on_behalf: str | None = None
    ) -> None:
        self.public = public
        self.admin = admin
        self.max_body = max_body
        self.refuse = refuse
        self.on_behalf = on_behalf
        self.takes_body = False
        self.name = ""
        super().__init__(enable_validation=True, json_body_deserializer=lambda _: request.current.get().body)

    def route(self, *args: Any, **options: Any) -> Any:
        """Register the function's one route; its name, its body and its place in the documentation follow from it."""
        register = super().route(*args, **options)

        def described(function: Callable[..., Any]) -> Callable[..., Any]:
            registered = register(function)
            self.name = function.__name__
            self.takes_body = "body" in inspect.signature(function).parameters
            for route in self._static_routes + self._dynamic_routes:
                route.operation_id = self.name
                route.summary, route.description = _told(function)
                route.security = [] if self.public else [{"bearer": []}]
            return registered

        return described

    @staticmethod
    def _compile_regex(rule: str, base_regex: str = r"^{}\Z") -> re.Pattern[str]:
        """A path parameter takes all that is left, line ends too: the gateway matched the path, the type judges it."""
        return re.compile(base_regex.format(_PARAMETER.sub(r"(?P<\1>.+)", rule)), re.DOTALL)

    def resolve(self, event: Mapping[str, Any], context: Any) -> dict[str, Any]:
        asked = request.current.get()
        asked.proxy, asked.context = self._to_proxy_event(dict(event)), context
        found: dict[str, Any] = self._resolve().build(asked.proxy, self._cors)
        return found

    @property
    def current_event(self) -> Any:  # type: ignore[override]
        return request.current.get().proxy

    @property
    def lambda_context(self) -> Any:  # type: ignore[override]
        return request.current.get().context

    @property
    def context(self) -> dict[str, Any]:
        asked = request.current.get(None)
        return asked.state if asked is not None else {}

    @context.setter
    def context(self, value: dict[str, Any]) -> None:
        """The constructor's empty dictionary: the request's own takes its place."""


def _told(function: Callable[..., Any]) -> tuple[str, str]:
    """A route's docstring as its summary (the first sentence) and its description."""
    lines = inspect.cleandoc(function.__doc__ or "").split("\n\n", 1)
    return lines[0].replace("\n", " "), lines[-1] if len(lines) > 1 else lines[0]
