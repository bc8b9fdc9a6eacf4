"""L4: one command brings another key for guests' tokens, in the services that a stack has on this machine."""

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from attune.edge import aws
from attune.edge.clock import clock as the_clock
from attune.edge.signing import new_key, public_jwk
from tests.doubles.clock import Clock
from tests.tools.conftest import at
from tools import rotate
from tools.errors import OperatorError
from tools.rotate import Rotation
from tools.services import REGION, Services

STACK = "attune"
KEY, PUBLISHED = "/attune/guest-signing-key", "/attune/guest-public-keys"
TEMPLATE = json.dumps(
    {
        "Parameters": {
            "GuestKeysRead": {"Type": "String", "Default": "first"},
            "Delay": {"Type": "String", "Default": "1"},
        },
        "Resources": {
            # What it is called is asked for; what it does is done here, by the function itself.
            "MakeKeys": {"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": {"Ref": "Delay"}}},
            "Told": {
                "Type": "AWS::SSM::Parameter",
                "Properties": {"Name": "/attune/told", "Type": "String", "Value": {"Ref": "GuestKeysRead"}},
            },
        },
    }
)


class Lambda:
    """Runs the function in this process, against the services' parameters."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.fault: str | None = None

    def invoke(self, FunctionName: str, Payload: bytes) -> dict[str, Any]:
        from functions.make_keys.app import lambda_handler

        assert "MakeKeys" in FunctionName
        event = json.loads(Payload)
        self.asked.append(event["rotate"])
        if self.fault:
            return {
                "FunctionError": "Unhandled",
                "Payload": io.BytesIO(json.dumps({"errorMessage": self.fault}).encode()),
            }
        return {"Payload": io.BytesIO(json.dumps(lambda_handler(event, None)).encode())}


@pytest.fixture(scope="module")
def services() -> Iterator[Services]:
    running = Services()
    yield running
    running.stop()


@pytest.fixture
def stack(services: Services, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    at(services, monkeypatch)
    clock = Clock(datetime.now(UTC))
    monkeypatch.setattr(the_clock, "source", clock)
    from attune.settings import settings

    names = {"GUEST_KEY_PARAMETER": KEY, "GUEST_PUBLIC_KEYS_PARAMETER": PUBLISHED}
    monkeypatch.setattr(settings, "_environment", {**settings._environment, **names})
    for name in ("guest_key_parameter", "guest_public_keys_parameter"):
        settings.__dict__.pop(name, None)
    aws.close()
    client = services.client("cloudformation")
    client.create_stack(StackName=STACK, TemplateBody=TEMPLATE)
    client.get_waiter("stack_create_complete").wait(StackName=STACK)
    services.client("ssm").put_parameter(Name=KEY, Value=new_key(), Type="SecureString", Overwrite=True)
    yield services.client("ssm")
    aws.close()
    for name in ("guest_key_parameter", "guest_public_keys_parameter"):
        settings.__dict__.pop(name, None)
    client.delete_stack(StackName=STACK)


def rotation(fault: str | None = None) -> tuple[Rotation, Lambda]:
    made, function = Rotation(STACK, REGION), Lambda()
    made._lambda, function.fault = function, fault
    return made, function


def value(ssm: Any, name: str) -> str:
    return str(ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"])


def test_l4_a_rotation_tells_the_stack_before_the_new_key_signs(stack: Any, services: Services) -> None:
    before = public_jwk(value(stack, KEY))["kid"]
    made, function = rotation()
    told: list[tuple[str, str]] = []

    def sleep(seconds: float) -> None:
        told.append((value(stack, "/attune/told"), public_jwk(value(stack, KEY))["kid"]))
        the_clock.sleep(seconds)

    kid = made.rotate(sleep)
    assert told == [(kid, before)]
    assert public_jwk(value(stack, KEY))["kid"] == kid != before
    assert {key["kid"] for key in json.loads(value(stack, PUBLISHED))["keys"]} == {before, kid}
    assert function.asked == ["next", "next"]
    (found,) = services.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
    assert {each["ParameterKey"]: each["ParameterValue"] for each in found["Parameters"]} == {
        "GuestKeysRead": kid,
        "Delay": "1",
    }


def test_l4_a_leaked_key_is_withdrawn_in_one_go(stack: Any) -> None:
    made, function = rotation()
    kid = made.withdraw()
    assert function.asked == ["leaked"]
    assert [key["kid"] for key in json.loads(value(stack, PUBLISHED))["keys"]] == [kid]
    assert value(stack, "/attune/told") == kid == public_jwk(value(stack, KEY))["kid"]


def test_a_function_that_fails_is_told_in_its_words(stack: Any) -> None:
    before = value(stack, KEY)
    made, _ = rotation("guests hold tokens of 8 keys")
    with pytest.raises(OperatorError, match="guests hold tokens of 8 keys"):
        made.rotate(lambda seconds: None)
    assert (value(stack, KEY), value(stack, "/attune/told")) == (before, "first")


def test_what_cannot_be_done_is_said_and_ends_with_two(stack: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert rotate.main(["--config", "nowhere"]) == 2
    assert "no deployment nowhere" in capsys.readouterr().err
