"""The line of a request is the one that Powertools would write, at less work."""

import json
import logging
from io import StringIO
from typing import Any

import pytest

from attune.edge import log

FIELDS: dict[str, Any] = {"request_id": "r", "status": 200, "ms": 1.5, "caller": None, "said": "é \n", "at": {1: "x"}}


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> StringIO:
    stream = StringIO()
    monkeypatch.setattr(log.logger.registered_handler, "stream", stream)
    return stream


@pytest.mark.parametrize("trace", [None, "Root=1-2-3;Parent=4;Sampled=1"])
@pytest.mark.parametrize("warn", [False, True])
def test_the_line_is_the_one_of_powertools(
    lines: StringIO, monkeypatch: pytest.MonkeyPatch, trace: str | None, warn: bool
) -> None:
    if trace is None:
        monkeypatch.delenv("_X_AMZN_TRACE_ID", raising=False)
    else:
        monkeypatch.setenv("_X_AMZN_TRACE_ID", trace)
    log.done("somebody", FIELDS, warn=warn)
    (log.logger.warning if warn else log.logger.info)("somebody", extra=FIELDS)
    ours, theirs = (json.loads(line) for line in lines.getvalue().splitlines())
    assert list(ours) == list(theirs)
    assert ours.pop("timestamp")[:16] == theirs.pop("timestamp")[:16]
    assert ours == theirs


def test_what_is_below_the_level_is_not_written(lines: StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    was = log.logger.log_level
    log.logger.setLevel(logging.WARNING)
    try:
        log.done("somebody", {})
        log.done("somebody", {}, warn=True)
    finally:
        log.logger.setLevel(was)
    assert [json.loads(line)["level"] for line in lines.getvalue().splitlines()] == ["WARNING"]
