"""A token is believed only if we or the accounts' issuer signed it, for us, for now, and as what it is."""

import base64
import hashlib
import hmac
import http.client
import json
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext, suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given, settings
from hypothesis import strategies as st
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from attune.domain.errors import Unavailable, Unidentified
from attune.domain.ids import is_uuid
from attune.domain.principal import GUEST_TOKEN, Kind, account_subject
from attune.edge import tokens
from attune.edge.auth import authorize, principal_of
from attune.edge.guest_keys import key_set
from attune.edge.signing import public_jwk
from attune.edge.tokens import (
    GUEST_AUDIENCE,
    KEYS_FOR,
    MAX_TOKEN,
    REFETCH,
    SKEW,
    Accounts,
    IssuerKeys,
    Verifier,
    mint,
)

pytestmark = pytest.mark.disable_socket

NOW = datetime(2026, 5, 4, 12, 0, 0, tzinfo=UTC)
AT = int(NOW.timestamp())
STACK = "https://stack.example"
ISSUER = "https://issuer.example/realm"
AUDIENCE = "site"
GUEST = "6f9619ff-8b86-4011-b42d-00c04fc964ff"
Json = dict[str, Any]


@cache
def _pem(name: str) -> str:
    """A private key of its own for each name, the same in every run."""
    key = ec.derive_private_key(int.from_bytes(hashlib.sha256(name.encode()).digest()) >> 1, ec.SECP256R1())
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


@cache
def _rsa() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@cache
def _ed() -> ed25519.Ed25519PrivateKey:
    return ed25519.Ed25519PrivateKey.generate()


def _jwks() -> dict[str, Json]:
    """The issuer's public keys by the algorithm that they are for."""
    return {
        "RS256": {**RSAAlgorithm.to_jwk(_rsa().public_key(), as_dict=True), "kid": "rsa", "alg": "RS256", "use": "sig"},
        "ES256": {**public_jwk(_pem("issuer")), "kid": "ec"},
        "EdDSA": {**OKPAlgorithm.to_jwk(_ed().public_key(), as_dict=True), "kid": "ed", "alg": "EdDSA"},
    }


