"""How a model provider can behave: well, and in all the ways in which providers and networks fail."""

import gzip
import json
import re
import socket
import struct
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from tests.doubles.answers import adapted

if TYPE_CHECKING:
    from tests.doubles.model import Exchange

Behaviour = Callable[..., None]
BEHAVIOURS: dict[str, Behaviour] = {}
USAGE = {"in": 700, "out": 480}


def behaviour(name: str) -> Callable[[Behaviour], Behaviour]:
    """Register a behaviour under the name that `ModelServer.behave` takes."""

    def register(function: Behaviour) -> Behaviour:
        BEHAVIOURS[name] = function
        return function

    return register


# Answers in time that are good, or wrong in what they say.


@behaviour("well")
def _well(exchange: "Exchange", **changes: Any) -> None:
    exchange.complete(_wrapped(adapted(exchange.asked)), **changes)


def _says(name: str, change: Callable[[str], str]) -> None:
    BEHAVIOURS[name] = lambda exchange: exchange.complete(_wrapped(change(adapted(exchange.asked))))


def _wrapped(markdown: str) -> str:
    return json.dumps({"markdown": markdown}, ensure_ascii="\ud800" in markdown)


def _changed_number(text: str) -> str:
    return re.sub(r"(?<![\w⟦.#])(?<!⟦.)\d+(?![\d.]*⟧)(?![.)]\s)", lambda found: str(int(found[0]) + 7), text, count=1)


