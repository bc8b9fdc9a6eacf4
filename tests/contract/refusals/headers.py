"""Headers: conditions that cannot be read or do not hold, preferences and keys that are none."""

from collections.abc import Iterator

from tests.contract.refusals.operations import CANARY, Operation, Wrong, wrong

BAD_TAGS = (
    "",
    " ",
    "1",
    "'1'",
    '"1',
    '1"',
    "W/1",
    'w/"1"',
    '"1" "2"',
    '"1",',
    ',"1"',
    '*, "1"',
    '"1", *',
    '"a b"',
    '"\xe9"',
)
STALE_TAGS = ('"999999"', 'W/"1"', 'W/"1", W/"2"', '"999999", "999998"', f'"{CANARY}"', '""', '"01x"', f'"{"9" * 40}"')


def conditions(op: Operation) -> Iterator[Wrong]:
    """Conditions that cannot be read or do not hold, and preferences and keys that are none."""
    for header in op.headers & {"If-Match", "If-None-Match"}:
        for value in (*BAD_TAGS, CANARY):
            yield wrong(op, f"{header}: {value}", 400, "malformed_header", headers={header: value})
    if "If-Match" in op.headers:
        for value in STALE_TAGS:
            yield wrong(op, f"If-Match: {value}", 412, "precondition_failed", headers={"If-Match": value})
    if "Prefer" in op.headers:
        yield wrong(op, "Prefer, long", 400, "malformed_header", headers={"Prefer": f"wait=1, {CANARY}" + "x" * 1024})
    if "Idempotency-Key" in op.headers:
        for name, key in {"empty": "", "256": CANARY + "x" * 246, "not ASCII": f"{CANARY}\xe9", "space": "a b"}.items():
            yield wrong(op, f"key: {name}", 400, "malformed_idempotency_key", headers={"Idempotency-Key": key})
    if "Idempotency-Key" in op.headers and op.public:
        for name, key in {
            "short": CANARY,
            "21": "0123456789abcdefghijk",
            "one letter": "a" * 40,
            "five": "abcde" * 9,
        }.items():
            yield wrong(op, f"key: {name}", 422, "weak_idempotency_key", headers={"Idempotency-Key": key})
