"""What the template must say whatever is added to it: what is public, what it costs, what keeps data and messages."""

import re
from typing import Any

import pytest

from attune import deadline
from attune.actions import write_batches
from attune.domain.jobs import StartRefresh, StartReports, job
from tests.contract.declared import FUNCTIONS, GLOBALS, RESOURCES, TEMPLATE, events, of_type, resources
from tools import intrinsics
from tools.template import ROOT, Template

PUBLIC = {
    "GET /api/erasures/{receipt_id}",
    "POST /api/user/create",
    "GET /api/onboarding",
    "GET /api/content/book",
    "GET /api/content/lessons/{slug+}",
    "GET /api/health",
    "GET /api/docs",
    "GET /api/openapi.json",
    "$default",
}
COSTS_NOTHING_IDLE = {
    "AWS::CloudFormation::CustomResource",
    "AWS::DynamoDB::Table",
    "AWS::Logs::LogGroup",
    "AWS::SQS::Queue",
    "AWS::Serverless::Function",
    "AWS::Serverless::HttpApi",
    "AWS::Serverless::LayerVersion",
}
TOKENS = {"Authorize", "CreateUser", "GetHealth", "LinkUser", "MakeKeys", "RenewToken"}
IDENTITY = {
    "GUEST_PUBLIC_KEYS",
    "GUEST_PUBLIC_KEYS_PARAMETER",
    "GUEST_ISSUER",
    "OIDC_ISSUER",
    "OIDC_AUDIENCE",
    "OIDC_ADMIN_SCOPE",
    "OIDC_SUBJECT_CLAIM",
    "OIDC_SCOPE_CLAIM",
}
VARIABLES = {
    "Authorize": IDENTITY,
    "MakeKeys": {"GUEST_KEY_PARAMETER", "GUEST_PUBLIC_KEYS_PARAMETER"},
    "CreateUser": {"GUEST_KEY_PARAMETER", "GUEST_ISSUER"},
    "RenewToken": {"GUEST_KEY_PARAMETER", "GUEST_ISSUER"},
    "LinkUser": {"JOB_QUEUE_URL", "GUEST_PUBLIC_KEYS", "GUEST_PUBLIC_KEYS_PARAMETER", "GUEST_ISSUER"},
    "EraseUser": {"JOB_QUEUE_URL"},
    "PersonalizeLesson": {"SECTION_QUEUE_URL", "WAITERS", "GENERATIONS_GUEST", "GENERATIONS_ACCOUNT"},
    "GetPersonalized": {"SECTION_QUEUE_URL", "WAITERS", "GENERATIONS_GUEST", "GENERATIONS_ACCOUNT"},
    "WriteSection": {
        *("SECTION_QUEUE_URL", "LLM_BASE_URL", "LLM_KEY_PARAMETER", "LLM_INPUT_PRICE", "LLM_OUTPUT_PRICE"),
        *("SECOND_LLM_MODEL", "SECOND_LLM_API", "SECOND_LLM_BASE_URL", "SECOND_LLM_KEY_PARAMETER"),
        *("SECOND_LLM_INPUT_PRICE", "SECOND_LLM_OUTPUT_PRICE", "LLM_NAMES"),
        *("BUDGET_DAY", "BUDGET_MONTH", "BUDGET_COURSE_DAY"),
    },
    "GetHealth": IDENTITY | {"SECTION_QUEUE_URL", "SECTION_DLQ_URL", "JOB_QUEUE_URL", "JOB_DLQ_URL"},
    "PlanRefresh": {"JOB_QUEUE_URL"},
    "WriteBatches": {
        *("SECTION_QUEUE_URL", "LLM_BATCHES", "LLM_BASE_URL", "LLM_KEY_PARAMETER", "LLM_NAMES"),
        *("LLM_INPUT_PRICE", "LLM_OUTPUT_PRICE"),
        *("BUDGET_DAY", "BUDGET_MONTH", "BUDGET_COURSE_DAY", "BUDGET_PREPARED"),
    },
    "WriteWeeklyReport": {"JOB_QUEUE_URL"},
    "PutExperiment": {"HOLDOUT"},
    "FoldMetrics": {"HOLDOUT"},
    "RecordOutcome": {"JOB_QUEUE_URL"},
    "RecordSession": {"JOB_QUEUE_URL"},
    "RunJob": {
        *("JOB_QUEUE_URL", "JOB_DLQ_URL", "SECTION_QUEUE_URL"),
        *("LLM_INPUT_PRICE", "LLM_OUTPUT_PRICE", "BUDGET_PREPARED"),
        *("LLM_BATCHES", "LLM_BASE_URL"),
    },
}


def snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


# Functions ------------------------------------------------------------------------------------------------------------


def test_runtime_and_architecture_are_said_once() -> None:
    assert GLOBALS["Runtime"] == "python3.13"
    assert GLOBALS["Architectures"] == ["arm64"]
    assert not [name for name, each in FUNCTIONS.items() if each.keys() & {"Runtime", "Architectures", "Handler"}]
    assert all(each["Properties"]["CompatibleRuntimes"] == ["python3.13"] for each in layers().values())
    assert "--python-version 3.13" in (ROOT / "tools/build/Makefile").read_text("utf-8")


def layers() -> dict[str, dict[str, Any]]:
    return of_type("AWS::Serverless::LayerVersion")


def test_m14_name_folder_and_event_are_one() -> None:
    names = {snake(name) for name in FUNCTIONS}
    assert {f"functions/{snake(name)}/": "app.lambda_handler" for name in FUNCTIONS} == {
        each["CodeUri"]: GLOBALS["Handler"] for each in FUNCTIONS.values()
    }
    assert {file.parent.name for file in (ROOT / "functions").glob("*/app.py")} == names
    assert {file.stem for file in (ROOT / "events").glob("*.json")} == names


def test_everything_is_built_by_the_one_makefile() -> None:
    for name, resource in (layers() | {name: RESOURCES[name] for name in FUNCTIONS}).items():
        assert resource["Metadata"]["BuildMethod"] == "makefile", name
        assert resource["Metadata"]["ContextPath"] == "tools/build", name


def test_only_who_needs_them_carries_cryptography_and_openai() -> None:
    assert GLOBALS["Layers"] == ["CoreLayer", "DependenciesLayer"]
    assert {name for name, each in FUNCTIONS.items() if "TokensLayer" in each.get("Layers", ())} == TOKENS
    assert {name for name, each in FUNCTIONS.items() if "WriterLayer" in each.get("Layers", ())} == {
        *("WriteSection", "WriteBatches")
    }