_says("dropped_token", lambda text: re.sub(r"⟦[^⟦⟧]*⟧", "", text, count=1))
_says("doubled_token", lambda text: re.sub(r"(⟦[a-z]\d+⟧)", r"\1 \1", text, count=1))
_says("changed_number", _changed_number)
_says("added_html", lambda text: f"{text.rstrip()} <Evil/>\n\n<script>alert()</script>\n")
_says("invented_link", lambda text: f"{text.rstrip()} See [more](https://evil.example/more).\n")
_says("javascript_link", lambda text: f"{text.rstrip()} Press [here](javascript:alert).\n")
_says("preamble", lambda text: f"Sure, here is the adapted section:\n\n{text}")
_says("outer_fence", lambda text: f"```markdown\n{text}\n```")
_says("half", lambda text: text[: len(text) // 2])
_says("soft_refusal", lambda text: text.split("\n", 1)[0] + "\n\nI'm sorry, but I cannot help with this lesson.\n")
_says(
    "unrelated",
    lambda text: "## Bread\n\nKnead the dough well, let it rest in a warm place, then bake it until brown.\n",
)
_says("control_characters", lambda text: text.replace(". ", ".\x00\u202e\u200b ", 1))
_says("lone_surrogate", lambda text: text.replace(". ", ".\ud800 ", 1))
_says("invisible_only", lambda text: "\u200b\x00")


@behaviour("wrong_language")
def _wrong_language(exchange: "Exchange") -> None:
    exchange.complete(_wrapped(exchange.asked.source))


@behaviour("leak")
def _leak(exchange: "Exchange") -> None:
    exchange.complete(_wrapped(f"{adapted(exchange.asked)}\n\n{exchange.system[200:500]}"))


@behaviour("saying")
def _saying(exchange: "Exchange", content: str | None = "", **changes: Any) -> None:
    exchange.complete(content, **changes)


# Answers that are none: empty, refused, cut, in the wrong shape.


def _completes(name: str, content: str | None, **changes: Any) -> None:
    BEHAVIOURS[name] = lambda exchange: exchange.complete(content, **changes)


_completes("empty", "")
_completes("whitespace", " \n\t ")
_completes("null", None)
_completes("empty_markdown", '{"markdown": "  "}')
_completes("refusal", None, refusal="I'm sorry, I can't help with that.")
_completes("filtered", None, finish="content_filter")
_completes("tool_call", None, finish="tool_calls", tool="fetch_url")
_completes("no_finish", '{"markdown": "half"}', finish=None)
_completes("not_json", "Here you are: the section, but no JSON.")
_completes("broken_json", '{"markdown": "text')
_completes("wrong_schema", '{"text": "text", "markdown": 3}')
_completes("duplicate_keys", '{"markdown": "a", "markdown": "b"}')
_completes("nan", '{"markdown": NaN}')
_completes("deep_nesting", "[" * 100_000)


@behaviour("length")
def _length(exchange: "Exchange") -> None:
    exchange.complete(_wrapped(adapted(exchange.asked))[:-40], finish="length")


@behaviour("fenced_json")
def _fenced_json(exchange: "Exchange") -> None:
    exchange.complete(f"```json\n{_wrapped(adapted(exchange.asked))}\n```")


@behaviour("plain")
def _plain(exchange: "Exchange") -> None:
    exchange.complete(adapted(exchange.asked))


@behaviour("no_schema")
def _no_schema(exchange: "Exchange", refuses: tuple[str, ...] = ("json_schema",), answer: str = "well") -> None:
    """A server that does not know these answer formats."""
    wanted = exchange.body.get("response_format") or exchange.body.get("text", {}).get("format") or {}
    if wanted.get("type") in refuses:
        exchange.error(400, "invalid_request_error", f"response_format {wanted['type']} is not supported")
    else:
        BEHAVIOURS[answer](exchange)


@behaviour("max_tokens_only")
def _max_tokens_only(exchange: "Exchange") -> None:
    if "max_completion_tokens" in exchange.body:
        exchange.error(400, "unsupported_parameter", "Unknown parameter: max_completion_tokens, use max_tokens")
    else:
        _well(exchange)


for _name, _usage in {
    "usage_missing": None,
    "usage_negative": {"in": -700, "out": -1},
    "usage_huge": {"in": 10**15, "out": 10**15},
    "usage_text": {"in": "many", "out": True},
    "usage_low": {"in": 1, "out": 1},
}.items():
    BEHAVIOURS[_name] = lambda exchange, usage=_usage: _well(exchange, usage=usage)
BEHAVIOURS["other_model"] = lambda exchange: _well(exchange, model="somebody-else-1")


# Errors that the provider reports.


@behaviour("status")
def _status(exchange: "Exchange", status: int, code: str = "error", message: str = "", **headers: str) -> None:
    exchange.error(status, code, message, {name.replace("_", "-"): value for name, value in headers.items()})


def _reports(name: str, status: int, code: str, message: str = "no", headers: Mapping[str, str] | None = None) -> None:
    BEHAVIOURS[name] = lambda exchange: exchange.error(status, code, message, headers)


for _code in (400, 403, 404, 408, 409, 413, 422, 429, 500, 503, 504):
    _reports(str(_code), _code, "error")
_reports("insufficient_quota", 429, "insufficient_quota", "You exceeded your current quota")
_reports("context_length", 400, "context_length_exceeded", "maximum context length is 8192 tokens")
_reports("policy", 400, "content_policy_violation", "rejected by the safety system")


@behaviour("401")
def _unauthorized(exchange: "Exchange") -> None:
    """As real providers do, with the key in the message."""
    exchange.error(401, "invalid_api_key", f"Incorrect API key provided: {exchange.headers.get('authorization', '')}")


@behaviour("502_html")
def _bad_gateway(exchange: "Exchange") -> None:
    exchange.send(502, b"<html><h1>Bad Gateway</h1></html>", {"Content-Type": "text/html"})


@behaviour("redirect")
def _redirect(exchange: "Exchange", to: str = "") -> None:
    exchange.send(307, b"", {"Location": to or f"http://{exchange.headers['host']}/elsewhere"})


# Answers with 200 that no client can read.

for _name, _body in {
    "html_200": b"<html>It works</html>",
    "empty_body": b"",
    "bad_utf8": b'{"choices": [{"message": {"content": "\xff\xfe\xc3"}}]}',
    "error_body": b'{"error": {"message": "overloaded", "code": 503}}',
    "no_choices": b'{"object": "chat.completion", "choices": [], "output": []}',
    "null_choices": b'{"object": "chat.completion", "choices": null, "output": null}',
    "array": b"[1, 2]",
    "deep_body": b"[" * 100_000,
    "long_number": b'{"choices": ' + b"9" * 5_000 + b"}",
}.items():
    BEHAVIOURS[_name] = lambda exchange, body=_body: exchange.send(200, body)


@behaviour("big")
def _big(exchange: "Exchange", megabytes: int = 2) -> None:
    exchange.head(200, megabytes << 20)
    for _ in range(megabytes):
        if not exchange.raw(b" " * (1 << 20)):
            return


@behaviour("wrong_type")
def _wrong_type(exchange: "Exchange", content_type: str = "text/html") -> None:
    """The right bytes under a wrong name: somebody stands between us and the provider."""
    exchange.content_type = content_type
    _well(exchange)


@behaviour("event_stream")
def _event_stream(exchange: "Exchange") -> None:
    """A stream that nobody asked for, with an error inside."""
    body = b'data: {"choices": [{"delta": {"content": "{"}}]}\n\ndata: {"error": {"message": "overloaded"}}\n\n'
    exchange.send(200, body, {"Content-Type": "text/event-stream"})


@cache
def bomb(megabytes: int) -> bytes:
    """Few bytes that become so many; packing them takes a while, once."""
    return gzip.compress(bytes(megabytes << 20), 9)


@behaviour("gzip_bomb")
def _gzip_bomb(exchange: "Exchange", status: int = 200, megabytes: int = 50) -> None:
    exchange.send(status, bomb(megabytes), {"Content-Encoding": "gzip"})


# The network.


@behaviour("slow")
def _slow(exchange: "Exchange", seconds: float = 3.0) -> None:
    exchange.wait(seconds)
    _well(exchange)


@behaviour("hold")
def _hold(exchange: "Exchange") -> None:
    exchange.server.released.wait(60)
    _well(exchange)


@behaviour("hang")
def _hang(exchange: "Exchange", seconds: float = 60) -> None:
    exchange.wait(seconds)


@behaviour("stall")
def _stall(exchange: "Exchange", seconds: float = 60) -> None:
    exchange.head(200, 10_000)
    exchange.wait(seconds)


@behaviour("drip")
def _drip(exchange: "Exchange", status: int = 200, pause: float = 0.02) -> None:
    exchange.head(status, 10_000)
    for _ in range(3_000):
        if exchange.wait(pause) or not exchange.raw(b" "):
            return


@behaviour("drip_headers")
def _drip_headers(exchange: "Exchange", pause: float = 0.02) -> None:
    exchange.raw(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    for _ in range(3_000):
        if exchange.wait(pause) or not exchange.raw(b"a"):
            return


@behaviour("reset_before")
def _reset_before(exchange: "Exchange") -> None:
    _reset(exchange)


@behaviour("reset_after")
def _reset_after(exchange: "Exchange") -> None:
    exchange.head(200, 10_000)
    _reset(exchange)


@behaviour("reset_inside")
def _reset_inside(exchange: "Exchange") -> None:
    exchange.head(200, 10_000)
    exchange.raw(b'{"choices": [')
    _reset(exchange)


@behaviour("closed")
def _closed(exchange: "Exchange") -> None:
    exchange.close()


@behaviour("truncated")
def _truncated(exchange: "Exchange") -> None:
    exchange.head(200, 10_000)
    exchange.raw(b'{"choices": [{"index": 0,')
    exchange.close()


def _reset(exchange: "Exchange") -> None:
    exchange.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    exchange.close()
