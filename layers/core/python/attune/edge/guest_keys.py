"""The public keys that guests' tokens are verified with: those of the deployment, and others once a token names one.

A key that was rotated in after the deployment is read from the parameter store when the first token of it comes. Until
then nothing is asked: who verifies does not even load a client.
"""

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import jwt

from attune.domain.errors import Unavailable

REREAD: Final = 60.0
"""Seconds between two reads, whatever tokens name: anybody can make up the name of a key."""


def key_set(listed: str) -> dict[str, jwt.PyJWK]:
    """The public keys of a JSON Web Key Set by name."""
    return {key["kid"]: jwt.PyJWK.from_dict(key) for key in json.loads(listed)["keys"]}


@dataclass(slots=True)
class GuestKeys:
    """`keys` are those known, at first the deployment's. `read` gives the set that is published, None where there is
    none, and raises `Unavailable`; what is known goes on to count then."""

    keys: Mapping[str, jwt.PyJWK]
    read: Callable[[], str | None]
    monotonic: Callable[[], float] = time.monotonic
    read_at: float = float("-inf")
    is_out: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, kid: str) -> jwt.PyJWK | None:
        """The key of this name, None if there is none. Raises `Unavailable` if that cannot be known."""
        with self.lock:
            now = self.monotonic()
            if kid not in self.keys and now - self.read_at > REREAD:
                self.read_at = now
                self._read()
        found = self.keys.get(kid)
        if found is None and self.is_out:
            # A valid token that is called invalid would be thrown away, and the guest with it.
            raise Unavailable(code="issuer_unavailable")
        return found

    def _read(self) -> None:
        try:
            listed = self.read()
        except Unavailable:
            self.is_out = True
            return
        self.is_out = False
        if listed:
            # What is published counts alone: a key that was withdrawn is not among it.
            self.keys = key_set(listed)
