"""L4: another key signs guests' tokens, step by step, whatever happens between two steps or two calls."""

import json
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from attune.edge import secrets, verifier
from attune.edge.rotation import GRACE, MOST, SETTLES, Ring, RingFull
from attune.edge.signing import new_key, public_jwk
from tests.builders import a_guest
from tests.functions.conftest import World, invoke
from tests.functions.test_make_keys import PUBLISHED, Answers, asked
from tests.functions.test_make_keys import answers as answers
from tests.guests import KEY_PARAMETER, PRIVATE_KEY

MINUTE = timedelta(minutes=1)


class Crash(Exception):
    """The function ends here."""


class Counted:
    """A client whose n-th call is preceded or followed by something else."""

    def __init__(self, ssm: Any, before: Callable[[int], None], after: Callable[[int], None] = lambda n: None) -> None:
        self._ssm, self._before, self._after = ssm, before, after
        self.exceptions = ssm.exceptions
        self.calls = 0

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(**asked: Any) -> Any:
            self.calls += 1
            number = self.calls
            self._before(number)
            try:
                return getattr(self._ssm, name)(**asked)
            finally:
                self._after(number)

        return call


@pytest.fixture
def ssm(world: World) -> Iterator[Any]:
    """The parameters as a deployment leaves them; the guests' key is put back afterwards."""
    world.clock.advance(datetime.now(UTC) - world.clock.now())
    client = boto3.client("ssm")
    emptied(client)
    secrets.forget()
    yield client
    emptied(client)
    secrets.forget()


def emptied(ssm: Any) -> Ring:
    """The parameters of a stack that was just made."""
    ring = Ring(ssm, KEY_PARAMETER, PUBLISHED)
    ring.remove()
    ssm.put_parameter(Name=KEY_PARAMETER, Value=PRIVATE_KEY, Type="SecureString")
    return ring


def signing(ssm: Any) -> str:
    """The name of the key that signs."""
    pem = ssm.get_parameter(Name=KEY_PARAMETER, WithDecryption=True)["Parameter"]["Value"]
    return public_jwk(pem)["kid"]


def published(ssm: Any) -> dict[str, Any]:
    """The keys that verify, by name."""
    try:
        text = ssm.get_parameter(Name=PUBLISHED)["Parameter"]["Value"]
    except ssm.exceptions.ParameterNotFound:
        return {signing(ssm): {}}
    return {key["kid"]: key for key in json.loads(text)["keys"]}


def begin_anew() -> None:
    """Functions begin with nothing in memory."""
    verifier.verifier.cache_clear()
    verifier.guests.cache_clear()
    secrets.forget()


def context(token: str) -> dict[str, Any]:
    found: dict[str, Any] = invoke("authorize", {"headers": {"authorization": f"Bearer {token}"}})["context"]
    return found


def test_l4_a_new_key_signs_without_a_deployment_and_the_old_one_goes_on(world: World, ssm: Any) -> None:
    who = world.guest()
    old = world.call("renew_token", who).json["token"]
    announced = invoke("make_keys", {"rotate": "next"})
    assert (announced["signs"], set(published(ssm))) == (False, {signing(ssm), announced["kid"]})
    assert invoke("make_keys", {"rotate": "next"})["kid"] == announced["kid"]
    world.clock.advance(SETTLES + MINUTE)
    assert invoke("make_keys", {"rotate": "next"}) == {"kid": announced["kid"], "signs": True, "wait": 0}
    # Who signs keeps the old key for as long as any secret, and nobody has to begin anew.
    assert context(world.call("renew_token", who).json["token"])["subject"] == who.subject
    begin_anew()
    new = world.call("renew_token", who).json["token"]
    assert (context(new), context(old)) == ({**context(old)}, {**context(old)})
    assert context(old)["subject"] == who.subject
    assert signing(ssm) == announced["kid"]
    # The private half of the key before is kept nowhere, and its public half for as long as its tokens live.
    with pytest.raises(ssm.exceptions.ParameterNotFound):
        ssm.get_parameter(Name=f"{KEY_PARAMETER}-next")
    ends = published(ssm)[public_jwk(PRIVATE_KEY)["kid"]]["exp"]
    assert ends == int((world.clock.now() + GRACE).timestamp())


