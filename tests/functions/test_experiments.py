"""Experiments over their routes: laid out, started, met by learners, left, counted, judged."""

from datetime import timedelta
from typing import Any

import pytest

from attune.domain.experiments.assignments import Assignment
from attune.domain.experiments.metric import Metric
from attune.domain.experiments.soundness import RESERVED
from attune.domain.experiments.tally import MICRO, Tally
from attune.domain.experiments.uniting import Side, unite
from attune.domain.jobs import CheckExperiment
from attune.domain.principal import Principal
from attune.edge.experiment_results import PrimaryView
from attune.store import courses, learner_settings, table, tallies
from tests.backends import Backend
from tests.builders import NOW, an_account, an_admin, sqs_event
from tests.counted import count
from tests.functions.conftest import World, invoke
from tests.functions.experimenting import (
    ADMIN,
    DROPOUT,
    MINE,
    a_definition,
    act,
    enrolments,
    exposed,
    leave,
    outcome,
    put,
    results,
    started,
)
from tests.functions.practising import an_answer, practised


def shown(world: World, who: Principal) -> Any:
    reply = world.call("list_recommendations", who)
    assert reply.status == 200
    return reply.json


# The owner -----------------------------------------------------------------------------------------------------------


def test_it_is_laid_out_as_a_draft_and_the_same_again_changes_nothing(world: World) -> None:
    first = put(world)
    assert first.status == 200
    assert (
        first.json
        | {
            "experiment_id": "rec-spacing",
            "status": "draft",
            "rev": 1,
            "allowed": ["start", "archive"],
            "planned_total": 5000,
            "part": [0.0, 1.0],
            "created_at": "2031-05-05T12:00:00Z",
        }
        == first.json
    )
    assert first.headers["ETag"] == '"1"'
    assert put(world).json == first.json
    second = put(world, coverage=0.5)
    assert (second.json["rev"], second.json["coverage"]) == (2, 0.5)
    stale = world.call("put_experiment", an_admin(), a_definition(), path=ADMIN, if_match='"1"')
    stale.problem(412, "precondition_failed")


def test_how_many_are_planned_follows_from_what_is_to_be_seen(world: World) -> None:
    assert put(world, detect={"base": 0.42, "change": 0.05}).json["planned_total"] == pytest.approx(3100, rel=0.01)
    assert put(world, detect={"variance": 100.0, "change": 1.0}).json["planned_total"] == pytest.approx(3140, abs=4)
    put(world, detect={"change": 1.0}).problem(422, "invalid")
    put(world, detect={"base": 0.9, "change": 0.1}).problem(422, "invalid")
    put(world, detect={"base": 0.4, "change": 0.1}, planned_total=500).problem(422, "invalid")
    for nobody in (
        {"variance": 1e12, "change": 1e-100},
        {"variance": 1e300, "change": 1e-100},
        {"base": 0.5, "change": 1e-9},
    ):
        put(world, detect=nobody).problem(422, "invalid")


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"arms": [{"key": "A", "weight": 0.0}, {"key": "B", "weight": 1.0}]}, "/arms/0/weight"),
        ({"arms": [{"key": "A", "weight": 0.5}, {"key": "B", "weight": 0.6}]}, "/arms"),
        ({"arms": [{"key": "A", "weight": 1.0}]}, "/arms"),
        ({"holdout": 0.3}, "/holdout"),
        ({"eligibility": {"shoe_size": [44]}}, "/eligibility/shoe_size"),
        (
            {"arms": [{"key": "A", "weight": 0.5, "params": {"colour": "red"}}, {"key": "B", "weight": 0.5}]},
            "/arms/0/params/colour",
        ),
    ],
)
def test_k2_what_cannot_be_run_is_422(world: World, changes: dict[str, Any], pointer: str) -> None:
    found = put(world, **changes).problem(422, "invalid")
    assert pointer in [flaw["pointer"] for flaw in found["errors"]]
    assert world.call("list_all_experiments", an_admin()).json["items"] == []


def test_k2_an_arm_is_called_nothing_that_results_use() -> None:
    assert PrimaryView.model_fields.keys() == RESERVED


