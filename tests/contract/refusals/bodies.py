"""Bodies that cannot be read, are too large, or are not wanted."""

import json
from collections.abc import Iterator

from tests.contract.refusals.operations import CANARY, Operation, Wrong, wrong

_DEEP = 33
MALFORMED: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "malformed_json"),
    "space": (b" \n ", "malformed_json"),
    "truncated": (b'{"zqcanaryqz": ', "malformed_json"),
    "truncated string": (b'{"zqcanaryqz', "malformed_json"),
    "a word": (b"zqcanaryqz", "malformed_json"),
    "byte order mark": (b"\xef\xbb\xbf{}", "malformed_json"),
    "trailing data": (b'{} "zqcanaryqz"', "malformed_json"),
    "two values": (b"{}{}", "malformed_json"),
    "trailing comma": (b'{"zqcanaryqz": 1,}', "malformed_json"),
    "comment": (b"{} // zqcanaryqz", "malformed_json"),
    "single quotes": (b"{'zqcanaryqz': 1}", "malformed_json"),
    "leading zero": (b'{"a": 01}', "malformed_json"),
    "plus": (b'{"a": +1}', "malformed_json"),
    "hexadecimal": (b'{"a": 0x1}', "malformed_json"),
    "bare point": (b'{"a": .5}', "malformed_json"),
    "line end in a string": (b'{"a": "\n"}', "malformed_json"),
    "unknown escape": (b'{"a": "\\x41"}', "malformed_json"),
    "broken escape": (b'{"a": "\\u00g0"}', "malformed_json"),
    "UTF-16": ("{}".encode("utf-16"), "malformed_json"),
    "Latin-1": (b'{"a": "\xe9"}', "malformed_json"),
    "overlong": (b'{"a": "\xc0\xaf"}', "malformed_json"),
    "surrogate in bytes": (b'{"a": "\xed\xa0\x80"}', "malformed_json"),
    "form": (b"user_id=zqcanaryqz", "malformed_json"),
    "NaN": (b'{"a": NaN}', "not_finite"),
    "Infinity": (b'{"a": Infinity}', "not_finite"),
    "-Infinity": (b'{"a": [-Infinity]}', "not_finite"),
    "1e999": (b'{"a": 1e999}', "not_finite"),
    "-1e999": (b'{"a": {"b": -1e999}}', "not_finite"),
    "key twice": (b'{"a": "zqcanaryqz", "a": 2}', "duplicate_key"),
    "key twice, escaped": (b'{"a": 1, "\\u0061": 2}', "duplicate_key"),
    "key twice, below": (b'{"b": [{"zqcanaryqz": 1, "zqcanaryqz": 1}]}', "duplicate_key"),
    "beyond 2^53": (b'{"a": 9007199254740993}', "integer_too_large"),
    "beyond -2^53": (b'{"a": -9007199254740993}', "integer_too_large"),
    "5000 digits": (b'{"a": ' + b"9" * 5000 + b"}", "integer_too_large"),
    "33 deep": (b"[" * _DEEP + b"]" * _DEEP, "too_deep"),
    "33 objects deep": (b'{"a":' * _DEEP + b"1" + b"}" * _DEEP, "too_deep"),
    "100,000 deep": (b"[" * 100_000, "too_deep"),
    "high surrogate": (b'{"a": "\\ud800"}', "unwanted_character"),
    "low surrogate": (b'{"a": "zqcanaryqz\\udc00"}', "unwanted_character"),
    "surrogates reversed": (b'{"a": "\\udc00\\ud800"}', "unwanted_character"),
    "surrogate in a key": (b'{"\\ud800": 1}', "unwanted_character"),
    "NUL": (b'{"a": "zqcanaryqz\\u0000"}', "unwanted_character"),
    "NUL in a key": (b'{"\\u0000": 1}', "unwanted_character"),
    "NUL itself": (b'{"a": "\x00"}', "unwanted_character"),
}
MEDIA = {
    "none": {"content-type": ""},
    "text": {"content-type": "text/plain"},
    "form": {"content-type": "application/x-www-form-urlencoded"},
    "multipart": {"content-type": f"multipart/form-data; boundary={CANARY}"},
    "problem": {"content-type": "application/problem+json"},
    "patch": {"content-type": "application/merge-patch+json"},
    "lines": {"content-type": "application/jsonl"},
    "two": {"content-type": "application/json, application/json"},
    "Latin-1": {"content-type": "application/json; charset=latin1"},
    "UTF-16": {"content-type": "application/json; charset=utf-16"},
    "another parameter": {"content-type": f"application/json; profile={CANARY}"},
    "gzip": {"content-encoding": "gzip"},
    "brotli": {"content-encoding": "br"},
    "gzip twice": {"content-encoding": "gzip, gzip"},
    "identity and gzip": {"content-encoding": "identity, gzip"},
    "unknown": {"content-encoding": CANARY},
}
NOT_OBJECTS: dict[str, object] = {
    "null": None,
    "list": [],
    "string": CANARY,
    "integer": 1,
    "number": -0.0,
    "true": True,
}


def bodies(op: Operation) -> Iterator[Wrong]:
    """Bodies that cannot be read, are too large, or are not wanted."""
    limit = (5 * 1024 if op.id == "publish_course" else 256) * 1024
    if op.schema is None:
        for name, raw in {"object": b"{}", "space": b" ", "NUL": b"\x00", "text": CANARY.encode()}.items():
            has = {"body": raw, "documented": op.method != "GET"}
            yield wrong(op, f"body: {name}", 400, "unexpected_body", **has)
            yield wrong(op, f"body as JSON: {name}", 400, "unexpected_body", headers=_JSON, **has)
        yield wrong(op, "too large", 413, "too_large", body=b" " * (limit + 1), documented=op.method != "GET")
        return
    for name, (raw, code) in MALFORMED.items():
        yield wrong(op, f"malformed: {name}", 400, code, body=raw)
    for name, headers in MEDIA.items():
        yield wrong(op, f"media type: {name}", 415, "unsupported_media_type", headers=headers)
    yield wrong(
        op, "compressed", 415, "unsupported_media_type", headers={"content-encoding": "gzip"}, body=b"\x1f\x8b\x08"
    )
    good = json.dumps(op.good).encode()
    yield wrong(op, "too large", 413, "too_large", body=good.ljust(limit + 1))
    if not op.admin:
        # What is no text grows on its way through the gateway, which then refuses it itself.
        raw = b"\xff" * (limit + 1)
        yield wrong(op, "too large, not JSON", 413, "too_large", body=raw, headers={"content-type": "x/y"})
    yield wrong(op, "too large, of no length", 413, "too_large", body=b" " * (limit + 1), chunked=True)
    yield wrong(op, "as large as can be", 400, "malformed_json", body=b"{".ljust(limit))
    for name, value in NOT_OBJECTS.items():
        yield wrong(op, f"not an object: {name}", 422, "invalid", body=json.dumps(value).encode(), pointer="")


_JSON = {"content-type": "application/json"}
