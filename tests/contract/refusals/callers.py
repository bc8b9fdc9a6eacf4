"""Who calls: bad tokens, and who would be somebody else."""

from collections.abc import Iterator

from tests.contract.refusals.operations import CANARY, NOBODY, Json, Operation, Wrong, wrong

BAD_TOKENS = {
    "no scheme": "token_missing",
    "another scheme": "token_missing",
    "no token": "token_missing",
    "not a token": "token_malformed",
    "9 KB": "token_malformed",
    "no key named": "token_malformed",
    "an ID token": "token_malformed",
    "expired": "token_expired",
    "of the future": "token_not_yet_valid",
    "another audience": "token_audience",
    "another issuer": "token_issuer_unknown",
    "an unknown key": "token_key_unknown",
    "forged": "token_invalid",
    "unsigned": "token_invalid",
}


def strangers(op: Operation) -> Iterator[Wrong]:
    """A bad token; and who would be somebody else, or an admin."""
    if op.public:
        return
    for name, code in BAD_TOKENS.items():
        yield wrong(op, f"token: {name}", 401, code, who=name)
    claims = {"x-user-id": NOBODY, "x-admin": "true", "x-amzn-authorizer": '{"kind": "admin"}'}
    if op.admin:
        for who in ("ada", "account"):
            yield wrong(op, f"{who} is no admin", 403, "admin_only", who=who)
            yield wrong(op, f"{who} claims to be one", 403, "admin_only", who=who, headers=claims)
    ways: dict[str, Json] = {
        "header": {"headers": {"x-user-id": NOBODY}},
        "header, empty": {"headers": {"x-user-id": ""}},
        "header, not a UUID": {"headers": {"x-user-id": CANARY}},
        "query": {"target": op.asking(f"user_id={NOBODY}")},
        "query, empty": {"target": op.asking("user_id=")},
        "query, twice": {"target": op.asking(f"user_id={NOBODY}&user_id={NOBODY}")},
        "both": {"headers": {"x-user-id": NOBODY}, "target": op.asking(f"user_id={CANARY}")},
    }
    for name, way in ways.items():
        yield wrong(op, f"another learner in {name}", 404, "not_found", **way)
    if op.schema:
        others: tuple[object, ...] = (NOBODY, CANARY, "", 5, True, [], {}, [NOBODY])
        for value in others:
            body = {**(op.good or {}), "user_id": value}
            yield wrong(op, f"another learner in the body: {value}", 404, "not_found", body=body)