def test_its_life_over_the_api(world: World) -> None:
    put(world, coverage=0.5)
    assert act(world, "pause").problem(409, "illegal_action")["allowed"] == ["start", "archive"]
    assert act(world, "start").json["status"] == "running"
    refused = put(world, seed="another").problem(409, "experiment_immutable")
    assert refused["allowed"] == ["pause", "grow_coverage", "stop"]
    assert put(world, coverage=0.5).status == 200
    assert act(world, "grow_coverage", coverage=0.4).problem(422, "invalid")["errors"][0]["pointer"] == "/coverage"
    assert act(world, "grow_coverage", coverage=0.8).json["coverage"] == 0.8
    assert act(world, "pause").json["paused_for"] == "by_hand"
    assert act(world, "resume").json["paused_for"] is None
    act(world, "stop", winner="C").problem(422, "invalid")
    over = act(world, "stop", winner="B").json
    assert (over["status"], over["winner"], over["ended_at"]) == ("completed", "B", "2031-05-05T12:00:00Z")
    assert act(world, "withdraw_winner").json["winner"] is None
    assert act(world, "archive").json["status"] == "archived"
    for body in ({"action": "grow_coverage"}, {"action": "start", "winner": "B"}):
        world.call("act_on_experiment", an_admin(), body, path=f"{ADMIN}/actions").problem(422, "invalid")


def test_b38_two_of_a_layer_take_parts_of_it(world: World) -> None:
    started(world, part=[0.0, 0.5])
    other = "/api/admin/experiments/other"
    put(world, other)
    assert act(world, "start", other).problem(409, "layer_taken")["experiments"] == ["rec-spacing"]
    put(world, other, part=[0.5, 1.0])
    assert act(world, "start", other).status == 200
    third = "/api/admin/experiments/third"
    elsewhere: dict[str, Any] = {"layer": "writing", "arms": [{"key": "A", "weight": 0.5}, {"key": "B", "weight": 0.5}]}
    put(world, third, **elsewhere)
    assert act(world, "start", third).problem(409, "seed_taken")["experiments"] == ["other", "rec-spacing"]
    put(world, third, **elsewhere, seed="third")
    assert act(world, "start", third).status == 200


def test_all_are_listed_a_page_at_a_time(world: World) -> None:
    for name in ("c", "a", "b"):
        put(world, f"/api/admin/experiments/{name}")
    act(world, "start", "/api/admin/experiments/b")
    owner = an_admin()
    first = world.call("list_all_experiments", owner, query={"limit": "2"}).json
    assert [one["experiment_id"] for one in first["items"]] == ["a", "b"]
    rest = world.call("list_all_experiments", owner, query={"limit": "2", "cursor": first["next_cursor"]}).json
    assert ([one["experiment_id"] for one in rest["items"]], rest["next_cursor"]) == (["c"], None)
    running = world.call("list_all_experiments", owner, query={"status": "running"}).json["items"]
    assert [one["experiment_id"] for one in running] == ["b"]
    turned = world.call("list_all_experiments", an_admin(), query={"cursor": first["next_cursor"]})
    turned.problem(400, "malformed_cursor")


def test_what_is_not_there(world: World) -> None:
    act(world, "start").problem(404, "unknown_experiment")
    world.call("get_experiment_results", an_admin(), path=f"{ADMIN}/results").problem(404, "unknown_experiment")
    leave(world, an_account()).problem(404, "unknown_experiment")
    outcome(world, an_account(), "e").problem(404, "unknown_experiment")
    for function, path in (("put_experiment", ADMIN), ("list_all_experiments", None)):
        body = a_definition() if function == "put_experiment" else None
        world.call(function, an_account(), body, path=path).problem(403, "admin_only")


def test_publishing_keeps_the_experiments(world: World) -> None:
    started(world)
    world.publish(title={"en": "Another name"})
    courses.forget()
    assert shown(world, who := an_account())["items"]
    assert len(enrolments(world, who)) == 1


# Learners -------------------------------------------------------------------------------------------------------------


def test_b36_reading_enrols_nobody_and_being_served_does(world: World, backend: Backend) -> None:
    started(world)
    who = an_account()
    before = backend.kept()
    assert enrolments(world, who) == []
    assert backend.kept() == before
    shown(world, who)
    (one,) = enrolments(world, who)
    assert one | {"experiment_id": "rec-spacing", "status": "ACTIVE", "enrolled_at": "2031-05-05T12:00:00Z"} == one
    assert sum(results(world)["primary"][arm]["n"] for arm in "AB") == 1
    after = backend.kept()
    shown(world, who)
    assert backend.kept() == after


