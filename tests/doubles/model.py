"""A model provider on this machine, with a real socket: `/v1/chat/completions`, `/v1/responses`, `/v1/models`.

`/v1/files` and `/v1/batches` are in `tests.doubles.batches`; `ModelServer.batches` says how they do.

    with ModelServer() as model:
        model.behave("429", times=1)          # the next call; then the others, which do well
        model.behave("slow", seconds=3)       # every call that no narrower rule takes
        model.behave("refusal", section="A")  # every call for the section with this heading

It answers well unless told otherwise, always the same to the same prompt. `python -m tests.doubles.model --port 9000`
runs it by itself.
"""

import argparse
import json
import re
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.doubles.answers import Asked, read
from tests.doubles.batches import Batches, Refused
from tests.doubles.behaviours import BEHAVIOURS, USAGE
from tests.doubles.envelopes import chat, responses


@dataclass(frozen=True, slots=True)
class Call:
    """A request as it came, the prompt in it, and how it was answered."""

    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]
    system: str
    user: str
    asked: Asked
    behaviour: str


@dataclass(slots=True)
class _Rule:
    name: str
    options: Mapping[str, Any]
    times: int | None
    section: str | None


@dataclass(slots=True)
class ModelServer:
    """The provider; as a context manager it runs. What it records may be read while it runs."""

    port: int = 0
    calls: list[Call] = field(default_factory=list)
    max_in_flight: int = 0
    tokens: int = 0
    released: threading.Event = field(default_factory=threading.Event)
    closing: threading.Event = field(default_factory=threading.Event)
    asked: list[str] = field(default_factory=list)
    """What was asked of files and batches."""
    _in_flight: int = 0
    _planned: list[tuple[str, str]] = field(default_factory=list)
    _rules: list[_Rule] = field(default_factory=list)
    _default: _Rule = field(default_factory=lambda: _Rule("well", {}, None, None))
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _http: "_Server | None" = None
    batches: Batches = field(init=False)

    def __post_init__(self) -> None:
        self.batches = Batches(self)

    def __enter__(self) -> "ModelServer":
        self._http = _Server(("127.0.0.1", self.port), _Handler)
        self._http.model = self
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self.released.set()
        if self._http:
            self._http.shutdown()
            self._http.server_close()

    @property
    def url(self) -> str:
        """The base URL for an OpenAI client."""
        return f"http://127.0.0.1:{self._http.server_port if self._http else self.port}/v1"

    @property
    def count(self) -> int:
        """How many calls arrived."""
        return len(self.calls)

    def behave(self, name: str, *, times: int | None = None, section: str | None = None, **options: Any) -> None:
        """Behave like this: for so many calls, for a section, or, with neither, always when no other rule fits."""
        if name not in BEHAVIOURS:
            raise KeyError(name)
        rule = _Rule(name, options, times, section)
        with self._changed:
            if times is None and section is None:
                self._default = rule
            else:
                self._rules.append(rule)

    def script(self, *names: str) -> None:
        """Behave like each of these for one call, in this order."""
        for name in names:
            self.behave(name, times=1)

    def break_at(self, wanted: str, how: str, times: int = 1) -> None:
        """Fail calls for files and batches, such as `POST /v1/batches`: `before` they have their effect or `after`,
        with a 500, as `unknown` with a 404, or with a page of `html`."""
        self._planned += [(wanted, how)] * times

    def plan(self, asked: str) -> str | None:
        """What was planned for such a call; it is noted. The handler's business."""
        with self._changed:
            self.asked.append(asked)
            for each in self._planned:
                if asked.startswith(each[0]):
                    self._planned.remove(each)
                    return each[1]
        return None

    def behave_well(self) -> None:
        """Forget all rules."""
        with self._changed:
            self._rules.clear()
            self._planned.clear()
            self._default = _Rule("well", {}, None, None)

    def begin_anew(self) -> None:
        """Behave well, and forget who called."""
        self.behave_well()
        self.batches.forget()
        with self._changed:
            self.calls.clear()
            self.asked.clear()
            self.max_in_flight = self.tokens = 0

    def hold(self) -> None:
        """Keep every call waiting until `release`."""
        self.released.clear()
        self.behave("hold")

    def release(self) -> None:
        """Answer all that were held, and all that follow, well."""
        self.behave("well")
        self.released.set()

    def wait_for(self, calls: int, seconds: float = 10) -> bool:
        """Wait until so many calls have arrived."""
        with self._changed:
            return self._changed.wait_for(lambda: self.count >= calls, seconds)

    def wait_until_idle(self, seconds: float = 10) -> bool:
        """Wait until every call that arrived was answered or dropped."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._in_flight, seconds)

    def arrived(self, call: Call) -> None:
        """Record a call; the handler's business."""
        with self._changed:
            self.calls.append(call)
            self._in_flight += 1
            self.max_in_flight = max(self.max_in_flight, self._in_flight)
            self._changed.notify_all()

    def left(self) -> None:
        """Record that a call was answered or dropped."""
        with self._changed:
            self._in_flight -= 1
            self._changed.notify_all()

    def charge(self, usage: Mapping[str, Any] | None) -> None:
        """Count the tokens that an answer reports."""
        with self._changed:
            self.tokens += sum(count for count in (usage or {}).values() if isinstance(count, int) and count > 0)

    def completed(
        self,
        path: str,
        body: Mapping[str, Any],
        content: str | None,
        *,
        finish: str | None = "stop",
        refusal: str | None = None,
        tool: str | None = None,
        usage: Mapping[str, Any] | None = USAGE,
        model: str | None = None,
    ) -> dict[str, Any]:
        """An answer in the shape of the API that was asked; what it reports is charged."""
        self.charge(usage)
        shape = chat if path.endswith("/chat/completions") else responses
        return {**shape(content, finish, refusal, tool, usage), "model": model or body.get("model")}

    def choose(self, asked: Asked) -> _Rule:
        """The rule for this call; one with `times` is used up by it."""
        with self._changed:
            for rule in self._rules:
                if rule.section in (None, asked.title):
                    if rule.times is not None:
                        rule.times -= 1
                        if rule.times <= 0:
                            self._rules.remove(rule)
                    return rule
            return self._default


