"""What learners write is kept as they wrote it and given back as JSON, whatever it would do elsewhere."""

import json

from tests.functions.conftest import Reply, World
from tests.functions.practising import SKILL
from tests.unit.hostile import CORPUS

CELLS = ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(1)", "\t=1", '"; DROP TABLE x; --', "{{7*7}}", "${jndi:ldap://x}"]
"""What spreadsheets, templates and logs would run. Nothing is exported as a table yet."""


def test_h05_payloads_in_texts_of_learners_come_back_as_json_and_nothing_else(world: World) -> None:
    who = world.reader()
    world.call("claim_skill", who, {"level": "expert"}, path=f"{SKILL}/claims")
    texts = [text for text in [*CORPUS[::9], *CELLS] if 0 < len(text) <= 200]
    kept = 0
    for text in texts:
        claimed = world.call("claim_skill", who, {"level": "expert", "note": text}, path=f"{SKILL}/claims")
        chosen = world.call("put_preferences", who, {"extras": {"table.name": text}})
        assert claimed.status == chosen.status
        if claimed.status != 200:
            assert claimed.status in (400, 422), "hidden and control characters are refused"
            assert text not in claimed.body
            continue
        kept += 1
        assert claimed.json["claim"]["note"] == text
        read = world.call("get_preferences", who)
        assert read.json["preferences"]["extras"]["table.name"] == text
        for reply in (claimed, chosen, read):
            harmless(reply)
    assert kept > len(texts) / 2


def harmless(reply: Reply) -> None:
    """Nobody can take it for a page: its type, the headers that forbid to guess, one JSON value to the last byte."""
    assert reply.headers["Content-Type"] == "application/json"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in reply.headers["Content-Security-Policy"]
    assert json.loads(reply.body) == reply.json
