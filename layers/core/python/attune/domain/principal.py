"""Who is calling: made by the authorizer alone, and the only source of every learner's key."""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    GUEST = "guest"
    ACCOUNT = "account"


ADMIN = "admin"
GUEST_TOKEN: Final = timedelta(days=90)
"""How long a guest's token lives; it may be exchanged for another while it does."""
ACCOUNT_VERSION = 8
"""The version of the UUIDs that stand for accounts: a hash of our own."""


@dataclass(frozen=True, slots=True)
class Principal:
    """`subject` is a UUID in canonical form: a guest's own, or one derived from an account's issuer and subject."""

    kind: Kind
    subject: str
    issuer: str
    scopes: frozenset[str] = frozenset()

    @property
    def learner(self) -> str:
        """The learner's name in keys: a guest cannot take an account's place by choosing its UUID."""
        return f"{self.kind[0]}.{self.subject}"

    @classmethod
    def of(cls, learner: str) -> "Principal":
        """The principal that a learner's name stands for, in work that nobody is calling for."""
        initial, _, subject = learner.partition(".")
        kind = next(kind for kind in Kind if kind[0] == initial)
        return cls(kind, subject, issuer="")

    @classmethod
    def named(cls, user_id: str, issuer: str) -> "Principal":
        """The learner with an id that the API gave: ids of accounts are of the version that only we make."""
        kind = Kind.ACCOUNT if uuid.UUID(user_id).version == ACCOUNT_VERSION else Kind.GUEST
        return cls(kind, user_id, issuer)

    @property
    def is_admin(self) -> bool:
        return self.kind is Kind.ACCOUNT and ADMIN in self.scopes


def account_subject(issuer: str, subject: str) -> str:
    """The UUID (version 8: a hash of our own) that stands for one subject of one issuer."""
    raw = bytearray(hashlib.sha256(f"{issuer}\0{subject}".encode()).digest()[:16])
    raw[6] = raw[6] & 0x0F | 0x80
    raw[8] = raw[8] & 0x3F | 0x80
    return str(uuid.UUID(bytes=bytes(raw)))