class _Server(ThreadingHTTPServer):
    model: ModelServer
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that give up are what is being tested."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class Exchange:
    """One request and the means to answer it in any way."""

    def __init__(self, handler: "_Handler", system: str, asked: Asked, body: Mapping[str, Any]) -> None:
        self._handler = handler
        self.server = handler.server.model
        self.headers = {name.lower(): value for name, value in handler.headers.items()}
        self.socket = handler.connection
        self.system, self.asked, self.body = system, asked, body
        self.content_type = "application/json"

    def complete(self, content: str | None, **options: Any) -> None:
        """Answer in the shape of the API that was asked; see `ModelServer.completed`."""
        payload = self.server.completed(self._handler.path, self.body, content, **options)
        self.send(200, json.dumps(payload, ensure_ascii=False).encode())

    def error(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        """Answer with an error as providers report it."""
        body = {"error": {"message": message, "type": code, "code": code, "param": None}}
        self.send(status, json.dumps(body).encode(), headers)

    def send(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        """Answer with these bytes."""
        self.head(status, len(body), headers)
        self.raw(body)

    def head(self, status: int, length: int, headers: Mapping[str, str] | None = None) -> None:
        """Send the status and the headers alone, promising so many bytes."""
        self._handler.send_response(status)
        for name, value in {
            "Content-Type": self.content_type,
            "Content-Length": str(length),
            **(headers or {}),
        }.items():
            self._handler.send_header(name, value)
        self._handler.end_headers()

    def raw(self, data: bytes) -> bool:
        """Send bytes; False when nobody reads any more."""
        try:
            self._handler.wfile.write(data)
        except OSError:
            return False
        return True

    def wait(self, seconds: float) -> bool:
        """Let time pass; True when the server is being closed."""
        return self.server.closing.wait(seconds)

    def close(self) -> None:
        """Drop the connection."""
        self._handler.close_connection = True
        self.socket.close()


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        if self._kept(b""):
            return
        models = {"object": "list", "data": [{"id": "double", "object": "model", "owned_by": "tests"}]}
        Exchange(self, "", read(""), {}).send(
            200 if self.path.endswith("/models") else 404, json.dumps(models).encode()
        )

    def do_DELETE(self) -> None:
        if not self._kept(b""):
            self._say(404, b"{}", "application/json")

    def _kept(self, body: bytes) -> bool:
        """Answer what is asked of files and batches, if it is that, unless a fault was planned for the call."""
        address = urlsplit(self.path)
        if not re.match(r"/v1/(files|batches)\b", address.path):
            return False
        model = self.server.model
        fault = model.plan(f"{self.command} {address.path}")
        try:
            if fault in ("before", "unknown"):
                raise Refused(500 if fault == "before" else 404, "out of order")
            query = {name: value[0] for name, value in parse_qs(address.query).items()}
            kind = self.headers.get("Content-Type", "")
            found = model.batches.answer(self.command, address.path, query, body, kind)
            if found is None:
                raise Refused(404, "no such path")
            if fault == "after":
                raise Refused(500, "out of order")
        except Refused as refused:
            told = {"error": {"message": str(refused), "type": "invalid_request_error", "code": None, "param": None}}
            self._say(refused.status, json.dumps(told).encode(), "application/json")
            return True
        if fault == "html":
            self._say(200, b"<html>It works</html>", "text/html")
        elif isinstance(found, bytes):
            self._say(200, found, "application/octet-stream")
        else:
            self._say(200, json.dumps(found).encode(), "application/json")
        return True

    def _say(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self._kept(sent):
            return
        body = json.loads(sent or b"{}")
        messages = {message["role"]: message["content"] for message in body.get("messages", ())}
        system, user = messages.get("system", body.get("instructions", "")), messages.get("user", body.get("input", ""))
        asked = read(user)
        model = self.server.model
        rule = model.choose(asked)
        exchange = Exchange(self, system, asked, body)
        model.arrived(Call(self.path, exchange.headers, body, system, user, asked, rule.name))
        try:
            BEHAVIOURS[rule.name](exchange, **rule.options)
        finally:
            model.left()

    def log_message(self, format: str, *args: object) -> None:
        """Tests print nothing."""


def main() -> None:
    """Run the provider until it is interrupted."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--port", type=int, default=9000)
    parser.add_argument("--behaviour", choices=sorted(BEHAVIOURS), default="well")
    parser.add_argument("--seconds", type=float, default=0.0, help="answer after so many seconds")
    chosen = parser.parse_args()
    with ModelServer(chosen.port) as model:
        model.behave(chosen.behaviour)
        if chosen.seconds:
            model.behave("slow", seconds=chosen.seconds)
        print(f"LLM_BASE_URL={model.url}", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print()


if __name__ == "__main__":
    main()
