"""Bearer tokens: guests' are minted and verified here, accounts' are verified against their issuer's published keys."""

import base64
import hashlib
import http.client
import json
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol

import jwt
from jwt.algorithms import ECAlgorithm
from jwt.types import Options

from attune.domain.errors import Unavailable, Unidentified
from attune.domain.ids import is_uuid
from attune.domain.principal import ADMIN, GUEST_TOKEN, Kind, Principal, account_subject

GUEST_ALGORITHM: Final = "ES256"
OIDC_ALGORITHMS: Final = ("RS256", "ES256", "EdDSA", "PS256")
GUEST_AUDIENCE: Final = "attune"
SKEW: Final = 60
LATEST: Final = 2**53
MAX_TOKEN: Final = 8192
REFETCH: Final = 60.0
KEYS_FOR: Final = 3600.0
MAX_KEYS: Final = 64 * 1024
FETCH_TIMEOUT: Final = 3.0
PASSED_ON: Final = frozenset({"sessions:write"})
"""Scopes of accounts that a route asks for by the issuer's own name for them."""
_REFUSED_HEADERS: Final = frozenset({"crit", "jwk", "jku", "x5u", "x5c"})

Fetch = Callable[[str], Mapping[str, Any]]


def mint(subject: str, private_key: str, issuer: str, now: datetime) -> tuple[str, datetime]:
    """A guest's token, and when it ends."""
    ends = (now + GUEST_TOKEN).replace(microsecond=0)
    claims = {
        "iss": issuer,
        "aud": GUEST_AUDIENCE,
        "sub": subject,
        "iat": int(now.timestamp()),
        "exp": int(ends.timestamp()),
    }
    key = jwt.get_algorithm_by_name(GUEST_ALGORITHM).prepare_key(private_key)
    return jwt.encode(claims, key, GUEST_ALGORITHM, headers={"kid": thumbprint(key.public_key())}), ends


def thumbprint(public_key: Any) -> str:
    """A key's name: the hash of its public part (RFC 7638)."""
    jwk = ECAlgorithm.to_jwk(public_key, as_dict=True)
    needed = json.dumps({name: jwk[name] for name in ("crv", "kty", "x", "y")}, sort_keys=True, separators=(",", ":"))
    return base64.urlsafe_b64encode(hashlib.sha256(needed.encode()).digest()).rstrip(b"=").decode()


def fetch(url: str) -> Mapping[str, Any]:
    """A small JSON document of the issuer."""
    if not url.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
        raise ValueError("an issuer's documents are read over https")
    with urllib.request.urlopen(url, timeout=FETCH_TIMEOUT) as answer:  # noqa: S310  # nosec B310
        found: Mapping[str, Any] = json.loads(answer.read(MAX_KEYS))
    return found


@dataclass(slots=True)
class IssuerKeys:
    """An OIDC issuer's keys by name: kept for an hour, longer while the issuer is down, and asked again at most once
    a minute when a token names a key that is not among them."""

    issuer: str
    fetch: Fetch = fetch
    monotonic: Callable[[], float] = time.monotonic
    keys: dict[str, jwt.PyJWK] = field(default_factory=dict)
    fetched_at: float = float("-inf")
    tried_at: float = float("-inf")
    lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, kid: str) -> jwt.PyJWK:
        """The key of this name. Raises `Unidentified` if the issuer has none, `Unavailable` if it never answered."""
        with self.lock:
            now = self.monotonic()
            stale = kid not in self.keys or now - self.fetched_at > KEYS_FOR
            if stale and now - self.tried_at > REFETCH:
                self.tried_at = now
                self._fetch(now)
        if kid in self.keys:
            return self.keys[kid]
        if not self.keys:
            raise Unavailable(code="issuer_unavailable")
        raise Unidentified("token_key_unknown")

    def _fetch(self, now: float) -> None:
        try:
            found = self.fetch(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
            usable = dict(_usable(self.fetch(str(found["jwks_uri"]))["keys"]))
        except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError):
            return
        if usable:
            self.keys, self.fetched_at = usable, now


def _usable(listed: object) -> Iterator[tuple[str, jwt.PyJWK]]:
    """The keys of a set that can verify a signature; one that we cannot read does not hide the others."""
    for key in listed if isinstance(listed, list) else ():
        if not isinstance(key, Mapping) or key.get("use", "sig") != "sig" or key.get("kty") == "oct":
            continue
        with suppress(jwt.PyJWTError, ValueError, TypeError, KeyError, AttributeError):
            yield str(key["kid"]), jwt.PyJWK.from_dict(dict(key))


