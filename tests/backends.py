"""The table of `template.yaml` in this process, and in MiniStack beside it; the store is pointed at either.

The production code is imported once, in an environment of its own. A backend puts its table's name, its connection and
its environment in the place of the others while it is in use, and takes them out again: no module is loaded twice, so
every class is the same class in all tests.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any, Protocol, cast

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.retries.quota import RetryQuota
from moto import mock_aws

from tests.doubles.dynamodb.engine import Engine
from tests.doubles.faults import Faults, Recorder
from tests.doubles.tap import Send
from tools import tables
from tools.services import REGION, TABLE, Services
from tools.template import Template

TEMPLATE = Template()
_KEYS = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
_QUEUE = "http://127.0.0.1/000000000000/SectionQueue"
ENVIRONMENT = {
    **TEMPLATE.environment,
    **_KEYS,
    "AWS_DEFAULT_REGION": REGION,
    "AWS_REGION": REGION,
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "STAGE": "local",
    "TABLE_NAME": TABLE,
    "WRITER": "rules",
    "POWERTOOLS_LOG_LEVEL": "INFO",
    "LLM_INPUT_PRICE": "0.15",
    "LLM_OUTPUT_PRICE": "0.60",
    "BUDGET_DAY": "0",
    "BUDGET_MONTH": "0",
    "BUDGET_COURSE_DAY": "0",
    "HOLDOUT": "0",
    "BUDGET_PREPARED": "0",
    "SECTION_QUEUE_URL": _QUEUE,
    "SECTION_DLQ_URL": _QUEUE,
    "JOB_QUEUE_URL": _QUEUE,
    "JOB_DLQ_URL": _QUEUE,
}


def _set(patch: pytest.MonkeyPatch, values: dict[str, str]) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        patch.delenv(name)
    for name, value in values.items():
        patch.setenv(name, value)


with pytest.MonkeyPatch.context() as _importing:
    _set(_importing, ENVIRONMENT)
    from attune.edge import aws, http, queue, secrets  # noqa: F401, two of them say where the tombstones' key is
    from attune.settings import settings
    from attune.store import items, table, tombstones


@dataclass
class Meter(Recorder):
    """A recorder that knows what a BatchGetItem or a Query takes, where the engine says nothing of it or too little."""

    _units: float = 0
    _queried: float = 0

    def send(self, client: Any, operation: str, request: AWSPreparedRequest, go_on: Send) -> AWSResponse:
        """Half a unit for each 4 KB that is begun of each row asked for, twice that if read consistently."""
        response = go_on()
        if operation == "BatchGetItem":
            asked = json.loads(cast("bytes", request.body))["RequestItems"][TABLE]
            rows = json.loads(response.content)["Responses"].get(TABLE, [])
            blocks = len(asked["Keys"]) - len(rows) + sum(-(-max(1, _size({"M": row})) // 4096) for row in rows)
            self._units = blocks * (1 if asked.get("ConsistentRead") else 0.5)
        if operation == "Query":
            query = json.loads(cast("bytes", request.body))
            size = sum(_size({"M": row}) for row in json.loads(response.content).get("Items", ()))
            self._queried = max(1, -(-size // 4096)) * (1 if query.get("ConsistentRead") else 0.5)
        return response

    def received(self, operation: str, parsed: dict[str, Any] | None) -> None:
        """Note an attempt."""
        if operation == "BatchGetItem" and parsed and "ConsumedCapacity" not in parsed:
            parsed = {**parsed, "ConsumedCapacity": [{"CapacityUnits": self._units}]}
        if operation == "Query" and parsed and "ConsumedCapacity" in parsed:
            # MiniStack takes whatever a query finds for one small row.
            told = parsed["ConsumedCapacity"]
            parsed = {
                **parsed,
                "ConsumedCapacity": {**told, "CapacityUnits": max(told["CapacityUnits"], self._queried)},
            }
        super().received(operation, parsed)


def _size(value: dict[str, Any]) -> int:
    """Bytes of an attribute, by DynamoDB's rules as far as the table needs them."""
    ((kind, held),) = value.items()
    if kind == "M":
        return 3 + sum(len(name.encode()) + 1 + _size(one) for name, one in held.items())
    if kind == "L":
        return 3 + sum(1 + _size(one) for one in held)
    if kind == "B":
        return len(held) * 3 // 4
    return len(held.encode()) if kind == "S" else len(str(held)) // 2 + 1