def test_each_function_has_the_variables_it_reads_and_no_others() -> None:
    assert GLOBALS["Environment"]["Variables"].keys() == {
        *("STAGE", "TABLE_NAME", "DEFAULT_COURSE", "TOMBSTONE_KEY_PARAMETER", "WRITER", "LLM_MODEL", "LLM_API"),
        *("POWERTOOLS_SERVICE_NAME", "POWERTOOLS_LOG_LEVEL"),
    }
    paid = intrinsics.load(ROOT / "template.yaml", {"RouteMetrics": "yes"})["Globals"]["Function"]["Environment"]
    assert paid["Variables"]["METRICS_NAMESPACE"] == "Attune/attune"
    own = {name: each["Environment"]["Variables"].keys() for name, each in FUNCTIONS.items() if "Environment" in each}
    assert own == VARIABLES
    local = intrinsics.load(ROOT / "template.yaml", {"EndpointUrl": "http://127.0.0.1:4566"})
    assert local["Globals"]["Function"]["Environment"]["Variables"]["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4566"


def test_logs_are_json_kept_for_a_time_and_shared() -> None:
    groups = of_type("AWS::Logs::LogGroup")
    assert {name: each["Properties"]["RetentionInDays"] for name, each in groups.items()} == {
        "ApiLogs": "30",
        "WorkerLogs": "30",
    }
    assert GLOBALS["LoggingConfig"]["LogGroup"] == "ApiLogs"
    assert GLOBALS["LoggingConfig"]["LogFormat"] == "JSON"
    workers = {name for kind in ("SQS", "ScheduleV2", "DynamoDB") for name, _ in events(kind)}
    assert {name for name, each in FUNCTIONS.items() if "LoggingConfig" in each} == workers
    assert all(FUNCTIONS[name]["LoggingConfig"] == {"LogGroup": "WorkerLogs"} for name in workers)
    assert GLOBALS["Tracing"] == "Active"


# Cost and size --------------------------------------------------------------------------------------------------------


def test_nothing_has_a_price_while_it_is_idle() -> None:
    assert {resource["Type"] for resource in RESOURCES.values()} <= COSTS_NOTHING_IDLE
    assert not [name for name, each in FUNCTIONS.items() if "ProvisionedConcurrencyConfig" in each]
    assert TEMPLATE.table[1]["BillingMode"] == "PAY_PER_REQUEST"


# The API --------------------------------------------------------------------------------------------------------------


def test_a18_public_routes_are_exactly_these() -> None:
    assert {route.key for route in TEMPLATE.routes if route.authorizer is None} == PUBLIC
    assert {route.authorizer for route in TEMPLATE.routes} == {None, "Tokens"}
    assert len({route.key for route in TEMPLATE.routes}) == len(TEMPLATE.routes)


def test_a12_the_authorizer_is_asked_with_the_token_alone() -> None:
    (api,) = of_type("AWS::Serverless::HttpApi").values()
    (authorizer,) = api["Properties"]["Auth"]["Authorizers"].values()
    assert authorizer == {
        "FunctionArn": "Authorize.Arn",
        "AuthorizerPayloadFormatVersion": "2.0",
        "EnableSimpleResponses": True,
        "EnableFunctionDefaultPermissions": True,
        "Identity": {"Headers": ["Authorization"], "ReauthorizeEvery": 300},
    }
    assert api["Properties"]["StageName"] == "$default"


def test_browsers_of_the_site_alone_may_ask() -> None:
    cors = TEMPLATE.cors
    assert cors
    assert "*" not in {*cors.origins, *cors.methods, *cors.headers, *cors.exposed}
    assert not cors.credentials
    assert {"Authorization", "If-Match", "Idempotency-Key", "Prefer"} < set(cors.headers)
    assert set(cors.exposed) == {
        *("ETag", "Location", "Retry-After", "Idempotency-Replayed", "Deprecation", "Sunset", "Link")
    }
    chosen = Template(parameters={"AllowedOrigins": "https://a.example, https://b.example"}).cors
    assert chosen
    assert chosen.origins == ("https://a.example", "https://b.example")


def test_a14_the_public_create_is_throttled_more_than_the_rest() -> None:
    (api,) = of_type("AWS::Serverless::HttpApi").values()
    rest = api["Properties"]["DefaultRouteSettings"]
    create = api["Properties"]["RouteSettings"]["POST /api/user/create"]
    assert rest == {"ThrottlingRateLimit": 100, "ThrottlingBurstLimit": 200}
    assert all(create[name] < rest[name] for name in rest)
    assert "POST /api/user/create" in {route.key for route in TEMPLATE.routes}


# The table and the queues ---------------------------------------------------------------------------------------------


def test_d20_the_table_keeps_what_it_holds() -> None:
    (table,) = of_type("AWS::DynamoDB::Table").values()
    properties = table["Properties"]
    assert table["DeletionPolicy"] == table["UpdateReplacePolicy"] == "Retain"
    assert properties["DeletionProtectionEnabled"] is True
    assert properties["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert properties["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS"}
    assert properties["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert properties["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}


def test_b58_a_deleted_stack_leaves_what_it_declares_as_kept() -> None:
    """The table, the key that it is read with, and two secrets that the deployment made; layers go, by SAM's word."""
    everything = resources({"CustomerKey": "yes"})
    assert {name for name, each in everything.items() if each.get("DeletionPolicy", "Delete") != "Delete"} == {
        *("Table", "Key")
    }
    layers = [each for each in everything.values() if each["Type"] == "AWS::Serverless::LayerVersion"]
    assert {each["Properties"]["RetentionPolicy"] for each in layers} == {"Delete"}
    secrets = [each for each in everything.values() if "DeleteKey" in each.get("Properties", {})]
    assert [each["Properties"]["DeleteKey"] for each in secrets] == [False, False]


def test_a_stack_to_try_things_in_can_be_deleted_whole() -> None:
    document = intrinsics.load(ROOT / "template.yaml", {"TableRemoval": "Delete"})
    table = document["Resources"]["Table"]
    assert table["DeletionPolicy"] == table["UpdateReplacePolicy"] == "Delete"
    assert table["Properties"]["DeletionProtectionEnabled"] is False
    assert document["Resources"]["GuestKeys"]["Properties"]["DeleteKey"] is True
    assert RESOURCES["GuestKeys"]["Properties"]["DeleteKey"] is False


def test_d20_the_keys_stay_and_the_index_is_sparse_and_holds_keys_alone() -> None:
    properties = TEMPLATE.table[1]
    assert properties["KeySchema"] == [
        {"AttributeName": "pk", "KeyType": "HASH"},
        {"AttributeName": "sk", "KeyType": "RANGE"},
    ]
    (index,) = properties["GlobalSecondaryIndexes"]
    assert index["IndexName"] == "gsi1"
    assert index["Projection"] == {"ProjectionType": "KEYS_ONLY"}
    assert [each["AttributeName"] for each in index["KeySchema"]] == ["gsi1pk", "gsi1sk"]


def test_f19_and_i06_a_message_is_neither_lost_nor_worked_on_twice() -> None:
    assert TEMPLATE.mapped
    for mapped in TEMPLATE.mapped:
        queue = TEMPLATE.queues[mapped.queue]
        dead = TEMPLATE.queues[queue["RedrivePolicy"]["deadLetterTargetArn"].removesuffix(".Arn")]
        assert queue["VisibilityTimeout"] >= 6 * mapped.function.timeout + mapped.window
        assert queue["RedrivePolicy"]["maxReceiveCount"] >= 5
        assert dead["MessageRetentionPeriod"] == 14 * 86_400 > queue["MessageRetentionPeriod"]
        assert mapped.partial
        assert mapped.batch_size == 10
        assert mapped.concurrency is not None
        assert mapped.concurrency >= 2
        assert "ReservedConcurrentExecutions" not in FUNCTIONS[mapped.function.id]
    assert all(queue["SqsManagedSseEnabled"] is True for queue in TEMPLATE.queues.values())


@pytest.mark.parametrize(
    ("name", "expression", "sent"),
    [
        ("PlanRefresh", "cron(0 2 * * ? *)", StartRefresh("<aws.scheduler.scheduled-time>")),
        ("WriteWeeklyReport", "cron(0 6 ? * 2 *)", StartReports("<aws.scheduler.scheduled-time>", "physical-ai")),
    ],
)
def test_the_night_begins_at_two_the_week_ends_at_six_and_neither_is_lost(
    name: str, expression: str, sent: StartRefresh | StartReports
) -> None:
    scheduled = dict(events("ScheduleV2"))
    assert scheduled.keys() == {"PlanRefresh", "WriteWeeklyReport", "WriteBatches"}
    schedule = scheduled[name]
    assert schedule["ScheduleExpression"] == expression
    assert schedule["ScheduleExpressionTimezone"] == "UTC"
    assert schedule["OmitName"] is True
    assert schedule["RetryPolicy"]["MaximumRetryAttempts"] > 0
    # Twice over: when the schedule cannot invoke, and when the function goes on failing.
    assert schedule["DeadLetterConfig"] == {"Arn": "JobDeadLetterQueue.Arn"}
    assert FUNCTIONS[name]["DeadLetterQueue"] == {"Type": "SQS", "TargetArn": "JobDeadLetterQueue.Arn"}
    # What ends in the dead letters is a job, and can be sent to the queue as it is.
    assert job(schedule["Input"]) == sent


def test_batches_are_looked_after_only_where_there_are_any_and_one_look_ends_before_the_next() -> None:
    schedule = dict(events("ScheduleV2"))["WriteBatches"]
    assert (schedule["ScheduleExpression"], schedule["State"]) == ("rate(15 minutes)", "DISABLED")
    assert "WriteBatches" not in {each.function.id for each in TEMPLATE.schedules}
    chosen = Template(parameters={"LlmBatches": "yes"})
    assert "WriteBatches" in {each.function.id for each in chosen.schedules}
    assert chosen.functions["WriteBatches"].timeout < write_batches.BUSY < 15 * 60


def test_m8_an_answer_comes_before_the_gateway_gives_up() -> None:
    behind_routes = {route.function for route in TEMPLATE.routes} | set(TEMPLATE.authorizers.values())
    assert {TEMPLATE.functions[name].timeout for name in behind_routes} == {10}
    assert {TEMPLATE.functions[name].timeout for name in ("WriteSection", "RunJob", "FoldMetrics")} == {60}
    # A call that hangs fails first: begun as late as a try may be, connected in a second, and not answered.
    assert deadline.LAST_TRY + 1 + deadline.ONE_TRY < 10 <= 29