@dataclass(frozen=True, slots=True)
class Accounts:
    """The issuer of accounts, and how its claims are read."""

    keys: IssuerKeys
    audience: str
    admin_scope: str | None
    subject_claim: str = "sub"
    scope_claim: str = "scope"


class Keys(Protocol):
    """The keys of guests by name."""

    def get(self, kid: str, /) -> jwt.PyJWK | None: ...


@dataclass(frozen=True, slots=True)
class Verifier:
    """Turns a bearer token into a principal; `accounts` is None where there are only guests."""

    guest_issuer: str
    guest_keys: Keys
    accounts: Accounts | None

    def principal(self, authorization: str | None, now: datetime) -> Principal:
        """The caller that a header names. Raises `Unidentified`, or `Unavailable` without the issuer's keys."""
        token = _bearer(authorization)
        try:
            header = jwt.get_unverified_header(token)
            issuer = jwt.decode(token, options={"verify_signature": False}).get("iss")
        except (jwt.PyJWTError, ValueError, RecursionError):
            raise Unidentified("token_malformed") from None
        if _REFUSED_HEADERS & set(header) or not isinstance(header.get("kid"), str) or len(header["kid"]) > 128:
            raise Unidentified("token_malformed")
        if issuer == self.guest_issuer:
            return self._guest(token, header["kid"], now)
        if self.accounts is not None and issuer == self.accounts.keys.issuer:
            return self._account(token, header["kid"], self.accounts, now)
        raise Unidentified("token_issuer_unknown")

    def _guest(self, token: str, kid: str, now: datetime) -> Principal:
        key = self.guest_keys.get(kid)
        if key is None:
            raise Unidentified("token_key_unknown")
        claims = _verified(token, key, (GUEST_ALGORITHM,), GUEST_AUDIENCE, self.guest_issuer, now)
        if not is_uuid(str(claims["sub"])):
            raise Unidentified("token_malformed")
        return Principal(Kind.GUEST, claims["sub"], self.guest_issuer)

    def _account(self, token: str, kid: str, accounts: Accounts, now: datetime) -> Principal:
        issuer = accounts.keys.issuer
        claims = _verified(token, accounts.keys.get(kid), OIDC_ALGORITHMS, accounts.audience, issuer, now)
        subject, scope = claims.get(accounts.subject_claim), claims.get(accounts.scope_claim, "")
        if not isinstance(subject, str) or not 1 <= len(subject) <= 255 or claims.get("token_use") == "id":
            raise Unidentified("token_malformed")
        granted = scope.split() if isinstance(scope, str) else scope if isinstance(scope, list) else []
        scopes = {scope for scope in PASSED_ON if scope in granted}
        if accounts.admin_scope and accounts.admin_scope in granted:
            scopes.add(ADMIN)
        return Principal(Kind.ACCOUNT, account_subject(issuer, subject), issuer, frozenset(scopes))


def _bearer(authorization: str | None) -> str:
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unidentified("token_missing")
    if len(token) > MAX_TOKEN:
        raise Unidentified("token_malformed")
    return token.strip()


def _verified(
    token: str, key: jwt.PyJWK, algorithms: tuple[str, ...], audience: str, issuer: str, now: datetime
) -> dict[str, Any]:
    """The claims of a token whose signature, audience, issuer and times hold. The times are judged by `now`, not by the
    library's own clock."""
    required = ["iss", "aud", "exp", "iat", "sub"]
    own_clock: Options = {"require": required, "verify_exp": False, "verify_nbf": False, "verify_iat": False}
    if key.algorithm_name not in algorithms:
        raise Unidentified("token_algorithm")
    try:
        claims: dict[str, Any] = jwt.decode(
            token, key, [key.algorithm_name], audience=audience, issuer=issuer, options=own_clock
        )
    except jwt.InvalidAudienceError:
        raise Unidentified("token_audience") from None
    except (jwt.PyJWTError, ValueError):
        raise Unidentified("token_invalid") from None
    at = now.timestamp()
    times = [claims["exp"], claims["iat"], claims.get("nbf", claims["iat"])]
    # Neither infinite, nor not a number, nor an integer that no float can hold.
    if any(
        isinstance(time_, bool) or not isinstance(time_, int | float) or not abs(time_) <= LATEST for time_ in times
    ):
        raise Unidentified("token_malformed")
    ends, issued, starts = times
    if ends + SKEW < at:
        raise Unidentified("token_expired")
    if max(issued, starts) - SKEW > at or ends > 10 * at:
        raise Unidentified("token_not_yet_valid")
    return claims
