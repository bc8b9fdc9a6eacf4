"""Each request writes one short line, which is a metric too where the owner wants that: by route, and nothing else."""

import io
import json
from typing import Any

import pytest

from attune.edge import log, route_metrics
from attune.settings import settings
from tests.backends import TEMPLATE
from tests.functions.conftest import World, invoke
from tools.template import ROOT

LONGEST = 500
ROUTES = {TEMPLATE.functions[route.function].name for route in TEMPLATE.routes}
EVERY_ID = "z" * 36
Line = dict[str, Any]


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What Lambda would read from the function's output."""
    stream = io.StringIO()
    monkeypatch.setattr(log.logger.registered_handler, "stream", stream)
    return stream


@pytest.fixture(autouse=True)
def _counted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(vars(settings), "metrics", "Attune/" + "a-stack-with-a-long-name-" * 2)


def asked(name: str, written: io.StringIO) -> tuple[str, Line]:
    """The one line that a function's own event leads to."""
    event = json.loads((ROOT / "events" / f"{name}.json").read_text("utf-8"))
    event["requestContext"]["requestId"] = EVERY_ID
    event["pathParameters"] = {key: f"{EVERY_ID}-{key}" for key in event.get("pathParameters") or {}}
    invoke(name, event)
    (line,) = written.getvalue().splitlines()
    return line, json.loads(line)


@pytest.mark.parametrize("name", sorted(ROUTES))
def test_l1_a_request_is_one_short_line_and_one_metric_of_its_route(
    world: World, written: io.StringIO, name: str
) -> None:
    text, line = asked(name, written)
    assert len(text.encode()) <= LONGEST
    (counted,) = line["_aws"]["CloudWatchMetrics"]
    assert counted["Dimensions"] == [["route"]]
    assert counted["Metrics"] == [{"Name": "ms", "Unit": "Milliseconds"}]
    assert counted["Namespace"] == settings.metrics
    assert line["route"] == line["message"] == name
    assert isinstance(line["ms"], float)
    assert isinstance(line["_aws"]["Timestamp"], int)
    # Nothing of what was sent is told but the request's own id.
    assert text.count(EVERY_ID) == 1


def test_l1_there_are_as_many_metrics_as_routes() -> None:
    """What the dimension is called by is given by the code: the name of the function that is registered as a route."""
    assert len(ROUTES) < 100
    assert all(len(name) < 40 for name in ROUTES)


def test_a_line_is_no_metric_unless_it_is_asked_for(
    world: World, written: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(vars(settings), "metrics", None)
    assert route_metrics.of_request("get_user") == {}
    _, line = asked("get_user", written)
    assert {"_aws", "route"} & line.keys() == set()