SIGNERS: dict[str, tuple[str, Callable[[], Any]]] = {
    "RS256": ("rsa", _rsa),
    "ES256": ("ec", lambda: _pem("issuer")),
    "EdDSA": ("ed", _ed),
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


def _verifier(issuer: Issuer | None = None) -> Verifier:
    keys = key_set(json.dumps({"keys": [public_jwk(_pem("guest"))]}))
    accounts = Accounts((issuer or Issuer(*_jwks().values())).issuer_keys(), AUDIENCE, "attune:admin")
    return Verifier(STACK, keys, accounts)


VERIFIER = _verifier()
GUEST_KID = str(public_jwk(_pem("guest"))["kid"])


def _guest(now: datetime = NOW) -> str:
    return mint(GUEST, _pem("guest"), STACK, now)[0]


def _claims(**changes: Any) -> Json:
    made = {"iss": ISSUER, "aud": AUDIENCE, "sub": "ada", "iat": AT, "exp": AT + 300, **changes}
    return {name: value for name, value in made.items() if value is not ...}


def _guest_claims(**changes: Any) -> Json:
    return _claims(**{"iss": STACK, "aud": GUEST_AUDIENCE, "sub": GUEST, **changes})


def _account(algorithm: str = "ES256", headers: Json | None = None, **changes: Any) -> str:
    kid, key = SIGNERS[algorithm]
    return jwt.encode(_claims(**changes), key(), algorithm, headers={"kid": kid, **(headers or {})})


def _as_guest(key: str = "guest", headers: Json | None = None, **changes: Any) -> str:
    return jwt.encode(_guest_claims(**changes), _pem(key), "ES256", headers={"kid": GUEST_KID, **(headers or {})})


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _forged(header: Any, claims: Any, sign: Callable[[bytes], bytes] = lambda _: b"") -> str:
    """A token put together by hand, which no library would make."""
    parts = ".".join(_b64(part if isinstance(part, bytes) else json.dumps(part).encode()) for part in (header, claims))
    return f"{parts}.{_b64(sign(parts.encode()))}"


def _known(token: str, verifier: Verifier) -> bool:
    """Whether the token names somebody; it raises if it does not."""
    return is_uuid(verifier.principal(f"Bearer {token}", NOW).subject)


def _refused(token: str, verifier: Verifier = VERIFIER, now: datetime = NOW) -> str:
    """The code of the refusal, which must come at once."""
    began = time.process_time()
    with pytest.raises(Unidentified) as caught:
        verifier.principal(f"Bearer {token}", now)
    assert time.process_time() - began < 0.25
    return caught.value.code


# Guests


def test_a_guest_is_known_by_the_token_that_was_minted_for_it() -> None:
    token, ends = mint(GUEST, _pem("guest"), STACK, NOW)
    assert ends == NOW + GUEST_TOKEN
    for scheme in ("Bearer", "bearer", "BEARER"):
        principal = VERIFIER.principal(f"{scheme} {token}", NOW)
        assert (principal.kind, principal.subject, principal.issuer) == (Kind.GUEST, GUEST, STACK)
        assert principal.scopes == frozenset()


@settings(derandomize=True, database=None, deadline=None, max_examples=25)
@given(st.uuids(version=4).map(str), st.integers(0, int(GUEST_TOKEN.total_seconds())))
def test_any_guest_is_known_for_as_long_as_the_token_lives(subject: str, seconds: int) -> None:
    token, ends = mint(subject, _pem("guest"), STACK, NOW)
    assert VERIFIER.principal(f"Bearer {token}", NOW + timedelta(seconds=seconds)).subject == subject
    assert VERIFIER.principal(f"Bearer {token}", ends + timedelta(seconds=SKEW)).subject == subject
    assert _refused(token, now=ends + timedelta(seconds=SKEW + 1)) == "token_expired"


def test_a_minted_token_holds_a_name_and_two_times_only() -> None:
    claims = jwt.decode(_guest(), options={"verify_signature": False})
    assert set(claims) == {"iss", "aud", "sub", "iat", "exp"}
    assert jwt.get_unverified_header(_guest()) == {"alg": "ES256", "typ": "JWT", "kid": GUEST_KID}


def test_a9_a_guests_token_with_the_admins_scope_is_a_guests() -> None:
    for scopes in ({"scope": "attune:admin"}, {"scopes": ["admin"]}, {"scp": "admin"}, {"groups": ["admin"]}):
        principal = VERIFIER.principal(f"Bearer {_as_guest(**scopes)}", NOW)
        assert principal.kind is Kind.GUEST
        assert not principal.is_admin
        assert principal.scopes == frozenset()


@pytest.mark.parametrize(
    "subject",
    ["ada", GUEST.upper(), "00000000-0000-0000-0000-000000000000", "", f"{GUEST}#x", 5, None, ..., [GUEST]],
    ids=str,
)
def test_a_guest_has_a_uuid(subject: object) -> None:
    assert _refused(_as_guest(sub=subject)) in {"token_malformed", "token_invalid"}


def test_another_stacks_key_does_not_make_a_guest() -> None:
    assert _refused(_as_guest("other")) == "token_invalid"
    other, _ = mint(GUEST, _pem("other"), STACK, NOW)
    assert _refused(other) == "token_key_unknown"


# Accounts


@pytest.mark.parametrize("algorithm", SIGNERS)
def test_an_account_is_known_by_its_issuer(algorithm: str) -> None:
    principal = VERIFIER.principal(f"Bearer {_account(algorithm)}", NOW)
    assert (principal.kind, principal.issuer) == (Kind.ACCOUNT, ISSUER)
    assert principal.subject == account_subject(ISSUER, "ada")
    assert is_uuid(principal.subject)
    assert not principal.is_admin


@pytest.mark.parametrize(
    ("scope", "admin"),
    [
        ("attune:admin", True),
        ("openid attune:admin email", True),
        (["openid", "attune:admin"], True),
        ("attune:administrator", False),
        ("admin", False),
        ("Attune:Admin", False),
        (["attune:admin openid"], False),
        ("", False),
        ([], False),
        (None, False),
        (5, False),
        (True, False),
        (..., False),
    ],
    ids=str,
)
def test_an_admin_is_who_the_issuer_says(scope: object, admin: bool) -> None:
    assert VERIFIER.principal(f"Bearer {_account(scope=scope)}", NOW).is_admin is admin


@pytest.mark.parametrize(
    ("scope", "scopes"),
    [
        ("sessions:write", ["sessions:write"]),
        ("openid sessions:write attune:admin", ["admin", "sessions:write"]),
        (["sessions:write", {}, None], ["sessions:write"]),
        ("sessions:write:all sessions", []),
        ("Sessions:Write", []),
    ],
    ids=str,
)
def test_a_scope_that_a_route_asks_for_is_passed_on(scope: object, scopes: list[str]) -> None:
    assert sorted(VERIFIER.principal(f"Bearer {_account(scope=scope)}", NOW).scopes) == scopes
    assert VERIFIER.principal(f"Bearer {_as_guest(scope=scope)}", NOW).scopes == frozenset()


def test_claims_are_read_where_the_owner_says() -> None:
    accounts = Accounts(Issuer(*_jwks().values()).issuer_keys(), AUDIENCE, "owner", "oid", "groups")
    verifier = Verifier(STACK, {}, accounts)
    principal = verifier.principal(f"Bearer {_account(oid='x', groups=['owner'])}", NOW)
    assert principal.subject == account_subject(ISSUER, "x")
    assert principal.is_admin
    assert _refused(_account(), verifier) == "token_malformed"


@pytest.mark.parametrize("subject", ["", "x" * 256, 5, None, ..., ["ada"]], ids=lambda value: str(value)[:9])
def test_an_account_has_a_name(subject: object) -> None:
    assert _refused(_account(sub=subject)) in {"token_malformed", "token_invalid"}


def test_an_audience_may_be_one_of_several() -> None:
    assert _known(_account(aud=["other", AUDIENCE]), VERIFIER)


# A1, A19: no token, or none that could be one


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, "token_missing"),
        ("", "token_missing"),
        ("Bearer", "token_missing"),
        ("Bearer ", "token_missing"),
        ("Bearer    ", "token_missing"),
        ("Basic dTpw", "token_missing"),
        ("Bearer x", "token_malformed"),
        ("Bearer a.b.c", "token_malformed"),
        ("Bearer ..", "token_malformed"),
        ("Bearer é.é.é", "token_malformed"),
        ("Bearer " + "a" * 1_048_576, "token_malformed"),
        ("Bearer " + "." * 1_048_576, "token_malformed"),
        ("Bearer " + " " * 1_048_576 + "x", "token_malformed"),
        ("Bearer " + "{" * (MAX_TOKEN - 1), "token_malformed"),
    ],
    ids=lambda value: f"{str(value)[:12]}-{len(str(value))}",
)
def test_a1_without_a_token_nobody_is_known(header: str | None, code: str) -> None:
    began = time.process_time()
    with pytest.raises(Unidentified) as caught:
        VERIFIER.principal(header, NOW)
    assert caught.value.code == code
    assert time.process_time() - began < 0.05


