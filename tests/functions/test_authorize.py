"""Identity and nothing else; a bad token goes on as an error, to be refused in one place."""

from datetime import timedelta
from typing import Any

import pytest

from attune.edge import tokens
from tests.builders import GUESTS, NOW, a_guest
from tests.functions.conftest import World, invoke
from tests.guests import PRIVATE_KEY
from tools.issuer import new_key


def authorize(header: str | None) -> dict[str, Any]:
    found: dict[str, Any] = invoke("authorize", {"headers": {"authorization": header} if header else {}})
    assert found["isAuthorized"] is True
    context: dict[str, Any] = found["context"]
    return context


def test_a_guests_token_says_who_it_is(world: World) -> None:
    who = world.guest()
    token = world.call("renew_token", who).json["token"]
    assert authorize(f"Bearer {token}") == {"kind": "guest", "subject": who.subject, "issuer": GUESTS, "scopes": ""}


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic x", "Bearer x", "Bearer a.b.c"])
def test_what_is_no_token_goes_on_as_an_error(world: World, header: str | None) -> None:
    assert list(authorize(header)) == ["error"]


def test_another_keys_token_an_old_one_and_one_of_tomorrow_are_errors(world: World) -> None:
    subject = a_guest().subject
    made = {
        "token_key_unknown": tokens.mint(subject, new_key(), GUESTS, NOW)[0],
        "token_expired": tokens.mint(subject, PRIVATE_KEY, GUESTS, NOW - timedelta(days=91))[0],
        "token_not_yet_valid": tokens.mint(subject, PRIVATE_KEY, GUESTS, NOW + timedelta(minutes=2))[0],
        "token_issuer_unknown": tokens.mint(subject, PRIVATE_KEY, "urn:other", NOW)[0],
        "token_malformed": tokens.mint("admin", PRIVATE_KEY, GUESTS, NOW)[0],
    }
    assert {code: authorize(f"Bearer {token}") for code, token in made.items()} == {
        code: {"error": code} for code in made
    }
