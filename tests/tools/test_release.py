"""M7: what was deployed before is kept, and one command brings it back: template, artefacts and parameters."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.tools.conftest import at
from tools import release
from tools.services import Services

STACK = "attune"
BUCKET = "artefacts"


@pytest.fixture(scope="module")
def services() -> Iterator[Services]:
    running = Services()
    running.client("s3").create_bucket(Bucket=BUCKET)
    yield running
    running.stop()


@pytest.fixture
def stack(services: Services, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """CloudFormation of the embedded services, where AWS would be."""
    at(services, monkeypatch)
    client = services.client("cloudformation")
    yield client
    client.delete_stack(StackName=STACK)
    s3 = services.client("s3")
    for each in s3.list_objects_v2(Bucket=BUCKET).get("Contents", ()):
        s3.delete_object(Bucket=BUCKET, Key=each["Key"])


def template(artefact: str, hidden: str = "30") -> str:
    """A small stack that says in a queue which artefact it is of, as a template of SAM's names its code."""
    queue = {
        "Type": "AWS::SQS::Queue",
        "Metadata": {"CodeUri": f"s3://{BUCKET}/attune/{artefact * 32}"},
        "Properties": {
            "QueueName": "of-the-release",
            "DelaySeconds": {"Ref": "Delay"},
            "VisibilityTimeout": hidden,
        },
    }
    parameters = {"Delay": {"Type": "String", "Default": "1"}}
    return json.dumps({"Parameters": parameters, "Resources": {"Queue": queue}})


def deploy(stack: Any, body: str, delay: str) -> None:
    """What `make deploy` does: keep what is there, then deploy."""
    assert release.main(["keep"]) == 0
    values = [{"ParameterKey": "Delay", "ParameterValue": delay}]
    exists = any(each["StackName"] == STACK for each in stack.describe_stacks()["Stacks"])
    change = stack.update_stack if exists else stack.create_stack
    change(StackName=STACK, TemplateBody=body, Parameters=values)
    stack.get_waiter("stack_update_complete" if exists else "stack_create_complete").wait(StackName=STACK)


def running(services: Services) -> tuple[str, str]:
    sqs = services.client("sqs")
    url = sqs.get_queue_url(QueueName="of-the-release")["QueueUrl"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return found["VisibilityTimeout"], found["DelaySeconds"]


def test_m7_the_release_before_comes_back_with_its_parameters(
    services: Services, stack: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    deploy(stack, template("a", "30"), "1")
    assert "nothing to keep" in capsys.readouterr().out
    deploy(stack, template("b", "40"), "2")
    deploy(stack, template("c", "50"), "3")
    assert running(services) == ("50", "3")
    assert release.main(["rollback"]) == 0
    assert running(services) == ("40", "2")
    # Once more goes one further back, not to and fro.
    assert release.main(["rollback"]) == 0
    assert running(services) == ("30", "1")
    said = capsys.readouterr().out.splitlines()
    assert "is back, in the place of" in said[-1]


def test_m7_a_release_is_named_to_go_there(services: Services, stack: Any, capsys: pytest.CaptureFixture[str]) -> None:
    for place, artefact in enumerate("abc"):
        deploy(stack, template(artefact, str(30 + place)), "1")
    capsys.readouterr()
    assert release.main(["list"]) == 0
    _, oldest = capsys.readouterr().out.split()
    assert release.main(["rollback", "--to", oldest]) == 0
    assert running(services) == ("30", "1")
    assert release.main(["rollback", "--to", "0" * 12]) == 2
    assert "No other release 000000000000" in capsys.readouterr().err


def test_m7_what_cannot_be_rolled_back_is_said(stack: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert release.main(["rollback"]) == 2
    assert "attune is not deployed" in capsys.readouterr().err
    deploy(stack, template("a"), "1")
    assert release.main(["rollback"]) == 2
    assert "No other release of attune was kept" in capsys.readouterr().err
    assert release.main(["keep", "--config", "nowhere"]) == 2
    assert "no deployment nowhere" in capsys.readouterr().err
    deploy(stack, template("a"), "2")
    deploy(stack, template("a"), "3")
    assert release.main(["keep"]) == 0
    capsys.readouterr()
    assert release.main(["keep"]) == 0
    assert "is kept already" in capsys.readouterr().out


def test_the_artefacts_are_where_sam_says() -> None:
    found = release.Release("CodeUri: s3://a-bucket/attune-prod/" + "0a" * 16, {}, [])
    assert found.place == ("a-bucket", "attune-prod/releases/")
