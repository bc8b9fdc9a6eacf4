"""A stack that has just begun has something for its owner to read."""

from tests.journeys.conftest import until
from tools import demo, demo_week
from tools.local import Stack


def test_an_owner_finds_a_week_and_an_experiment() -> None:
    with Stack() as stack:
        assert list(demo.courses(stack))
        assert demo_week.begin(stack)
        assert not demo_week.begin(stack)
        owner, at = stack.api(stack.admin()), f"?course={demo_week.COURSE}"
        results = owner.get(f"/api/admin/experiments/{demo_week.EXPERIMENT}/results{at}").json
        path = f"/api/admin/reports/{demo_week.week()}{at}"
        until(lambda: owner.send("GET", path).status == 200)
        report = owner.get(path).json
        exposed = results["primary"]["baseline"]["n"] + results["primary"]["attune"]["n"]
        assert 0 < exposed <= demo_week.PLAYERS
        (gain,) = [one for one in results["secondary"] if one["metric"] == "gain_per_minute"]
        assert gain["baseline"]["contributing"] + gain["attune"]["contributing"] == exposed
        assert report["learners"]["active"] == demo_week.PLAYERS
        assert report["skills"]["calibration"]
        assert [one["experiment_id"] for one in report["experiments"]] == [demo_week.EXPERIMENT]
        days = owner.get(f"/api/admin/analytics/engagement{at}").json
        # A week may have begun between the two sessions.
        assert days["total"]["answers"] >= report["learners"]["answers"] > 0
