"""Custom resource: make the key pair that signs guests' tokens, once, and give the stack its public half.

With the property Kind `hashing` it is a random secret instead, of which the stack sees nothing.

An update of the stack finds the key that is there. It stays when the stack is deleted, unless the resource's property
DeleteKey is true. `make rotate` invokes the same function with `{"rotate": "next"}` or `{"rotate": "leaked"}`.
"""

from typing import Any

from attune.edge import aws, custom_resource
from attune.edge.clock import clock
from attune.edge.rotation import Ring
from attune.settings import settings

resource = custom_resource.handler()


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any] | None:
    """Answer CloudFormation, or take the guests' key one step on."""
    if "rotate" not in event:
        return resource(event, context)
    ring = Ring(aws.client("ssm"), settings.guest_key_parameter, settings.guest_public_keys_parameter)
    return ring.withdraw(clock.now()) if event["rotate"] == "leaked" else ring.rotate(clock.now())
