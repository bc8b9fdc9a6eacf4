"""A token that is forged, changed, out of its time or for somebody else is refused."""

import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from attune.edge.signing import public_jwk
from attune.edge.tokens import GUEST_AUDIENCE, SKEW, Verifier
from tests.edge.signers import (
    AT,
    AUDIENCE,
    GUEST_KID,
    ISSUER,
    STACK,
    VERIFIER,
    Issuer,
    Json,
    a_verifier,
    account_token,
    b64,
    forged,
    guest_token,
    is_known,
    jwks,
    minted,
    pem_of,
    refusal,
    rsa_key,
    some_claims,
    some_guest_claims,
)

pytestmark = pytest.mark.disable_socket


# A2: the algorithm and the header


def _hs256(secret: bytes) -> Callable[[bytes], bytes]:
    return lambda signed: hmac.new(secret, signed, hashlib.sha256).digest()


def _public_pem(kind: str) -> bytes:
    private: Any = serialization.load_pem_private_key(pem_of("guest").encode(), None) if kind == "guest" else rsa_key()
    found: bytes = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return found


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", ""])
@pytest.mark.parametrize("kid", [GUEST_KID, "ec", "rsa"])
def test_a2_a_token_without_a_signature_is_refused(algorithm: str, kid: str) -> None:
    claims = some_guest_claims() if kid == GUEST_KID else some_claims(scope="attune:admin")
    assert refusal(forged({"alg": algorithm, "kid": kid, "typ": "JWT"}, claims))


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
@pytest.mark.parametrize(("kind", "kid"), [("guest", GUEST_KID), ("rsa", "rsa")])
def test_a2_a_public_key_is_no_shared_secret(kind: str, kid: str, algorithm: str) -> None:
    claims = some_guest_claims() if kind == "guest" else some_claims()
    jwk = json.dumps(public_jwk(pem_of("guest")) if kind == "guest" else jwks()["RS256"]).encode()
    for secret in (_public_pem(kind), _public_pem(kind).strip(), jwk, b""):
        assert refusal(forged({"alg": algorithm, "kid": kid}, claims, _hs256(secret))) == "token_invalid"


@pytest.mark.parametrize("algorithm", ["RS256", "EdDSA", "PS256", "ES384", "ES512", "ES256K", "XX256", "es256"])
def test_a2_a_token_names_the_algorithm_of_its_key(algorithm: str) -> None:
    parts = minted().split(".")
    header = b64(json.dumps({"alg": algorithm, "kid": GUEST_KID}).encode())
    assert refusal(f"{header}.{parts[1]}.{parts[2]}") == "token_invalid"


def test_an_issuers_key_for_another_use_or_of_a_weak_kind_is_not_used() -> None:
    secret = {"kty": "oct", "k": b64(b"0" * 32), "kid": "shared", "alg": "HS256"}
    encryption = {**jwks()["RS256"], "kid": "enc", "use": "enc"}
    verifier = a_verifier(Issuer(*jwks().values(), secret, encryption))
    shared = forged({"alg": "HS256", "kid": "shared"}, some_claims(), _hs256(b"0" * 32))
    assert refusal(shared, verifier) == "token_key_unknown"
    encrypted = jwt.encode(some_claims(), rsa_key(), "RS256", headers={"kid": "enc"})
    assert refusal(encrypted, verifier) == "token_key_unknown"


