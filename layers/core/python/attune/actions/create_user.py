"""Begin a guest, or recognise the same request made again."""

import uuid
from datetime import datetime

from attune.domain.errors import Flaw, Invalid
from attune.domain.ids import is_uuid
from attune.domain.learner import User
from attune.domain.principal import Kind, Principal
from attune.domain.repetition import Repetition
from attune.store import users


def run(wanted: str | None, issuer: str, repetition: Repetition | None, now: datetime) -> tuple[User, Principal, bool]:
    """The guest, its principal, and whether it had been created before. Raises `Conflict` for a taken id, `Invalid`."""
    if wanted is not None and not (is_uuid(wanted) and Principal.named(wanted, issuer).kind is Kind.GUEST):
        raise Invalid(Flaw("/user_id", "A UUID that is not nil or max, and not of version 8.", "not_a_uuid"))
    if repetition is not None and wanted is None and (known := users.repeated(repetition, now)):
        return known, Principal(Kind.GUEST, known.id, issuer), True
    principal = Principal(Kind.GUEST, wanted or str(uuid.uuid4()), issuer)
    user, replayed = users.create(principal, now, repetition, fresh_id=wanted is None)
    return user, Principal(Kind.GUEST, user.id, issuer), replayed
