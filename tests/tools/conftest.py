"""A small deployment of the tests' own: `fixture.yaml` and functions that show what they were called with."""

import os
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from tools import code
from tools.client import Client
from tools.gateway import Gateway
from tools.server import Server
from tools.services import REGION, Services
from tools.template import Template

FIXTURE = Path(__file__).with_name("fixture.yaml")

_FUNCTIONS = {
    "authorize": """
        def lambda_handler(event, context):
            token = event["identitySource"][0]
            if token == "Bearer refused":
                return {"isAuthorized": False}
            if token == "Bearer broken":
                raise RuntimeError("no")
            if token == "Bearer nonsense":
                return {"principalId": "somebody"}
            return {"isAuthorized": True, "context": {"subject": token.removeprefix("Bearer "), "type": event["type"]}}
        """,
    "echo": """
        import json

        def lambda_handler(event, context):
            seen = {
                "event": event,
                "id": context.aws_request_id,
                "name": context.function_name,
                "memory": context.memory_limit_in_mb,
                "arn": context.invoked_function_arn,
                "left": context.get_remaining_time_in_millis(),
            }
            return {
                "statusCode": 200,
                "headers": {
                    "Content-Type": "application/json",
                    "Vary": "Authorization",
                    "Access-Control-Allow-Origin": "*",
                },
                "cookies": ["a=1", "b=2"],
                "body": json.dumps(seen),
            }
        """,
    "unknown": """
        ANSWERS = {
            "/nonsense": {"statusCode": "many"},
            "/plain": {"hello": "world"},
            "/binary": {"statusCode": 200, "body": "iVA=", "isBase64Encoded": True},
            "/huge": {"statusCode": 200, "body": "x" * (6 * 1024 * 1024 + 1)},
            "/unchanged": {"statusCode": 304, "headers": {"etag": '"1"'}},
        }

        def lambda_handler(event, context):
            if event["rawPath"] == "/raises":
                raise RuntimeError("boom")
            answer = {"statusCode": 404, "body": event["requestContext"]["http"]["method"] + " " + event["rawPath"]}
            return ANSWERS.get(event["rawPath"], answer)
        """,
    "work": """
        def lambda_handler(event, context):
            failed = [each["messageId"] for each in event["Records"] if each["body"] == "bad"]
            return {"batchItemFailures": [{"itemIdentifier": each} for each in failed]}
        """,
}


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with functions/ in it."""
    folder = tmp_path_factory.mktemp("deployment")
    for name, source in _FUNCTIONS.items():
        (folder / "functions" / name).mkdir(parents=True)
        (folder / "functions" / name / "app.py").write_text(dedent(source))
    return folder


@pytest.fixture(scope="session")
def template() -> Template:
    return Template(FIXTURE)


@pytest.fixture(scope="module")
def gateway(root: Path, template: Template) -> Iterator[Server]:
    """The HTTP API of the fixture, with no services behind it."""
    with code.apart(), Server(Gateway(template, code.Code(root)), threads=8) as server:
        yield server


def at(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have boto3 find embedded services where AWS would be."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    keys = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_DEFAULT_REGION": REGION}
    for name, value in {**keys, "AWS_ENDPOINT_URL": services.endpoint}.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def api(gateway: Server) -> Client:
    return Client(gateway.url, "ada")