def test_a_key_for_an_algorithm_that_we_do_not_take_is_refused() -> None:
    key = ec.generate_private_key(ec.SECP384R1())
    jwk = {**ECAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": "p384", "alg": "ES384"}
    token = jwt.encode(some_claims(), key, "ES384", headers={"kid": "p384"})
    assert refusal(token, a_verifier(Issuer(jwk))) == "token_algorithm"


@pytest.mark.parametrize(
    "header",
    [
        {"jwk": public_jwk(pem_of("evil"))},
        {"jku": "https://evil.example/keys"},
        {"x5u": "https://evil.example/chain"},
        {"x5c": ["MIIB"]},
        {"crit": ["exp"], "exp": 1},
        {"crit": []},
        {"jku": None},
    ],
    ids=lambda header: f"{next(iter(header))}-{len(str(header))}",
)
def test_a2_a_token_may_not_bring_its_own_key(header: Json) -> None:
    issuer = Issuer(*jwks().values())
    verifier = a_verifier(issuer)
    for claims, kid, key in (
        (some_guest_claims(), GUEST_KID, pem_of("guest")),
        (some_claims(), "ec", pem_of("issuer")),
    ):
        raw = {"alg": "ES256", "kid": kid, **header}
        prepared = ECAlgorithm(ECAlgorithm.SHA256)
        token = forged(raw, claims, lambda signed, k=key, p=prepared: p.sign(signed, p.prepare_key(k)))  # type: ignore[misc]
        assert refusal(token, verifier) == "token_malformed"
    assert not [url for url in issuer.asked if "evil" in url]


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_token_that_was_changed_anywhere_is_refused(part: int) -> None:
    parts = minted().split(".")
    for place in range(0, len(parts[part]) - 1, 7):
        changed = "A" if parts[part][place] != "A" else "B"
        other = [*parts]
        other[part] = parts[part][:place] + changed + parts[part][place + 1 :]
        assert refusal(".".join(other))


# A3: times


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"exp": AT + 1}, None),
        ({"exp": AT - SKEW}, None),
        ({"exp": AT - SKEW - 1}, "token_expired"),
        ({"exp": 0}, "token_expired"),
        ({"exp": -1}, "token_expired"),
        ({"exp": ...}, "token_invalid"),
        ({"exp": None}, "token_invalid"),
        ({"exp": "soon"}, "token_malformed"),
        ({"exp": str(AT + 300)}, "token_malformed"),
        ({"exp": True}, "token_malformed"),
        ({"exp": [AT]}, "token_malformed"),
        ({"exp": (AT + 300) * 1000}, "token_not_yet_valid"),
        ({"exp": float("inf")}, "token_malformed"),
        ({"exp": float("nan")}, "token_malformed"),
        pytest.param({"exp": 10**400}, "token_malformed", id="exp beyond every float"),
        ({"exp": AT + 0.5}, None),
        ({"iat": AT + SKEW}, None),
        ({"iat": AT + SKEW + 1}, "token_not_yet_valid"),
        ({"iat": AT * 1000}, "token_not_yet_valid"),
        ({"iat": ...}, "token_invalid"),
        ({"iat": "now"}, "token_malformed"),
        ({"iat": float("nan")}, "token_malformed"),
        ({"nbf": AT + SKEW}, None),
        ({"nbf": AT + SKEW + 1}, "token_not_yet_valid"),
        ({"nbf": "x"}, "token_malformed"),
        ({"nbf": AT - 1000, "iat": AT - 1000}, None),
    ],
    ids=str,
)
@pytest.mark.parametrize("kind", ["guest", "account"])
def test_a3_a_token_is_good_for_its_time_and_a_minute_of_skew(kind: str, claims: Json, code: str | None) -> None:
    token = guest_token(**claims) if kind == "guest" else account_token(**claims)
    if code is None:
        assert is_known(token, VERIFIER)
    else:
        assert refusal(token) == code


# A4: whose and for whom


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"iss": "https://evil.example"}, "token_issuer_unknown"),
        ({"iss": f"{ISSUER}/"}, "token_issuer_unknown"),
        ({"iss": ISSUER.upper()}, "token_issuer_unknown"),
        ({"iss": ...}, "token_issuer_unknown"),
        ({"iss": ""}, "token_issuer_unknown"),
        ({"iss": STACK}, "token_key_unknown"),
        ({"aud": "other"}, "token_audience"),
        ({"aud": GUEST_AUDIENCE}, "token_audience"),
        ({"aud": []}, "token_invalid"),
        ({"aud": ["other"]}, "token_audience"),
        ({"aud": ...}, "token_invalid"),
        ({"token_use": "id"}, "token_malformed"),
    ],
    ids=str,
)
def test_a4_an_account_token_of_or_for_somebody_else_is_refused(claims: Json, code: str) -> None:
    assert refusal(account_token(**claims)) == code


def test_a4_an_access_token_is_told_from_an_id_token() -> None:
    assert is_known(account_token(token_use="access"), VERIFIER)


@pytest.mark.parametrize("claims", [{"aud": AUDIENCE}, {"aud": "other"}, {"aud": ...}], ids=str)
def test_a4_a_guest_token_for_somebody_else_is_refused(claims: Json) -> None:
    assert refusal(guest_token(**claims)) in {"token_audience", "token_invalid"}


def test_where_there_are_only_guests_nobody_has_an_account() -> None:
    verifier = Verifier(STACK, VERIFIER.guest_keys, None)
    assert refusal(account_token(), verifier) == "token_issuer_unknown"
    assert is_known(minted(), verifier)
