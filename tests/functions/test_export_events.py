"""An owner exports a day's events page by page: all of them, each once, and no learner's id."""

import json
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlparse

from attune.domain.reports.counting import counted
from attune.domain.reports.event import Event
from tests.backends import Backend
from tests.builders import an_admin
from tests.functions.conftest import Reply, World
from tests.functions.practising import an_answer, practised
from tests.functions.streaming import everything, fold, plain, told

DAY = "2031-05-05"


def exported(world: World, limit: int) -> list[dict[str, Any]]:
    admin, query, lines = an_admin(), {"limit": str(limit)}, list[dict[str, Any]]()
    while True:
        reply = world.call("export_events", admin, path=f"/api/admin/events/{DAY}", query=query)
        assert reply.status == 200
        assert reply.headers["Content-Type"] == "application/x-ndjson"
        lines += [json.loads(line) for line in reply.body.splitlines()]
        if "Link" not in reply.headers:
            return lines
        address, _, rel = reply.headers["Link"].partition(">; ")
        assert rel == 'rel="next"'
        query = {name: values[0] for name, values in parse_qs(urlparse(address[1:]).query).items()}


def test_a59_the_days_events_are_what_is_counted(world: World, backend: Backend) -> None:
    people = [world.reader() for _ in range(3)]
    for who in people:
        practised(world, who, an_answer(1), an_answer(2, correct=False))
    fold(told(backend))
    lines = exported(world, 2)
    assert lines == exported(world, 100)
    assert len([line for line in lines if line["event"] == "attempt"]) == 6
    assert len({line["learner"] for line in lines}) == 3
    assert not [who for who in people if who.subject in json.dumps(lines)]
    events = [event(line) for line in lines]
    found = everything(world.course.id, world.clock)
    for (report, day), cells in counted(events).items():
        for name, cell in cells.items():
            assert found[report, day, name][0].items() >= plain(cell)[0].items()


def event(line: dict[str, Any]) -> Event:
    moment = int(datetime.fromisoformat(line["at"]).timestamp() * 1000)
    said = {name: value for name, value in line.items() if name not in ("event", "at", "course", "learner")}
    return Event(line["event"], moment, line["course"], line["learner"], said)


def asked(world: World, day: str, **query: str) -> Reply:
    return world.call("export_events", an_admin(), path=f"/api/admin/events/{day}", query=query)


def test_what_cannot_be_exported_is_said(world: World) -> None:
    asked(world, "2031-02-30").problem(422, "invalid")
    asked(world, DAY, cursor="changed").problem(400, "malformed_cursor")
    asked(world, DAY, course="nowhere").problem(404, "unknown_course")
    world.call("export_events", world.reader(), path=f"/api/admin/events/{DAY}").problem(403, "admin_only")
    assert asked(world, "2031-01-01").body == ""
