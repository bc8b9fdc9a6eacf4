"""A proxy on loopback between a client and a server that loses, breaks and refuses what it is told to, on the wire."""

import json
import socket
import struct
import threading
from collections.abc import Callable
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from tools.server import HOST

Choose = Callable[[str], str | None]
"""The fault for a request with this target (`X-Amz-Target`), or None."""
KINDS = frozenset({"lost_before", "lost_after", "reset", "truncated", "error_after", "throttle"})
_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"})


def _whole(target: str) -> str | None:
    return None


class Proxy:
    """Forwards to `upstream` from the moment it is made; `choose` says what goes wrong."""

    def __init__(self, upstream: str, choose: Choose = _whole) -> None:
        self.choose, self.met = choose, dict.fromkeys(sorted(KINDS), 0)
        self._upstream = urlsplit(upstream).netloc
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                outer._forward(self)

            do_GET = do_POST

            def log_message(self, *_: Any) -> None:
                """Nothing."""

        self._server = ThreadingHTTPServer((HOST, 0), Handler)
        self._server.daemon_threads = True
        self.endpoint = f"http://{HOST}:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _forward(self, asked: BaseHTTPRequestHandler) -> None:
        body = asked.rfile.read(int(asked.headers.get("content-length", 0)))
        fault = self.choose(asked.headers.get("x-amz-target", ""))
        if fault is not None:
            self.met[fault] += 1
        if fault == "throttle":
            _answer(asked, 400, _error("ProvisionedThroughputExceededException"))
        elif fault in ("lost_before", "reset"):
            _hang_up(asked, abruptly=fault == "reset")
        else:
            status, headers, content = self._sent(asked, body)
            if fault == "lost_after":
                _hang_up(asked)
            elif fault == "error_after":
                _answer(asked, 500, _error("InternalServerError"))
            elif fault == "truncated":
                _answer(asked, status, content[: len(content) // 2], headers, length=len(content))
                _hang_up(asked)
            else:
                _answer(asked, status, content, headers)

    def _sent(self, asked: BaseHTTPRequestHandler, body: bytes) -> tuple[int, dict[str, str], bytes]:
        server = HTTPConnection(self._upstream, timeout=30)
        try:
            kept = {name: value for name, value in asked.headers.items() if name.lower() not in _HOP}
            server.request(asked.command, asked.path, body, kept)
            answer = server.getresponse()
            content = answer.read()
            return answer.status, {n: v for n, v in answer.getheaders() if n.lower() not in _HOP}, content
        finally:
            server.close()


def _error(code: str) -> bytes:
    return json.dumps({"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": code}).encode()


def _answer(
    asked: BaseHTTPRequestHandler,
    status: int,
    content: bytes,
    headers: dict[str, str] | None = None,
    length: int | None = None,
) -> None:
    asked.send_response(status)
    for name, value in (headers or {"content-type": "application/x-amz-json-1.0"}).items():
        asked.send_header(name, value)
    asked.send_header("content-length", str(len(content) if length is None else length))
    asked.end_headers()
    asked.wfile.write(content)
    asked.wfile.flush()


def _hang_up(asked: BaseHTTPRequestHandler, *, abruptly: bool = False) -> None:
    """End the connection; abruptly with a reset."""
    if abruptly:
        asked.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    asked.close_connection = True
    asked.connection.shutdown(socket.SHUT_RDWR) if not abruptly else asked.connection.close()
