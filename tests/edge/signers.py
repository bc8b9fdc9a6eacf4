"""Keys of all kinds, tokens signed with them, and an issuer that may be down."""

import base64
import hashlib
import json
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import OKPAlgorithm, RSAAlgorithm

from attune.domain.errors import Unidentified
from attune.domain.ids import is_uuid
from attune.edge.guest_keys import key_set
from attune.edge.signing import public_jwk
from attune.edge.tokens import GUEST_AUDIENCE, Accounts, IssuerKeys, Verifier, mint

NOW = datetime(2026, 5, 4, 12, 0, 0, tzinfo=UTC)
AT = int(NOW.timestamp())
STACK = "https://stack.example"
ISSUER = "https://issuer.example/realm"
AUDIENCE = "site"
GUEST = "6f9619ff-8b86-4011-b42d-00c04fc964ff"

Json = dict[str, Any]


@cache
def pem_of(name: str) -> str:
    """A private key of its own for each name, the same in every run."""
    key = ec.derive_private_key(int.from_bytes(hashlib.sha256(name.encode()).digest()) >> 1, ec.SECP256R1())
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


@cache
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@cache
def ed_key() -> ed25519.Ed25519PrivateKey:
    return ed25519.Ed25519PrivateKey.generate()


def jwks() -> dict[str, Json]:
    """The issuer's public keys by the algorithm that they are for."""
    return {
        "RS256": {
            **RSAAlgorithm.to_jwk(rsa_key().public_key(), as_dict=True),
            "kid": "rsa",
            "alg": "RS256",
            "use": "sig",
        },
        "ES256": {**public_jwk(pem_of("issuer")), "kid": "ec"},
        "EdDSA": {**OKPAlgorithm.to_jwk(ed_key().public_key(), as_dict=True), "kid": "ed", "alg": "EdDSA"},
    }


SIGNERS: dict[str, tuple[str, Callable[[], Any]]] = {
    "RS256": ("rsa", rsa_key),
    "ES256": ("ec", lambda: pem_of("issuer")),
    "EdDSA": ("ed", ed_key),
}


class Issuer:
    """An issuer's documents, a clock, and a count of who asks for what."""

    def __init__(self, *keys: Any) -> None:
        self.keys: Any = list(keys)
        self.asked: list[str] = []
        self.fault: Exception | None = None
        self.discovery: Any = {"jwks_uri": f"{ISSUER}/keys"}
        self.now = 5000.0

    def fetch(self, url: str) -> Mapping[str, Any]:
        self.asked.append(url)
        if self.fault:
            raise self.fault
        found: Mapping[str, Any] = self.discovery if url.endswith("openid-configuration") else {"keys": self.keys}
        return found

    def issuer_keys(self) -> IssuerKeys:
        return IssuerKeys(ISSUER, self.fetch, lambda: self.now)

    @property
    def rounds(self) -> int:
        return sum(url.endswith("openid-configuration") for url in self.asked)


def a_verifier(issuer: Issuer | None = None) -> Verifier:
    keys = key_set(json.dumps({"keys": [public_jwk(pem_of("guest"))]}))
    accounts = Accounts((issuer or Issuer(*jwks().values())).issuer_keys(), AUDIENCE, "attune:admin")
    return Verifier(STACK, keys, accounts)


VERIFIER = a_verifier()
GUEST_KID = str(public_jwk(pem_of("guest"))["kid"])


def minted(now: datetime = NOW) -> str:
    return mint(GUEST, pem_of("guest"), STACK, now)[0]


def some_claims(**changes: Any) -> Json:
    made = {"iss": ISSUER, "aud": AUDIENCE, "sub": "ada", "iat": AT, "exp": AT + 300, **changes}
    return {name: value for name, value in made.items() if value is not ...}


def some_guest_claims(**changes: Any) -> Json:
    return some_claims(**{"iss": STACK, "aud": GUEST_AUDIENCE, "sub": GUEST, **changes})


def account_token(algorithm: str = "ES256", headers: Json | None = None, **changes: Any) -> str:
    kid, key = SIGNERS[algorithm]
    return jwt.encode(some_claims(**changes), key(), algorithm, headers={"kid": kid, **(headers or {})})


def guest_token(key: str = "guest", headers: Json | None = None, **changes: Any) -> str:
    return jwt.encode(some_guest_claims(**changes), pem_of(key), "ES256", headers={"kid": GUEST_KID, **(headers or {})})


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def forged(header: Any, claims: Any, sign: Callable[[bytes], bytes] = lambda _: b"") -> str:
    """A token put together by hand, which no library would make."""
    parts = ".".join(b64(part if isinstance(part, bytes) else json.dumps(part).encode()) for part in (header, claims))
    return f"{parts}.{b64(sign(parts.encode()))}"


def is_known(token: str, verifier: Verifier) -> bool:
    """Whether the token names somebody; it raises if it does not."""
    return is_uuid(verifier.principal(f"Bearer {token}", NOW).subject)


def refusal(token: str, verifier: Verifier = VERIFIER, now: datetime = NOW) -> str:
    """The code of the refusal, which must come at once."""
    began = time.process_time()
    with pytest.raises(Unidentified) as caught:
        verifier.principal(f"Bearer {token}", now)
    assert time.process_time() - began < 0.25
    return caught.value.code
