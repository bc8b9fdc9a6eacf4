"""The shapes in which the two APIs answer."""

from collections.abc import Mapping
from typing import Any


def chat(content: Any, finish: Any, refusal: Any, tool: Any, usage: Mapping[str, Any] | None) -> dict[str, Any]:
    """The answer of /chat/completions."""
    calls = [{"id": "call", "type": "function", "function": {"name": tool, "arguments": "{}"}}] if tool else None
    message = {"role": "assistant", "content": content, "refusal": refusal, **({"tool_calls": calls} if calls else {})}
    payload: dict[str, Any] = {"id": "c", "object": "chat.completion", "created": 0}
    payload["choices"] = [{"index": 0, "message": message, "finish_reason": finish}]
    if usage is not None:
        payload["usage"] = {"prompt_tokens": usage["in"], "completion_tokens": usage["out"]}
    return payload


def responses(content: Any, finish: Any, refusal: Any, tool: Any, usage: Mapping[str, Any] | None) -> dict[str, Any]:
    """The answer of /responses."""
    part = {"type": "refusal", "refusal": refusal} if refusal else {"type": "output_text", "text": content or ""}
    item = (
        {"type": "function_call", "name": tool} if tool else {"type": "message", "role": "assistant", "content": [part]}
    )
    payload: dict[str, Any] = {"id": "r", "object": "response", "status": "completed", "output": [item]}
    if finish in ("length", "content_filter"):
        payload["status"] = "incomplete"
        payload["incomplete_details"] = {"reason": {"length": "max_output_tokens"}.get(finish, finish)}
    elif finish is None:
        payload["status"] = "in_progress"
    if usage is not None:
        payload["usage"] = {"input_tokens": usage["in"], "output_tokens": usage["out"]}
    return payload
