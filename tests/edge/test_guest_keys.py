"""L4: keys of guests' tokens that came after the deployment are known without one, and an outage changes nothing."""

import json
from typing import Any

import pytest

from attune.domain.errors import Unavailable, Unidentified
from attune.edge import auth
from attune.edge.guest_keys import REREAD, GuestKeys, key_set
from attune.edge.signing import new_key, public_jwk
from attune.edge.tokens import Verifier, mint
from tests.builders import GUESTS, NOW, a_guest

OLD, NEW = new_key(), new_key()
pytestmark = pytest.mark.disable_socket


def listed(*pems: str) -> str:
    return json.dumps({"keys": [public_jwk(pem) for pem in pems]})


class Published:
    """The published set, which may be out of reach, and a clock that goes when told."""

    def __init__(self) -> None:
        self.text: str | None = listed(OLD, NEW)
        self.is_out = False
        self.asked = 0
        self.now = 1000.0
        self.keys = GuestKeys(key_set(listed(OLD)), self.read, lambda: self.now)
        self.verifier = Verifier(GUESTS, self.keys, None)

    def read(self) -> str | None:
        self.asked += 1
        if self.is_out:
            raise Unavailable(code="secret_unavailable")
        return self.text

    def context(self, pem: str) -> dict[str, Any]:
        """What the authorizer says to a token of a key."""
        token = mint(a_guest().subject, pem, GUESTS, NOW)[0]
        answer = auth.authorize({"headers": {"authorization": f"Bearer {token}"}}, self.verifier, NOW)
        found: dict[str, Any] = answer["context"]
        return found


def test_l4_the_deployments_key_asks_for_nothing_and_a_later_one_once() -> None:
    published = Published()
    assert published.context(OLD)["kind"] == "guest"
    assert published.asked == 0
    assert [published.context(pem)["kind"] for pem in (NEW, OLD, NEW)] == ["guest"] * 3
    assert published.asked == 1


def test_l4_made_up_keys_ask_once_a_minute() -> None:
    published = Published()
    assert {published.context(new_key())["error"] for _ in range(5)} == {"token_key_unknown"}
    assert published.asked == 1
    published.now += REREAD + 1
    assert published.context(new_key())["error"] == "token_key_unknown"
    assert published.asked == 2


def test_l4_where_nothing_is_published_the_deployments_key_counts() -> None:
    published = Published()
    published.text = None
    assert published.context(NEW)["error"] == "token_key_unknown"
    assert published.context(OLD)["kind"] == "guest"


def test_l4_a_store_that_is_out_serves_what_is_known_and_calls_no_token_invalid() -> None:
    published = Published()
    published.is_out = True
    assert published.context(NEW) == {"error": auth.UNAVAILABLE}
    assert published.context(OLD)["kind"] == "guest"
    published.is_out = False
    assert published.context(NEW) == {"error": auth.UNAVAILABLE}
    published.now += REREAD + 1
    assert published.context(NEW)["kind"] == "guest"
    published.is_out = True
    published.now += REREAD + 1
    assert [published.context(pem)["kind"] for pem in (NEW, OLD)] == ["guest"] * 2
    assert published.context(new_key()) == {"error": auth.UNAVAILABLE}


def test_l4_a_key_that_was_withdrawn_is_refused_once_the_set_is_read() -> None:
    published = Published()
    published.text = listed(NEW)
    assert published.context(NEW)["kind"] == "guest"
    assert published.context(OLD)["error"] == "token_key_unknown"
    with pytest.raises(Unidentified):
        published.verifier.principal(f"Bearer {mint(a_guest().subject, OLD, GUESTS, NOW)[0]}", NOW)
