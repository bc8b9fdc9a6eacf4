"""AWS clients beside the table's: made when first needed, with bounded waits."""

from typing import Any

import botocore.session
from botocore.config import Config

from attune import deadline

_CONFIG = Config(
    connect_timeout=1, read_timeout=deadline.ONE_TRY, retries={"total_max_attempts": 3, "mode": "standard"}
)


_clients: dict[str, Any] = {}


def client(service: str) -> Any:
    """The client of a service. botocore is enough: boto3 would add a third to a cold start."""
    if service not in _clients:
        _clients[service] = botocore.session.get_session().create_client(service, config=_CONFIG)
        deadline.keep(_clients[service])
    return _clients[service]


def close() -> None:
    """Close every connection; the next use opens others."""
    while _clients:
        _clients.popitem()[1].close()
