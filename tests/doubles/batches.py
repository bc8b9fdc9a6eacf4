"""The provider's files and batches: `/v1/files`, `/v1/batches`, taken, listed, worked on and refused as by a real one.

A batch is worked on when the test says so (`work`, `expire`, `fail`), or, with `by_itself`, a step each time that it is
looked at. A line is answered by the behaviours of `ModelServer`, as a call by itself would be.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.doubles.answers import read
from tests.doubles.behaviours import BEHAVIOURS

if TYPE_CHECKING:
    from tests.doubles.model import ModelServer

Json = dict[str, Any]
LINES, BYTES = 50_000, 200 << 20
DAY = 86_400
ENDPOINTS = ("/v1/chat/completions", "/v1/responses")
OPEN = ("validating", "in_progress", "finalizing", "cancelling")


class Refused(Exception):
    """An error of the API."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(slots=True)
class Batches:
    """What the provider keeps. `lines` counts the requests that it answered, whatever became of them."""

    model: "ModelServer"
    by_itself: bool = False
    clock: Callable[[], float] = lambda: 0.0
    files: dict[str, Json] = field(default_factory=dict)
    content: dict[str, bytes] = field(default_factory=dict)
    made: dict[str, Json] = field(default_factory=dict)
    lines: int = 0
    hidden: set[str] = field(default_factory=set)
    """Batches that a list does not show yet."""
    _taken: dict[str, bytes] = field(default_factory=dict)
    _number: int = 0

    def forget(self) -> None:
        """Begin anew."""
        for kept in (self.files, self.content, self.made, self.hidden, self._taken):
            kept.clear()
        self.lines, self.by_itself = 0, False

    # ---- The API

    def answer(self, method: str, path: str, query: Mapping[str, str], body: bytes, kind: str) -> Json | bytes | None:
        """What a request is answered; None where there is no such path. Raises `Refused`."""
        parts = path.strip("/").split("/")[1:]
        match (method, *parts):
            case ("POST", "files"):
                return self._upload(body, kind)
            case ("GET", "files"):
                wanted = query.get("purpose")
                return _page([each for each in self.files.values() if wanted in (None, each["purpose"])], query)
            case ("GET", "files", id_, "content"):
                return self._content(id_)
            case ("DELETE", "files", id_):
                self._content(id_)
                del self.files[id_], self.content[id_]
                return {"id": id_, "object": "file", "deleted": True}
            case ("POST", "batches"):
                return self._create(json.loads(body))
            case ("GET", "batches"):
                return _page([each for id_, each in self.made.items() if id_ not in self.hidden], query)
            case ("GET", "batches", id_):
                found = self._batch(id_)
                if self.by_itself and found["status"] in OPEN:
                    self._step(found)
                return found
            case ("POST", "batches", id_, "cancel"):
                return self._cancel(self._batch(id_))
        return None

    def _upload(self, body: bytes, kind: str) -> Json:
        fields = dict(_parts(body, kind))
        name, content = fields["file"]
        if len(content) > BYTES:
            raise Refused(413, "the file is too large")
        if fields["purpose"][1] == b"batch" and not name.endswith(".jsonl"):
            raise Refused(400, "Invalid file format for Batch API. Must be .jsonl")
        return self._file(name, content, fields["purpose"][1].decode())

    def _file(self, name: str, content: bytes, purpose: str) -> Json:
        id_ = self._id("file")
        self.content[id_] = content
        self.files[id_] = {
            "id": id_,
            "object": "file",
            "bytes": len(content),
            "created_at": int(self.clock()),
            "filename": name,
            "purpose": purpose,
            "status": "processed",
        }
        return self.files[id_]

    def _content(self, id_: str) -> bytes:
        if id_ not in self.content:
            raise Refused(404, f"No such File object: {id_}")
        return self.content[id_]

    def _create(self, asked: Json) -> Json:
        if asked.get("completion_window") != "24h" or asked.get("endpoint") not in ENDPOINTS:
            raise Refused(400, "completion_window is 24h, endpoint is known")
        metadata = asked.get("metadata") or {}
        if len(metadata) > 16 or any(len(name) > 64 or len(value) > 512 for name, value in metadata.items()):
            raise Refused(400, "metadata is too long")
        if self.files.get(asked["input_file_id"], {}).get("purpose") != "batch":
            raise Refused(400, "the file is not there, or is for another purpose")
        id_ = self._id("batch")
        now = int(self.clock())
        # What becomes of the file later is nothing to the batch.
        self._taken[id_] = self.content[asked["input_file_id"]]
        self.made[id_] = {
            "id": id_,
            "object": "batch",
            "endpoint": asked["endpoint"],
            "errors": None,
            "input_file_id": asked["input_file_id"],
            "completion_window": "24h",
            "status": "validating",
            "output_file_id": None,
            "error_file_id": None,
            "created_at": now,
            "expires_at": now + DAY,
            "request_counts": {"total": 0, "completed": 0, "failed": 0},
            "metadata": metadata or None,
        }
        return self.made[id_]

    def _batch(self, id_: str) -> Json:
        if id_ not in self.made:
            raise Refused(404, f"No batch found with id '{id_}'.")
        return self.made[id_]

    def _cancel(self, batch: Json) -> Json:
        if batch["status"] not in OPEN:
            raise Refused(409, f"Cannot cancel a batch with status '{batch['status']}'.")
        batch["status"] = "cancelling"
        return batch

    # ---- The work

    @property
    def last(self) -> Json:
        return list(self.made.values())[-1]

    def work(self, done: int | None = None) -> None:
        """Bring every open batch to its end; only so many lines of each are answered before it was cancelled."""
        for batch in list(self.made.values()):
            while batch["status"] in OPEN:
                self._step(batch, done)

    def expire(self, done: int = 0) -> None:
        """The day is over: so many lines were answered in time."""
        for batch in list(self.made.values()):
            if batch["status"] in OPEN:
                self._answer(batch, done, "batch_expired", "This request could not be executed in time.")
                batch.update(status="expired", expired_at=int(self.clock()))

    def fail(self, code: str = "token_limit_exceeded") -> None:
        """No line is answered."""
        for batch in list(self.made.values()):
            if batch["status"] in OPEN:
                error = {"code": code, "line": None, "message": code, "param": None}
                batch.update(status="failed", errors={"object": "list", "data": [error]})

    def _step(self, batch: Json, done: int | None = None) -> None:
        match batch["status"]:
            case "validating":
                errors = list(self._invalid(batch))
                batch.update(status="failed" if errors else "in_progress")
                if errors:
                    batch["errors"] = {"object": "list", "data": errors}
            case "in_progress":
                batch["status"] = "finalizing"
            case "finalizing":
                self._answer(batch, None, "", "")
                batch.update(status="completed", completed_at=int(self.clock()))
            case "cancelling":
                self._answer(batch, done or 0, "batch_cancelled", "This request was not executed.")
                batch.update(status="cancelled", cancelled_at=int(self.clock()))

    def _requests(self, batch: Json) -> list[bytes]:
        return self._taken[batch["id"]].split(b"\n")[:-1]

    def _invalid(self, batch: Json) -> Iterator[Json]:
        """What a real provider finds when it validates a file."""
        lines, seen, models = self._requests(batch), set[str](), set[str]()
        if not 0 < len(lines) <= LINES:
            yield {"code": "too_many_tasks" if lines else "empty_file", "line": None, "message": "", "param": None}
        for number, line in enumerate(lines, 1):
            try:
                asked = json.loads(line)
                whole = asked.keys() == {"custom_id", "method", "url", "body"} and asked["method"] == "POST"
                models.add(asked["body"]["model"])
            except (ValueError, KeyError, TypeError, AttributeError):
                yield {"code": "invalid_json_line", "line": number, "message": "", "param": None}
                continue
            if not whole or asked["url"] != batch["endpoint"]:
                yield {"code": "invalid_request", "line": number, "message": "", "param": None}
            if asked["custom_id"] in seen:
                yield {"code": "duplicate_custom_id", "line": number, "message": "", "param": None}
            seen.add(asked["custom_id"])
        if len(models) > 1:
            yield {"code": "mismatched_model", "line": None, "message": "", "param": None}

    def _answer(self, batch: Json, done: int | None, code: str, message: str) -> None:
        """Answer the first lines, or all, and write the files, neither of them in the order of the requests."""
        requests = [json.loads(line) for line in self._requests(batch)]
        number = len(requests) if done is None else min(done, len(requests))
        good: list[Json] = []
        bad: list[Json] = []
        for asked in requests[:number]:
            status, body = self._written(asked)
            response = {"status_code": status, "request_id": self._id("req"), "body": body}
            line = {"id": self._id("batch_req"), "custom_id": asked["custom_id"], "response": response, "error": None}
            (good if status == 200 else bad).append(line)
        for asked in requests[number:]:
            error = {"code": code, "message": message}
            bad.append({"id": self._id("batch_req"), "custom_id": asked["custom_id"], "response": None, "error": error})
        for name, lines in (("output_file_id", good), ("error_file_id", bad)):
            if lines:
                content = b"".join(json.dumps(line).encode() + b"\n" for line in reversed(lines))
                batch[name] = self._file(f"{batch['id']}_{name}.jsonl", content, "batch_output")["id"]
        batch["request_counts"] = {"total": len(requests), "completed": len(good), "failed": len(bad)}

    def _written(self, asked: Json) -> tuple[int, Any]:
        """The answer to one line, by the rule that fits it."""
        body = asked["body"]
        messages = {message["role"]: message["content"] for message in body.get("messages", ())}
        system, user = messages.get("system", body.get("instructions", "")), messages.get("user", body.get("input", ""))
        found = read(user)
        rule = self.model.choose(found)
        line = Line(self.model, asked["url"], system, found, body)
        self.lines += 1
        BEHAVIOURS[rule.name](line, **rule.options)
        return line.status, line.answered

    def _id(self, kind: str) -> str:
        self._number += 1
        return f"{kind}_{self._number:06d}"


