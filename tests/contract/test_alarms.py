"""What is watched, if the owner wants it: every queue and worker, by metrics that exist; each alarm is explained."""

import json
import re
from typing import Any

import pytest

from attune.edge.route_metrics import MILLISECONDS, ROUTE
from tests.contract.declared import FUNCTIONS, PAID, RESOURCES, TEMPLATE, events, resources
from tools import intrinsics
from tools.template import ROOT

WATCHED = resources(PAID)
ROUTES = {TEMPLATE.functions[route.function].name for route in TEMPLATE.routes}
OPERATIONS = (ROOT / "docs" / "operations.md").read_text("utf-8")
# What AWS itself counts, of what the template makes.
COUNTED = {
    "AWS/SQS": {"ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage"},
    "AWS/ApiGateway": {"Count", "4xx", "5xx", "Latency"},
    "AWS/Lambda": {"Invocations", "Errors", "Throttles"},
    "AWS/DynamoDB": {
        *("ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits"),
        *("ReadThrottleEvents", "WriteThrottleEvents"),
    },
}


def of(kind: str) -> dict[str, dict[str, Any]]:
    return {name: each["Properties"] for name, each in WATCHED.items() if each["Type"] == f"AWS::{kind}"}


def alarms(metric: str, dimension: str = "") -> set[str]:
    """What alarms on a metric watch."""
    watched = [each for each in of("CloudWatch::Alarm").values() if each["MetricName"] == metric]
    return {str(one["Value"]) for each in watched for one in each.get("Dimensions", ()) if one["Name"] == dimension}


def test_nothing_of_it_is_there_unless_it_is_asked_for() -> None:
    kinds = {"AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard", "AWS::Logs::MetricFilter"}
    assert not [name for name, each in RESOURCES.items() if each["Type"] in kinds]
    alone = {each["Type"] for each in resources({"Dashboard": "yes"}).values()}
    assert "AWS::CloudWatch::Alarm" not in alone
    assert "AWS::Logs::MetricFilter" in alone


def test_l7_every_queue_and_every_worker_has_its_alarms() -> None:
    dead = {
        queue["RedrivePolicy"]["deadLetterTargetArn"].removesuffix(".Arn")
        for queue in TEMPLATE.queues.values()
        if "RedrivePolicy" in queue
    } | {str(streamed.failures) for streamed in TEMPLATE.streamed}
    assert dead | {mapped.queue for mapped in TEMPLATE.mapped} == TEMPLATE.queues.keys()
    assert alarms("ApproximateNumberOfMessagesVisible", "QueueName") == {f"{name}.QueueName" for name in dead}
    assert alarms("ApproximateAgeOfOldestMessage", "QueueName") == {
        f"{each.queue}.QueueName" for each in TEMPLATE.mapped
    }
    unasked = {name for kind in ("SQS", "ScheduleV2", "DynamoDB") for name, _ in events(kind)}
    assert alarms("Errors", "FunctionName") == unasked
    assert alarms("5xx", "ApiId") == {"Api"}
    assert {each["MetricName"] for each in of("CloudWatch::Alarm").values()} >= {
        *("Throttles", "WorkerFaults", "RefreshedPages", "BudgetNearlySpent", "ExperimentsStopped")
    }
    for metric in ("ReadThrottleEvents", "WriteThrottleEvents"):
        assert alarms(metric, "TableName") == {"Table"}


def test_l7_an_alarm_is_about_a_metric_that_exists_and_tells_the_topic() -> None:
    known = {**COUNTED, "Attune/attune": counted_from_lines()}
    for name, alarm in of("CloudWatch::Alarm").items():
        assert alarm["MetricName"] in known[alarm["Namespace"]], name
        assert {one["Value"] for one in alarm.get("Dimensions", ()) if one["Name"] == ROUTE} <= ROUTES
        assert alarm["AlarmActions"] == alarm["OKActions"] == []
        # CloudWatch looks back a day, and seven where a period is an hour or longer.
        assert alarm["Period"] * alarm["EvaluationPeriods"] <= 86_400 * (7 if alarm["Period"] >= 3600 else 1), name
        # Only of the refresh is silence bad news.
        assert alarm["TreatMissingData"] == ("breaching" if name == "RefreshAlarm" else "notBreaching")
    told = resources({**PAID, "AlarmTopic": "arn:aws:sns:us-east-1:000000000000:mine"})
    assert told["RefreshAlarm"]["Properties"]["AlarmActions"] == ["arn:aws:sns:us-east-1:000000000000:mine"]


def test_b43_b45_an_experiment_that_is_stopped_is_counted_by_the_lines_that_say_so() -> None:
    source = (ROOT / "layers/core/python/attune/actions/judge_experiment.py").read_text("utf-8")
    told = set(re.findall(r'alarm\("(\w+)", ', source))
    pattern = WATCHED["ExperimentsStopped"]["Properties"]["FilterPattern"]
    assert set(re.findall(r'\$\.message = "(\w+)"', pattern)) == told == {"experiment_invalid", "experiment_paused"}


def counted_from_lines() -> set[str]:
    filtered = {
        one["MetricName"] for each in of("Logs::MetricFilter").values() for one in each["MetricTransformations"]
    }
    return filtered | {MILLISECONDS}


def test_l1_metrics_of_the_workers_have_no_dimensions() -> None:
    for each in of("Logs::MetricFilter").values():
        assert each["LogGroupName"] == "WorkerLogs"
        assert not [one for one in each["MetricTransformations"] if "Dimensions" in one]


def test_l7_the_dashboard_shows_metrics_that_exist() -> None:
    (board,) = of("CloudWatch::Dashboard").values()
    known = {**COUNTED, "Attune/attune": counted_from_lines()}
    shown = [
        metric for each in json.loads(board["DashboardBody"])["widgets"] for metric in each["properties"]["metrics"]
    ]
    assert len(shown) > 20
    for namespace, name, *rest in shown:
        assert name in known[namespace]
        names = [each for each in rest if not isinstance(each, dict)]
        there = RESOURCES.keys() | (ROUTES if names[:1] == [ROUTE] else set())
        assert all(value.partition(".")[0] in there for value in names[1::2])
    assert {f"{name}.QueueName" for name in TEMPLATE.queues} <= {
        each for metric in shown for each in metric[2:] if isinstance(each, str)
    }


def test_l7_each_alarm_has_a_section_and_each_section_an_alarm() -> None:
    (chapter,) = re.findall(r"(?ms)^## Alarms\n(.*?)(?=^## )", OPERATIONS)
    sections = dict(re.findall(r"(?ms)^### (\w+)\n\n(.+?)(?=^### |\Z)", chapter))
    assert sections.keys() == of("CloudWatch::Alarm").keys()
    assert all(len(text) > 100 for text in sections.values())


@pytest.mark.parametrize(("level", "accepted"), [("INFO", True), ("DEBUG", True), ("ERROR", False)])
def test_j12_the_heartbeat_is_not_missed_because_nobody_wrote_it_down(level: str, accepted: bool) -> None:
    rules = intrinsics.load(ROOT / "template.yaml", {"Alarms": "yes", "LogLevel": level})["Rules"]
    assert all(each["Assert"] for each in rules["AlarmsReadTheLog"]["Assertions"]) is accepted
    assert "Alarms" in intrinsics.load(ROOT / "template.yaml")["Parameters"]
    assert FUNCTIONS["RunJob"]["LoggingConfig"] == {"LogGroup": "WorkerLogs"}
