"""A model behind any OpenAI-compatible address writes the section. Only this room knows the client library."""

import random
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from email.utils import parsedate_to_datetime
from math import ceil, isfinite
from typing import Any

import httpx2
from openai import APIStatusError, OpenAI

from attune.domain.budget import NOTHING_USED, Usage
from attune.domain.characters import visible
from attune.domain.fidelity.leaks import leaks
from attune.domain.placeholders import Tampered, restore
from attune.domain.section import Draft, SectionRequest, Style, WriterFault
from attune.writers.prompts import PROMPT_VERSION, Prompt, prompt
from attune.writers.provider import Answer, markdown_in, read_chat, read_responses, status_fault, usage_in
from attune.writers.wire import BROKEN, allowing, http_client, network_fault

OPENAI = "https://api.openai.com/v1"
TRIES = {"unreachable": 3, "timeout": 3, "provider_error": 3, "overloaded": 3, "provider_protocol_error": 2}
_SCHEMA = {
    "type": "object",
    "properties": {"markdown": {"type": "string"}},
    "required": ["markdown"],
    "additionalProperties": False,
}
_FORMATS: tuple[dict[str, Any] | None, ...] = (
    {"type": "json_schema", "json_schema": {"name": "section", "strict": True, "schema": _SCHEMA}},
    {"type": "json_object"},
    None,
)
_FORMAT_REFUSED = ("response_format", "json_schema", "json_object", "text.format", "structured output")
_SHORTEST_TRY = 0.05
_MOST_OF_A_TOKEN = 16
"""Bytes; prose has four a token, scripts of three bytes a letter perhaps ten."""
_FORMS = 2_000
"""Tokens that a provider may add to a prompt: the schema, the roles."""