def test_a19_two_headers_joined_into_one_are_no_token() -> None:
    assert _refused(f"{_guest()}, Bearer {_guest()}")
    assert _refused(f"{_guest()},{_guest()}")


def test_a19_a_token_that_is_too_long_is_not_looked_at() -> None:
    assert _refused(_as_guest(padding="x" * MAX_TOKEN)) == "token_malformed"
    assert _known(_as_guest(padding="x" * 4000), VERIFIER)


@pytest.mark.parametrize(
    ("header", "claims"),
    [
        ([], {}),
        ("x", {}),
        (None, {}),
        ({"alg": "ES256", "kid": "ours"}, []),
        ({"alg": "ES256", "kid": "ours"}, "x"),
        ({"alg": "ES256", "kid": "ours"}, b"[" * 3000),
        (b"[" * 3000, {}),
        (b"\xff\xfe", {}),
        ({"alg": "ES256", "kid": "ours"}, b"\xff"),
        ({"alg": ["ES256"], "kid": "ours"}, {"iss": STACK}),
        ({"alg": None, "kid": "ours"}, {"iss": STACK}),
        ({"kid": "ours"}, {"iss": STACK}),
        ({"alg": "ES256", "kid": "ours"}, {"iss": [STACK]}),
        ({"alg": "ES256", "kid": "ours"}, {"iss": {STACK: 1}}),
        ({"alg": "ES256", "kid": "ours", "b64": False}, {"iss": STACK}),
    ],
    ids=lambda value: ascii(value)[:40],
)
def test_a_token_of_another_shape_is_refused(header: Any, claims: Any) -> None:
    if isinstance(header, dict):
        header = {**header, "kid": GUEST_KID}
    assert _refused(_forged(header, claims, lambda _: b"x" * 64))


