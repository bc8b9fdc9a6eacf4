"""A stack is everything together: services, issuer, gateway and pollers over the functions, and nothing of it stays."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools import services
from tools.client import Client
from tools.errors import OperatorError
from tools.local import Stack

FIXTURE = Path(__file__).with_name("fixture.yaml")


@pytest.fixture(scope="module")
def stack(root: Path) -> Iterator[Stack]:
    env = {"OPENAI_API_KEY": "sk-1", "SECOND_LLM_API_KEY": "sk-2", "EXTRA": "1", "WRITER": None}
    with Stack(template=FIXTURE, root=root, env=env) as running:
        yield running


def test_the_environment_is_the_templates_with_this_machines_over_it(stack: Stack) -> None:
    assert stack.env["STAGE"] == "local"
    assert stack.env["QUEUE_URL"] == stack.queue("WorkQueue")
    assert (stack.table, stack.env["LLM_MODEL"], stack.env["EXTRA"]) == ("attune", "gpt-x", "1")
    assert os.environ["AWS_ENDPOINT_URL"] == stack.services.endpoint
    assert "WRITER" not in os.environ
    assert set(stack.env) - {"WRITER"} <= set(os.environ)


def test_secrets_are_in_the_parameter_store_alone(stack: Stack) -> None:
    assert not {"OPENAI_API_KEY", "SECOND_LLM_API_KEY"} & set(os.environ)
    ssm = stack.client("ssm")
    stored = {
        name: ssm.get_parameter(Name=stack.env[name], WithDecryption=True)["Parameter"]["Value"]
        for name in ("LLM_KEY_PARAMETER", "SECOND_LLM_KEY_PARAMETER", "GUEST_KEY_PARAMETER")
    }
    assert (stored["LLM_KEY_PARAMETER"], stored["SECOND_LLM_KEY_PARAMETER"]) == ("sk-1", "sk-2")
    assert stored["GUEST_KEY_PARAMETER"].startswith("-----BEGIN PRIVATE KEY-----")


def test_requests_reach_the_functions_with_the_tokens_of_the_issuer(stack: Stack) -> None:
    event = stack.api(stack.account("ada")).get("/api/things/special").json["event"]
    assert event["requestContext"]["authorizer"]["lambda"]["subject"].count(".") == 2
    assert stack.api(stack.admin()).get("/api/things/special").status == 200


def test_a_poisoned_message_ends_in_the_dead_letter_queue_and_its_mates_are_done(stack: Stack) -> None:
    sqs = stack.client("sqs")
    for body in ("good", "bad", "good"):
        sqs.send_message(QueueUrl=stack.queue("WorkQueue"), MessageBody=body)
    dead: list[str] = []
    for _ in range(20):
        received = sqs.receive_message(QueueUrl=stack.queue("WorkDlq"), WaitTimeSeconds=1)
        dead += [each["Body"] for each in received.get("Messages", [])]
        if dead:
            break
    left = sqs.get_queue_attributes(QueueUrl=stack.queue("WorkQueue"), AttributeNames=["All"])["Attributes"]
    assert dead == ["bad"]
    assert left["ApproximateNumberOfMessages"] == left["ApproximateNumberOfMessagesNotVisible"] == "0"


def test_afterwards_nothing_of_it_is_left(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "mine")
    before = dict(os.environ)
    with Stack(template=FIXTURE, root=root) as running:
        assert "AWS_PROFILE" not in os.environ
        api = Client(running.url)
        assert api.send("GET", "/plain").status == 200
    assert dict(os.environ) == before
    assert not services.is_healthy(running.services.endpoint)
    assert services.is_free(int(running.url.rpartition(":")[2]))
    assert not any(thread.is_alive() for poller in running.pollers for thread in poller._threads)


def test_a_stack_that_cannot_start_leaves_nothing_either(stack: Stack, root: Path) -> None:
    before = dict(os.environ)
    taken = int(stack.url.rpartition(":")[2])
    second = Stack(template=FIXTURE, root=root, port=taken)
    with pytest.raises(OperatorError, match=f"Port {taken}"), second:
        pass
    assert dict(os.environ) == before
    assert not services.is_healthy(second.services.endpoint)
