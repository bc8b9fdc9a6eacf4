"""Story B, an experiment: who is in which arm, what that changes, what came of it; a test for each assertion."""

import json
from collections import Counter
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pytest

from attune.domain.experiments.definition import is_held_out
from attune.domain.principal import account_subject
from tests.counted import count
from tests.journeys.conftest import COURSES, World, until
from tests.journeys.practising import an_id, recommended
from tests.journeys.reporting import exported
from tools.client import Client, Reply
from tools.course import read
from tools.publish import publish

COURSE = "poker"
BEGINS = "2026-11-10T00:00:00Z"
NAME, DROPOUT, DONE = "rec-spacing", "dropout_14d", "completed_within_7d"
Json = dict[str, Any]

LAID_OUT: Json = {
    "layer": "ranking",
    "seed": "rec-spacing-1",
    "coverage": 1.0,
    "holdout": 0.05,
    "planned_total": 5000,
    "arms": [
        {"key": "A", "weight": 0.5, "params": {"review_share": 0.3}},
        {"key": "B", "weight": 0.5, "params": {"algorithm": "baseline"}},
    ],
    "primary": {"metric": DONE, "type": "binary"},
    "guardrails": [{"metric": DROPOUT, "max_increase": 0.03}],
}


@dataclass(frozen=True)
class Trial:
    """One experiment in a course of its own."""

    world: World
    course: str

    def ask(self, client: Client, method: str, path: str, body: object = None) -> Reply:
        return client.send(method, f"{path}?course={self.course}", body)

    def put(self, name: str = NAME, **changes: Any) -> Reply:
        return self.ask(self.world.owner, "PUT", f"/api/admin/experiments/{name}", LAID_OUT | changes)

    def act(self, action: str, name: str = NAME, **more: Any) -> Reply:
        path = f"/api/admin/experiments/{name}/actions"
        return self.ask(self.world.owner, "POST", path, {"action": action, **more})

    def start(self, **changes: Any) -> "Trial":
        assert self.put(**changes).json["status"] == "draft"
        assert self.act("start").json["status"] == "running"
        return self

    @property
    def results(self) -> Json:
        found: Json = self.ask(self.world.owner, "GET", f"/api/admin/experiments/{NAME}/results").json
        return found

    @property
    def status(self) -> str:
        (one,) = self.ask(self.world.owner, "GET", "/api/admin/experiments").json["items"]
        return str(one["status"])

    def mine(self, client: Client) -> list[Json]:
        found: list[Json] = self.ask(client, "GET", "/api/experiments").json["items"]
        return found

    def arm(self, client: Client) -> str | None:
        """The arm of somebody who was just shown recommendations."""
        self.shown(client)
        return next((one["arm"] for one in self.mine(client)), None)

    def shown(self, client: Client) -> Json:
        found: Json = recommended(client, course=self.course).json
        return found

    def by_baseline(self, client: Client) -> bool:
        """Whether the earlier system's formula chose: it recommends no lesson and leaves nothing to chance."""
        return {item["propensity"] for item in self.shown(client)["items"]} == {1.0} and not any(
            item["kind"] == "learn" for item in self.shown(client)["items"]
        )

    def player(self, name: str, *, held_out: bool = False) -> Client:
        """Somebody who is, or is not, of the twentieth that is in no experiment."""
        number = 0
        while is_held_out(f"a.{self._id(f'{name} {number}')}", 0.05) is not held_out:
            number += 1
        return self.world.account(f"{name} {number}")

    def player_in(self, arm: str) -> Client:
        for number in range(40):
            one = self.player(f"somebody of {number}")
            if self.arm(one) == arm:
                return one
        raise AssertionError("nobody falls into it")

    def guest_in(self, arm: str) -> tuple[Client, str]:
        """A guest whom the hash puts into an arm, with the token."""
        for _ in range(40):
            token = self.world.stack.guest()
            one = self.world.client(token)
            if self.arm(one) == arm:
                return one, token
        raise AssertionError("nobody falls into it")

    @property
    def exposed(self) -> int:
        return sum(self.results["primary"][arm]["n"] for arm in "AB")

    def outcome(self, client: Client, event: str, metric: str, value: float = 1) -> Reply:
        body = {"event_id": event, "metric": metric, "value": value}
        return self.ask(client, "POST", f"/api/experiments/{NAME}/outcomes", body)

    def _id(self, subject: str) -> str:
        return account_subject(self.world.stack.issuer.url, subject)


@pytest.fixture
def trial(still: World, request: pytest.FixtureRequest) -> Trial:
    course = "-".join(request.node.name.split("_")[1:3])
    publish(still.owner, replace(read(COURSES / COURSE), id=course))
    return Trial(still, course)


