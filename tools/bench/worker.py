"""What a section costs that a model writes in no time: the worker beside one call of the openai client alone.

The model is a server on loopback that gives every section back as it is, so all that is counted is around it: reading
and claiming, the prompt, the client, the checks of fidelity, the budget, storing, and assembling the lesson.
"""

import json
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tools import course as courses
from tools import demo
from tools.bench import layout
from tools.bench.instructions import Counter
from tools.bench.layout import Program
from tools.bench.world import COURSE, LESSON
from tools.client import Client
from tools.errors import OperatorError
from tools.local import Stack
from tools.publish import publish
from tools.template import ROOT

_ALONE = Path(__file__).parent / "openai_alone"
_SOURCE = re.compile(r"^(LESSON-\w+) SECTION\b[^\n]*\n(.*?)\n\1 ", re.MULTILINE | re.DOTALL)
# Readers who have worked with robots are asked for no easier text: what comes back as it was is good.
_READER = {"robotics_background": True}
_MOST = 10
Found = dict[str, Any]


class Instant:
    """A model that needs no time, or so much; how often it was asked, and the last request that it was sent."""

    def __init__(self, seconds: float = 0) -> None:
        self.calls, self._seconds = 0, seconds
        self.body: dict[str, Any] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"

    def __enter__(self) -> "Instant":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, body: dict[str, Any]) -> dict[str, Any]:
        """The section of the prompt, as it is."""
        self.calls, self.body = self.calls + 1, body
        time.sleep(self._seconds)
        found = _SOURCE.search(body["messages"][-1]["content"])
        content = json.dumps({"markdown": found[2] if found else ""})
        message = {"role": "assistant", "content": content, "refusal": None}
        return {
            "id": "instant",
            "object": "chat.completion",
            "created": 0,
            "model": body["model"],
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 900, "completion_tokens": 300, "total_tokens": 1200},
        }


def _handler(model: Instant) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            held = json.dumps(model.answer(sent)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(held)))
            self.end_headers()
            self.wfile.write(held)

        def log_message(self, *_: Any) -> None:
            return

    return Handler


def measured(python: str, functions: Mapping[str, Program], kept: Callable[[str, Any], Path]) -> Found:
    """A section, the last of a lesson, which is then assembled, and the client's call alone."""
    writer = functions["WriteSection"]
    task = layout.FOLDER / "openai_alone"
    shutil.copytree(_ALONE, task)
    alone = Program("openai_alone", task, writer.path)
    with Instant() as model, writing(model, pollers=False) as stack:
        events = _events(stack)
        counter = Counter(python, {**stack.env, "POWERTOOLS_LOG_LEVEL": "INFO"})
        *several, last = events
        found: Found = {}
        for name, program, sent in (
            ("section", writer, several),
            ("last", writer, [last]),
            # What the worker asked for just now.
            ("call", alone, None),
        ):
            sent = sent or [model.body] * _MOST
            file, before = kept(f"writing {name}", sent), model.calls
            found[name] = json.loads(counter.watch(program, file))
            if model.calls - before != len(sent):
                raise OperatorError(f"The model was asked {model.calls - before} times for {len(sent)} sections.")
            del found[name]["body"]
        return found


@contextmanager
def writing(model: Instant, *, pollers: bool = True) -> Iterator[Stack]:
    """A stack in which that model writes, with the course."""
    env = {"WRITER": "openai", "LLM_BASE_URL": model.url, "LLM_MODEL": "instant", "OPENAI_API_KEY": "none"}
    with Stack(env=env, pollers=pollers) as stack:
        publish(stack.api(stack.admin()), courses.read(ROOT / "courses" / COURSE))
        yield stack


def reader(stack: Stack) -> Client:
    """Somebody whose sections are good as they come back."""
    client = stack.api(stack.guest())
    questions = client.get("/api/onboarding").json["questions"]
    client.post("/api/onboarding", demo.beginner(questions) | _READER)
    return client


def _events(stack: Stack) -> list[dict[str, Any]]:
    """An event for each of a lesson's sections, taken from the queue."""
    client = reader(stack)
    client.post("/api/personalize", {"lesson_slug": LESSON})
    sqs = stack.client("sqs")
    found = sqs.receive_message(
        QueueUrl=stack.queue("SectionQueue"), MaxNumberOfMessages=_MOST, MessageAttributeNames=["All"]
    ).get("Messages", [])
    if len(found) < 3:
        raise OperatorError(f"{LESSON} has too few sections to count by.")
    return [{"Records": [_record(message)]} for message in found]


def _record(message: Mapping[str, Any]) -> dict[str, Any]:
    attributes = {
        name: {"dataType": held["DataType"], "stringValue": held["StringValue"]}
        for name, held in message.get("MessageAttributes", {}).items()
    }
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "0"},
        "messageAttributes": attributes,
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:sections",
    }