def test_k4_an_exposure_counts_once(world: World, clock: Any) -> None:
    """New sets, other contexts, other times and another process: the exposure stays the first."""
    started(world)
    who = an_account()
    for query in ({}, {"refresh": "true"}, {"count": "2"}, {"refresh": "true", "explain": "full"}):
        assert world.call("list_recommendations", who, query=query).status == 200
        clock.advance(3 * 3600)
        courses.forget()
    assert world.call("put_preferences", who, {"challenge_level": 0.9}).status == 200
    shown(world, who)
    (one,) = enrolments(world, who)
    assert one["enrolled_at"] == "2031-05-05T12:00:00Z"
    assert sum(results(world)["primary"][arm]["n"] for arm in "AB") == 1


def test_the_arm_decides_the_parameters(world: World) -> None:
    """The earlier system's formula leaves nothing to chance and recommends no lessons; ours draws."""
    started(world)
    ours, theirs = exposed(world, "A"), exposed(world, "B")
    assert {one["propensity"] for one in shown(world, theirs)["items"]} == {1.0}
    assert {item["reasons"][0]["code"] for item in shown(world, theirs)["items"]} <= {
        "low_rating",
        "shortest",
    }
    assert not {one["code"] for item in shown(world, ours)["items"] for one in item["reasons"]} & {"low_rating"}


def test_who_was_served_before_it_began_comes_in_with_the_next_set(world: World) -> None:
    who = an_account()
    before = shown(world, who)
    started(world)
    after = shown(world, who)
    assert before["set_id"] != after["set_id"]
    assert len(enrolments(world, who)) == 1
    assert shown(world, who)["set_id"] == after["set_id"]


def test_who_is_in_no_arm_keeps_the_set(world: World) -> None:
    outsider = an_account()
    before = shown(world, outsider)
    started(world, eligibility={"kind": ["guest"]})
    assert shown(world, outsider)["set_id"] == before["set_id"]
    assert enrolments(world, outsider) == []
    guest = world.guest()
    shown(world, guest)
    assert len(enrolments(world, guest)) == 1


def test_a_band_of_ratings_lets_in_who_is_in_it(world: World) -> None:
    started(world, eligibility={"any": [{"rating": [0.0, 500.0]}, {"group": ["7a"]}]})
    who = an_account()
    shown(world, who)
    assert enrolments(world, who) == []
    act(world, "stop")
    put(world, "/api/admin/experiments/second", eligibility={"rating": [500.0, 1500.0]})
    act(world, "start", "/api/admin/experiments/second")
    shown(world, who)
    assert [one["experiment_id"] for one in enrolments(world, who)] == ["second"]


def test_b45_a_pause_and_b47_a_winner_are_everybodys_at_once(world: World) -> None:
    started(world)
    one, other = exposed(world, "A"), exposed(world, "B")
    act(world, "pause")
    assert not baseline(world, other)
    act(world, "resume")
    assert baseline(world, other)
    assert not baseline(world, one)
    act(world, "stop", winner="B")
    newcomer = an_account()
    assert all(baseline(world, who) for who in (one, other, newcomer))
    assert enrolments(world, newcomer) == []
    assert [(each["arm"], each["status"]) for each in enrolments(world, one)] == [("A", "COMPLETED")]
    assert sum(results(world)["primary"][arm]["n"] for arm in "AB") >= 2
    act(world, "withdraw_winner")
    assert not any(baseline(world, who) for who in (one, other, newcomer))


def baseline(world: World, who: Principal) -> bool:
    return all(item["reasons"][0]["code"] in ("low_rating", "shortest") for item in shown(world, who)["items"])


def test_b47_leaving_is_for_good(world: World) -> None:
    started(world)
    who = exposed(world, "B")
    gone = leave(world, who)
    assert (gone.status, gone.json["status"], gone.json["arm"]) == (200, "EXITED", "B")
    assert leave(world, who).json == gone.json
    assert not baseline(world, who)
    assert enrolments(world, who) == [gone.json]
    primary = results(world)["primary"]["B"]
    assert (primary["exited"], primary["n"] >= 1) == (1, True)
    assert outcome(world, who, "late").json["result"] == "left"