def test_b36_reading_enrols_nobody_and_the_first_exposure_is_stored(trial: Trial) -> None:
    trial.start()
    one = trial.player("ada")
    before = trial.world.rows()
    assert trial.mine(one) == []
    assert trial.world.rows() == before
    assert trial.shown(one)["items"]
    (stored,) = trial.mine(one)
    assert stored.items() >= {"experiment_id": NAME, "status": "ACTIVE", "enrolled_at": BEGINS}.items()
    # Whatever they prefer later and however often they come.
    one.put(f"/api/personalization/preferences?course={trial.course}", {"challenge_level": 0.9})
    trial.world.clock.advance(hours=1)
    assert trial.shown(one)["items"]
    assert trial.mine(one) == [stored]
    assert sum(trial.results["primary"][arm]["n"] for arm in "AB") == 1


def test_b37_what_runs_is_not_changed_and_growing_moves_nobody(trial: Trial) -> None:
    trial.start(coverage=0.5)
    players = [trial.player(f"player {number}") for number in range(24)]
    were = [trial.arm(one) for one in players]
    assert {"A", "B", None} == set(were)
    rows = trial.world.rows()
    refused = trial.put(arms=[{**LAID_OUT["arms"][0], "weight": 0.9}, {**LAID_OUT["arms"][1], "weight": 0.1}])
    assert (refused.status, refused.json["code"]) == (409, "experiment_immutable")
    assert trial.world.rows() == rows
    assert trial.act("grow_coverage", coverage=1.0).json["coverage"] == 1.0
    are = [trial.arm(one) for one in players]
    assert all(was in (None, now) for was, now in zip(were, are, strict=True))
    assert None not in are


def test_b38_who_is_held_out_and_two_of_one_layer(trial: Trial) -> None:
    trial.start(part=[0.0, 0.5])
    trial.put("other", seed="other", part=[0.4, 1.0])
    refused = trial.act("start", "other")
    assert (refused.status, refused.json["experiments"]) == (409, [NAME])
    trial.put("other", seed="other", part=[0.5, 1.0])
    assert trial.act("start", "other").status == 200
    for number in range(8):
        one = trial.player(f"player {number}")
        trial.shown(one)
        assert len(trial.mine(one)) == 1
    for number in range(3):
        held = trial.player(f"held out {number}", held_out=True)
        assert not trial.by_baseline(held)
        assert trial.mine(held) == []


def joined(account: Client, token: str) -> bool:
    return account.send("POST", "/api/user/link", {"guest_token": token}).status == 200


def test_b39_the_account_is_counted_once(trial: Trial) -> None:
    trial.start(primary={"metric": "subscribed"})
    account = trial.player("ada")
    own = trial.arm(account)
    guests = [trial.guest_in(arm) for arm in (str(own), "B" if own == "A" else "A")]
    for who in (account, *(guest for guest, _ in guests)):
        assert trial.outcome(who, "e", "subscribed").json["result"] == "counted"
    before, found = trial.exposed, []
    for _, token in guests:
        until(partial(joined, account, token))
        results = trial.results
        found.append(
            (
                before - trial.exposed,
                sum(results["primary"][arm]["conversions"] for arm in "AB"),
                results["multi_exposed"]["n"],
                [(one["arm"], one["status"]) for one in trial.mine(account)],
            )
        )
    # The first guest saw the same arm; with the second, somebody saw both.
    assert found == [(1, 2, 0, [(own, "ACTIVE")]), (3, 0, 1, [(own, "EXCLUDED")])]


def test_b42_exactly_these_numbers_for_these_counts(trial: Trial) -> None:
    trial.start()
    count(trial.course, NAME, "A", 99, {DONE: 40})
    count(trial.course, NAME, "B", 98, {DONE: 60})
    few = trial.results["primary"]
    assert (few["decision"], "interval" in few, "difference" in few) == ("keep_running", False, False)
    count(trial.course, NAME, "A", 313, {DONE: 133, DROPOUT: 20}, excluded=1)
    count(trial.course, NAME, "B", 300, {DONE: 143, DROPOUT: 22}, excluded=1)
    trial.world.clock.move("2026-11-24T00:00:00Z")
    found = trial.results
    assert (found["status"], found["srm"]) == ("running", {"p": 0.623, "ok": True})
    assert found["multi_exposed"] == {"n": 2, "share": 0.0025}
    assert found["primary"]["A"] == {"n": 412, "exited": 0, "conversions": 173, "rate": 0.42}
    assert found["primary"]["B"] == {"n": 398, "exited": 0, "conversions": 203, "rate": 0.51}
    assert (
        found["primary"].items()
        >= {
            "difference": 0.0901,
            "interval": [-0.031, 0.212],
            "decision": "keep_running",
        }.items()
    )
    assert [(one["metric"], one["breached"]) for one in found["guardrails"]] == [(DROPOUT, False)]


