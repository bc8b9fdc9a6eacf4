"""The caller is who the authorizer says, and nobody else whatever the request says."""

import ast
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attune.domain.errors import Forbidden, NotFound, Unidentified
from attune.domain.principal import ADMIN, Kind, Principal
from attune.edge.auth import context_of, principal_of, refuse_another, require_admin
from tools.template import ROOT

pytestmark = pytest.mark.disable_socket

BOUNDED = settings(derandomize=True, database=None, deadline=None, max_examples=60)
ME = Principal(Kind.GUEST, "6f9619ff-8b86-4011-b42d-00c04fc964ff", "https://stack.example")
OTHER = "11111111-1111-4111-8111-111111111111"
SCOPES = st.frozensets(st.sampled_from([ADMIN, "sessions:write", "other"]))
Json = dict[str, Any]


def _event(context: Any) -> Json:
    return {"headers": {}, "requestContext": {"authorizer": {"lambda": context}}}


@BOUNDED
@given(st.builds(Principal, st.sampled_from(Kind), st.uuids().map(str), st.just("https://i.example"), SCOPES))
def test_a_principal_goes_through_the_gateway_as_it_is(principal: Principal) -> None:
    context = context_of(principal)
    assert all(isinstance(value, str) for value in context.values())
    assert principal_of(_event(context)) == principal


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"requestContext": {}},
        {"requestContext": {"authorizer": {}}},
        {"requestContext": {"authorizer": None}},
        {"requestContext": None},
        _event(None),
        _event({}),
        _event({"subject": OTHER}),
        _event({"kind": "admin", "subject": OTHER, "issuer": "i"}),
        _event({"kind": "", "subject": OTHER, "issuer": "i"}),
        _event({"kind": "guest"}),
        _event({"kind": "guest", "subject": OTHER}),
        {"body": '{"requestContext": {}}', "headers": {"requestcontext.authorizer.lambda.kind": "guest"}},
        {"authorizer": {"lambda": context_of(ME)}},
        {"requestContext": {"authorizer": {"jwt": {"claims": {"sub": OTHER}}}}},
        {"requestContext": {"authorizer": context_of(ME)}},
    ],
    ids=str,
)
def test_a10_without_the_authorizers_word_nobody_is_known(event: Json) -> None:
    with pytest.raises(Unidentified):
        principal_of(event)


def test_why_a_token_is_bad_is_told() -> None:
    with pytest.raises(Unidentified) as caught:
        principal_of(_event({"error": "token_expired"}))
    assert caught.value.code == "token_expired"
    with pytest.raises(Unidentified):
        principal_of(_event({**context_of(ME), "error": "token_expired"}))


NAMED: dict[str, tuple[Json, Any]] = {
    "header": ({"headers": {"x-user-id": OTHER}}, None),
    "query": ({"queryStringParameters": {"user_id": OTHER}}, None),
    "body": ({}, {"user_id": OTHER}),
    "query twice": ({"queryStringParameters": {"user_id": f"{ME.subject},{OTHER}"}}, None),
    "upper case": ({"headers": {"x-user-id": ME.subject.upper()}}, None),
    "empty": ({"headers": {"x-user-id": ""}}, None),
    "a list": ({}, {"user_id": [ME.subject]}),
    "a number": ({}, {"user_id": 0}),
    "header against body": ({"headers": {"x-user-id": ME.subject}}, {"user_id": OTHER}),
}


@pytest.mark.parametrize("name", NAMED)
def test_a7_a_request_that_names_another_learner_finds_nothing(name: str) -> None:
    event, body = NAMED[name]
    with pytest.raises(NotFound):
        refuse_another(ME, event, body)


@pytest.mark.parametrize(
    ("event", "body"),
    [
        ({}, None),
        ({"headers": None, "queryStringParameters": None}, None),
        ({"headers": {"x-user-id": ME.subject}}, {"user_id": ME.subject}),
        ({"queryStringParameters": {"user_id": ME.subject}}, []),
        ({}, {"user_id": None}),
        ({}, {"user": {"user_id": OTHER}}),
        ({"headers": {}}, "user_id"),
    ],
    ids=str,
)
def test_a_request_may_name_its_caller_or_nobody(event: Json, body: Any) -> None:
    refuse_another(ME, event, body)


def test_a9_an_admin_is_an_account_with_the_scope() -> None:
    require_admin(Principal(Kind.ACCOUNT, OTHER, "i", frozenset([ADMIN])))
    for principal in (ME, Principal(Kind.ACCOUNT, OTHER, "i"), Principal(Kind.GUEST, OTHER, "i", frozenset([ADMIN]))):
        with pytest.raises(Forbidden) as caught:
            require_admin(principal)
        assert caught.value.code == "admin_only"


SECRET = re.compile(r"secret|signature|password|private_key|api_key|hmac", re.IGNORECASE)


def test_a20_no_secret_is_compared_byte_by_byte() -> None:
    """Signatures are checked by their library, and a tombstone is looked up: nothing compares a secret by itself."""
    package = ROOT / "layers" / "core" / "python" / "attune"
    found = [
        f"{file.name}:{node.lineno}"
        for file in (*package.rglob("*.py"), *(ROOT / "functions").rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Compare)
        and any(isinstance(operator, ast.Eq | ast.NotEq) for operator in node.ops)
        and SECRET.search(ast.unparse(node))
    ]
    assert found == []