def test_leaving_before_any_exposure_keeps_out(world: World) -> None:
    started(world)
    for who in (an_account(), world.guest()):
        gone = leave(world, who).json
        assert (gone["arm"], gone["status"], gone["enrolled_at"]) == (None, "EXITED", None)
        shown(world, who)
        assert enrolments(world, who) == [gone]
        assert outcome(world, who, "e").json["result"] == "not_enrolled"
    assert [results(world)["primary"][arm]["n"] for arm in "AB"] == [0, 0]


def test_a53_personalization_off_is_no_experiment(world: World, backend: Backend) -> None:
    started(world)
    who = world.reader()
    key = (f"USER#{who.learner}", f"COURSE#{world.course.id}#SETTINGS")
    backend.change(key, "SET personalization = :off", off={"BOOL": False})
    shown(world, who)
    assert enrolments(world, who) == []


# Outcomes -------------------------------------------------------------------------------------------------------------


def test_b46_an_event_counts_once_and_a_learner_converts_once(world: World) -> None:
    started(world)
    who = exposed(world, "A")
    said = [
        outcome(world, who, event, value).json["result"]
        for event, value in [("e1", 0), ("e2", 1), ("e2", 1), ("e3", 1)]
    ]
    assert said == ["counted", "counted", "duplicate", "counted"]
    a = results(world)["primary"]["A"]
    assert (a["conversions"], a["rate"]) == (1, round(1 / a["n"], 3))
    assert outcome(world, an_account(), "e1").json["result"] == "not_enrolled"


def test_b46_values_add_up_by_event(world: World) -> None:
    started(world, primary={"metric": "minutes", "type": "mean"})
    who, other = exposed(world, "A"), exposed(world, "A")
    for event, value in [("e1", 12.5), ("e2", -2.25), ("e1", 12.5), ("e2", 99)]:
        outcome(world, who, event, value, "minutes")
    outcome(world, other, "e1", 0.75, "minutes")
    a = results(world)["primary"]["A"]
    assert a["mean"] == round(11.0 / a["n"], 3)
    assert "conversions" not in a


def test_outcomes_that_cannot_be_are_422(world: World) -> None:
    started(world, secondary=[{"metric": "accepted"}])
    who = exposed(world)
    for metric, value, pointer in [
        ("shoe_size", 1, "/metric"),
        ("accepted", 1, "/metric"),
        ("subscribed", 0.5, "/value"),
    ]:
        found = outcome(world, who, "e", value, metric).problem(422, "invalid")
        assert [flaw["pointer"] for flaw in found["errors"]] == [pointer]
    act(world, "stop")
    assert outcome(world, who, "e").problem(409, "experiment_closed")["current"] == "completed"


def test_a_backend_may_report_for_a_learner(world: World) -> None:
    started(world)
    who = exposed(world, "A")
    backend = an_account("sessions:write")
    body = {"event_id": "e", "metric": "subscribed", "value": 1, "user_id": who.subject}
    assert world.call("record_outcome", backend, body, path=f"{MINE}/outcomes").json["result"] == "counted"
    assert results(world)["primary"]["A"]["conversions"] == 1
    world.call("record_outcome", an_account(), body, path=f"{MINE}/outcomes").problem(404, "not_found")


def test_a_guardrails_outcome_has_it_looked_at(world: World) -> None:
    started(world)
    who = exposed(world)
    outcome(world, who, "e1")
    assert world.messages(world.jobs) == []
    for _ in range(2):
        outcome(world, who, "e2", 1, DROPOUT)
    bodies = [message["Body"] for message in world.messages(world.jobs)]
    assert len(bodies) == 2
    assert all('"job":"CheckExperiment"' in body for body in bodies)


def test_an_old_event_is_not_kept_for_ever(world: World, backend: Backend, clock: Any) -> None:
    started(world)
    who = exposed(world)
    outcome(world, who, "e1")
    (row,) = [row for row in backend.rows(f"USER#{who.learner}") if row["sk"]["S"].startswith("OUTCOME#")]
    left = int(row["expires_at"]["N"]) - clock.now().timestamp()
    assert left == timedelta(days=400).total_seconds()