class OpenAIWriter:
    """Asks a model for each section, within a deadline, and gives back only a whole answer with all its tokens.

    A server that refuses the schema is asked for any JSON object, and one that refuses that too for text; the writer
    remembers which. `models` are the names that an answer may come from beside `model` and its dated versions; None
    takes any and reports it. One writer serves many threads.
    """

    def __init__(
        self,
        *,
        model: str,
        api_key: str,
        base_url: str | None = None,
        api: str = "chat",
        models: Collection[str] | None = None,
        max_output_tokens: int = 8_192,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
        rng: random.Random | None = None,
    ) -> None:
        if api not in ("chat", "responses"):
            raise ValueError("the api is chat or responses")
        self.style = Style("openai", model, api, PROMPT_VERSION)
        self._model, self._api, self._models, self._most = model, api, models, max_output_tokens
        self._sleep, self._monotonic, self._now = sleep, monotonic, now
        self._rng = rng or random.Random()  # noqa: S311  it spreads retries, nothing more
        self._format = 0
        self._cap = "max_completion_tokens" if api == "chat" else "max_output_tokens"
        # A server on the owner's machine needs no key; the client insists on one.
        self._client = OpenAI(
            api_key=api_key or "none", base_url=base_url or OPENAI, max_retries=0, http_client=http_client()
        )

    def write(self, request: SectionRequest, complaints: Sequence[str], deadline: float, tries: int = 3) -> Draft:
        """The section as the model wrote it; see `Writer`. `Tampered` means that one repair is worth trying."""
        asked = prompt(request, complaints)
        answer, used, calls = self._answer(asked, request.key, self._monotonic() + deadline, tries)
        return self._draft(request, asked, answer, used, calls)

    def _draft(self, request: SectionRequest, asked: Prompt, answer: Answer, used: Usage, calls: int) -> Draft:
        """The section in an answer, with the author's own pieces in their places."""
        try:
            if self._models is not None and answer.model not in self._models:
                name = answer.model or ""
                if name != self._model and not name.startswith(f"{self._model}-"):
                    raise WriterFault("wrong_model", final=True)
            written = visible(markdown_in(answer.content, plain=_FORMATS[self._format] is None))
            written = written.replace("\r\n", "\n").replace("\r", "\n")
            if not written.strip():
                raise WriterFault("empty", final=False)
            if asked.marker in written or leaks(written, asked.system, request.source):
                raise Tampered(["The text repeats its instructions."])
            text = restore(written, asked.tokens)
        except WriterFault as fault:
            fault.usage, fault.calls = used, calls
            raise
        return Draft(f"{text.rstrip()}\n", answer.model or self._model, used.input_tokens, used.output_tokens, calls)

    @property
    def path(self) -> str:
        """Where a section is asked for, below the address."""
        return "/chat/completions" if self._api == "chat" else "/responses"

    @property
    def client(self) -> OpenAI:
        """The client library's own, for what is asked beside sections."""
        return self._client

    def body(self, request: SectionRequest) -> dict[str, Any]:
        """What a section is asked for with."""
        return self._body(prompt(request), self._format, self._cap)

    def read(self, request: SectionRequest, body: bytes) -> Draft:
        """The section in an answer to this that came another way; faults as `write` raises them."""
        asked = prompt(request)
        used = self._usage(body, asked)
        try:
            answer = self._read(body)
        except WriterFault as fault:
            fault.usage = used
            raise
        return self._draft(request, asked, answer, used, 1)

    def close(self) -> None:
        """Give the connections back; a worker that lives as long as its process need not."""
        self._client.close()

    def most(self, request: SectionRequest, complaints: Sequence[str]) -> Usage:
        """The whole prompt, and the longest answer that is asked for."""
        asked = prompt(request, complaints)
        return Usage(estimate(asked.system + asked.user), self._most)

    def _answer(self, asked: Prompt, key: str, ends: float, tries: int) -> tuple[Answer, Usage, int]:
        """An answer, what it and the useless ones before it have used, and how many they were; else a fault with both.

        Being told that a format is not known is no call: it costs nothing and happens once in a process.
        """
        tried, used = 0, NOTHING_USED
        while True:
            tried += 1
            try:
                body = self._post(asked, key, ends)
                used += self._usage(body, asked)
                return self._read(body), used, tried
            except WriterFault as fault:
                fault.usage, fault.calls = used, tried
                wait = (
                    self._rng.uniform(0, min(8.0, 0.5 * 2**tried)) if fault.retry_after is None else fault.retry_after
                )
                if tried >= min(tries, TRIES.get(fault.reason, 1)) or self._monotonic() + wait + _SHORTEST_TRY > ends:
                    raise
            self._sleep(wait)

    def _usage(self, body: bytes, asked: Prompt) -> Usage:
        """What an answer says that it used; where it says nothing, what it looks like."""
        found = usage_in(body)
        return Usage(
            _believable(found.input_tokens, asked.system + asked.user, _FORMS),
            _believable(found.output_tokens, body.decode(errors="replace"), self._most),
        )

    def _read(self, body: bytes) -> Answer:
        return read_chat(body) if self._api == "chat" else read_responses(body)

    def _post(self, asked: Prompt, key: str, ends: float) -> bytes:
        """The bytes of one answer, or `WriterFault`. Nothing that a provider says leaves here in an exception."""
        headers = {"Accept-Encoding": "identity", "X-Client-Request-Id": key[:32]}
        while True:
            shape = self._format, self._cap
            left = ends - self._monotonic()
            if left <= 0:
                raise WriterFault("timeout", final=False)
            try:
                with allowing(ends, self._monotonic):
                    response = self._client.post(
                        self.path,
                        cast_to=httpx2.Response,
                        body=self._body(asked, *shape),
                        options={"headers": headers, "timeout": left},
                    )
                # A page that stands between us and the provider may look like anything.
                if "json" not in response.headers.get("content-type", "json"):
                    raise WriterFault("provider_protocol_error", final=False)
                return response.content
            except APIStatusError as error:
                said = f"{error.code} {error.type} {error.body}"[:4_000]
                if error.status_code in (400, 422) and self._adapt(said, *shape):
                    continue
                fault = status_fault(error.status_code, said, self._retry_after(error.response.headers))
            except BROKEN as error:
                fault = network_fault(error)
            raise fault from None

    def _body(self, asked: Prompt, format_: int, cap: str) -> dict[str, Any]:
        wanted = _FORMATS[format_]
        body: dict[str, Any] = {"model": self._model, cap: self._most}
        if self._api == "chat":
            body["messages"] = [{"role": "system", "content": asked.system}, {"role": "user", "content": asked.user}]
            return body if wanted is None else {**body, "response_format": wanted}
        # Nothing of a lesson is to be kept by the provider longer than the answer takes.
        body |= {"instructions": asked.system, "input": asked.user, "store": False}
        if wanted is not None:
            body["text"] = {"format": {"type": wanted["type"], **wanted.get("json_schema", {})}}
        return body

    def _adapt(self, said: str, format_: int, cap: str) -> bool:
        """Ask differently from now on if the server refuses how it was asked; False if that is not what it says."""
        if "max_completion_tokens" in said and cap == "max_completion_tokens":
            self._cap = "max_tokens"
        elif any(word in said for word in _FORMAT_REFUSED) and format_ < len(_FORMATS) - 1:
            self._format = max(self._format, format_ + 1)
        else:
            return False
        return True

    def _retry_after(self, headers: Mapping[str, str]) -> float | None:
        """The seconds that the provider asks to wait: milliseconds, seconds or a date."""
        for name, scale in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
            value = headers.get(name, "")
            try:
                seconds = float(value) * scale
            except ValueError:
                try:
                    seconds = parsedate_to_datetime(value).timestamp() - self._now()
                except (ValueError, OverflowError):
                    continue
            if isfinite(seconds):
                return max(0.0, seconds)
        return None


def _believable(count: int, text: str, most: int) -> int:
    """The tokens that a provider counts, or an estimate where a text cannot have so few or so many."""
    size = len(text.encode())
    return count if size / _MOST_OF_A_TOKEN <= count <= size + most else estimate(text)


def estimate(text: str) -> int:
    """How many tokens a text may be, rather too many than too few."""
    return ceil(len(text.encode()) / 3)
