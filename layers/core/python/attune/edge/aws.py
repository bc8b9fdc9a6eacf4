"""AWS clients beside the table's: made when first needed, with bounded waits."""

from functools import lru_cache
from typing import Any

import botocore.session
from botocore.config import Config

_CONFIG = Config(connect_timeout=1, read_timeout=3, retries={"total_max_attempts": 3, "mode": "standard"})


@lru_cache(maxsize=8)
def client(service: str) -> Any:
    """The client of a service. botocore is enough: boto3 would add a third to a cold start."""
    return botocore.session.get_session().create_client(service, config=_CONFIG)
