"""`make rotate`: another key for the guests' tokens of a deployed stack, in steps that may each be repeated.

A key is announced, the stack is told of it, and once everybody who verifies can know it, it signs. Left in between,
everything goes on as before, and the next call goes on from there. With `--leaked`, a new key signs at once and all
others stop verifying, so that every guest's token is void.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from typing import Any, Final

import boto3
from botocore.exceptions import BotoCoreError, ClientError, WaiterError

from tools.errors import OperatorError
from tools.release import settings

FUNCTION: Final = "MakeKeys"
PARAMETER: Final = "GuestKeysRead"


class Rotation:
    """The key of one stack."""

    def __init__(self, stack: str, region: str | None = None) -> None:
        self._stack = stack
        self._cloudformation: Any = boto3.client("cloudformation", region_name=region)
        self._lambda: Any = boto3.client("lambda", region_name=region)

    def rotate(self, sleep: Callable[[float], None] = time.sleep) -> str:
        """The name of the key that signs from now on; those before it verify until their tokens have run out."""
        found = self._step("next")
        self._tell(found["kid"])
        while not found["signs"]:
            sleep(found["wait"])
            found = self._step("next")
        return str(found["kid"])

    def withdraw(self) -> str:
        """The name of the key that signs from now on, the only one that verifies."""
        found = self._step("leaked")
        self._tell(found["kid"])
        return str(found["kid"])

    def _step(self, what: str) -> dict[str, Any]:
        found = self._cloudformation.describe_stack_resource(StackName=self._stack, LogicalResourceId=FUNCTION)
        name = found["StackResourceDetail"]["PhysicalResourceId"]
        answer = self._lambda.invoke(FunctionName=name, Payload=json.dumps({"rotate": what}).encode())
        result: dict[str, Any] = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            raise OperatorError(f"{name} could not go on: {result.get('errorMessage', result)}")
        return result

    def _tell(self, kid: str) -> None:
        """Has the stack read what is published, so that functions begin with it: a change of one parameter."""
        (stack,) = self._cloudformation.describe_stacks(StackName=self._stack)["Stacks"]
        now = {each["ParameterKey"]: each["ParameterValue"] for each in stack["Parameters"]}
        if now.get(PARAMETER) == kid:
            return
        self._cloudformation.update_stack(
            StackName=self._stack,
            UsePreviousTemplate=True,
            Parameters=[
                *({"ParameterKey": key, "UsePreviousValue": True} for key in now if key != PARAMETER),
                {"ParameterKey": PARAMETER, "ParameterValue": kid},
            ],
            Capabilities=stack.get("Capabilities", []),
        )
        try:
            self._cloudformation.get_waiter("stack_update_complete").wait(StackName=self._stack)
        except WaiterError as error:
            raise OperatorError(f"{self._stack} was not told of the key; its events say why: {error}") from error


def main(arguments: list[str] | None = None) -> int:
    """0 where it was done; 2, and why, where it could not be."""
    parser = argparse.ArgumentParser(prog="python -m tools.rotate", description=__doc__)
    parser.add_argument("--config", default="default", help="the deployment of samconfig.toml")
    parser.add_argument("--leaked", action="store_true", help="void the tokens of all keys before")
    options = parser.parse_args(arguments)
    try:
        found = settings(options.config)
        rotation = Rotation(found["stack_name"], found.get("region"))
        if options.leaked:
            print(f"{found['stack_name']}: key {rotation.withdraw()} signs; all tokens of guests are void")
        else:
            print(f"{found['stack_name']}: key {rotation.rotate()} signs; tokens of those before it go on")
    except (OperatorError, ClientError, BotoCoreError) as error:
        print(f"attune: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
