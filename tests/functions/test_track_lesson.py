"""What happened in a lesson is counted once, tells of no skill, and changes what is recommended."""

from datetime import timedelta

from attune.domain.principal import Principal
from attune.store import progress
from tests.builders import NOW, a_guest
from tests.functions.conftest import Reply, World
from tests.functions.practising import practised, recommended


def track(world: World, who: Principal, event: str = "e1", **more: object) -> Reply:
    return world.call("track_lesson", who, {"event_id": event, **more}, path=f"/api/progress/{world.slug}")


def test_an_event_counts_once(world: World) -> None:
    who = world.guest()
    first = track(world, who, status="started", seconds=60)
    assert first.status == 200
    assert first.json["counted"]
    again = track(world, who, status="completed", seconds=600)
    assert (again.json["status"], again.json["seconds"], again.json["counted"]) == ("started", 60, False)
    done = track(world, who, "e2", status="completed", seconds=30)
    assert (done.json["status"], done.json["seconds"]) == ("completed", 90)
    assert done.json["completed_at"] == "2031-05-05T12:00:00Z"
    assert done.json["course"] == {"total": 1, "started": 1, "completed": 1, "percent": 100.0, "minutes": 1.5}
    world.clock.advance(timedelta(days=1))
    later = track(world, who, "e3", status="started")
    assert (later.json["status"], later.json["completed_at"]) == ("completed", "2031-05-05T12:00:00Z")


def test_progress_is_told_by_part_and_chapter_with_a_streak(world: World) -> None:
    who = world.guest()
    nothing = world.call("get_progress", who).json
    assert nothing["course"] == {"total": 1, "started": 0, "completed": 0, "percent": 0.0, "minutes": 0.0}
    assert nothing["streak"] == {"current": 0, "best": 0, "days": 0, "badges": []}
    for day in range(3):
        track(world, who, f"day-{day}", seconds=90)
        world.clock.advance(timedelta(days=1))
    found = world.call("get_progress", who).json
    (part,) = found["parts"]
    (chapter,) = (one for one in part["chapters"] if one["lessons"])
    for share in (found["course"], part, chapter):
        assert (share["total"], share["started"], share["completed"], share["minutes"]) == (1, 1, 0, 4.5)
    assert chapter["lessons"][0].items() >= {"slug": world.slug, "status": "started", "seconds": 270}.items()
    assert found["streak"] == {"current": 3, "best": 3, "days": 3, "badges": [3]}
    rows = dict(progress.every(who, world.course.id, NOW))
    assert {slug: lesson.seconds for slug, lesson in rows.items()} == {world.slug: 270}


def test_a_day_is_one_where_the_learner_lives(world: World) -> None:
    who = world.guest()
    world.call("put_preferences", who, {"time_zone": "Asia/Karachi"})
    # Noon and eight hours later are one day in UTC and two in Karachi.
    track(world, who, "noon")
    world.clock.advance(timedelta(hours=8))
    track(world, who, "evening")
    assert world.call("get_progress", who).json["streak"]["current"] == 2


def test_a_lesson_completed_is_not_recommended_again_and_one_begun_is_to_be_resumed(world: World) -> None:
    who = world.guest()

    def lessons() -> dict[str, str]:
        return {one["item"]: one["kind"] for one in recommended(world, who, kinds="learn,resume")}

    assert lessons() == {world.slug: "learn"}
    track(world, who, "begun", status="started")
    assert lessons() == {world.slug: "resume"}
    made = world.call("list_recommendations", who).json["set_id"]
    track(world, who, "seconds", seconds=5)
    assert world.call("list_recommendations", who).json["set_id"] == made
    track(world, who, "done", status="completed")
    assert lessons() == {}
    assert world.call("list_recommendations", who).json["set_id"] != made


def test_reading_says_nothing_of_a_skill(world: World) -> None:
    who = world.guest()
    practised(world, who)
    before = world.call("get_profile", who).json["skills"]
    for number in range(5):
        track(world, who, f"e{number}", status="completed", seconds=600)
    assert world.call("get_profile", who).json["skills"] == before


def test_what_cannot_be_tracked_is_refused(world: World) -> None:
    who = world.guest()
    world.call("track_lesson", who, {"event_id": "e"}, path="/api/progress/nothing").problem(404, "unknown_lesson")
    track(world, who, seconds=86_401).problem(422, "invalid")
    track(world, who, "no spaces").problem(422, "invalid")
    track(world, who, status="read").problem(422, "invalid")
    track(world, a_guest()).problem(401, "unknown_user")
    assert not list(progress.every(who, world.course.id, NOW))