def test_b43_a_broken_split_has_no_result(trial: Trial) -> None:
    trial.start()
    count(trial.course, NAME, "A", 470, {DONE: 100})
    count(trial.course, NAME, "B", 340, {DONE: 200})
    found = trial.results
    assert (found["status"], f"{found['srm']['p']:.1e}") == ("invalid", "4.9e-06")
    said = json.dumps(found)
    assert not [word for word in ("difference", "interval", "decision", "conversions", "rate") if word in said]


def test_b45_a_breached_guardrail_pauses_by_itself(trial: Trial) -> None:
    trial.start()
    one = trial.player_in("B")
    assert trial.by_baseline(one)
    count(trial.course, NAME, "A", 1000, {DROPOUT: 50})
    count(trial.course, NAME, "B", 1000, {DROPOUT: 200})
    assert trial.status == "running"
    assert trial.outcome(one, "gone", DROPOUT).json["result"] == "counted"
    until(lambda: trial.status == "paused")
    assert not trial.by_baseline(one)
    assert trial.results["guardrails"][0]["breached"] is True


def test_b46_one_conversion_a_player_and_an_event_once(trial: Trial) -> None:
    trial.start(primary={"metric": "subscribed"}, secondary=[{"metric": "accepted"}, {"metric": DONE}])
    one = trial.player_in("A")
    said = [trial.outcome(one, event, "subscribed").json["result"] for event in ("e1", "e1", "e2")]
    assert said == ["counted", "duplicate", "counted"]
    stranger = trial.player("stranger", held_out=True)
    trial.shown(stranger)
    assert trial.outcome(stranger, "e1", "subscribed").json["result"] == "not_enrolled"
    path = f"/api/personalization/recommendations?course={trial.course}"
    for item in trial.shown(one)["items"][:2]:
        for _ in range(2):
            done = {"recommendation_id": item["id"], "completion_time": 9}
            assert one.send("PUT", path, done).status == 200
    found = trial.results
    assert found["primary"]["A"]["conversions"] == 1
    assert [metric["A"]["conversions"] for metric in found["secondary"]] == [1, 1]
    assert all(metric["B"]["conversions"] == 0 for metric in (found["primary"], *found["secondary"]))


def test_b46_what_is_studied_and_who_comes_back_counts_as_the_stream_tells_it(trial: Trial) -> None:
    ratio, retained = {"metric": "gain_per_minute", "type": "ratio"}, {"metric": "retained_7d"}
    trial.start(primary=ratio, secondary=[retained])
    stays, goes = trial.player_in("A"), trial.player_in("B")

    def study(one: Client, minutes: int) -> str:
        at = trial.world.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
        answer = {"item_id": "pot-odds", "correct": True, "at": at, "duration_ms": 60_000 * minutes}
        session = {"session_id": an_id(at), "started_at": at, "attempts": [{"attempt_id": "1", **answer}]}
        for _ in range(2):
            assert trial.ask(one, "POST", "/api/training/sessions", session).status in (200, 201)
        return at[:10]

    days = {study(stays, 2), study(goes, 3)}
    assert trial.world.stack.fold() > 0
    trial.world.clock.advance(days=8)
    days.add(study(stays, 4))
    trial.world.stack.fold()
    told = [event for day in sorted(days) for event in exported(trial.world, day, trial.course)]
    answers = [event for event in told if event["event"] == "attempt"]
    gains = [sum(event["gain"].values()) / len(event["gain"]) for event in answers]
    of = Counter(event["learner"] for event in answers)
    found = trial.results
    for arm, times, minutes in (("A", 2, 6), ("B", 1, 3)):
        own = [gain for gain, event in zip(gains, answers, strict=True) if of[event["learner"]] == times]
        assert found["primary"][arm].items() >= {"contributing": 1, "mean": round(sum(own) / minutes, 3)}.items()
    assert [found["secondary"][0][arm]["conversions"] for arm in "AB"] == [1, 0]
    assert found["primary"]["decision"] == "keep_running"


def test_b47_a_winner_is_everybodys_and_who_leaves_is_out_at_once(trial: Trial) -> None:
    trial.start()
    in_a, in_b = trial.player_in("A"), trial.player_in("B")
    left = trial.ask(in_b, "DELETE", f"/api/experiments/{NAME}")
    assert (left.status, left.json["status"], left.json["arm"]) == (200, "EXITED", "B")
    assert not trial.by_baseline(in_b)
    over = trial.act("stop", winner="B").json
    assert (over["status"], over["winner"]) == ("completed", "B")
    newcomer, held = trial.player("newcomer"), trial.player("held out", held_out=True)
    assert all(trial.by_baseline(one) for one in (in_a, in_b, newcomer, held))
    assert [(one["arm"], one["status"]) for one in trial.mine(in_a)] == [("A", "COMPLETED")]
    assert trial.mine(newcomer) == []
