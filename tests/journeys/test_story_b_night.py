"""Story B, the night: B53, on eight players."""

import pytest

from tests.journeys.conftest import World, until
from tests.journeys.nights import SHARDS, broken, fall_asleep, refresh, refreshed, say, seen, settle
from tests.journeys.practising import HISTORY, answers, recommended, results, send

COURSE = "poker"
BEGINS = "2026-11-23T18:00:00Z"
RUN = "2026-11-24"


@pytest.fixture(scope="module")
def story(still: World) -> World:
    """Eight players who practised on Monday."""
    still.said["players"] = [still.account(f"player {place}") for place in range(8)]
    for one in still["players"]:
        assert set(results(send(one, "monday", answers(still, ["pot-odds-01", "preflop-ranges-01"])))) == {"accepted"}
        recommended(one, count=3)
    return still


def test_b53_each_player_is_refreshed_once_and_the_run_is_seen(story: World) -> None:
    assert seen(story) is None
    fall_asleep(story, RUN)
    once = refresh(story)
    assert once == {"run": RUN, "learners": 8, "done": 8, "failed": 0, "lag_seconds": 0}
    settle(story)
    rows = story.rows()
    story.clock.advance(minutes=10)
    for _ in range(2):
        story.stack.fire("PlanRefresh", story.clock.now())
    for shard in [*range(SHARDS)] * 2:
        say(story, job="RefreshPage", run=RUN, shard=shard, after="")
    settle(story)
    assert story.rows() == rows
    assert seen(story) == once
    assert refreshed(story, story["players"]) == [RUN] * 8
    for one in story["players"]:
        assert recommended(one).json["generated_at"] == f"{RUN}T02:00:00Z"


def test_b53_a_failure_is_counted_and_tried_again(story: World) -> None:
    fall_asleep(story, "2026-11-25")
    queue = {"QueueUrl": story.stack.queue("JobQueue")}
    # What failed comes back after so many seconds, not after minutes; polls that had begun before know the old number.
    story.stack.client("sqs").set_queue_attributes(**queue, Attributes={"VisibilityTimeout": "8"})
    settle(story)
    unlucky = 3
    data = broken(story, story["players"][unlucky])
    run, were = refresh(story), refreshed(story, story["players"])
    broken(story, story["players"][unlucky], data)
    assert run.items() >= {"run": "2026-11-25", "learners": 8, "done": 7, "failed": 1}.items()
    assert were == ["2026-11-25" if place != unlucky else RUN for place in range(8)]
    until(lambda: seen(story)["failed"] == 0, seconds=60)
    assert seen(story).items() >= {"learners": 8, "done": 8}.items()
    assert refreshed(story, story["players"]) == ["2026-11-25"] * 8


def test_b53_what_ran_out_is_closed_at_night(story: World) -> None:
    one = story["players"][0]
    shown = [item["id"] for item in recommended(one, count=4).json["items"]]
    fall_asleep(story, "2026-11-28")
    story.clock.advance(hours=1)
    assert one.get(f"{HISTORY}?status=EXPIRED&limit=100").json["items"] == []
    assert refresh(story)["failed"] == 0
    closed = one.get(f"{HISTORY}?status=EXPIRED&limit=100").json
    assert set(shown) <= {item["id"] for item in closed["items"]}
    assert closed["stats"]["expired"] == len(closed["items"])
    again = one.get(f"{HISTORY}?limit=100").json
    assert [item["id"] for item in again["items"]] == [item["id"] for item in closed["items"]]
