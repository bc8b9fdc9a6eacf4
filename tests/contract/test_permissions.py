"""Who may do what: each function what it does, and nothing else."""

from typing import Any

import pytest

from tests.contract.declared import FUNCTIONS, RESOURCES, TEMPLATE
from tools import intrinsics
from tools.template import ROOT

# A poll that finds an expired claim marks the section anew and sends its message again.
READS_AND_WRITES = {"GetPersonalized", "ListRecommendations", "ListTrainingRecommendations"}
READS = {"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query", "sqs:GetQueueAttributes", "ssm:GetParameter"}


def statements(name: str) -> list[dict[str, Any]]:
    return [each for policy in FUNCTIONS[name].get("Policies", ()) for each in policy["Statement"]]


def listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def allowed(name: str) -> set[str]:
    return {action for each in statements(name) for action in listed(each["Action"])}


def readers_of(parameter: str) -> set[str]:
    return {
        name
        for name in FUNCTIONS
        for each in statements(name)
        if any(resource.endswith(f":parameter/attune/{parameter}") for resource in listed(each["Resource"]))
    }


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_permission_names_its_action_and_its_resource(name: str) -> None:
    for statement in statements(name):
        assert statement["Sid"].isalpha()
        assert statement["Effect"] == "Allow"
        assert not [action for action in listed(statement["Action"]) if "*" in action]
        assert not [resource for resource in listed(statement["Resource"]) if "*" in resource]
    assert not any(isinstance(policy, str) for policy in FUNCTIONS[name].get("Policies", ()))
    assert "Role" not in FUNCTIONS[name]


def test_m3_what_reads_cannot_write() -> None:
    readers = {route.function for route in TEMPLATE.routes if route.method == "GET"} - READS_AND_WRITES
    assert readers
    assert {name: allowed(name) - READS for name in readers if allowed(name) - READS} == {}
    assert {name for name in FUNCTIONS if not statements(name)} == {*("AnswerUnknown", "GetDocs", "GetOpenapi")}


def test_m3_secrets_are_read_by_those_who_use_them_alone() -> None:
    assert readers_of("guest-signing-key") == {"CreateUser", "RenewToken", "MakeKeys"}
    assert readers_of("guest-signing-key-next") == {"MakeKeys"}
    assert readers_of("guest-public-keys") == {"Authorize", "LinkUser", "GetHealth", "MakeKeys"}
    assert readers_of("llm-api-key") == {"WriteSection", "WriteBatches"}
    assert readers_of("second-llm-api-key") == {"WriteSection"}
    learners = {r.function for r in TEMPLATE.routes if r.authorizer and not r.path.startswith("/api/admin/")}
    # Whoever may meet an erased learner; a token is renewed for a guest whose row is there.
    meets = (learners | {"CreateUser", "RunJob"}) - {"RenewToken"}
    # Events name learners by a hash with the same key.
    meets |= {"FoldMetrics"}
    assert readers_of("tombstone-key") == meets | {"MakeKeys"}
    assert {name for name in FUNCTIONS if any(action.startswith("ssm:") for action in allowed(name))} == meets | {
        *("RenewToken", "MakeKeys", "WriteSection", "WriteBatches", "Authorize", "GetHealth")
    }
    assert {name for name in FUNCTIONS if allowed(name) & {"ssm:PutParameter", "ssm:DeleteParameter"}} == {"MakeKeys"}
    given = FUNCTIONS["CreateUser"]["Environment"]["Variables"]["GUEST_KEY_PARAMETER"]
    assert given == RESOURCES["GuestKeys"]["Properties"]["ParameterName"] == "/attune/guest-signing-key"
    worker = FUNCTIONS["WriteSection"]["Environment"]["Variables"]
    assert worker["LLM_KEY_PARAMETER"] == "/attune/llm-api-key"
    assert worker["SECOND_LLM_KEY_PARAMETER"] == "/attune/second-llm-api-key"


@pytest.mark.parametrize(
    ("parameters", "accepted"),
    [
        ({}, True),
        ({"OidcIssuer": "https://id.example"}, False),
        ({"OidcIssuer": "https://id.example", "OidcAudience": "attune"}, True),
        ({"EndpointUrl": "http://127.0.0.1:4566"}, False),
        ({"EndpointUrl": "http://127.0.0.1:4566", "Stage": "local"}, True),
    ],
)
def test_a17_unsafe_parameters_are_refused(parameters: dict[str, str], accepted: bool) -> None:
    rules = intrinsics.load(ROOT / "template.yaml", parameters)["Rules"].values()
    applied = [rule["Assertions"] for rule in rules if rule["RuleCondition"]]
    assert all(each["Assert"] for assertions in applied for each in assertions) is accepted
