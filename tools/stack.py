"""`make stack`: the template as it is deployed, in the embedded services on this machine.

The real `sam build` and `sam deploy`, then requests and a message through the deployed functions, and the stack deleted
again. Everything runs on the runtime's own interpreter, so this needs it.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

from tools import bundles, runtime, services
from tools.client import Client, Refused
from tools.code import Code
from tools.errors import OperatorError
from tools.files import LOCAL
from tools.gateway import Gateway
from tools.runtime import BUILT, SAM
from tools.server import Server
from tools.services import REGION, Services
from tools.template import ROOT, Template

STACK = "attune"
VENV = LOCAL / "stack-venv"
LOCK = ROOT / "requirements" / "stack.txt"
PATIENCE = 60.0


class RemoteGateway(Gateway):
    """The routes and the authorizer of the template, before functions that run in Lambda."""

    def __init__(self, template: Template, aws_lambda: Any, names: dict[str, str]) -> None:
        super().__init__(template, Code())
        self._lambda, self._names = aws_lambda, names

    def invoke(self, function_id: str, event: dict[str, Any]) -> Any:
        answer = self._lambda.invoke(FunctionName=self._names[function_id], Payload=json.dumps(event).encode())
        result = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            raise OperatorError(f"{function_id} failed: {result.get('errorMessage', result)}")
        return result


def main() -> int:
    """0 where everything worked; 2, and why, where it could not or did not."""
    try:
        _run()
    except (OperatorError, Refused) as error:
        print(f"attune: {error}", file=sys.stderr)
        return 2
    return 0


def _run() -> None:
    version = runtime.wanted()
    python = runtime.interpreter(version)
    runtime.build(python)
    # The embedded services once more, on that interpreter and with SAM's transform.
    runtime.environment(python, VENV, LOCK)
    _say(f"built {bundles.check(BUILT, python, version)} functions; each imports alone, with bytecode that lasts")
    services.VENV = VENV
    embedded = Services()
    try:
        names = _deploy(embedded)
        _say(f"deployed {len(names)} resources")
        _call(embedded, names)
        _write(embedded, names)
        _delete(embedded)
        _say("deleted, with the table and the signing key")
    finally:
        embedded.stop()


def _say(text: str) -> None:
    print(f"  {text}", flush=True)


def _deploy(embedded: Services) -> dict[str, str]:
    """What the stack made, physical names by logical ids."""
    parameters = ["Stage=local", "TableRemoval=Delete", f"EndpointUrl={embedded.endpoint}", runtime.architecture()]
    template, settings = str(BUILT / "template.yaml"), str(ROOT / "samconfig.toml")
    words = [str(SAM), "deploy", "--template-file", template, "--config-file", settings]
    runtime.command(
        [*words, "--stack-name", STACK, "--parameter-overrides", " ".join(parameters)],
        AWS_ENDPOINT_URL=embedded.endpoint,
        AWS_DEFAULT_REGION=REGION,
        AWS_ACCESS_KEY_ID="local",
        AWS_SECRET_ACCESS_KEY="local",  # noqa: S106
        AWS_CONFIG_FILE=os.devnull,
    )
    made = embedded.client("cloudformation").describe_stack_resources(StackName=STACK)["StackResources"]
    names = {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in made}
    # MiniStack keeps a number that came from a parameter as text, and its poller then cannot compare it.
    aws_lambda = embedded.client("lambda")
    for source in aws_lambda.list_event_source_mappings()["EventSourceMappings"]:
        if "ScalingConfig" not in source:
            # That of the stream, which has no limit.
            continue
        limit = int(source["ScalingConfig"]["MaximumConcurrency"])
        aws_lambda.update_event_source_mapping(UUID=source["UUID"], ScalingConfig={"MaximumConcurrency": limit})
    return names


def _call(embedded: Services, names: dict[str, str]) -> None:
    """A guest is created, and known again: the public route, the signing key, the authorizer and the table."""
    with Server(RemoteGateway(Template(), embedded.client("lambda"), names)) as server:
        guest = Client(server.url).post("/api/user/create", {}).json
        known = Client(server.url, guest["token"]).get("/api/user/me").json
    if known["id"] != guest["id"]:
        raise OperatorError(f"{guest['id']} was created, and {known['id']} found.")
    _say("a guest was created, and is known by the token")


def _write(embedded: Services, names: dict[str, str]) -> None:
    """A message of the sample event reaches the worker: the queue, the mapping and the function behind it."""
    sqs, queue = embedded.client("sqs"), names["SectionQueue"]
    event = json.loads((ROOT / "events" / "write_section.json").read_text("utf-8"))
    sqs.send_message(QueueUrl=queue, MessageBody=event["Records"][0]["body"])
    logs = embedded.client("logs")
    _wait("the worker to run", lambda: logs.filter_log_events(logGroupName=names["WorkerLogs"])["events"])
    wanted = ["ApproximateNumberOfMessages"]
    counted = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=wanted)["Attributes"]
    if counted != {wanted[0]: "0"}:
        raise OperatorError(f"The worker left messages in the queue: {counted}.")
    _say("a message reached the worker")


def _delete(embedded: Services) -> None:
    stacks, ssm = embedded.client("cloudformation"), embedded.client("ssm")
    stacks.delete_stack(StackName=STACK)
    gone = stacks.exceptions.ClientError

    def is_gone() -> bool:
        try:
            stacks.describe_stacks(StackName=STACK)
        except gone:
            return True
        return False

    _wait("the stack to be gone", is_gone)
    left = [*embedded.client("dynamodb").list_tables()["TableNames"], *ssm.describe_parameters()["Parameters"]]
    if left:
        raise OperatorError(f"The deleted stack left {left}.")


def _wait(what: str, condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise OperatorError(f"Waited {PATIENCE:.0f} seconds for {what}.")
        time.sleep(0.2)


if __name__ == "__main__":
    sys.exit(main())