# A2: the algorithm and the header


def _hs256(secret: bytes) -> Callable[[bytes], bytes]:
    return lambda signed: hmac.new(secret, signed, hashlib.sha256).digest()


def _public_pem(kind: str) -> bytes:
    private: Any = serialization.load_pem_private_key(_pem("guest").encode(), None) if kind == "guest" else _rsa()
    found: bytes = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return found


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", ""])
@pytest.mark.parametrize("kid", [GUEST_KID, "ec", "rsa"])
def test_a2_a_token_without_a_signature_is_refused(algorithm: str, kid: str) -> None:
    claims = _guest_claims() if kid == GUEST_KID else _claims(scope="attune:admin")
    assert _refused(_forged({"alg": algorithm, "kid": kid, "typ": "JWT"}, claims))


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
@pytest.mark.parametrize(("kind", "kid"), [("guest", GUEST_KID), ("rsa", "rsa")])
def test_a2_a_public_key_is_no_shared_secret(kind: str, kid: str, algorithm: str) -> None:
    claims = _guest_claims() if kind == "guest" else _claims()
    jwk = json.dumps(public_jwk(_pem("guest")) if kind == "guest" else _jwks()["RS256"]).encode()
    for secret in (_public_pem(kind), _public_pem(kind).strip(), jwk, b""):
        assert _refused(_forged({"alg": algorithm, "kid": kid}, claims, _hs256(secret))) == "token_invalid"


@pytest.mark.parametrize("algorithm", ["RS256", "EdDSA", "PS256", "ES384", "ES512", "ES256K", "XX256", "es256"])
def test_a2_a_token_names_the_algorithm_of_its_key(algorithm: str) -> None:
    parts = _guest().split(".")
    header = _b64(json.dumps({"alg": algorithm, "kid": GUEST_KID}).encode())
    assert _refused(f"{header}.{parts[1]}.{parts[2]}") == "token_invalid"


def test_an_issuers_key_for_another_use_or_of_a_weak_kind_is_not_used() -> None:
    secret = {"kty": "oct", "k": _b64(b"0" * 32), "kid": "shared", "alg": "HS256"}
    encryption = {**_jwks()["RS256"], "kid": "enc", "use": "enc"}
    verifier = _verifier(Issuer(*_jwks().values(), secret, encryption))
    shared = _forged({"alg": "HS256", "kid": "shared"}, _claims(), _hs256(b"0" * 32))
    assert _refused(shared, verifier) == "token_key_unknown"
    encrypted = jwt.encode(_claims(), _rsa(), "RS256", headers={"kid": "enc"})
    assert _refused(encrypted, verifier) == "token_key_unknown"


