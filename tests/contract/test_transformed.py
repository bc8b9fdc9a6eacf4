"""What SAM makes of the template: the roles, permissions and mappings that nobody wrote."""

import json
import subprocess
from functools import cache
from typing import Any

import pytest

from tests.contract.declared import FUNCTIONS, PAID, TEMPLATE, events, resources
from tools.template import ROOT

# Actions that work on no single resource, and the managed policies that SAM gives; all else names what it is for.
MANAGED = {
    *("AWSLambdaBasicExecutionRole", "AWSXrayWriteOnlyAccess"),
    *("AWSLambdaSQSQueueExecutionRole", "AWSLambdaDynamoDBExecutionRole"),
}
SCRIPT = """
import json, sys
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse
template = yaml_parse(sys.stdin.read())
for resource in template["Resources"].values():
    for key in {"CodeUri", "ContentUri"} & resource["Properties"].keys():
        resource["Properties"][key] = "s3://bucket/key"
names = ("AWSLambdaBasicExecutionRole", "AWSXrayWriteOnlyAccess")
managed = {name: f"arn:aws:iam::aws:policy/{name}" for name in names}
print(json.dumps(transform(template, {}, type("Policies", (), {"load": lambda self: managed})())["Resources"]))
"""


@cache
def transformed() -> dict[str, dict[str, Any]]:
    places = [ROOT / ".local" / name / "bin" / "python" for name in ("sam-venv", "stack-venv")]
    python = next((place for place in places if place.exists()), None)
    if python is None:
        pytest.skip("SAM's transform is not installed (make build and make stack install it)")
    said = subprocess.run(
        [python, "-c", SCRIPT],
        input=(ROOT / "template.yaml").read_text("utf-8"),
        env={"AWS_DEFAULT_REGION": "us-east-1"},
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, dict[str, Any]] = json.loads(said.stdout)
    return found


def of(kind: str) -> dict[str, dict[str, Any]]:
    return {name: one["Properties"] for name, one in transformed().items() if one["Type"] == f"AWS::{kind}"}


def counted() -> int:
    """As many as there are when all that has a price is there: what is written, and what SAM adds to it."""
    return (
        len(resources(PAID))
        + len(FUNCTIONS)
        + len(TEMPLATE.routes)
        + len(TEMPLATE.authorizers)
        + len(TEMPLATE.mapped)
        + len(streams())
        + 2 * len(list(events("ScheduleV2")))
        + 1
    )


def streams() -> list[dict[str, Any]]:
    return [
        event["Properties"]
        for each in FUNCTIONS.values()
        for event in each.get("Events", {}).values()
        if event["Type"] == "DynamoDB"
    ]


def test_the_transformed_template_leaves_room() -> None:
    assert counted() <= 400


def test_the_transform_makes_as_many_resources_as_are_counted_here() -> None:
    assert len(transformed()) == counted() <= 400


def test_m1_no_permission_is_for_everything() -> None:
    for name, role in of("IAM::Role").items():
        policies = {str(arn).rpartition("/")[2].rstrip("'}\"] ") for arn in role.get("ManagedPolicyArns", ())}
        assert policies <= MANAGED, name
        for policy in role.get("Policies", ()):
            for statement in policy["PolicyDocument"]["Statement"]:
                said = json.dumps([statement["Action"], statement["Resource"]])
                assert '"*"' not in said, name
                assert ":*" not in said, name


def test_l8_every_function_is_traced_by_lambda_alone() -> None:
    assert {each["TracingConfig"]["Mode"] for each in of("Lambda::Function").values()} == {"Active"}
    locks = "".join(lock.read_text("utf-8") for lock in ROOT.glob("layers/*/requirements.txt"))
    assert "xray" not in locks
    assert {each["LoggingConfig"]["LogFormat"] for each in of("Lambda::Function").values()} == {"JSON"}


def test_m8_workers_are_bounded_by_their_queues_and_nothing_is_reserved() -> None:
    sources = of("Lambda::EventSourceMapping")
    queued = [one for one in sources.values() if "ScalingConfig" in one]
    assert len(queued) == len(TEMPLATE.mapped)
    assert all("FunctionResponseTypes" in one for one in sources.values())
    reserved = {"ReservedConcurrentExecutions", "ProvisionedConcurrencyConfig"}
    assert not [name for name, each in of("Lambda::Function").items() if reserved & each.keys()]
    # A release is a whole stack: a change in a layer alone publishes no version that an alias could point to.
    kinds = {one["Type"] for one in transformed().values()}
    assert not [kind for kind in kinds if "Alias" in kind or "CodeDeploy" in kind or kind.endswith("Lambda::Version")]


def test_a_stream_is_filtered_bounded_and_keeps_what_failed() -> None:
    """Where the table's stream has a consumer: its own writes do not wake it, and a bad record holds up no shard."""
    for one in streams():
        assert one["FilterCriteria"]["Filters"]
        assert one["BisectBatchOnFunctionError"] is True
        assert 0 < int(one["MaximumRetryAttempts"]) <= 100
        assert int(one["MaximumRecordAgeInSeconds"]) <= 86_400
        assert one["DestinationConfig"]["OnFailure"]


def test_the_stage_puts_nothing_before_the_paths() -> None:
    (stage,) = of("ApiGatewayV2::Stage").values()
    assert stage["StageName"] == "$default"
    assert stage["AutoDeploy"] is True


def test_m4_a_route_without_an_authorizer_is_public_on_purpose() -> None:
    (api,) = of("ApiGatewayV2::Api").values()
    public = {route.key for route in TEMPLATE.routes if route.authorizer is None}
    open_ = set()
    for path, methods in api["Body"]["paths"].items():
        for method, one in methods.items():
            if one["security"] != [{"Tokens": []}]:
                assert one["security"] == [{"NONE": []}]
                open_.add("$default" if path == "$default" else f"{method.upper()} {path}")
    assert open_ == public
    (authorizer,) = api["Body"]["components"]["securitySchemes"].values()
    assert authorizer["x-amazon-apigateway-authorizer"]["type"] == "request"
