"""A way into what a botocore client sends and gets, below all of the code under test."""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Self

from botocore.awsrequest import AWSPreparedRequest, AWSResponse

Send = Callable[[], AWSResponse]


def client_of(source: Any) -> Any:
    """The botocore client of a pynamodb model, of its connection, or the client itself."""
    connection = source._get_connection().connection if hasattr(source, "_get_connection") else source
    return connection.client if hasattr(connection, "client") else connection


class Tap:
    """Sits on clients while it is open. Taps may be stacked: the one opened last is asked first.

    pynamodb keeps a session and a client of its own, and moto answers from an event handler; all send through the
    client's endpoint, so that is where a tap sits.
    """

    def send(self, client: Any, operation: str, request: AWSPreparedRequest, go_on: Send) -> AWSResponse:
        """One attempt: answer it, raise, or `go_on` to send it."""
        return go_on()

    def received(self, operation: str, parsed: dict[str, Any] | None) -> None:
        """What an attempt brought; None if it failed."""

    def delay(self, seconds: float) -> float:
        """How long to wait before the client's next attempt."""
        return seconds

    def parameters(self, operation: str, takes: Collection[str], given: dict[str, Any]) -> dict[str, Any]:
        """The parameters of a call, before it is signed; `takes` are the names that the operation knows."""
        return given

    @contextmanager
    def on(self, *sources: Any) -> Iterator[Self]:
        """Sit on these clients, models or connections."""
        clients = [client_of(source) for source in sources]
        before = [client._endpoint._event_emitter for client in clients]
        for client, emitter in zip(clients, before, strict=True):
            client._endpoint._event_emitter = _Emitter(self, client, emitter)
            client.meta.events.register("provide-client-params", self._parameters)
        try:
            yield self
        finally:
            for client, emitter in zip(clients, before, strict=True):
                client._endpoint._event_emitter = emitter
                client.meta.events.unregister("provide-client-params", self._parameters)

    def _parameters(self, params: dict[str, Any], model: Any, **_: Any) -> dict[str, Any]:
        return self.parameters(model.name, model.input_shape.members if model.input_shape else (), params)


class _Emitter:
    """An event emitter that asks the tap first. The handlers of an event all run, so none could hold a request back."""

    def __init__(self, tap: Tap, client: Any, inner: Any) -> None:
        self._tap, self._client, self._inner = tap, client, inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def emit(self, event: str, **arguments: Any) -> Iterable[Any]:
        name, operation = event.partition(".")[0], event.rpartition(".")[2]
        if name == "before-send":

            def go_on() -> AWSResponse:
                answers = [answer for _, answer in self._inner.emit(event, **arguments) if answer is not None]
                # Read it here, so that a lost answer was a complete one.
                response: AWSResponse = answers[0] if answers else self._client._endpoint._send(arguments["request"])
                response.content  # noqa: B018
                return response

            return [(self._tap.send, self._tap.send(self._client, operation, arguments["request"], go_on))]
        answers: list[Any] = self._inner.emit(event, **arguments)
        if name == "response-received":
            self._tap.received(operation, arguments["parsed_response"])
        elif name == "needs-retry":
            return [(by, self._tap.delay(wait) if wait not in (None, False) else wait) for by, wait in answers]
        return answers