class Line:
    """One request of a file, which behaviours answer as if it had come by itself; the network has no part in it."""

    def __init__(self, server: "ModelServer", path: str, system: str, asked: Any, body: Json) -> None:
        self.server, self.path, self.system, self.asked, self.body = server, path, system, asked, body
        self.headers: Mapping[str, str] = {}
        self.content_type = "application/json"
        self.status = 500
        self.answered: Any = None

    def complete(self, content: str | None, **options: Any) -> None:
        """Answer in the shape of the API that was asked."""
        payload = self.server.completed(self.path, self.body, content, **options)
        self.send(200, json.dumps(payload).encode())

    def error(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        """Answer with an error as providers report it."""
        self.send(status, json.dumps({"error": {"message": message, "type": code, "code": code}}).encode())

    def send(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        """Answer with this body."""
        self.status = status
        try:
            self.answered = json.loads(body)
        except (ValueError, RecursionError):
            self.answered = {"error": {"message": "not JSON"}}


def _page(found: list[Json], query: Mapping[str, str]) -> Json:
    """The newest first, as many as were asked for, after the one that was named."""
    newest = list(reversed(found))
    ids = [each["id"] for each in newest]
    start = ids.index(query["after"]) + 1 if "after" in query else 0
    end = start + int(query.get("limit", "20"))
    shown = newest[start:end]
    first, last = (shown[0]["id"], shown[-1]["id"]) if shown else (None, None)
    return {"object": "list", "data": shown, "first_id": first, "last_id": last, "has_more": end < len(newest)}


def _parts(body: bytes, kind: str) -> Iterator[tuple[str, tuple[str, bytes]]]:
    """The fields of a form: by name, each with its file's name and its content."""
    boundary = kind.partition("boundary=")[2].strip('"').encode()
    for part in body.split(b"--" + boundary)[1:-1]:
        head, _, content = part.partition(b"\r\n\r\n")
        names = dict(re.findall(r'(\w+)="([^"]*)"', head.decode()))
        yield names["name"], (names.get("filename", ""), content.removesuffix(b"\r\n"))