# What is measured here ------------------------------------------------------------------------------------------------

BUILT_IN = {
    "primary": {"metric": "completed_within_7d"},
    "secondary": [{"metric": "accepted"}, {"metric": "measured_gain", "type": "mean"}],
}


def measured(world: World, arm: str) -> dict[str, Any]:
    found = results(world)
    every = {one["metric"]: one[arm] for one in (found["primary"], *found["secondary"])}
    return {name: one["conversions"] if "conversions" in one else one["mean"] for name, one in every.items()}


def test_what_becomes_of_a_recommendation_counts_where_it_happens(world: World, backend: Backend) -> None:
    started(world, **BUILT_IN)
    who = exposed(world, "A")
    one = shown(world, who)["items"][0]
    accept = {"recommendation_id": one["id"], "action": "accept"}
    for _ in range(2):
        assert world.call("answer_recommendation", who, accept).status == 200
    assert measured(world, "A") == {"accepted": 1, "completed_within_7d": 0, "measured_gain": 0.0}
    practised(world, who, an_answer(1, minutes=-1), recommendation_id=one["id"], item_id=one["item"])
    found = measured(world, "A")
    assert (found["accepted"], found["completed_within_7d"]) == (1, 1)
    gain = world.call("list_recommendation_history", who).json["items"][0]["effect"]["observed"]
    n = results(world)["primary"]["A"]["n"]
    assert found["measured_gain"] == pytest.approx(gain / n, abs=0.06)
    assert gain > 0
    before = backend.kept()
    complete = {"recommendation_id": one["id"], "completion_time": 5}
    assert world.call("complete_recommendation", who, complete).status == 200
    assert measured(world, "A") == found
    assert backend.kept() != before


def test_a_completion_after_the_week_and_one_of_before_the_exposure_do_not_count(world: World, clock: Any) -> None:
    early = an_account()
    first = shown(world, early)["items"][0]["id"]
    clock.advance(60)
    started(world, **BUILT_IN)
    shown(world, early)
    (mine,) = enrolments(world, early)
    done = {"recommendation_id": first, "completion_time": 5}
    assert world.call("complete_recommendation", early, done).status == 200
    assert measured(world, mine["arm"]) == {"accepted": 0, "completed_within_7d": 0, "measured_gain": 0.0}
    clock.advance(8 * 86_400)
    courses.forget()
    late = shown(world, early)["items"][0]["id"]
    done = {"recommendation_id": late, "completion_time": 5}
    assert world.call("complete_recommendation", early, done).status == 200
    assert measured(world, mine["arm"]) == {"accepted": 1, "completed_within_7d": 0, "measured_gain": 0.0}


def test_who_left_is_measured_no_more(world: World) -> None:
    started(world, **BUILT_IN)
    who = exposed(world, "A")
    one = shown(world, who)["items"][0]["id"]
    leave(world, who)
    assert world.call("answer_recommendation", who, {"recommendation_id": one, "action": "accept"}).status == 200
    assert measured(world, "A")["accepted"] == 0


# What is made of it ---------------------------------------------------------------------------------------------------


def look(world: World) -> None:
    """What the queue's worker does when something that guards was counted."""
    body = CheckExperiment(world.course.id, "rec-spacing").to_json()
    assert invoke("run_job", sqs_event(body)) == {"batchItemFailures": []}


def alarms(said: pytest.LogCaptureFixture) -> list[str]:
    return [record.message for record in said.records if record.levelname == "ERROR"]


def test_b43_a_broken_split_has_no_result_and_an_alarm(world: World, caplog: pytest.LogCaptureFixture) -> None:
    started(world)
    count(world.course.id, "rec-spacing", "A", 470, {"subscribed": 100})
    count(world.course.id, "rec-spacing", "B", 340, {"subscribed": 200})
    found = results(world)
    assert (found["status"], found["srm"]) == ("invalid", {"p": 4.93e-06, "ok": False})
    assert found["primary"] == {
        "metric": "subscribed",
        "type": "binary",
        "A": {"n": 470, "exited": 0},
        "B": {"n": 340, "exited": 0},
    }
    assert (found["secondary"], found["guardrails"]) == ([], [])
    assert alarms(caplog) == ["experiment_invalid"]


