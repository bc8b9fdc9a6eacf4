"""`make lambda`: every function of the built artefact under the runtime's own client, as Lambda runs it, on its event.

A runtime API on loopback hands each its file of `events/`, and looks at the shape of what comes back.
"""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, Queue
from typing import Any
from uuid import uuid4

from tools import demo
from tools.bench import layout
from tools.bench.layout import Program
from tools.errors import OperatorError
from tools.local import Stack
from tools.template import ROOT, Function, Template

PATIENCE = 30.0
_PREFIX = "/2018-06-01/runtime"
Json = Mapping[str, Any]


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A function that is ended while it waits is no error."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class RuntimeApi:
    """What Lambda's runtime API says to one execution environment: one event, and what was answered to it.

    It also takes what a custom resource sends to CloudFormation.
    """

    def __init__(self, function: Function, event: Json) -> None:
        self.answers: Queue[tuple[str, Any]] = Queue()
        self.resource: Queue[Any] = Queue()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self.address = f"127.0.0.1:{self._server.server_port}"
        self.function = function
        self.event = {**event, **({"ResponseURL": f"http://{self.address}/resource"} if "ResponseURL" in event else {})}
        self.handed_out, self.closing = threading.Event(), threading.Event()
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def headers(self) -> dict[str, str]:
        """What comes with the event."""
        return {
            "Lambda-Runtime-Aws-Request-Id": str(uuid4()),
            "Lambda-Runtime-Deadline-Ms": str(int((time.time() + self.function.timeout) * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": f"arn:aws:lambda:us-east-1:000000000000:function:{self.function.id}",
            "Lambda-Runtime-Trace-Id": "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0",
            "Content-Type": "application/json",
        }

    def close(self) -> None:
        """Whoever waits for another event waits in vain."""
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()


def _handler(api: RuntimeApi) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if api.handed_out.is_set():
                # There is no second event; the function is ended while it waits.
                api.closing.wait(PATIENCE)
                return
            api.handed_out.set()
            self._say(200, json.dumps(api.event).encode(), api.headers())

        def do_POST(self) -> None:
            held = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            api.answers.put((self.path.removeprefix(_PREFIX).rpartition("/")[2], json.loads(held or b"null")))
            self._say(202, b"{}", {})

        def do_PUT(self) -> None:
            api.resource.put(json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0)))))
            self._say(200, b"", {})

        def _say(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            return

    return Handler


def called(python: str, program: Program, function: Function, environment: Mapping[str, str], event: Json) -> Any:
    """What a function answers to an event. OperatorError if it raises, or says nothing in time."""
    api = RuntimeApi(function, event)
    path = [program.task, *program.path, layout.runtime_client()]
    running = subprocess.Popen(
        [python, "-S", "-B", "-m", "awslambdaric", "app.lambda_handler"],
        cwd=program.task,
        env={
            **environment,
            "PYTHONPATH": os.pathsep.join(map(str, path)),
            "AWS_LAMBDA_RUNTIME_API": api.address,
            "AWS_LAMBDA_FUNCTION_NAME": function.name,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory),
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_FORMAT": "JSON",
            "AWS_LAMBDA_LOG_GROUP_NAME": "/attune/bench",
            "AWS_LAMBDA_LOG_STREAM_NAME": "bench",
            "LAMBDA_TASK_ROOT": str(program.task),
            "_HANDLER": "app.lambda_handler",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        kind, answer = api.answers.get(timeout=PATIENCE)
        if kind != "response":
            raise OperatorError(f"{function.name} failed: {answer}")
        return {"answer": answer, "resource": api.resource.get_nowait()} if not api.resource.empty() else answer
    except Empty:
        raise OperatorError(f"{function.name} said nothing in {PATIENCE:.0f} seconds.") from None
    finally:
        running.kill()
        running.communicate()
        api.close()


def _is_batch(found: Any) -> bool:
    return isinstance(found["batchItemFailures"], list)


def _is_nothing(found: Any) -> bool:
    return found is None


SHAPES: Mapping[str, Callable[[Any], bool]] = {
    "authorize": lambda found: found["isAuthorized"] is True and isinstance(found["context"], dict),
    "fold_metrics": _is_batch,
    "make_keys": lambda found: found["resource"]["Status"] == "SUCCESS",
    "plan_refresh": _is_nothing,
    "run_job": _is_batch,
    "write_section": _is_batch,
    "write_batches": _is_nothing,
    "write_weekly_report": _is_nothing,
}
"""What functions answer that have no route."""


def flaw(function: Function, routed: bool, answer: Any) -> str:
    """What is wrong with the shape of an answer; nothing where it is right."""
    check = SHAPES.get(function.name, _is_answer if routed else lambda found: False)
    try:
        return "" if check(answer) else f"answered {json.dumps(answer)[:200]}"
    except (KeyError, TypeError) as error:
        return f"answered {json.dumps(answer)[:200]} ({error!r})"


def _is_answer(found: Any) -> bool:
    """An answer of a route, that is no fault of ours: JSON, or a page, with the headers that all have."""
    headers = {name.lower(): value for name, value in found["headers"].items()}
    if "json" in headers.get("content-type", "") and found.get("body"):
        json.loads(found["body"])
    return bool(found["statusCode"] < 500 and headers["x-request-id"] and headers["cache-control"])


def main() -> int:
    """0 where every function answered as it should; 2, and which did not."""
    try:
        return _run()
    except OperatorError as error:
        print(f"attune: {error}", file=sys.stderr)
        return 2


def _run() -> int:
    python = layout.prepare()
    programs, template = layout.functions(), Template()
    routed = {route.function for route in template.routes}
    wrong = []
    with Stack(pollers=False) as stack:
        list(demo.courses(stack))
        environment = {**stack.env, "POWERTOOLS_LOG_LEVEL": "INFO"}
        for name, program in programs.items():
            function = template.functions[name]
            event = json.loads((ROOT / "events" / f"{function.name}.json").read_text("utf-8"))
            answer = called(python, program, function, environment, event)
            said = flaw(function, name in routed, answer)
            status = answer.get("statusCode", "") if isinstance(answer, dict) else ""
            print(f"  {function.name} {said or status or 'ok'}", flush=True)
            if said:
                wrong.append(function.name)
    if wrong:
        raise OperatorError(f"{len(wrong)} functions answered what they should not: {', '.join(wrong)}.")
    print(f"  {len(programs)} functions answered under awslambdaric", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
