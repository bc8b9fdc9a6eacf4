"""What a function does to the table, as IAM names it, and what its policy in the template allows."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, cast

from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from tests.contract.declared import of_type
from tests.doubles.tap import Send, Tap


class Actions(Tap):
    """Collects the actions of all calls; a transaction is what its parts are."""

    looking: ClassVar[bool] = True

    def __init__(self) -> None:
        self.actions: set[str] = set()

    @classmethod
    @contextmanager
    def aside(cls) -> Iterator[None]:
        """Within it nothing is collected: the calls are another function's."""
        cls.looking = False
        try:
            yield
        finally:
            cls.looking = True

    def send(self, client: Any, operation: str, request: AWSPreparedRequest, go_on: Send) -> AWSResponse:
        if not self.looking:
            return go_on()
        if operation == "TransactWriteItems":
            parts = json.loads(cast(bytes, request.body))["TransactItems"]
            kinds = {
                "Put": "PutItem",
                "Update": "UpdateItem",
                "Delete": "DeleteItem",
                "ConditionCheck": "ConditionCheckItem",
            }
            self.actions |= {f"dynamodb:{kinds[kind]}" for part in parts for kind in part}
        else:
            self.actions.add(f"dynamodb:{operation}")
        return go_on()


def allowed(function_id: str) -> set[str]:
    """The actions in the inline policies of a function."""
    found: set[str] = set()
    for policy in of_type("AWS::Serverless::Function")[function_id]["Properties"].get("Policies", []):
        for statement in policy.get("Statement", []):
            actions = statement["Action"]
            found |= set(actions if isinstance(actions, list) else [actions])
    return found
