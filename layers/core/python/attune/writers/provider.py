"""What a provider's answers mean: a closed set of reasons, and the Markdown inside an answer that is accepted.

unreachable, timeout, provider_error, overloaded    may pass by themselves
provider_protocol_error, answer_too_large, empty    not an answer; perhaps the next one is
quota_exhausted, unauthorized, unknown_model        until the owner does something
redirected, bad_request, wrong_model                  likewise: the settings do not fit the provider
context_length, filtered, refused, truncated        this section will not be written
gate_failed                                         written, and not what was asked (`Tampered`)
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from attune.domain.budget import NOTHING_USED, Usage
from attune.domain.placeholders import Tampered
from attune.domain.section import WriterFault

MAX_TOKENS = 10_000_000
_FENCED = re.compile(r"\A```[\w-]*[ \t]*\n(?P<inside>.*)\n```\Z", re.DOTALL)
_NOT_JSON = "The answer must be one JSON object with the one field markdown."


@dataclass(frozen=True, slots=True)
class Answer:
    """The text that a model gave, and its own name for itself."""

    content: str
    model: str | None


def status_fault(status: int, error: str, retry_after: float | None) -> WriterFault:
    """What an answer without success means; `error` is what the provider says of it, read and never kept."""
    said = error.lower()
    if status == 402 or (status == 429 and ("insufficient_quota" in said or "billing" in said)):
        return WriterFault("quota_exhausted", final=True)
    if status == 429:
        return WriterFault("overloaded", final=False, retry_after=retry_after)
    if status in (408, 409, 425) or status >= 500:
        return WriterFault("provider_error", final=False, retry_after=retry_after)
    if status in (401, 403):
        return WriterFault("unauthorized", final=True)
    if status == 404:
        return WriterFault("unknown_model", final=True)
    if 300 <= status < 400:
        return WriterFault("redirected", final=True)
    if status == 413 or "context_length" in said or "maximum context" in said:
        return WriterFault("context_length", final=True)
    if any(word in said for word in ("content_filter", "content_policy", "policy_violation", "moderation")):
        return WriterFault("filtered", final=True)
    return WriterFault("bad_request", final=True)


def read_chat(body: bytes) -> Answer:
    """The answer of /chat/completions, or `WriterFault`: only one that ended by itself is an answer."""
    payload = _payload(body)
    choice = _first(payload, "choices")
    message = choice.get("message")
    if not isinstance(message, dict):
        raise _protocol_error()
    _refuse_unless_whole(choice.get("finish_reason"), stop="stop", length="length")
    if message.get("refusal") or message.get("tool_calls") or message.get("function_call"):
        raise WriterFault("refused", final=True)
    return _answer(payload, message.get("content"))


def read_responses(body: bytes) -> Answer:
    """The answer of /responses, likewise."""
    payload = _payload(body)
    if payload.get("error") or payload.get("status") == "failed":
        raise WriterFault("provider_error", final=False)
    reason = (payload.get("incomplete_details") or {}).get("reason") if payload.get("status") == "incomplete" else None
    _refuse_unless_whole(reason or payload.get("status"), stop="completed", length="max_output_tokens")
    _first(payload, "output")
    texts: list[str] = []
    for item in payload["output"]:
        if not isinstance(item, dict) or item.get("type") not in ("message", "reasoning"):
            raise WriterFault("refused", final=True)
        for part in item.get("content") or [] if item["type"] == "message" else []:
            if not isinstance(part, dict) or part.get("type") != "output_text" or not isinstance(part.get("text"), str):
                raise WriterFault("refused", final=True)
            texts.append(part["text"])
    return _answer(payload, "".join(texts))


def usage_in(body: bytes) -> Usage:
    """The tokens that an answer of either API counts, whatever else it says; 0 where it does not."""
    try:
        usage = strict_json(body.decode())["usage"]
        sent, received = (_count(usage.get(name)) for name in ("prompt_tokens", "completion_tokens"))
        if sent is None and received is None:
            sent, received = (_count(usage.get(name)) for name in ("input_tokens", "output_tokens"))
    except (ValueError, RecursionError, TypeError, KeyError, AttributeError):
        return NOTHING_USED
    return Usage(sent or 0, received or 0)


def markdown_in(content: str, *, plain: bool) -> str:
    """The Markdown inside an answer: in its JSON object, or, where the server knows no JSON mode, the text itself."""
    text = unfenced(content.strip())
    if plain and not text.startswith("{"):
        return text
    try:
        value = strict_json(text)
    except (ValueError, RecursionError):
        raise Tampered([_NOT_JSON]) from None
    if not isinstance(value, dict) or set(value) != {"markdown"} or not isinstance(value["markdown"], str):
        raise Tampered([_NOT_JSON])
    if not value["markdown"].strip():
        raise WriterFault("empty", final=False)
    return unfenced(value["markdown"].strip())


def unfenced(text: str) -> str:
    """The text without a code fence around all of it: code inside is tokens, so no fence can be meant."""
    fenced = _FENCED.match(text)
    return fenced["inside"].strip() if fenced and "\n```" not in fenced["inside"] else text


def strict_json(text: str | bytes) -> Any:
    """JSON as the standard has it: no NaN, no name twice. Raises ValueError or RecursionError."""
    return json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_unique)


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands there twice")
    return found


def _payload(body: bytes) -> dict[str, Any]:
    try:
        payload = strict_json(body.decode())
    except (ValueError, RecursionError):
        raise _protocol_error() from None
    if not isinstance(payload, dict):
        raise _protocol_error()
    return payload


def _first(payload: Mapping[str, Any], name: str) -> dict[str, Any]:
    some = payload.get(name)
    if not isinstance(some, list) or not some or not isinstance(some[0], dict):
        raise _protocol_error()
    return some[0]


def _refuse_unless_whole(reason: object, *, stop: str, length: str) -> None:
    if reason == stop:
        return
    if reason == length:
        raise WriterFault("truncated", final=True)
    if reason == "content_filter":
        raise WriterFault("filtered", final=True)
    if reason in ("tool_calls", "function_call"):
        raise WriterFault("refused", final=True)
    raise _protocol_error()


def _answer(payload: Mapping[str, Any], content: object) -> Answer:
    if content is not None and not isinstance(content, str):
        raise _protocol_error()
    if not content or not content.strip():
        raise WriterFault("empty", final=False)
    model = payload.get("model")
    return Answer(content, model[:128] if isinstance(model, str) and model.isprintable() else None)


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= MAX_TOKENS else None


def _protocol_error() -> WriterFault:
    return WriterFault("provider_protocol_error", final=False)
