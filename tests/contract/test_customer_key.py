"""A key of the owner's own: everything stored is encrypted with it, and who may use it is no more than before."""

from typing import Any

import pytest

from tests.contract.declared import RESOURCES, resources
from tools import intrinsics
from tools.template import ROOT

WITH = resources({"CustomerKey": "yes"})
KEY = "Key.Arn"


def stored(found: dict[str, dict[str, Any]]) -> dict[str, object]:
    """The key of each resource that stores anything."""
    place = {
        "AWS::DynamoDB::Table": lambda one: one["SSESpecification"].get("KMSMasterKeyId"),
        "AWS::SQS::Queue": lambda one: one.get("KmsMasterKeyId"),
        "AWS::Logs::LogGroup": lambda one: one.get("KmsKeyId"),
    }
    return {name: place[one["Type"]](one.get("Properties", {})) for name, one in found.items() if one["Type"] in place}


def test_m5_there_is_no_key_unless_it_is_asked_for() -> None:
    assert "Key" not in RESOURCES
    assert set(stored(RESOURCES).values()) == {None}
    functions = intrinsics.load(ROOT / "template.yaml")["Globals"]["Function"]
    assert "KmsKeyArn" not in functions


def test_m5_with_it_everything_stored_is_encrypted_with_it() -> None:
    assert len(stored(WITH)) >= 7
    assert set(stored(WITH).values()) == {KEY}
    # A queue has one kind of encryption or the other.
    queues = [one["Properties"] for one in WITH.values() if one["Type"] == "AWS::SQS::Queue"]
    assert {one["SqsManagedSseEnabled"] for one in queues} == {False}
    functions = intrinsics.load(ROOT / "template.yaml", {"CustomerKey": "yes"})["Globals"]["Function"]
    assert functions["KmsKeyArn"] == KEY


@pytest.mark.parametrize("removal", ["Retain", "Delete"])
def test_m5_the_key_stays_as_long_as_what_it_opens(removal: str) -> None:
    found = resources({"CustomerKey": "yes", "TableRemoval": removal})
    for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
        assert found["Key"][policy] == found["Table"][policy] == removal
    assert found["Key"]["Properties"]["EnableKeyRotation"] is True


def test_m5_the_functions_may_use_it_through_the_services_alone() -> None:
    for statement in WITH["Key"]["Properties"]["KeyPolicy"]["Statement"]:
        assert statement["Effect"] == "Allow"
        if statement["Principal"] == {"AWS": "*"}:
            condition = statement["Condition"]["StringEquals"]
            assert condition["kms:CallerAccount"] == "000000000000"
            assert set(condition["kms:ViaService"]) <= {
                f"{service}.us-east-1.amazonaws.com" for service in ("dynamodb", "sqs", "lambda")
            }
            assert not [action for action in statement["Action"] if "*" in action]
        elif "Service" in statement["Principal"]:
            (logs,) = statement["Condition"]["ArnLike"].values()
            groups = {
                one["Properties"]["LogGroupName"] for one in WITH.values() if one["Type"] == "AWS::Logs::LogGroup"
            }
            assert all(name.startswith(logs.rpartition(":")[2].removesuffix("*")) for name in groups)
        else:
            assert statement["Principal"] == {"AWS": "arn:aws:iam::000000000000:root"}
    used = {action for each in WITH["Key"]["Properties"]["KeyPolicy"]["Statement"] for action in each["Action"]}
    assert {"kms:Decrypt", "kms:GenerateDataKey", "kms:CreateGrant"} < used | {
        each["Action"]
        for each in WITH["Key"]["Properties"]["KeyPolicy"]["Statement"]
        if isinstance(each["Action"], str)
    }