def test_b45_a_breached_guardrail_pauses_by_itself(world: World, caplog: pytest.LogCaptureFixture) -> None:
    started(world)
    who = exposed(world, "B")
    assert baseline(world, who)
    count(world.course.id, "rec-spacing", "A", 1000, {DROPOUT: 50})
    count(world.course.id, "rec-spacing", "B", 1000, {DROPOUT: 60})
    look(world)
    assert listed(world)["status"] == "running"
    count(world.course.id, "rec-spacing", "A", 1000, {DROPOUT: 50})
    count(world.course.id, "rec-spacing", "B", 1000, {DROPOUT: 250})
    caplog.clear()
    for _ in range(2):
        look(world)
    one = listed(world)
    assert (one["status"], one["paused_for"], one["allowed"]) == (
        "paused",
        "guardrail",
        ["resume", "grow_coverage", "stop"],
    )
    assert alarms(caplog) == ["experiment_paused"]
    assert not baseline(world, who)
    found = results(world)
    assert [(one["metric"], one["breached"], one["arm"]) for one in found["guardrails"]] == [(DROPOUT, True, "B")]
    assert found["primary"]["decision"] == "stop"
    assert found["primary"]["rests_on"]["code"] == "guardrail_breached"


def listed(world: World) -> Any:
    (one,) = world.call("list_all_experiments", an_admin()).json["items"]
    return one


def test_several_arms_and_metrics_in_the_answer(world: World) -> None:
    arms = [{"key": key, "weight": weight} for key, weight in (("A", 0.5), ("B", 0.25), ("C", 0.25))]
    started(world, arms=arms, secondary=[{"metric": "shared"}], guardrails=[])
    for arm, n, done in (("A", 1000, 400), ("B", 500, 190), ("C", 500, 260)):
        count(world.course.id, "rec-spacing", arm, n, {"subscribed": done, "shared": n // 2})
    found = results(world)
    primary = found["primary"]
    assert (primary["arm"], primary["decision"], primary["rests_on"]["code"]) == ("C", "ship", "surely_better")
    assert [one["arm"] for one in primary["others"]] == ["B"]
    assert [one["difference"] for one in found["secondary"]] == [0.0]


def test_groups_are_counted_as_groups(world: World, backend: Backend) -> None:
    """A class is one row in one partition; the rows of a class say nothing of its name."""
    started(world, unit="group")
    class_ = "class seven"
    for _ in range(3):
        who = world.reader(group=class_)
        shown(world, who)
        assert len(enrolments(world, who)) == 1
    shown(world, loner := world.reader())
    assert enrolments(world, loner) == []
    counted = [str(row) for row in backend.kept().values() if "'tally'" in str(row)]
    assert len(counted) == 1
    assert class_ not in counted[0]
    assert sum(results(world)["primary"][arm]["n"] for arm in "AB") == 3


def test_who_turns_out_to_be_in_two_arms_is_counted_out(world: World) -> None:
    started(world)
    one, other = exposed(world, "A"), exposed(world, "B")
    for who in (one, other):
        outcome(world, who, "e")
    before = results(world)
    sides = [
        Side(learner_settings.get(who, world.course.id, NOW).arms, {"rec-spacing": {"subscribed": MICRO}})
        for who in (one, other)
    ]
    united = unite(sides[0], sides[1], {"rec-spacing": {"subscribed": Metric("subscribed")}})
    assert united.arms["rec-spacing"].status == "EXCLUDED"

    def fill(transaction: Any) -> None:
        by_row: dict[Assignment, Tally] = {}
        for each in united.corrections:
            by_row[each.assignment] = by_row.get(each.assignment, Tally()).plus(each.adds)
        for assignment, adds in by_row.items():
            tallies.add(transaction, world.course.id, "rec-spacing", assignment, adds)

    table.transact(fill)
    after = results(world)
    assert after["multi_exposed"]["n"] == 1
    for arm in "AB":
        assert after["primary"][arm]["n"] == before["primary"][arm]["n"] - 1
        assert after["primary"][arm]["conversions"] == 0
