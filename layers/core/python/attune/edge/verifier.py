"""The deployment's token verifier, made once."""

from functools import lru_cache

from attune.edge.guest_keys import GuestKeys, key_set
from attune.edge.tokens import Accounts, IssuerKeys, Verifier
from attune.settings import settings


def _published() -> str | None:
    # Only a token of a key that came after the deployment asks for it: a client would double an authorizer's start.
    from attune.edge import secrets

    return secrets.read_plain(settings.guest_public_keys_parameter)


def _guest_keys() -> GuestKeys:
    return GuestKeys(key_set(settings.guest_public_keys), _published)


@lru_cache(maxsize=1)
def guests() -> Verifier:
    """Guests of this stack alone."""
    return Verifier(settings.guest_issuer, _guest_keys(), None)


@lru_cache(maxsize=1)
def verifier() -> Verifier:
    """Guests of this stack, and accounts of its issuer if it has one."""
    accounts = None
    if settings.oidc_issuer:
        accounts = Accounts(
            keys=IssuerKeys(settings.oidc_issuer),
            audience=settings.oidc_audience,
            admin_scope=settings.oidc_admin_scope,
            subject_claim=settings.oidc_subject_claim,
            scope_claim=settings.oidc_scope_claim,
        )
    return Verifier(settings.guest_issuer, _guest_keys(), accounts)
