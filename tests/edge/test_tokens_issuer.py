"""Keys are found by their names at the accounts' issuer, which may be down or talk nonsense."""

import http.client
import json
from contextlib import nullcontext, suppress
from typing import Any

import jwt
import pytest

from attune.domain.errors import Unavailable, Unidentified
from attune.edge import tokens
from attune.edge.auth import authorize, principal_of
from attune.edge.tokens import KEYS_FOR, REFETCH
from tests.edge.signers import (
    GUEST,
    ISSUER,
    NOW,
    STACK,
    VERIFIER,
    Issuer,
    Json,
    a_verifier,
    account_token,
    forged,
    is_known,
    jwks,
    minted,
    pem_of,
    refusal,
    some_claims,
    some_guest_claims,
)

pytestmark = pytest.mark.disable_socket


# A5: names of keys, and the issuer's keys


@pytest.mark.parametrize("kid", ["../../x", "' OR 1=1", "unknown", "x" * 128, "ed\0", ""], ids=ascii)
@pytest.mark.parametrize("iss", [STACK, ISSUER])
def test_a5_a_key_that_is_not_known_is_not_looked_for_elsewhere(kid: str, iss: str) -> None:
    issuer = Issuer(*jwks().values())
    token = jwt.encode(some_claims(iss=iss), pem_of("other"), "ES256", headers={"kid": kid})
    assert refusal(token, a_verifier(issuer)) == "token_key_unknown"
    assert set(issuer.asked) <= {f"{ISSUER}/.well-known/openid-configuration", f"{ISSUER}/keys"}


@pytest.mark.parametrize(
    "kid", [None, 5, ["ec"], {"ec": 1}, "x" * 129, "x" * 1_048_576], ids=lambda k: f"{str(k)[:6]}-{len(str(k))}"
)
def test_a_key_has_a_short_name(kid: object) -> None:
    assert refusal(forged({"alg": "ES256", "kid": kid}, some_claims(), lambda _: b"x" * 64)) == "token_malformed"


def test_a_token_without_the_name_of_a_key_is_refused() -> None:
    assert refusal(jwt.encode(some_guest_claims(), pem_of("guest"), "ES256")) == "token_malformed"


def test_keys_are_fetched_once_and_kept() -> None:
    issuer = Issuer(*jwks().values())
    verifier = a_verifier(issuer)
    for _ in range(5):
        assert is_known(account_token(), verifier)
        issuer.now += KEYS_FOR / 10
    assert issuer.asked == [f"{ISSUER}/.well-known/openid-configuration", f"{ISSUER}/keys"]
    issuer.now += KEYS_FOR
    assert is_known(account_token(), verifier)
    assert issuer.rounds == 2


def test_guests_do_not_wake_the_issuer() -> None:
    issuer = Issuer()
    assert is_known(minted(), a_verifier(issuer))
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
    issuer = Issuer(*jwks().values())
    verifier = a_verifier(issuer)
    verifier.principal(f"Bearer {account_token()}", NOW)
    issuer.fault = fault
    for _ in range(20):
        issuer.now += 2 * KEYS_FOR
        assert is_known(account_token(), verifier)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
def test_a11_an_issuer_that_never_answered_is_unavailable_and_asked_once_a_minute(fault: Exception) -> None:
    issuer = Issuer(*jwks().values())
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
    issuer = Issuer(*jwks().values())
    verifier = a_verifier(issuer)
    verifier.principal(f"Bearer {account_token()}", NOW)
    issuer.keys = BROKEN[name]
    issuer.now += KEYS_FOR + 1
    nothing_usable = name in ("a list", "no keys", "a nameless key", "a broken key")
    with suppress(Unavailable) if nothing_usable else nullcontext():
        verifier.principal(f"Bearer {account_token()}", NOW)


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
    assert is_known(account_token(), a_verifier(Issuer(odd, *jwks().values())))


def test_a5_an_unknown_key_is_asked_for_at_most_once_a_minute() -> None:
    issuer = Issuer(*jwks().values())
    verifier = a_verifier(issuer)
    verifier.principal(f"Bearer {account_token()}", NOW)
    issuer.now += REFETCH + 1
    for number in range(200):
        token = jwt.encode(some_claims(), pem_of("other"), "ES256", headers={"kid": f"unknown-{number}"})
        assert refusal(token, verifier) == "token_key_unknown"
        issuer.now += 0.25
    assert issuer.rounds == 2


def test_l4_a_new_key_is_found_and_an_old_one_forgotten() -> None:
    issuer = Issuer(jwks()["ES256"])
    verifier = a_verifier(issuer)
    assert is_known(account_token(), verifier)
    issuer.keys = [jwks()["RS256"]]
    issuer.now += REFETCH + 1
    assert is_known(account_token("RS256"), verifier)
    assert refusal(account_token("ES256"), verifier) == "token_key_unknown"


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
    said = authorize({"headers": {"authorization": f"Bearer {minted()}"}}, VERIFIER, NOW)
    assert said == {
        "isAuthorized": True,
        "context": {"kind": "guest", "subject": GUEST, "issuer": STACK, "scopes": ""},
    }
    without: list[Json] = [{}, {"headers": None}, {"headers": {}}, {"queryStringParameters": {"token": minted()}}]
    for event in without:
        said = authorize(event, VERIFIER, NOW)
        assert said["context"] == {"error": "token_missing"}
        with pytest.raises(Unidentified):
            principal_of({"requestContext": {"authorizer": {"lambda": said["context"]}}})


def test_a11_an_issuer_that_is_down_allows_nobody() -> None:
    issuer = Issuer()
    issuer.fault = OSError()
    said = authorize({"headers": {"authorization": f"Bearer {account_token()}"}}, a_verifier(issuer), NOW)
    assert said["context"] == {"error": "issuer_unavailable"}
