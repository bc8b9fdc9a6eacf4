"""A handler without a framework: json, and boto3's client with its own conversion of values."""

import json
import os
from decimal import Decimal
from typing import Any

import boto3
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from shown import PreferencesBody

dynamodb = boto3.client("dynamodb")
TABLE = os.environ["PEERS_TABLE"]
_plain, _typed = TypeDeserializer().deserialize, TypeSerializer().serialize


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """One function for three routes."""
    http = event["requestContext"]["http"]
    learner = "LEARNER#" + event["requestContext"]["authorizer"]["lambda"]["subject"]
    if http["path"].startswith("/api/personalize/"):
        found = lesson(learner, http["path"].removeprefix("/api/personalize/"))
    elif http["method"] == "PUT":
        found = preferences(learner, event["body"])
    else:
        found = recommendations(learner)
    body = json.dumps(found, default=float)
    return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": body}


def recommendations(learner: str) -> dict[str, Any]:
    """One query of the set and its items."""
    rows = dynamodb.query(
        TableName=TABLE,
        KeyConditionExpression="pk = :pk AND begins_with(sk, :sk)",
        ExpressionAttributeValues={":pk": {"S": learner}, ":sk": {"S": "RECOMMENDATIONS#"}},
    )["Items"]
    *items, made = map(_row, rows)
    return {**made, "items": items}


def lesson(learner: str, slug: str) -> dict[str, Any]:
    """The learner's settings, which say which text, and the text."""
    settings = _get(learner, "SETTINGS")
    return _get(f"LESSON#{slug}", f"VARIANT#{settings['variant']}")


def preferences(learner: str, body: str) -> dict[str, Any]:
    """One update of what was sent."""
    sent = PreferencesBody.model_validate_json(body).model_dump(exclude_unset=True)
    exact = json.loads(json.dumps(sent), parse_float=Decimal)
    sets = ", ".join(f"preferences.#{name} = :{name}" for name in sent)
    changed = dynamodb.update_item(
        TableName=TABLE,
        Key={"pk": {"S": learner}, "sk": {"S": "SETTINGS"}},
        UpdateExpression=f"SET {sets}, is_default = :no ADD rev :one",
        ConditionExpression="attribute_exists(pk)",
        ExpressionAttributeNames={f"#{name}": name for name in sent},
        ExpressionAttributeValues={
            **{f":{name}": _typed(value) for name, value in exact.items()},
            ":no": {"BOOL": False},
            ":one": {"N": "1"},
        },
        ReturnValues="ALL_NEW",
    )["Attributes"]
    found = _row(changed)
    return {name: found[name] for name in ("preferences", "is_default", "rev")}


def _get(pk: str, sk: str) -> dict[str, Any]:
    return _row(dynamodb.get_item(TableName=TABLE, Key={"pk": {"S": pk}, "sk": {"S": sk}})["Item"])


def _row(row: dict[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in row.items() if name not in ("pk", "sk")}
