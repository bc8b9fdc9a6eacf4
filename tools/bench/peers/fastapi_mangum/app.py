"""FastAPI behind Mangum, with boto3's resource: one function for all routes."""

import os
from decimal import Decimal
from typing import Any

import boto3
from boto3.dynamodb.conditions import Key
from fastapi import FastAPI, HTTPException, Request
from mangum import Mangum
from shown import Lesson, Preferences, PreferencesBody, Recommendations

app = FastAPI()
table = boto3.resource("dynamodb").Table(os.environ["PEERS_TABLE"])


def learner(request: Request) -> str:
    """The caller, as the gateway's authorizer said."""
    return "LEARNER#" + request.scope["aws.event"]["requestContext"]["authorizer"]["lambda"]["subject"]


@app.get("/api/personalization/recommendations", response_model=Recommendations)
def recommendations(request: Request) -> Any:
    """One query of the set and its items."""
    key = Key("pk").eq(learner(request)) & Key("sk").begins_with("RECOMMENDATIONS#")
    rows = table.query(KeyConditionExpression=key)["Items"]
    if not rows:
        raise HTTPException(404)
    return {**rows[-1], "items": rows[:-1]}


@app.get("/api/personalize/{slug:path}", response_model=Lesson)
def lesson(slug: str, request: Request) -> Any:
    """The learner's settings, which say which text, and the text."""
    settings = table.get_item(Key={"pk": learner(request), "sk": "SETTINGS"})["Item"]
    found = table.get_item(Key={"pk": f"LESSON#{slug}", "sk": f"VARIANT#{settings['variant']}"}).get("Item")
    if not found:
        raise HTTPException(404)
    return found


@app.put("/api/personalization/preferences", response_model=Preferences)
def preferences(body: PreferencesBody, request: Request) -> Any:
    """One update of what was sent."""
    sent = {name: _stored(value) for name, value in body.model_dump(exclude_unset=True).items()}
    sets = ", ".join(f"preferences.#{name} = :{name}" for name in sent)
    return table.update_item(
        Key={"pk": learner(request), "sk": "SETTINGS"},
        UpdateExpression=f"SET {sets}, is_default = :no ADD rev :one",
        ConditionExpression="attribute_exists(pk)",
        ExpressionAttributeNames={f"#{name}": name for name in sent},
        ExpressionAttributeValues={**{f":{name}": value for name, value in sent.items()}, ":no": False, ":one": 1},
        ReturnValues="ALL_NEW",
    )["Attributes"]


def _stored(value: Any) -> Any:
    if isinstance(value, float):
        return Decimal(str(value))
    return {name: _stored(one) for name, one in value.items()} if isinstance(value, dict) else value


lambda_handler = Mangum(app, lifespan="off")
