"""Powertools as its documentation has it: logger, tracer, metrics, validating resolver; and boto3's resource."""

import os
from decimal import Decimal
from typing import Any

import boto3
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.logging import correlation_paths
from aws_lambda_powertools.metrics import MetricUnit
from boto3.dynamodb.conditions import Key
from shown import Lesson, Preferences, PreferencesBody, Recommendations

logger = Logger(service="peers")
tracer = Tracer(service="peers")
metrics = Metrics(namespace="Peers")
app = APIGatewayHttpResolver(enable_validation=True)
table = boto3.resource("dynamodb").Table(os.environ["PEERS_TABLE"])


def learner() -> str:
    """The caller, as the gateway's authorizer said."""
    return "LEARNER#" + app.current_event["requestContext"]["authorizer"]["lambda"]["subject"]


@app.get("/api/personalization/recommendations")
@tracer.capture_method
def recommendations() -> Recommendations:
    """One query of the set and its items."""
    key = Key("pk").eq(learner()) & Key("sk").begins_with("RECOMMENDATIONS#")
    rows = table.query(KeyConditionExpression=key)["Items"]
    if not rows:
        raise NotFoundError
    metrics.add_metric(name="Recommended", unit=MetricUnit.Count, value=1)
    return Recommendations(**{**rows[-1], "items": rows[:-1]})


@app.get("/api/personalize/<part>/<slug>")
@tracer.capture_method
def lesson(part: str, slug: str) -> Lesson:
    """The learner's settings, which say which text, and the text."""
    settings = table.get_item(Key={"pk": learner(), "sk": "SETTINGS"})["Item"]
    found = table.get_item(Key={"pk": f"LESSON#{part}/{slug}", "sk": f"VARIANT#{settings['variant']}"}).get("Item")
    if not found:
        raise NotFoundError
    metrics.add_metric(name="Read", unit=MetricUnit.Count, value=1)
    return Lesson(**found)


@app.put("/api/personalization/preferences")
@tracer.capture_method
def preferences(body: PreferencesBody) -> Preferences:
    """One update of what was sent."""
    sent = {name: _stored(value) for name, value in body.model_dump(exclude_unset=True).items()}
    sets = ", ".join(f"preferences.#{name} = :{name}" for name in sent)
    found = table.update_item(
        Key={"pk": learner(), "sk": "SETTINGS"},
        UpdateExpression=f"SET {sets}, is_default = :no ADD rev :one",
        ConditionExpression="attribute_exists(pk)",
        ExpressionAttributeNames={f"#{name}": name for name in sent},
        ExpressionAttributeValues={**{f":{name}": value for name, value in sent.items()}, ":no": False, ":one": 1},
        ReturnValues="ALL_NEW",
    )["Attributes"]
    metrics.add_metric(name="Changed", unit=MetricUnit.Count, value=1)
    return Preferences(**found)


def _stored(value: Any) -> Any:
    if isinstance(value, float):
        return Decimal(str(value))
    return {name: _stored(one) for name, one in value.items()} if isinstance(value, dict) else value


@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_HTTP)
@tracer.capture_lambda_handler
@metrics.log_metrics(capture_cold_start_metric=True)
def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """One line for each request, and a metric."""
    logger.info("request")
    return app.resolve(event, context)
