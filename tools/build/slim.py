"""Cut the AWS SDK's data in a layer down to the calls that functions make: `slim.py <the layer's botocore/data>`.

The SDK brings the models of all of AWS, four fifths of the layer, and reads its list of all endpoints, and the whole
model of a service, before a function's first call. What stays is read as it was, by the SDK's own code. A call that is
not listed here would fail as unknown, so a test makes each that the template's policies allow.
"""

import gzip
import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

OPERATIONS = {
    "dynamodb": {
        *("BatchGetItem", "BatchWriteItem", "DeleteItem", "DescribeTable", "GetItem", "PutItem", "Query", "Scan"),
        *("TransactGetItems", "TransactWriteItems", "UpdateItem"),
    },
    "sqs": {"ChangeMessageVisibility", "GetQueueAttributes", "SendMessage", "SendMessageBatch"},
    "ssm": {"DeleteParameter", "GetParameter", "PutParameter"},
}
# What is read whatever the service, beside endpoints.json.
SHARED = {"_retry.json", "partitions.json", "sdk-default-configuration.json"}
Json = dict[str, Any]


def main(data: Path) -> None:
    """Cut the folder down in place."""
    for found in data.iterdir():
        if found.is_dir():
            if found.name in OPERATIONS:
                _service(found)
            else:
                shutil.rmtree(found)
        elif found.name == "endpoints.json":
            _write(found, _endpoints(_read(found)))
        elif found.name not in SHARED:
            found.unlink()


def _service(folder: Path) -> None:
    """Keep the newest model of a service with its listed operations, and the rules of its endpoints."""
    *old, newest = sorted(folder.iterdir())
    for version in old:
        shutil.rmtree(version)
    for file in newest.iterdir():
        name = file.name.removesuffix(".gz")
        if name == "service-2.json":
            _write(newest / name, model(_read(file), OPERATIONS[folder.name]))
        elif name == "endpoint-rule-set-1.json":
            _write(newest / name, _read(file))
        if file.name != name or name not in ("service-2.json", "endpoint-rule-set-1.json"):
            file.unlink()


def model(whole: Json, operations: set[str]) -> Json:
    """A service's model with these operations, all shapes that they reach, and no documentation."""
    kept = {name: whole["operations"][name] for name in sorted(operations)}
    shapes: Json = {}
    wanted = list(_shapes(kept))
    while wanted:
        name = wanted.pop()
        if name not in shapes:
            shapes[name] = whole["shapes"][name]
            wanted.extend(_shapes(shapes[name]))
    found: Json = _undocumented({**whole, "operations": kept, "shapes": dict(sorted(shapes.items()))})
    return found


def _shapes(value: Any) -> Iterator[str]:
    """The names of the shapes that a piece of a model refers to."""
    if isinstance(value, dict):
        if isinstance(value.get("shape"), str):
            yield value["shape"]
        for one in value.values():
            yield from _shapes(one)
    elif isinstance(value, list):
        for one in value:
            yield from _shapes(one)


def _undocumented(value: Any) -> Any:
    if isinstance(value, dict):
        # A member may have that name too; then it holds a shape and not a text.
        return {k: _undocumented(v) for k, v in value.items() if k != "documentation" or not isinstance(v, str)}
    return [_undocumented(one) for one in value] if isinstance(value, list) else value


def _endpoints(whole: Json) -> Json:
    """All partitions and regions, with the listed services alone."""
    for partition in whole["partitions"]:
        partition["services"] = {name: found for name, found in partition["services"].items() if name in OPERATIONS}
    return whole


def _read(file: Path) -> Any:
    return json.loads(gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes())


def _write(file: Path, value: Any) -> None:
    file.write_text(json.dumps(value, separators=(",", ":"), ensure_ascii=False), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