def test_l4_a_leaked_key_is_void_at_once_for_who_begins_with_what_the_stack_reads(
    world: World, ssm: Any, answers: Answers
) -> None:
    who = world.guest()
    old = world.call("renew_token", who).json["token"]
    invoke("make_keys", {"rotate": "next"})
    kid = invoke("make_keys", {"rotate": "leaked"})["kid"]
    assert (signing(ssm), set(published(ssm))) == (kid, {kid})
    (key,) = json.loads(asked(answers, "Update")["Data"]["PublicKeys"])["keys"]
    assert key["kid"] == kid
    begin_anew()
    new = world.call("renew_token", who).json["token"]
    assert context(new)["subject"] == who.subject
    assert context(old) == {"error": "token_key_unknown"}


@pytest.mark.parametrize("is_done", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("way", ["rotate", "withdraw"])
def test_l4_a_rotation_that_ends_between_any_two_calls_leaves_a_key_that_verifies(
    ssm: Any, way: str, is_done: bool
) -> None:
    now, number = datetime.now(UTC), 0
    while True:
        number += 1
        ring = emptied(ssm)
        ring.publish(now)

        def crash(call: int, number: int = number) -> None:
            if call == number:
                raise Crash

        broken = Counted(ssm, *((lambda n: None, crash) if is_done else (crash,)))
        half = Ring(broken, KEY_PARAMETER, PUBLISHED)
        try:
            getattr(half, way)(now)
            getattr(half, way)(now + 2 * SETTLES)
        except Crash:
            assert signing(ssm) in published(ssm)
            ring.rotate(now)
            done = ring.rotate(now + 2 * SETTLES)
            assert done["signs"]
            assert signing(ssm) == done["kid"] in published(ssm)
            continue
        assert number > 5
        return


def test_l4_two_rotations_at_once_lose_no_key_that_has_signed(ssm: Any) -> None:
    """Another rotation, whole, before each call of the second step of one."""
    now, number, calls = datetime.now(UTC), 0, 1
    while number < calls:
        number += 1
        ring = emptied(ssm)
        ring.publish(now)
        ring.rotate(now)
        seen = {signing(ssm)}

        def other(call: int, number: int = number, ring: Ring = ring, seen: set[str] = seen) -> None:
            if call == number:
                ring.rotate(now + 2 * SETTLES)
                seen.add(signing(ssm))

        counted = Counted(ssm, other)
        Ring(counted, KEY_PARAMETER, PUBLISHED).rotate(now + 2 * SETTLES)
        calls = counted.calls
        seen.add(signing(ssm))
        # Where the other was over before this one began, this is another one yet.
        assert len(seen) == (3 if number == 1 else 2)
        assert seen <= set(published(ssm))
    assert calls > 5


@pytest.mark.parametrize("seed", range(8))
def test_l4_whatever_has_signed_verifies_for_as_long_as_its_tokens_live(ssm: Any, seed: int) -> None:
    chance, now = random.Random(seed), datetime.now(UTC)
    ring = emptied(ssm)
    ring.publish(now)
    signed = {signing(ssm): now}
    for _ in range(12):
        now += chance.choice([MINUTE, 2 * SETTLES, timedelta(days=20), timedelta(days=50)])
        try:
            ring.rotate(now)
        except RingFull:
            assert len(published(ssm)) == MOST
        signed[signing(ssm)] = now
        alive = {kid for kid, last in signed.items() if last + timedelta(days=90) >= now}
        assert alive <= set(published(ssm))
        assert len(published(ssm)) <= MOST
        assert not [key for key in published(ssm).values() if "d" in key]


def test_l4_too_many_keys_at_once_are_refused_and_change_nothing(ssm: Any) -> None:
    ring, now = emptied(ssm), datetime.now(UTC)
    more = [public_jwk(new_key()) for _ in range(MOST - 1)]
    ring.publish(now, more)
    before = published(ssm)
    with pytest.raises(RingFull):
        ring.rotate(now)
    assert (published(ssm), signing(ssm)) == (before, public_jwk(PRIVATE_KEY)["kid"])
    assert ring.withdraw(now)["signs"]


def test_a_token_of_nobodys_key_is_refused(world: World, ssm: Any) -> None:
    from attune.edge import tokens

    token = tokens.mint(a_guest().subject, new_key(), "urn:attune:local:guests", world.clock.now())[0]
    assert "error" in context(token)