def test_a_key_for_an_algorithm_that_we_do_not_take_is_refused() -> None:
    key = ec.generate_private_key(ec.SECP384R1())
    jwk = {**ECAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": "p384", "alg": "ES384"}
    token = jwt.encode(_claims(), key, "ES384", headers={"kid": "p384"})
    assert _refused(token, _verifier(Issuer(jwk))) == "token_algorithm"


@pytest.mark.parametrize(
    "header",
    [
        {"jwk": public_jwk(_pem("evil"))},
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
    issuer = Issuer(*_jwks().values())
    verifier = _verifier(issuer)
    for claims, kid, key in ((_guest_claims(), GUEST_KID, _pem("guest")), (_claims(), "ec", _pem("issuer"))):
        raw = {"alg": "ES256", "kid": kid, **header}
        prepared = ECAlgorithm(ECAlgorithm.SHA256)
        token = _forged(raw, claims, lambda signed, k=key, p=prepared: p.sign(signed, p.prepare_key(k)))  # type: ignore[misc]
        assert _refused(token, verifier) == "token_malformed"
    assert not [url for url in issuer.asked if "evil" in url]


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_token_that_was_changed_anywhere_is_refused(part: int) -> None:
    parts = _guest().split(".")
    for place in range(0, len(parts[part]) - 1, 7):
        changed = "A" if parts[part][place] != "A" else "B"
        other = [*parts]
        other[part] = parts[part][:place] + changed + parts[part][place + 1 :]
        assert _refused(".".join(other))


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
    token = _as_guest(**claims) if kind == "guest" else _account(**claims)
    if code is None:
        assert _known(token, VERIFIER)
    else:
        assert _refused(token) == code


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
    assert _refused(_account(**claims)) == code


def test_a4_an_access_token_is_told_from_an_id_token() -> None:
    assert _known(_account(token_use="access"), VERIFIER)


@pytest.mark.parametrize("claims", [{"aud": AUDIENCE}, {"aud": "other"}, {"aud": ...}], ids=str)
def test_a4_a_guest_token_for_somebody_else_is_refused(claims: Json) -> None:
    assert _refused(_as_guest(**claims)) in {"token_audience", "token_invalid"}


def test_where_there_are_only_guests_nobody_has_an_account() -> None:
    verifier = Verifier(STACK, VERIFIER.guest_keys, None)
    assert _refused(_account(), verifier) == "token_issuer_unknown"
    assert _known(_guest(), verifier)


# A5: names of keys, and the issuer's keys


@pytest.mark.parametrize("kid", ["../../x", "' OR 1=1", "unknown", "x" * 128, "ed\0", ""], ids=ascii)
@pytest.mark.parametrize("iss", [STACK, ISSUER])
def test_a5_a_key_that_is_not_known_is_not_looked_for_elsewhere(kid: str, iss: str) -> None:
    issuer = Issuer(*_jwks().values())
    token = jwt.encode(_claims(iss=iss), _pem("other"), "ES256", headers={"kid": kid})
    assert _refused(token, _verifier(issuer)) == "token_key_unknown"
    assert set(issuer.asked) <= {f"{ISSUER}/.well-known/openid-configuration", f"{ISSUER}/keys"}


@pytest.mark.parametrize(
    "kid", [None, 5, ["ec"], {"ec": 1}, "x" * 129, "x" * 1_048_576], ids=lambda k: f"{str(k)[:6]}-{len(str(k))}"
)
def test_a_key_has_a_short_name(kid: object) -> None:
    assert _refused(_forged({"alg": "ES256", "kid": kid}, _claims(), lambda _: b"x" * 64)) == "token_malformed"


def test_a_token_without_the_name_of_a_key_is_refused() -> None:
    assert _refused(jwt.encode(_guest_claims(), _pem("guest"), "ES256")) == "token_malformed"


def test_keys_are_fetched_once_and_kept() -> None:
    issuer = Issuer(*_jwks().values())
    verifier = _verifier(issuer)
    for _ in range(5):
        assert _known(_account(), verifier)
        issuer.now += KEYS_FOR / 10
    assert issuer.asked == [f"{ISSUER}/.well-known/openid-configuration", f"{ISSUER}/keys"]
    issuer.now += KEYS_FOR
    assert _known(_account(), verifier)
    assert issuer.rounds == 2


def test_guests_do_not_wake_the_issuer() -> None:
    issuer = Issuer()
    assert _known(_guest(), _verifier(issuer))
    assert issuer.asked == []


FAULTS: list[Exception] = [
    OSError("down"),
    TimeoutError(),
    json.JSONDecodeError("x", "", 0),
    http.client.BadStatusLine("x"),
    http.client.IncompleteRead(b""),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
def test_a5_while_the_issuer_is_down_its_known_keys_go_on_working(fault: Exception) -> None:
    issuer = Issuer(*_jwks().values())
    verifier = _verifier(issuer)
    verifier.principal(f"Bearer {_account()}", NOW)
    issuer.fault = fault
    for _ in range(20):
        issuer.now += 2 * KEYS_FOR
        assert _known(_account(), verifier)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
def test_a11_an_issuer_that_never_answered_is_unavailable_and_asked_once_a_minute(fault: Exception) -> None:
    issuer = Issuer(*_jwks().values())
    issuer.fault = fault
    keys = issuer.issuer_keys()
    for _ in range(100):
        with pytest.raises(Unavailable) as caught:
            keys.get("ec")
        assert caught.value.code == "issuer_unavailable"
    assert issuer.rounds == 1
    issuer.fault = None
    issuer.now += REFETCH + 1
    assert keys.get("ec").key_id == "ec"


BROKEN: dict[str, Any] = {
    "no keys": {},
    "a list": [],
    "a string": "x",
    "null": None,
    "a number": 5,
    "a list of words": ["x"],
    "a list of null": [None],
    "a broken key": [{"kty": "EC", "kid": "x"}],
    "a nameless key": [{"kty": "EC"}],
}


@pytest.mark.parametrize("name", BROKEN)
def test_an_issuer_that_talks_nonsense_does_no_harm(name: str) -> None:
    issuer = Issuer(*_jwks().values())
    verifier = _verifier(issuer)
    verifier.principal(f"Bearer {_account()}", NOW)
    issuer.keys = BROKEN[name]
    issuer.now += KEYS_FOR + 1
    nothing_usable = name in ("a list", "no keys", "a nameless key", "a broken key")
    with suppress(Unavailable) if nothing_usable else nullcontext():
        verifier.principal(f"Bearer {_account()}", NOW)


@pytest.mark.parametrize("discovery", [None, [], "x", {}, {"jwks_uri": 5}, {"jwks_uri": None}], ids=str)
def test_a_broken_discovery_is_an_issuer_that_does_not_answer(discovery: Any) -> None:
    issuer = Issuer()
    issuer.discovery = discovery
    with pytest.raises(Unavailable):
        issuer.issuer_keys().get("ec")


@pytest.mark.parametrize(
    "odd",
    [
        {"kty": "AKP", "alg": "ML-DSA-65", "kid": "post-quantum", "pub": "eA", "use": "sig"},
        {"kty": "EC", "crv": "brainpoolP256r1", "x": "eA", "y": "eA", "kid": "odd", "use": "sig"},
        {"kty": "RSA", "kid": "broken", "use": "sig"},
    ],
    ids=lambda odd: str(odd["kid"]),
)
def test_one_key_that_we_cannot_use_does_not_hide_the_others(odd: Json) -> None:
    assert _known(_account(), _verifier(Issuer(odd, *_jwks().values())))


def test_a5_an_unknown_key_is_asked_for_at_most_once_a_minute() -> None:
    issuer = Issuer(*_jwks().values())
    verifier = _verifier(issuer)
    verifier.principal(f"Bearer {_account()}", NOW)
    issuer.now += REFETCH + 1
    for number in range(200):
        token = jwt.encode(_claims(), _pem("other"), "ES256", headers={"kid": f"unknown-{number}"})
        assert _refused(token, verifier) == "token_key_unknown"
        issuer.now += 0.25
    assert issuer.rounds == 2


def test_l4_a_new_key_is_found_and_an_old_one_forgotten() -> None:
    issuer = Issuer(_jwks()["ES256"])
    verifier = _verifier(issuer)
    assert _known(_account(), verifier)
    issuer.keys = [_jwks()["RS256"]]
    issuer.now += REFETCH + 1
    assert _known(_account("RS256"), verifier)
    assert _refused(_account("ES256"), verifier) == "token_key_unknown"


@pytest.mark.parametrize(
    "url",
    [
        "http://issuer.example/x",
        "file:///etc/passwd",
        "ftp://a/b",
        "//a",
        "http://127.0.0.1.evil.example/",
        "http://localhost.evil/",
    ],
)
def test_an_issuer_is_read_over_https_only(url: str) -> None:
    with pytest.raises(ValueError, match="https"):
        tokens.fetch(url)


# The authorizer


def test_the_authorizer_says_who_it_is_or_why_not() -> None:
    said = authorize({"headers": {"authorization": f"Bearer {_guest()}"}}, VERIFIER, NOW)
    assert said == {
        "isAuthorized": True,
        "context": {"kind": "guest", "subject": GUEST, "issuer": STACK, "scopes": ""},
    }
    without: list[Json] = [{}, {"headers": None}, {"headers": {}}, {"queryStringParameters": {"token": _guest()}}]
    for event in without:
        said = authorize(event, VERIFIER, NOW)
        assert said["context"] == {"error": "token_missing"}
        with pytest.raises(Unidentified):
            principal_of({"requestContext": {"authorizer": {"lambda": said["context"]}}})


def test_a11_an_issuer_that_is_down_allows_nobody() -> None:
    issuer = Issuer()
    issuer.fault = OSError()
    said = authorize({"headers": {"authorization": f"Bearer {_account()}"}}, _verifier(issuer), NOW)
    assert said["context"] == {"error": "issuer_unavailable"}
