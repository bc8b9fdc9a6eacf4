"""Another key for the guests' tokens, in steps that may each be repeated, and be left at any point.

A key is announced first: made, kept aside, and its public half published beside the others. Only when everybody who
verifies can know of it does it sign. The key before goes on to verify until its last token has run out, or is withdrawn
at once if it has leaked. Whatever signs has been published before, so two rotations at once end in one new key.
"""

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from attune.domain.principal import GUEST_TOKEN
from attune.edge.signing import new_key, public_jwk

SETTLES: Final = timedelta(minutes=2)
"""From a key's announcement to its first signature: twice as long as one who verifies may go without reading."""
GRACE: Final = GUEST_TOKEN + timedelta(days=7)
"""How long a key verifies after another took its place: a token's life, and as long as nobody keeps a key in memory."""
MOST: Final = 8
"""Keys that are published at once; the functions' environment holds no more."""

Jwk = dict[str, Any]


class RingFull(Exception):
    """Tokens of too many keys are out already."""


@dataclass(frozen=True, slots=True)
class Ring:
    """The parameters of a stack: `signing` and `next` hold a private key each, `published` the public halves of all."""

    ssm: Any
    signing: str
    published: str

    @property
    def next(self) -> str:
        return f"{self.signing}-next"

    def rotate(self, now: datetime) -> dict[str, Any]:
        """One step on: announces the next key, or lets it sign once it has been announced for long enough."""
        pem, since = self._announced()
        key = public_jwk(pem)
        self.publish(now, [key])
        wait = (since + SETTLES - now).total_seconds()
        if wait > 0:
            return {"kid": key["kid"], "signs": False, "wait": round(wait) + 1}
        self._put(self.signing, pem)
        # Once more, should another request have put its own list over ours in between.
        self.publish(now)
        self._end_others(now, key["kid"])
        self._remove(self.next)
        return {"kid": key["kid"], "signs": True, "wait": 0}

    def withdraw(self, now: datetime) -> dict[str, Any]:
        """A new key signs at once, and all others stop verifying: the tokens of all guests are void."""
        pem = new_key()
        key = public_jwk(pem)
        self._write([*self._listed(now), key][-MOST:])
        self._put(self.signing, pem)
        self._write([key])
        self._remove(self.next)
        return {"kid": key["kid"], "signs": True, "wait": 0}

    def publish(self, now: datetime, more: Iterable[Jwk] = ()) -> list[Jwk]:
        """What is published, with the key that signs and some more. Raises `RingFull`."""
        signing = self._read(self.signing)
        before = self._listed(now)
        known = {key["kid"] for key in before}
        wanted = [*([public_jwk(signing["Value"])] if signing else []), *more]
        after = [*before, *(key for key in wanted if key["kid"] not in known)]
        if len(after) > MOST:
            raise RingFull(f"guests hold tokens of {len(before)} keys; the oldest goes when they have run out")
        if after != before:
            self._write(after)
        return after

    def remove(self) -> None:
        """All of it, with the stack."""
        for name in (self.next, self.signing, self.published):
            self._remove(name)

    def _announced(self) -> tuple[str, datetime]:
        """The next key and since when it waits; made where there is none."""
        found = self._read(self.next)
        if found is None:
            # What is there already is another rotation's, or our own after a lost answer.
            with suppress(self.ssm.exceptions.ParameterAlreadyExists):
                self._put(self.next, new_key(), overwrite=False)
            found = self._read(self.next)
        if found is None:
            raise RuntimeError("the next key was used up by another rotation: ask again")
        return str(found["Value"]), found["LastModifiedDate"]

    def _end_others(self, now: datetime, kid: str) -> None:
        """From now on nothing is signed by any other key: says until when its tokens can be valid."""
        ends = int((now + GRACE).timestamp())
        self._write([key if key["kid"] == kid or "exp" in key else {**key, "exp": ends} for key in self._listed(now)])

    def _listed(self, now: datetime) -> list[Jwk]:
        """What is published and can still have valid tokens."""
        found = self._read(self.published)
        keys = json.loads(found["Value"])["keys"] if found else []
        return [key for key in keys if key.get("exp", now.timestamp()) >= now.timestamp()]

    def _write(self, keys: list[Jwk]) -> None:
        text = json.dumps({"keys": keys}, separators=(",", ":"))
        self.ssm.put_parameter(Name=self.published, Value=text, Type="String", Overwrite=True)

    def _put(self, name: str, pem: str, *, overwrite: bool = True) -> None:
        self.ssm.put_parameter(Name=name, Value=pem, Type="SecureString", Overwrite=overwrite)

    def _read(self, name: str) -> Mapping[str, Any] | None:
        try:
            found: Mapping[str, Any] = self.ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]
        except self.ssm.exceptions.ParameterNotFound:
            return None
        return found

    def _remove(self, name: str) -> None:
        with suppress(self.ssm.exceptions.ParameterNotFound):
            self.ssm.delete_parameter(Name=name)
