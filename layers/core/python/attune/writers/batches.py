"""A provider's batches, by OpenAI's files and batches API: one JSONL file goes up, one or two come back."""

import json
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Final, TypeVar

from openai import APIError, APIStatusError

from attune.domain.batch import GONE, Answers, Seen, line_id
from attune.domain.budget import Usage
from attune.domain.section import Draft, SectionRequest, WriterFault
from attune.writers.openai import OpenAIWriter
from attune.writers.provider import status_fault, strict_json, usage_in
from attune.writers.wire import BROKEN, MAX_BYTES, allowing, network_fault

T = TypeVar("T")
SECONDS: Final = 20.0
FILE_SECONDS: Final = 90.0
MOST: Final = 200_000_000
"""Bytes of a file that is read, as many as a provider makes."""
SLACK: Final = 3_600.0
"""Seconds by which the provider's clock may be behind ours."""
PAGE: Final = 100
PAGES: Final = 50
"""Pages of the provider's list that are looked through: more batches than anybody makes in the days of one."""
_NAME: Final = "attune"
_PLAIN: Final = {"Accept-Encoding": "identity"}


class OpenAIBatches:
    """Batches of what a writer asks, by the same client, with the same words, and read by the same rules."""

    def __init__(self, writer: OpenAIWriter, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._writer, self._monotonic = writer, monotonic

    def line(self, request: SectionRequest) -> bytes:
        """The line of a section, with its end."""
        asked = {
            "custom_id": line_id(request),
            "method": "POST",
            "url": f"/v1{self._writer.path}",
            "body": self._writer.body(request),
        }
        return json.dumps(asked, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"

    def send(self, name: str, lines: Sequence[bytes]) -> Seen:
        """Upload the lines and have them written. A file of this name that led to nothing is deleted first."""
        files, batches = self._writer.client.files, self._writer.client.batches
        file_name = f"{name}.jsonl"
        for lost in self._call(lambda: list(files.list(purpose="batch", limit=PAGE, extra_headers=_PLAIN).data)):
            if getattr(lost, "filename", None) == file_name:
                self.forget([str(lost.id)])
        content = b"".join(lines)
        uploaded = self._call(
            lambda: files.create(
                file=(file_name, content, "application/jsonl"),
                purpose="batch",
                extra_headers=_PLAIN,
                timeout=FILE_SECONDS,
            ),
            FILE_SECONDS,
        )
        file_id = _text(uploaded, "id")
        made: Any = self._call(
            lambda: batches.create(
                completion_window="24h",
                endpoint=f"/v1{self._writer.path}",  # type: ignore[arg-type]
                input_file_id=file_id,
                metadata={_NAME: name},
                extra_headers=_PLAIN,
                timeout=SECONDS,
            )
        )
        return _seen(made)

    def find(self, name: str, since: float) -> Sequence[Seen]:
        """The batches with this name in their metadata, the newest first as they are listed."""
        found: list[Seen] = []
        after: dict[str, str] = {}
        for _ in range(PAGES):
            page = self._call(partial(self._page, after))
            known = [_seen(each) for each in page]
            found += [each for each in known if each.name == name]
            if len(known) < PAGE or known[-1].created_at < since - SLACK:
                return found
            after = {"after": known[-1].id}
        # A list without an end says nothing of what is not in it.
        raise WriterFault("provider_protocol_error", final=False)

    def _page(self, after: dict[str, str]) -> list[Any]:
        return list(self._writer.client.batches.list(limit=PAGE, extra_headers=_PLAIN, timeout=SECONDS, **after).data)  # type: ignore[arg-type]

    def look(self, id: str) -> Seen:
        """How far a batch is."""
        return _seen(
            self._call(lambda: self._writer.client.batches.retrieve(id, extra_headers=_PLAIN, timeout=SECONDS))
        )

    def cancel(self, id: str) -> None:
        """Have no more of it written."""
        self._call(lambda: self._writer.client.batches.cancel(id, extra_headers=_PLAIN, timeout=SECONDS))

    def answers(self, seen: Seen) -> Answers:
        """What stands in the two files; the first line of a name counts, and what is no line is left out."""
        found: dict[str, bytes | WriterFault] = {}
        for file in (seen.output_file, seen.error_file):
            for line in self._file(file).split(b"\n") if file else ():
                with suppress(ValueError, LookupError, RecursionError, AttributeError, TypeError):
                    told = strict_json(line)
                    found.setdefault(str(told["custom_id"]), _answer(told))
        return found

    def _file(self, id: str) -> bytes:
        content = self._writer.client.files.content
        return self._call(lambda: content(id, extra_headers=_PLAIN, timeout=FILE_SECONDS).content, FILE_SECONDS, MOST)

    def usage(self, body: bytes) -> Usage:
        """The tokens that an answer counts, whatever else it says."""
        return usage_in(body)

    def read(self, request: SectionRequest, body: bytes) -> Draft:
        """The section in an answer, read by the rules for one that was asked for by itself."""
        return self._writer.read(request, body)

    def forget(self, files: Sequence[str]) -> None:
        """Have the files deleted; one that is gone is as good."""
        for file in files:
            try:
                self._call(partial(self._writer.client.files.delete, file, extra_headers=_PLAIN, timeout=SECONDS))
            except WriterFault as fault:
                if fault.reason != GONE:
                    raise

    def _call(self, ask: Callable[[], T], seconds: float = SECONDS, most: int = MAX_BYTES) -> T:
        """One call, within its time. Nothing that a provider says leaves here in an exception."""
        try:
            with allowing(self._monotonic() + seconds, self._monotonic, most):
                return ask()
        except APIStatusError as error:
            fault = status_fault(error.status_code, f"{error.code} {error.type} {error.body}"[:4_000], None)
        except BROKEN as error:
            fault = network_fault(error)
        except (APIError, ValueError, TypeError, AttributeError, RecursionError):
            fault = WriterFault("provider_protocol_error", final=False)
        raise fault from None


def _answer(told: Any) -> bytes | WriterFault:
    """What a line says: an answer as bytes, so that it is read as any other, or why there is none."""
    response, error = told.get("response"), told.get("error")
    if not response or error:
        return WriterFault("expired" if (error or {}).get("code") == "batch_expired" else "provider_error", final=False)
    body = json.dumps(response.get("body"), ensure_ascii=True).encode()
    if response.get("status_code") == 200:
        return body
    fault = status_fault(int(response["status_code"]), body[:4_000].decode(), None)
    fault.usage = usage_in(body)
    return fault


def _seen(found: Any) -> Seen:
    """A batch as the client library hands it over, which checks nothing."""
    metadata = getattr(found, "metadata", None)
    errors = getattr(getattr(found, "errors", None), "data", None) or ()
    created = getattr(found, "created_at", None)
    return Seen(
        id=_text(found, "id"),
        status=_text(found, "status"),
        name=metadata.get(_NAME) if isinstance(metadata, dict) else None,
        created_at=float(created) if isinstance(created, int | float) else 0.0,
        input_file=_optional(found, "input_file_id"),
        output_file=_optional(found, "output_file_id"),
        error_file=_optional(found, "error_file_id"),
        reason=next((code for each in errors if (code := _optional(each, "code"))), None),
    )


def _text(found: Any, name: str) -> str:
    """A text that must be there. Raises `WriterFault`."""
    value = _optional(found, name)
    if value is None:
        raise WriterFault("provider_protocol_error", final=False)
    return value


def _optional(found: Any, name: str) -> str | None:
    value = getattr(found, name, None)
    return value[:128] if isinstance(value, str) and value.isprintable() and value else None
