"""Story A, progress: what reading is, and what it is not; a test for each assertion."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.journeys.conftest import World
from tests.journeys.practising import PROFILE, answers, course, send, skill
from tools.client import Client, Reply

COURSE = "physical-ai"
BEGINS = "2026-11-02T09:00:00Z"
LESSON = "foundations/embodiment-hypothesis"
SENSORS = "foundations/robot-sensors"
PROGRESS = "/api/progress"
EVENTS: list[tuple[str, str, Any]] = [
    (LESSON, "E1", {"status": "completed", "seconds": 720}),
    (LESSON, "E2", {"seconds": 45}),
    (SENSORS, "E1", {"status": "started", "seconds": 300}),
    (SENSORS, "E2", {"status": "completed", "seconds": 400}),
    (SENSORS, "E3", {"status": "completed", "seconds": 60}),
    (LESSON, "E1", {"status": "completed", "seconds": 720}),
]


def put(client: Client, slug: str, event: str, **more: Any) -> Reply:
    return client.send("PUT", f"{PROGRESS}/{slug}", {"event_id": event, **more})


def reader(world: World, name: str) -> Client:
    """A guest whose answers have made a profile."""
    client = world.client(world.stack.guest())
    sent = send(client, name, answers(world, ["q-embodiment-1", "q-embodiment-2", "q-embodiment-3"], wrong=[2]))
    assert sent.status == 201
    return client


def reads(world: World, times: int) -> None:
    one = reader(world, f"a43 {times}")
    before, shown = skill(one, "embodiment"), one.get(PROFILE).json["skills"]
    for number in range(times):
        assert put(one, LESSON, f"event-{number}", status="completed", seconds=1).status == 200
    again = put(one, LESSON, f"event-{times - 1}", seconds=1)
    assert (again.json["counted"], again.json["seconds"]) == (False, times)
    assert skill(one, "embodiment") == before
    assert one.get(PROFILE).json["skills"] == shown


def test_a43_reading_is_not_evidence_and_an_event_counts_once(still: World) -> None:
    reads(still, 25)


@pytest.mark.soak
def test_a43_a_thousand_readings_are_not_evidence(still: World) -> None:
    reads(still, 1000)


def recount(slugs: list[str]) -> dict[str, Any]:
    """What the events say of some lessons, each counted once."""
    once = {(slug, id_): more for slug, id_, more in EVENTS if slug in slugs}
    completed = {slug for (slug, _), more in once.items() if more.get("status") == "completed"}
    seconds = sum(more.get("seconds", 0) for more in once.values())
    return {
        "total": len(slugs),
        "started": len({slug for slug, _ in once}),
        "completed": len(completed),
        "percent": round(100 * len(completed) / len(slugs), 1) if slugs else 0.0,
        "minutes": round(seconds / 60, 1),
    }


def shares(progress: Any) -> Iterator[tuple[str, Any]]:
    for part in progress["parts"]:
        yield part["id"], part
        yield from ((chapter["id"], chapter) for chapter in part["chapters"])


def test_a50_progress_agrees_with_a_recount_of_the_events(still: World) -> None:
    one = reader(still, "a50")
    first = put(one, *EVENTS[0][:2], **EVENTS[0][2]).json
    assert first.items() >= {"lesson_slug": LESSON, "status": "completed", "seconds": 720}.items()
    for slug, id_, more in EVENTS[1:]:
        still.clock.advance(seconds=30)
        assert put(one, slug, id_, **more).json["counted"] == ((slug, id_) != EVENTS[0][:2])
    found = one.get(PROGRESS).json
    whole = course(COURSE)
    assert found["course"] == recount(list(whole.lessons))
    told = dict(shares(found))
    for part in whole.parts:
        for id_, chapters in ((part.id, part.chapters), *((chapter.id, (chapter,)) for chapter in part.chapters)):
            slugs = [entry.slug for chapter in chapters for entry in chapter.lessons]
            assert {name: told[id_][name] for name in found["course"]} == recount(slugs)
    # The streak is that of the learner's calendar, and a lesson completed twice was completed the first time.
    assert found["streak"]["current"] == 1
    lessons = {lesson["slug"]: lesson for _, share in shares(found) for lesson in share.get("lessons", ())}
    assert lessons[LESSON]["completed_at"] == "2026-11-02T09:00:00Z"
    still.clock.advance(days=1)
    put(one, LESSON, "tomorrow", seconds=5)
    assert one.get(PROGRESS).json["streak"] == {"current": 2, "best": 2, "days": 2, "badges": []}
    still.clock.ahead -= timedelta(days=1)
