"""Secrets are read by name when they are needed, kept for five minutes, and kept longer while the store is down."""

import time
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from attune.domain.errors import Unavailable
from attune.edge.aws import client

KEPT_FOR: Final = 300.0
_kept: dict[str, tuple[float, str]] = {}


def read(parameter: str) -> str:
    """The value of an SSM SecureString. Raises `Unavailable` if it was never read and cannot be."""
    kept = _kept.get(parameter)
    if kept and time.monotonic() - kept[0] < KEPT_FOR:
        return kept[1]
    try:
        value = str(client("ssm").get_parameter(Name=parameter, WithDecryption=True)["Parameter"]["Value"])
    except (BotoCoreError, ClientError) as error:
        if kept:
            return kept[1]
        raise Unavailable(code="secret_unavailable") from error
    _kept[parameter] = (time.monotonic(), value)
    return value


def read_optional(parameter: str) -> str:
    """The value of an SSM SecureString, or an empty text where there is none. Raises `Unavailable`."""
    try:
        return read(parameter)
    except Unavailable as error:
        response = getattr(error.__cause__, "response", None) or {}
        if response.get("Error", {}).get("Code") == "ParameterNotFound":
            return ""
        raise


def read_plain(parameter: str) -> str | None:
    """What a parameter that is no secret says now, None where there is none. Raises `Unavailable`."""
    try:
        return str(client("ssm").get_parameter(Name=parameter)["Parameter"]["Value"])
    except (BotoCoreError, ClientError) as error:
        if getattr(error, "response", {}).get("Error", {}).get("Code") == "ParameterNotFound":
            return None
        raise Unavailable(code="secret_unavailable") from error


def forget() -> None:
    """Read every secret anew."""
    _kept.clear()
