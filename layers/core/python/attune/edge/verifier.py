"""The deployment's token verifier, made once."""

from functools import lru_cache

from attune.edge.tokens import Accounts, IssuerKeys, Verifier, guest_keys
from attune.settings import settings


@lru_cache(maxsize=1)
def guests() -> Verifier:
    """Guests of this stack alone."""
    return Verifier(settings.guest_issuer, guest_keys(settings.guest_public_keys), None)


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
    return Verifier(settings.guest_issuer, guest_keys(settings.guest_public_keys), accounts)
