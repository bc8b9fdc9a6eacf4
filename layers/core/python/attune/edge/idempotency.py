"""`Idempotency-Key` as it is sent."""

import re

from attune.domain.errors import Invalid, Malformed
from attune.domain.repetition import Repetition
from attune.domain.section import digest

_KEY = re.compile(r"[\x21-\x7e]{1,255}")
PUBLIC_KEY_LENGTH = 22
"""Characters that hold 128 random bits: nobody is known to be calling, so the key must not be guessed."""


def repetition(route: str, key: str | None, body: object) -> Repetition | None:
    """What makes a public request recognisable. Raises `Malformed`, or `Invalid` for a key that could be guessed."""
    if key is None:
        return None
    _demand_form(key)
    if len(key) < PUBLIC_KEY_LENGTH or len(set(key)) < 6:
        detail = f"Here an Idempotency-Key holds 128 random bits, in at least {PUBLIC_KEY_LENGTH} characters."
        raise Invalid(code="weak_idempotency_key", detail=detail)
    return Repetition(route, key, digest(body))


def own(route: str, key: str | None, body: object) -> Repetition | None:
    """The same for a known caller, whose keys are nobody else's. Raises `Malformed`."""
    if key is None:
        return None
    _demand_form(key)
    return Repetition(route, key, digest(body))


def _demand_form(key: str) -> None:
    if not _KEY.fullmatch(key):
        raise Malformed("malformed_idempotency_key", "Idempotency-Key holds 1 to 255 visible ASCII characters.")
