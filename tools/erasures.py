"""Erasures repeated in a restored table: whoever has a tombstone in the live one goes from it again, with all rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from attune.domain.errors import Unavailable
from attune.edge.clock import clock
from attune.store import tombstones
from tools.errors import OperatorError

_LEARNER = "USER#"


@dataclass(slots=True)
class Repeated:
    """Learners that the restored table held, those of them who had been erased, and the rows that went."""

    learners: int = 0
    erased: int = 0
    rows: int = 0


def repeat(restored: str, *, dry_run: bool = False) -> Repeated:
    """Erase again; the environment names the live table. Doing it twice changes nothing."""
    found = Repeated()
    try:
        table = boto3.resource("dynamodb").Table(restored)
        gone: dict[str, bool] = {}
        with table.batch_writer() as batch:
            for row in _rows(table):
                learner = row["pk"].removeprefix(_LEARNER)
                if learner not in gone:
                    gone[learner] = tombstones.find(learner, clock.now()) is not None
                if gone[learner]:
                    found.rows += 1
                    if not dry_run:
                        batch.delete_item(Key={"pk": row["pk"], "sk": row["sk"]})
        found.learners, found.erased = len(gone), sum(gone.values())
    except (BotoCoreError, ClientError) as error:
        raise OperatorError(f"The table {restored} cannot be used: {error}") from error
    except Unavailable as error:
        raise OperatorError(f"The live table or the key of its tombstones cannot be read ({error.code}).") from error
    return found


def _rows(table: Any) -> Iterator[dict[str, Any]]:
    """The keys of all rows of learners."""
    start: dict[str, Any] = {}
    while True:
        page = table.scan(ProjectionExpression="pk, sk", ConsistentRead=True, **start)
        yield from (row for row in page["Items"] if row["pk"].startswith(_LEARNER))
        if "LastEvaluatedKey" not in page:
            return
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
