"""The documentation is one page that needs nothing from elsewhere."""

import re

from tests.functions.conftest import World


def test_the_page_runs_nothing_but_its_own(world: World) -> None:
    reply = world.call("get_docs")
    assert (reply.status, reply.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert re.findall(r'(?:src|href)="(https?:)?//', reply.body) == []
    policy = reply.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert policy.count("'sha256-") == len(re.findall(r"<script>|<style>", reply.body))
