"""The table's client with a short way for the first try of a call: what botocore finds out anew each time is kept.

botocore takes some four million instructions for a call: it looks for the endpoint by rules, puts together who is
calling, lets a dozen events pass, and walks through what was answered by its shape. All that comes to the same for one
table. So the first call of a process is made by botocore, and looked at; if what is made here comes to the very same
signature, later calls are made here. Whatever is not a plain answer is handed to botocore as that of its own first
try: errors, retries and what is told of them are botocore's as ever.
"""

import json
from base64 import b64decode, b64encode
from binascii import crc32
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from http import HTTPStatus
from operator import attrgetter
from typing import Any, Final

from botocore.awsrequest import AWSPreparedRequest, AWSRequest, AWSResponse, HeadersDict

from attune import deadline
from attune.store.signature import Signer, learned

Json = dict[str, Any]
QUICK: Final = frozenset(
    {"BatchGetItem", "BatchWriteItem", "DeleteItem", "GetItem", "PutItem", "Query", "TransactWriteItems", "UpdateItem"}
)
_TARGET: Final = "DynamoDB_20120810."
_parts: Final = attrgetter(
    "_make_api_call", "_endpoint._event_emitter", "_endpoint._send", "_request_signer._credentials"
)
"""What is used here and not botocore's to be used. Its version is pinned, and without these there is no short way."""


class Client:
    """A botocore client of DynamoDB, as pynamodb uses it: all but the making of calls is the client's own."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._signer: Signer | None = None
        client.meta.events.register_last("request-created.dynamodb", self._look)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def _make_api_call(self, operation: str, parameters: Json) -> Json:
        """What pynamodb asks of its client. Raises botocore's own errors."""
        signer = self._signer
        if signer is None or operation not in QUICK or _needs_token(operation, parameters):
            made: Json = self._client._make_api_call(operation, parameters)
            return made
        request = self._request(signer, operation, parameters)
        began, held = deadline.moment(), self._sent(operation, request)
        if isinstance(held, AWSResponse) and (answer := _read(held)) is not None:
            self._tell(operation, held, answer)
            return answer
        with deadline.since(began):
            whole: Json = _after(self._client, held)._make_api_call(operation, parameters)
            return whole

    def _look(self, request: AWSRequest, **_: Any) -> None:
        """Learn from what botocore signed, once."""
        if self._signer is None:
            self._signer = learned(request, self._credentials())

    def _credentials(self) -> Any:
        return self._client._request_signer._credentials.get_frozen_credentials()

    def _request(self, signer: Signer, operation: str, parameters: Json) -> AWSPreparedRequest:
        """A call, signed; who listens may have changed what it asks for."""
        client = self._client
        told = client.meta.events.emit(
            f"provide-client-params.dynamodb.{operation}",
            params=parameters,
            model=client.meta.service_model.operation_model(operation),
            context={},
        )
        body = json.dumps(_first(told) or parameters, default=_text).encode()
        headers = signer.headers(_TARGET + operation, body, self._credentials(), datetime.now(UTC))
        made: Any = HeadersDict(headers)
        return AWSPreparedRequest("POST", signer.url, made, body, stream_output=False)

    def _sent(self, operation: str, request: AWSPreparedRequest) -> AWSResponse | Exception:
        """What came of sending it: what is wrong is for botocore to judge."""
        endpoint = self._client._endpoint
        try:
            told = endpoint._event_emitter.emit(f"before-send.dynamodb.{operation}", request=request)
            answer: AWSResponse = _first(told) or endpoint._send(request)
        except Exception as error:
            return error
        return answer

    def _tell(self, operation: str, response: AWSResponse, answer: Json) -> None:
        """The events after an answer; by one of them the client counts what it may try again."""
        client = self._client
        client._endpoint._event_emitter.emit(
            f"response-received.dynamodb.{operation}",
            parsed_response=answer,
            response_dict=None,
            context={},
            exception=None,
        )
        client.meta.events.emit(f"after-call.dynamodb.{operation}", http_response=response, parsed=answer, context={})


def _needs_token(operation: str, parameters: Json) -> bool:
    """Whether botocore has to name a transaction, so that it is known when it comes again."""
    return operation == "TransactWriteItems" and "ClientRequestToken" not in parameters


def _first(responses: Iterable[tuple[Any, Any]]) -> Any:
    return next((response for _, response in responses if response is not None), None)


def _text(value: bytes) -> str:
    """A binary value as JSON has it."""
    return b64encode(value).decode()


def _read(response: AWSResponse) -> Json | None:
    """What was answered, if it is a plain answer that came over whole."""
    if response.status_code != HTTPStatus.OK:
        return None
    content, told = response.content, response.headers.get("x-amz-crc32")
    try:
        if told is not None and int(told) != crc32(content):
            return None
        answer = json.loads(content)
    except ValueError:
        return None
    if not isinstance(answer, dict):
        return None
    for row in _rows(answer):
        _unpack(row.values())
    return answer


def _rows(answer: Json) -> Iterator[Json]:
    """The rows of an answer, wherever its operation has them."""
    for name in ("Item", "Attributes"):
        if name in answer:
            yield answer[name]
    yield from answer.get("Items", ())
    for rows in answer.get("Responses", {}).values():
        yield from rows


def _unpack(values: Iterable[Json]) -> None:
    """Make bytes of binary values, in place."""
    for value in values:
        for kind, held in value.items():
            if kind == "B":
                value[kind] = b64decode(held)
            elif kind == "BS":
                value[kind] = [b64decode(one) for one in held]
            elif kind == "M":
                _unpack(held.values())
            elif kind == "L":
                _unpack(held)


class _Held:
    """Events of a client whose first try was made already."""

    def __init__(self, emitter: Any, held: AWSResponse | Exception) -> None:
        self._emitter = emitter
        self._held: AWSResponse | Exception | None = held

    def __getattr__(self, name: str) -> Any:
        return getattr(self._emitter, name)

    def emit(self, event: str, **arguments: Any) -> Any:
        held = self._held
        if held is None or not event.startswith("before-send."):
            return self._emitter.emit(event, **arguments)
        self._held = None
        if isinstance(held, Exception):
            raise held
        return [(None, held)]


def _after(client: Any, held: AWSResponse | Exception) -> Any:
    """The client for one call, of which the first try brought this."""
    endpoint = _twin(client._endpoint, _event_emitter=_Held(client._endpoint._event_emitter, held))
    return _twin(client, _endpoint=endpoint)


def _twin(of: Any, **changed: Any) -> Any:
    twin = object.__new__(type(of))
    vars(twin).update(vars(of) | changed)
    return twin


def quick(connection: Any) -> Any:
    """The client of a pynamodb connection, from now on one with the short way, if it is built as this one needs it."""
    client = connection.client
    if isinstance(client, Client):
        return client
    try:
        _parts(client)
    except AttributeError:
        return client
    connection._client = Client(client)
    return connection._client
