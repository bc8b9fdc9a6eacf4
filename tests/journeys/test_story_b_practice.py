"""Story B, practice on two devices: what answers, mistakes and claims make of a profile; a test for each assertion."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from attune.domain.learning import filter as model
from attune.domain.learning.measures import rating
from attune.domain.learning.parameters import NEW_ITEM, START
from attune.domain.learning.state import NEW_ABILITY, NEW_SKILL
from attune.domain.practice.claims import WEIGHT
from tests.journeys.conftest import World
from tests.journeys.practising import PROFILE, answer, course, recommended, results, send, skill, told
from tools.client import Client

COURSE = "poker"
BEGINS = "2026-11-10T18:05:00Z"
H1 = answer("H1", "value-betting", "2026-11-10T18:02:11Z", score=1.0, duration_ms=41000, phase="river")
H2 = answer(
    "H2",
    "value-betting",
    "2026-11-10T18:03:02Z",
    score=0.4,
    hints_used=0,
    phase="river",
    mistake={"category": "missed-value", "loss": 0.62},
)
H3 = answer("H3", "bankroll-management", "2026-11-10T18:04:40Z", score=1.0)
BATCH = [H1, H2, H3]
NEEDS_DATA = ("learning_velocity", "consistency", "adaptability", "retention")


@pytest.fixture(scope="module")
def story(still: World) -> World:
    """One player, on the phone and on the laptop."""
    still.said["ada"] = still.account("ada")
    still.keep("new", still["ada"].get(PROFILE))
    phone, laptop = still.account("ada"), still.account("ada")
    with ThreadPoolExecutor(8) as pool:
        sent = list(
            pool.map(lambda device: send(device, "S9", BATCH, started_at="2026-11-10T18:00:00Z"), [phone, laptop] * 4)
        )
    still.said["sent"] = sent
    still.keep("profile", still["ada"].get(PROFILE))
    return still


def test_b08_a_new_player_is_nothing_but_priors(story: World) -> None:
    found = story["new"].json
    assert list(found["skills"]) == ["preflop", "postflop", "psychology", "mathematics", "bankroll", "tournament"]
    for one in found["skills"].values():
        assert one.items() >= {"rating": 1000, "attempts": 0, "source": "prior", "confidence": 0}.items()
        assert one["interval"][0] < 1000 < one["interval"][1]
        assert one["interval"][0] + one["interval"][1] == pytest.approx(2000)
        assert (one["trend"], one["last_practised_at"], one["due_at"]) == (None, None, None)
    assert found["overall_rating"] == 1000
    assert found["strengths"] == found["weaknesses"] == []
    assert [found[name] for name in NEEDS_DATA] == [None] * 4
    assert set(found["why"]) == set(NEEDS_DATA)
    assert all(found["why"].values())
    assert found["recommendations"]["total"] == 0
    assert found["recommendations"]["acceptance_rate"] is None


def test_b12_eight_writers_count_each_attempt_once(story: World) -> None:
    outcomes = [(each["attempt_id"], each["result"]) for reply in story["sent"] for each in reply.json["results"]]
    assert sorted(outcomes) == sorted(
        (id_, result) for id_ in ("H1", "H2", "H3") for result in ["accepted"] + ["duplicate"] * 7
    )
    assert {reply.status for reply in story["sent"]} == {200, 201}
    before, after = story["new"].json["skills"], story["profile"].json["skills"]
    rise = {name: after[name]["attempts"] - before[name]["attempts"] for name in after}
    assert rise == {"preflop": 0, "postflop": 2, "psychology": 0, "mathematics": 3, "bankroll": 1, "tournament": 0}
    alone = story.account("alone")
    assert results(send(alone, "S9", BATCH, started_at="2026-11-10T18:00:00Z")) == ["accepted"] * 3
    assert alone.get(PROFILE).body == story["profile"].body


def rows(client: Client, name: str) -> dict[str, Any]:
    return {row["attempt_id"]: row for row in skill(client, name)["evidence"]}


def test_b13_an_item_with_two_skills_is_one_prediction_and_one_update(story: World) -> None:
    found = {name: rows(story["ada"], name) for name in ("postflop", "mathematics", "bankroll")}
    assert [list(each) for each in found.values()] == [["H1", "H2"], ["H1", "H2", "H3"], ["H3"]]
    ability, states = NEW_ABILITY, dict.fromkeys(found, NEW_SKILL)
    for id_, score in (("H1", 1.0), ("H2", 0.4), ("H3", 1.0)):
        shown = {name: each[id_] for name, each in found.items() if id_ in each}
        assert {row["score"] for row in shown.values()} == {score}
        (one,) = {row["p"] for row in shown.values()}
        names = next(iter(shown.values()))["skills"]
        assert set(names) == set(shown)
        first = next(iter(shown.values()))
        item = START.item(first["item_id"], first["difficulty"])
        before = {name: rating(START, name, ability, states[name]) for name in names}
        told_ = model.update(START, item, names, ability, [states[name] for name in names], score, first["weight"])
        ability, states = told_.ability, {**states, **dict(zip(names, told_.skills, strict=True))}
        assert one == told_.p
        for name, row in shown.items():
            assert (row["before"], row["after"]) == (before[name], rating(START, name, ability, states[name]))


def missed(world: World, number: int) -> dict[str, Any]:
    at = told(world.clock.now() - timedelta(minutes=5 - number))
    return {**H2, "attempt_id": f"M{number}", "at": at, "score": 0.2}


def test_b14_three_mistakes_make_a_weakness_and_successes_mend_it(story: World) -> None:
    one = story.account("b14")
    for number in (1, 2):
        send(one, "S1", [missed(story, number)])
        assert one.get(PROFILE).json["weaknesses"] == []
    send(one, "S1", [missed(story, 3)])
    (found,) = one.get(PROFILE).json["weaknesses"]
    (known,) = [mistake for mistake in course("poker").mistakes if mistake.id == "missed-value"]
    assert isinstance(known.advice, dict)
    assert (
        found.items()
        >= {
            "category": "missed-value",
            "phase": "river",
            "count": 3,
            "frequency": 1.0,
            "evidence": ["M1", "M2", "M3"],
            "advice": known.advice["en"],
        }.items()
    )
    assert 0 < found["severity"] <= 1
    assert recommended(one).json["user_profile"]["main_weakness"] == "missed-value"
    severities, frequencies = [found["severity"]], [found["frequency"]]
    for turn in range(20):
        story.clock.advance(minutes=1)
        send(one, "S2", [answer(f"{turn}", "value-betting", told(story.clock.now()), True, phase="river")])
        left = one.get(PROFILE).json["weaknesses"]
        if not left:
            break
        severities.append(left[0]["severity"])
        frequencies.append(left[0]["frequency"])
    assert left == []
    assert len(severities) > 2
    assert severities == sorted(set(severities), reverse=True)
    assert frequencies == sorted(set(frequencies), reverse=True)


def test_b14_another_category_does_not_mend_it(story: World) -> None:
    one = story.account("b14 other")
    send(one, "S1", [missed(story, number) for number in (1, 2, 3)])
    (before,) = one.get(PROFILE).json["weaknesses"]
    send(one, "S2", [answer("0", "preflop-ranges-01", told(story.clock.now()), True)])
    assert one.get(PROFILE).json["weaknesses"] == [before]


def test_b15_a_claim_is_weak_and_can_be_taken_back(story: World) -> None:
    path, one = "/api/personalization/skills/postflop", story["ada"]
    before, profile, table = one.get(path), one.get(PROFILE), story.rows()
    claimed = one.post(f"{path}/claims", {"level": "advanced"}).json
    assert (claimed["source"], claimed["claim"]["level"], claimed["attempts"]) == ("claim", "advanced", 2)
    assert one.get(PROFILE).json["skills"]["postflop"]["source"] == "claim"
    assert claimed["evidence"] == before.json["evidence"]
    moved = claimed["rating"] - before.json["rating"]
    assert 0 < moved < WEIGHT * worth(before.json["evidence"]) + 0.1
    again = one.post(f"{path}/claims", {"level": "advanced"})
    assert again.json == claimed
    other = one.post(f"{path}/claims", {"level": "beginner"}).json
    assert other["rating"] < before.json["rating"]
    one.delete(f"{path}/claims")
    assert one.get(path).body == before.body
    assert one.get(PROFILE).body == profile.body
    assert len(story.rows()) == len(table)


def worth(evidence: list[Any]) -> float:
    """The points that the best answer to an average item could bring now."""
    ability, states = NEW_ABILITY, {"postflop": NEW_SKILL, "mathematics": NEW_SKILL, "bankroll": NEW_SKILL}
    replayed = [(row["item_id"], row["difficulty"], row["skills"], row["score"]) for row in evidence]
    replayed.append((H3["item_id"], 3, ["mathematics", "bankroll"], 1.0))
    for item, difficulty, names, score in replayed:
        after = model.update(
            START, START.item(item, difficulty), names, ability, [states[name] for name in names], score
        )
        ability, states = after.ability, {**states, **dict(zip(names, after.skills, strict=True))}
    best = model.update(START, NEW_ITEM, ["postflop"], ability, [states["postflop"]], 1.0)
    return rating(START, "postflop", best.ability, best.skills[0]) - rating(
        START, "postflop", ability, states["postflop"]
    )
