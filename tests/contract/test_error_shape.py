"""The shape of every refusal: each route of the contract, used in every wrong way, over HTTP.

What can be sent wrongly follows from docs/openapi.json; the status and the code of its refusal stand in `refusals/`.
Every answer is judged whole, and nothing that is refused leaves a trace in the table or the queue.
"""

import importlib
import json
import re
from collections.abc import Iterator

import pytest

from tests.contract.refusals.bodies import bodies
from tests.contract.refusals.callers import strangers
from tests.contract.refusals.fields import fields
from tests.contract.refusals.headers import conditions
from tests.contract.refusals.operations import (
    CANARY,
    CONTRACT,
    COURSE,
    NOBODY,
    OPERATIONS,
    wrong,
)
from tests.contract.refusals.paths import methods, unknown_paths
from tests.contract.refusals.places import places_named
from tests.contract.refusals.rules import rules
from tests.contract.refusals.shape import codes
from tests.contract.refusals.world import World
from tools.local import Stack

ELSEWHERE = {
    "accounts_only": "a guest with another's token: tests/functions/test_link_user.py",
    "erased": "a learner who was erased: tests/functions/test_erase_user.py",
    "linked": "a guest who was joined: tests/functions/test_link_user.py",
    "linked_elsewhere": "a guest of another account: tests/functions/test_link_user.py",
    "unknown_guest": "a guest who was erased: tests/functions/test_link_user.py",
    "internal": "asked for below, with a handler that breaks",
    "issuer_unavailable": "the issuer is of this process: tests/edge/test_auth.py",
    "malformed_body": "the gateway encodes bodies itself: tests/edge/test_request.py",
    "needs_evidence": "a test-out on a path: tests/unit/paths",
    "newer_than_code": "a row of the future: tests/store",
    "published_meanwhile": "a race: tests/store",
    "queue_unavailable": "the queue is of this process: tests/functions",
    "secret_unavailable": "a parameter that cannot be read: tests/edge/test_secrets.py",
    "store_busy": "rows under contention: tests/store",
    "store_unavailable": "a table that does not answer: tests/functions",
    "token_algorithm": "a key set with a key of another kind: tests/edge/test_tokens.py",
    "unidentified": "a handler without an authorizer: tests/functions",
}
"""Codes that no request over this gateway can bring about."""


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with Stack(env={"WAITERS": "0", "DEFAULT_COURSE": COURSE}, pollers=False) as stack:
        yield World(stack)


SECTIONS = (strangers, places_named, conditions, bodies, fields, rules)


@pytest.mark.parametrize("name", OPERATIONS)
def test_b1_b2_b4_b5_b6_b7_b9_b10_b11_b15_whatever_is_wrong_is_refused_in_one_shape_and_changes_nothing(
    world: World, name: str
) -> None:
    world.refuses(case for section in SECTIONS for case in section(OPERATIONS[name]))


def test_b13_a_method_that_a_path_does_not_take_is_405(world: World) -> None:
    world.refuses(case for path in CONTRACT["paths"] for case in methods(path))


def test_b13_a_path_that_is_none_is_404(world: World) -> None:
    world.refuses(unknown_paths())


def test_b19_what_breaks_is_500_and_says_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError(CANARY)

    monkeypatch.setattr(importlib.import_module("attune.actions.read_lesson"), "run", broken)
    world.refuses([wrong(OPERATIONS["get_lesson"], "broken", 500, "internal")])


def test_without_a_token_the_gateway_answers_in_its_own_words(world: World) -> None:
    """The one refusal that is not ours; a body or a header that tells of an authorizer changes nothing about it."""
    claim = {"requestContext": {"authorizer": {"lambda": {"kind": "admin", "subject": NOBODY}}}}
    spoofed = {"x-user-id": NOBODY, "x-amzn-request-context": json.dumps(claim)}
    protected = [op for op in OPERATIONS.values() if not op.public]
    assert protected
    before = world.state()
    asked = world.ask(
        wrong(op, "", 401, "", who="", headers=headers, body=claim if op.schema else None)
        for op in protected
        for headers in ({}, spoofed, {"authorization": ""})
    )
    assert {(answer.status, answer.body) for _, answer in asked} == {(401, b'{"message": "Unauthorized"}')}
    assert {answer.header("www-authenticate") for _, answer in asked} == {"Bearer"}
    assert world.state() == before


def test_a_foreign_learner_is_like_none(world: World) -> None:
    """Nobody learns from a refusal whether an id exists."""
    op = OPERATIONS["get_user"]
    asked = world.ask(wrong(op, "", 404, "", target=op.target(user_id=subject)) for subject in ("$bob", NOBODY))
    (bob, nobody) = (json.loads(answer.body) for _, answer in asked)
    assert {**bob, "instance": ""} == {**nobody, "instance": ""}


def test_b18_the_request_id_that_is_sent_names_the_problem(world: World) -> None:
    op, name = OPERATIONS["get_lesson"], "abcdefgh-0123"
    asked = world.ask([wrong(op, "", 404, "", target=op.target(slug="no"), headers={"x-request-id": name})])
    ((_, answer),) = asked
    assert answer.header("x-request-id") == json.loads(answer.body)["instance"] == name


def test_every_documented_problem_is_brought_about() -> None:
    brought = {case.code for op in OPERATIONS.values() for section in SECTIONS for case in section(op)}
    brought |= {case.code for path in CONTRACT["paths"] for case in methods(path)}
    brought |= {case.code for case in unknown_paths()}
    assert brought | ELSEWHERE.keys() == codes().keys()
    assert not brought & ELSEWHERE.keys()


def test_every_problem_has_its_place_in_the_documentation(world: World) -> None:
    page = world.stack.api().get("/api/docs").body.decode()
    assert codes().keys() == {found for found in re.findall(r'id="(\w+)"', page) if found in codes()}
