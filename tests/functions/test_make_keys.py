"""The guests' signing key as a resource of the stack: made once, found again, kept or removed as the owner says."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from tests.functions.conftest import invoke

PARAMETER = "/attune/guest-signing-key"
PUBLISHED = "/attune/guest-public-keys"


class Answers(HTTPServer):
    """Where CloudFormation waits for what became of its requests."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []
        told = self.told

        class Handler(BaseHTTPRequestHandler):
            def do_PUT(self) -> None:
                told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Not on the terminal."""

        super().__init__(("127.0.0.1", 0), Handler)


@contextmanager
def answering() -> Iterator[Answers]:
    """Such a place, while it is needed."""
    with Answers() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def answers() -> Iterator[Answers]:
    with answering() as server:
        yield server


def asked(answers: Answers, kind: str, delete: str = "false") -> dict[str, Any]:
    invoke(
        "make_keys",
        {
            "RequestType": kind,
            "ResponseURL": f"http://127.0.0.1:{answers.server_port}/there?signature=1",
            "StackId": "stack",
            "RequestId": "request",
            "LogicalResourceId": "GuestKeys",
            "ResourceProperties": {
                "ParameterName": PARAMETER,
                "PublicParameterName": PUBLISHED,
                "DeleteKey": delete,
            },
        },
    )
    return answers.told.pop()


@pytest.mark.usefixtures("sqs")
def test_the_key_is_made_once_and_goes_when_it_may(answers: Answers) -> None:
    asked(answers, "Delete", delete="true")
    made = asked(answers, "Create")
    assert (made["Status"], made["PhysicalResourceId"]) == ("SUCCESS", PARAMETER)
    (public,) = json.loads(made["Data"]["PublicKeys"])["keys"]
    assert "d" not in public
    # A repeated request, an update, and a stack that was deleted by mistake and made again.
    assert asked(answers, "Create")["Data"] == asked(answers, "Update")["Data"] == made["Data"]
    assert asked(answers, "Delete")["Status"] == "SUCCESS"
    assert asked(answers, "Create")["Data"] == made["Data"]
    assert asked(answers, "Delete", delete="true")["Status"] == "SUCCESS"
    assert asked(answers, "Create")["Data"] != made["Data"]