@dataclass(frozen=True, slots=True)
class Backend:
    """One engine with the table in it, in use."""

    name: str
    endpoint: str | None
    raw: Any
    """A boto3 client beside the store's."""

    engine: Engine | None = None
    """Where the rows are, if they are in this process."""

    def empty(self, but: Mapping[Any, Any] | None = None) -> None:
        """Forget all rows but those kept before; a server keeps what it has."""
        if self.engine is not None:
            self.engine.tables[TABLE].restore(but or {})

    def kept(self) -> Mapping[Any, Any]:
        """All rows as they are now, for `empty`."""
        assert self.engine is not None
        return self.engine.tables[TABLE].kept()

    def rows(self, pk: str) -> list[dict[str, Any]]:
        """What is stored under a partition key, expired rows included."""
        pages = self.raw.get_paginator("query").paginate(
            TableName=TABLE,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": pk}},
            ConsistentRead=True,
        )
        return [row for page in pages for row in page["Items"]]

    def change(self, key: tuple[str, str], expression: str, **values: dict[str, Any]) -> None:
        """Change a stored row behind the store's back."""
        self.raw.update_item(
            TableName=TABLE,
            Key={"pk": {"S": key[0]}, "sk": {"S": key[1]}},
            UpdateExpression=expression,
            ExpressionAttributeValues={f":{name}": value for name, value in values.items()},
        )

    @contextmanager
    def watched(self) -> Iterator[Recorder]:
        """Counts round trips (a try of a retried call is one each) and units."""
        with Meter().on(items.Item) as recorder:
            yield recorder

    @contextmanager
    def faulty(self, kind: str, operation: str = "*", **plan: Any) -> Iterator[Faults]:
        """The store's calls meet faults, as `Faults.plan` says."""
        faults = Faults()
        faults.plan(kind, operation, **plan)
        with faults.on(items.Item):
            yield faults


@contextmanager
def memory() -> Iterator[Backend]:
    """An empty table in this process, beside moto's queues and parameters."""
    with ExitStack() as opened:
        patch = opened.enter_context(pytest.MonkeyPatch.context())
        _set(patch, ENVIRONMENT)
        opened.enter_context(mock_aws())
        _set(patch, ENVIRONMENT)
        yield opened.enter_context(_used(patch, "memory", None))


class Endpoint(Protocol):
    """Where MiniStack answers, or what stands before it."""

    endpoint: str


@contextmanager
def ministack(services: Endpoint) -> Iterator[Backend]:
    """The table of a running MiniStack."""
    with ExitStack() as opened:
        patch = opened.enter_context(pytest.MonkeyPatch.context())
        _set(patch, {**ENVIRONMENT, "AWS_ENDPOINT_URL": services.endpoint})
        yield opened.enter_context(_used(patch, "ministack", services.endpoint))


def ministack_alone(*, autouse: bool = False) -> Any:
    """The `backend` of a module whose tests need a server: it counts as DynamoDB does, and many can write at once."""

    @pytest.fixture(scope="module", autouse=autouse)
    def backend(services: Services) -> Iterator[Backend]:
        with ministack(services) as used:
            yield used

    return backend


_kept: dict[str, tuple[Any, Any]] = {}
"""The clients of the table in this process: making them takes longer than most tests, and they hold no connection."""


@contextmanager
def _used(patch: pytest.MonkeyPatch, name: str, endpoint: str | None) -> Iterator[Backend]:
    """Point the production code at the engine that the environment names."""
    # The SDK's allowance of retries is one for a process; here all tests would draw on it.
    patch.setattr(RetryQuota, "acquire", lambda *_: True)
    patch.setattr(tombstones, "key", lambda: "the key of the tests")
    patch.setattr(items.Item.Meta, "table_name", TABLE)
    patch.setattr(items.Item, "_connection", None)
    if endpoint or name not in _kept:
        _kept[name] = items.Item._get_connection(), boto3.client("dynamodb", region_name=REGION, endpoint_url=endpoint)
    patch.setattr(items.Item, "_connection", _kept[name][0])
    raw = _kept[name][1]
    aws.close()
    engine = None if endpoint else Engine()
    try:
        with configured({}), engine.on(items.Item, raw) if engine else nullcontext():
            tables.create(raw, TABLE, TEMPLATE.table[1])
            yield Backend(name, endpoint, raw, engine)
    finally:
        aws.close()
        if endpoint:
            table.close()
            raw.close()


@contextmanager
def configured(changes: dict[str, str]) -> Iterator[None]:
    """The settings, and all that was made from them once, as a function finds them that starts in this environment."""
    held, was = settings._environment, dict(vars(settings))
    vars(settings).clear()
    settings._environment = {**ENVIRONMENT, **changes}
    secrets.forget()
    try:
        yield
    finally:
        vars(settings).clear()
        vars(settings).update(was)
        settings._environment = held
        secrets.forget()
