"""The network side of a model call: a total deadline and a cap on bytes, whatever the other side does.

A client's own timeout counts from one byte to the next, so a slow drip outlasts it; here every read, write and
handshake gets what is left of the whole call. Redirects would carry the prompt elsewhere and packed bodies could be
bombs: neither is taken.
"""

import ssl
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import httpcore2
import httpx2
from openai import APIConnectionError, APITimeoutError, DefaultHttpxClient

from attune.domain.section import WriterFault

MAX_BYTES = 1_000_000


class Overflow(Exception):
    """An answer with more bytes than any section can have."""


BROKEN = (
    Overflow,
    APIConnectionError,
    httpx2.HTTPError,
    httpcore2.NetworkError,
    httpcore2.ProtocolError,
    OSError,
)
"""What the client raises where the network, or what came over it, is to blame."""


def network_fault(error: Exception) -> WriterFault:
    """What one of them means."""
    if isinstance(error, Overflow):
        return WriterFault("answer_too_large", final=False)
    if isinstance(error, APITimeoutError):
        return WriterFault("timeout", final=False)
    packed = isinstance(error, APIConnectionError) and isinstance(error.__cause__, httpx2.DecodingError)
    return WriterFault("provider_protocol_error" if packed else "unreachable", final=False)


@dataclass(slots=True)
class _Allowance:
    ends: float
    clock: Callable[[], float]
    bytes_left: int = MAX_BYTES

    def seconds(self, wanted: float | None) -> float:
        left = self.ends - self.clock()
        if left <= 0:
            raise httpcore2.ReadTimeout
        return left if wanted is None else min(wanted, left)


# Threads share the client's connections, never an allowance.
_allowance: ContextVar[_Allowance] = ContextVar("allowance")


@contextmanager
def allowing(ends: float, clock: Callable[[], float], most: int = MAX_BYTES) -> Iterator[None]:
    """What this thread sends and receives inside must be done when `clock` says `ends`; it reads so many bytes."""
    token = _allowance.set(_Allowance(ends, clock, most))
    try:
        yield
    finally:
        _allowance.reset(token)


class _Stream(httpcore2.NetworkStream):
    def __init__(self, inner: httpcore2.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        allowance = _allowance.get()
        data = self._inner.read(max_bytes, allowance.seconds(timeout))
        allowance.bytes_left -= len(data)
        if allowance.bytes_left < 0:
            raise Overflow
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _allowance.get().seconds(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, _allowance.get().seconds(timeout)))

    def get_extra_info(self, info: str) -> object:
        return self._inner.get_extra_info(info)


class _Backend(httpcore2.SyncBackend):
    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        seconds = _allowance.get().seconds(timeout)
        return _Stream(super().connect_tcp(host, port, seconds, local_address, socket_options))


def http_client() -> httpx2.Client:
    """A client whose every connection keeps to the allowance of the thread that uses it."""
    client = DefaultHttpxClient(follow_redirects=False, event_hooks={"response": [_refuse_packed]})
    for transport in (client._transport, *client._mounts.values()):
        if isinstance(transport, httpx2.HTTPTransport):
            # There is no public way to give a backend to a transport that also follows the proxy settings.
            transport._pool._network_backend = _Backend()
    return client


def _refuse_packed(response: httpx2.Response) -> None:
    if response.headers.get("content-encoding", "identity") != "identity":
        raise httpx2.DecodingError("packed", request=response.request)
