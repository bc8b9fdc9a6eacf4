"""Answers a client's calls to DynamoDB's data plane. Each call is done whole, under one lock.

A transaction's request token is not remembered: one that is sent again is done again, which is the harder case.
"""

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final, cast

from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from tests.doubles.dynamodb import grammar
from tests.doubles.dynamodb.expressions import meets, projected, updated
from tests.doubles.dynamodb.grammar import Invalid, Tree
from tests.doubles.dynamodb.rows import Index, Key, Rows
from tests.doubles.dynamodb.values import Row, row_size
from tests.doubles.faults import answering
from tests.doubles.tap import Send, Tap

Body = Mapping[str, Any]
_PAGE: Final = 1024 * 1024
_EXPRESSIONS: Final = (
    "ConditionExpression",
    "FilterExpression",
    "KeyConditionExpression",
    "ProjectionExpression",
    "UpdateExpression",
)


class Refused(Exception):
    """An error that DynamoDB would answer with."""

    def __init__(self, code: str, message: str, **more: Any) -> None:
        super().__init__(code)
        self.body = {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": message, **more}


class Engine(Tap):
    """The tables that its clients make, and their rows. Calls of the control plane go on to whatever is below."""

    def __init__(self) -> None:
        self.tables: dict[str, Rows] = {}
        self._lock = threading.RLock()
        self._operations: dict[str, Callable[[Body], dict[str, Any]]] = {
            "GetItem": self._get,
            "PutItem": partial(self._write, "Put"),
            "UpdateItem": partial(self._write, "Update"),
            "DeleteItem": partial(self._write, "Delete"),
            "Query": self._query,
            "Scan": self._query,
            "BatchGetItem": self._batch_get,
            "BatchWriteItem": self._batch_write,
            "TransactWriteItems": self._transact,
        }

    def send(self, client: Any, operation: str, request: AWSPreparedRequest, go_on: Send) -> AWSResponse:
        """Answer a call of the data plane."""
        body: Body = json.loads(cast("bytes", request.body))
        if operation == "CreateTable":
            self.create(body)
        if operation not in self._operations:
            return go_on()
        try:
            with self._lock:
                found = self._operations[operation](body)
        except Invalid as error:
            return _refused(request, Refused("ValidationException", str(error)))
        except Refused as error:
            return _refused(request, error)
        return answering(request, 200, json.dumps(found).encode())

    def create(self, description: Body) -> None:
        """A table as CreateTable describes it, empty."""
        self.tables[description["TableName"]] = Rows(description)

    # ---- Reading

    def _get(self, body: Body) -> dict[str, Any]:
        rows = self._rows(body)
        row = rows.get(rows.key(body["Key"]))
        units = _read_units(row_size(row) if row else 0, body)
        found = {} if row is None else {"Item": _shown(body, row)}
        return found | _consumed(body, units)

    def _batch_get(self, body: Body) -> dict[str, Any]:
        found: dict[str, list[Row]] = {}
        consumed = []
        if sum(len(asked["Keys"]) for asked in body["RequestItems"].values()) > 100:
            raise Invalid("Too many items requested for the BatchGetItem call")
        for table, asked in body["RequestItems"].items():
            rows, units = self._rows({"TableName": table}), 0.0
            keys = [rows.key(key) for key in asked["Keys"]]
            if len(set(keys)) != len(keys):
                raise Invalid("Provided list of item keys contains duplicates")
            found[table] = []
            for key in keys:
                row = rows.get(key)
                units += _read_units(row_size(row) if row else 0, asked)
                if row is not None:
                    found[table].append(_shown(asked, row))
            consumed.append({"TableName": table, "CapacityUnits": units})
        answer: dict[str, Any] = {"Responses": found, "UnprocessedKeys": {}}
        return answer | ({"ConsumedCapacity": consumed} if _wants(body) else {})

    def _query(self, body: Body) -> dict[str, Any]:
        _check_placeholders(body)
        rows = self._rows(body)
        index = rows.indexes[body["IndexName"]] if "IndexName" in body else rows.main
        keyed = _parsed(body, "KeyConditionExpression")
        wanted = _parsed(body, "FilterExpression")
        values = body.get("ExpressionAttributeValues", {})
        found, seen, taken = list[Row](), 0, 0
        last: Row | None = None
        for row in self._candidates(rows, index, keyed, body):
            if keyed is not None and not meets(keyed, row, values):
                continue
            if index.projection is not None:
                row = {name: value for name, value in row.items() if name in index.projection}
            seen, taken = seen + 1, taken + row_size(row)
            if wanted is None or meets(wanted, row, values):
                found.append(_shown(body, row))
            if seen == body.get("Limit") or taken > _PAGE:
                # There may be nothing more: that is known when it is asked for.
                last = row
                break
        answer: dict[str, Any] = {"Count": len(found), "ScannedCount": seen}
        if body.get("Select") != "COUNT":
            answer["Items"] = found
        if last is not None:
            names = dict.fromkeys((*rows.main.names, *index.names))
            answer["LastEvaluatedKey"] = {name: last[name] for name in names}
        return answer | _consumed(body, max(1, -(-taken // 4096)) * (1 if body.get("ConsistentRead") else 0.5))

    @staticmethod
    def _candidates(rows: Rows, index: Index, keyed: Tree | None, body: Body) -> Iterator[Row]:
        """The rows of a partition, or all, in order, after the one that the last page ended with."""
        start = body.get("ExclusiveStartKey")
        if keyed is None:
            begin = None if start is None else rows.key({name: start[name] for name in rows.main.names})
            for key, row in rows.all():
                if (begin is None or key > begin) and all(name in row for name in index.names):
                    yield row
            return
        hashed = _hashed(keyed, index.names[0])
        places = list(index.partition(body["ExpressionAttributeValues"][hashed]))
        forward = body.get("ScanIndexForward", True)
        if start is not None:
            begun = index.place(start, rows.key({name: start[name] for name in rows.main.names}))
            places = [place for place in places if (place > begun if forward else place < begun)]
        for _, key in places if forward else reversed(places):
            if (found := rows.get(key)) is not None:
                yield found

    # ---- Writing

    def _write(self, verb: str, body: Body) -> dict[str, Any]:
        rows = self._rows(body)
        key, before, after = self._planned(rows, verb, body)
        rows.put(key, after)
        returned = _returned(body, before, after)
        return ({"Attributes": returned} if returned else {}) | _consumed(body, _write_units(before, after))

    def _batch_write(self, body: Body) -> dict[str, Any]:
        planned = []
        if sum(map(len, body["RequestItems"].values())) > 25:
            raise Invalid("Too many items requested for the BatchWriteItem call")
        for table, requests in body["RequestItems"].items():
            rows = self._rows({"TableName": table})
            for request in requests:
                ((verb, inner),) = request.items()
                planned.append((rows, *self._planned(rows, verb.removesuffix("Request"), inner)))
        if len({key for _, key, _, _ in planned}) != len(planned):
            raise Invalid("Provided list of item keys contains duplicates")
        for rows, key, _, after in planned:
            rows.put(key, after)
        units = sum(_write_units(before, after) for _, _, before, after in planned)
        answer: dict[str, Any] = {"UnprocessedItems": {}}
        (table,) = body["RequestItems"]
        return answer | ({"ConsumedCapacity": [{"TableName": table, "CapacityUnits": units}]} if _wants(body) else {})

    def _transact(self, body: Body) -> dict[str, Any]:
        planned, reasons, table = [], [], ""
        if len(body["TransactItems"]) > 100:
            raise Invalid("Member must have length less than or equal to 100")
        for item in body["TransactItems"]:
            ((verb, inner),) = item.items()
            rows, table = self._rows(inner), inner["TableName"]
            try:
                planned.append((rows, *self._planned(rows, verb, inner)))
                reasons.append({"Code": "None"})
            except Refused as refused:
                planned.append((rows, rows.key(_named(inner), alone="Item" not in inner), None, None))
                more = {"Item": refused.body["Item"]} if "Item" in refused.body else {}
                reasons.append({"Code": "ConditionalCheckFailed", "Message": refused.body["message"], **more})
        if len({key for _, key, _, _ in planned}) != len(planned):
            raise Invalid("Transaction request cannot include multiple operations on one item")
        if any(reason["Code"] != "None" for reason in reasons):
            codes = ", ".join(reason["Code"] for reason in reasons)
            message = f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]"
            raise Refused("TransactionCanceledException", message, CancellationReasons=reasons)
        for rows, key, _, after in planned:
            rows.put(key, after)
        units = 2 * sum(_write_units(before, after) for _, _, before, after in planned)
        return {"ConsumedCapacity": [{"TableName": table, "CapacityUnits": units}]} if _wants(body) else {}

    @staticmethod
    def _planned(rows: Rows, verb: str, body: Body) -> tuple[Key, Row | None, Row | None]:
        """The key of a write, and its row before and after; a refused condition raises."""
        _check_placeholders(body)
        key = rows.key(_named(body), alone="Item" not in body)
        before = rows.get(key)
        condition = _parsed(body, "ConditionExpression")
        values = body.get("ExpressionAttributeValues", {})
        if condition is not None and not meets(condition, before or {}, values):
            more = {"Item": before} if before and body.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD" else {}
            raise Refused("ConditionalCheckFailedException", "The conditional request failed", **more)
        if verb == "Put":
            return key, before, dict(body["Item"])
        if verb != "Update":
            return key, before, before if verb == "ConditionCheck" else None
        actions = grammar.update(body.get("UpdateExpression", ""), _names(body))
        if any(path[1][0] in rows.main.names for _, path, _ in actions):
            raise Invalid("Cannot update attribute. This attribute is part of the key")
        return key, before, updated(actions, before or dict(body["Key"]), values)

    def _rows(self, body: Body) -> Rows:
        try:
            return self.tables[body["TableName"]]
        except KeyError:
            raise Refused("ResourceNotFoundException", "Requested resource not found") from None


def _named(body: Body) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", body["Item"] if "Item" in body else body["Key"])


def _names(body: Body) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(body.get("ExpressionAttributeNames", {}).items()))


def _parsed(body: Body, name: str) -> Tree | None:
    return grammar.condition(body[name], _names(body)) if name in body else None


def _check_placeholders(body: Body) -> None:
    given = {*body.get("ExpressionAttributeNames", {}), *body.get("ExpressionAttributeValues", {})}
    if unused := given - grammar.used([body[name] for name in _EXPRESSIONS if name in body]):
        raise Invalid(f"Value provided in expression attributes unused in expressions: keys: {sorted(unused)}")


def _hashed(tree: Tree, name: str) -> str:
    """The placeholder that the hash key has to equal."""
    match tree:
        case ("and", left, right):
            try:
                return _hashed(left, name)
            except Invalid:
                return _hashed(right, name)
        case ("=", ("path", (found,)), ("value", placeholder)) if found == name:
            return cast("str", placeholder)
    raise Invalid("Query condition missed key schema element")


def _shown(body: Body, row: Row) -> Row:
    if "ProjectionExpression" not in body:
        return row
    return projected(grammar.projection(body["ProjectionExpression"], _names(body)), row)


def _returned(body: Body, before: Row | None, after: Row | None) -> Row | None:
    asked = body.get("ReturnValues", "NONE")
    if asked == "NONE":
        return None
    row = before if asked.endswith("_OLD") else after
    if asked.startswith("ALL_") or row is None:
        return row
    paths: Sequence[Tree] = [path for _, path, _ in grammar.update(body["UpdateExpression"], _names(body))]
    return projected(paths, row)


def _wants(body: Body) -> bool:
    return bool(body.get("ReturnConsumedCapacity", "NONE") != "NONE")


def _consumed(body: Body, units: float) -> dict[str, Any]:
    if not _wants(body):
        return {}
    return {"ConsumedCapacity": {"TableName": body["TableName"], "CapacityUnits": units}}


def _read_units(size: int, body: Body) -> float:
    return max(1, -(-size // 4096)) * (1 if body.get("ConsistentRead") else 0.5)


def _write_units(before: Row | None, after: Row | None) -> int:
    return max(1, *(-(-row_size(row) // 1024) for row in (before, after) if row is not None), 1)


def _refused(request: AWSPreparedRequest, error: Refused) -> AWSResponse:
    return answering(request, 400, json.dumps(error.body).encode())
