"""What the stories of reports are told with: events as they are exported, and what an owner reads of a week."""

import json
from typing import Any
from urllib.parse import urlencode

from tests.journeys.conftest import World
from tests.journeys.nights import settle

Json = dict[str, Any]


def exported(world: World, day: str, course: str) -> list[Json]:
    """All events of a day, page by page."""
    path, found = f"/api/admin/events/{day}?{urlencode({'course': course, 'limit': 7})}", list[Json]()
    while path:
        reply = world.owner.get(path)
        found += [json.loads(line) for line in reply.body.splitlines()]
        link = reply.headers.get("link", "")
        path = link.partition("<")[2].partition(">")[0]
    return found


def written(world: World, at: str) -> None:
    """The night and the morning of a Monday: what there is to count is counted, and reports are written."""
    world.stack.fold()
    world.clock.move(at)
    world.stack.fire("WriteWeeklyReport")
    settle(world)


def share(part: int, whole: int) -> float:
    return round(part / whole, 4)
