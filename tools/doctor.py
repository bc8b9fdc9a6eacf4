"""What has to be well for Attune to work, looked at one by one."""

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

import urllib3

from tools.client import Client, Reply
from tools.services import VENV

# Tokens are accepted with this much skew.
_SKEW = 60


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    what: str
    ok: bool
    said: str


def examine(client: Client) -> Iterator[Finding]:
    """This machine first, then the API, and behind it what an admin may see."""
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding("python", sys.version_info >= (3, 11), version)
    installed = (VENV / "bin" / "python").exists()
    yield Finding("services", installed, "installed" if installed else "missing: `make run` installs them")
    try:
        health = client.send("GET", "/api/health")
        deep = client.send("GET", "/api/health?deep=true")
    except urllib3.exceptions.HTTPError as error:
        yield Finding("api", False, f"cannot be reached: {error}")
        return
    yield Finding("api", health.status == 200, f"answers {health.status}")
    yield _clock(health)
    if deep.status in (401, 403):
        yield Finding("admin", False, f"the token is refused ({deep.status}): give one with --token")
    else:
        yield Finding("behind it", deep.status == 200, deep.body.decode("utf-8", "replace"))


def _clock(reply: Reply) -> Finding:
    said = reply.headers.get("date")
    if not said:
        return Finding("clock", False, "the API does not say what time it is")
    skew = abs(parsedate_to_datetime(said).timestamp() - time.time())
    return Finding("clock", skew < _SKEW, f"{skew:.0f} s apart")
