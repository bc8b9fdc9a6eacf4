"""Story B, recommendations: what is asked for, what is shown, and why; one test for each numbered assertion."""

from collections import Counter
from dataclasses import replace
from math import sqrt
from typing import Any

import pytest

from attune.domain.recommendations.asked import Asked, resolve
from attune.domain.recommendations.candidates import sift
from attune.domain.recommendations.choose import draw
from attune.domain.recommendations.gate import Gate
from attune.domain.recommendations.outline import outline
from attune.domain.recommendations.parameters import DEFAULT
from attune.domain.recommendations.rank import first_draws, rank
from attune.domain.recommendations.recommendation import Ranked
from attune.domain.recommendations.score import Scored, Scorer
from attune.domain.recommendations.situation import Request, Situation
from tests.journeys.conftest import World
from tests.journeys.practising import (
    PREFERENCES,
    Learner,
    answers,
    course,
    dropped,
    mean_p,
    minutes,
    recommended,
    respond,
    results,
    send,
)
from tools.client import Client, Reply

COURSE = "poker"
BEGINS = "2026-11-10T18:30:00Z"
ASKED: dict[str, Any] = {
    "count": 5,
    "time_available": 60,
    "exclude": "tournament-play",
    "focus_areas": "postflop,mathematics",
}
SEEDS = 10_000


def player(world: World, name: str, **preferences: Any) -> Client:
    """Somebody who has practised: the same for every name."""
    one = world.account(name)
    if preferences:
        one.put(PREFERENCES, preferences)
    items = [
        "value-betting",
        "value-betting-01",
        "pot-odds-01",
        "preflop-ranges-01",
        "bankroll-management",
        "bluffing-06",
    ]
    assert results(send(one, "first", answers(world, items, wrong=[0, 3], apart=700))) == ["accepted"] * 6
    return one


@pytest.fixture(scope="module")
def story(still: World) -> World:
    """A player of whom something is known, and what they ask for an hour later."""
    chosen = {"time_availability": 45, "learning_goals": ["postflop"], "extras": {"game_types": ["cash", "tournament"]}}
    still.said["ada"] = one = player(still, "ada", **chosen)
    still.clock.advance(hours=1)
    still.keep("asked", recommended(one, **ASKED, explain="full"))
    still.keep("plain", recommended(one))
    return still


def again(found: Reply, learner: Learner, **words: Any) -> Ranked:
    """The set of an answer, made anew from what the API says of the learner, by the set's id."""
    request = resolve(Asked(**words), learner.settings, learner.course).request
    return rank(learner.situation(found.json["generated_at"]), request, DEFAULT, found.json["set_id"])


def test_b16_what_is_excluded_or_shut_is_dropped_and_said_to_be(story: World) -> None:
    found, known = story["asked"], course("poker")
    rules = dropped(found)
    shown = [item["item"] for item in found.json["items"]]
    assert "tournament-play" not in shown
    assert rules["tournament-play"]["rule"] == "excluded_by_request"
    candidates = set(known.lessons) | set(known.items_by_id)
    assert len(found.json["dropped"]) == len(rules)
    assert sorted([*shown, *rules]) == sorted(candidates)
    shut = {item: one["params"] for item, one in rules.items() if one["rule"] == "prerequisite"}
    mathematics = story["ada"].get("/api/user/profile").json["skills"]["mathematics"]["mastery"]
    assert mathematics < known.mastery
    needing = {item.id for item in known.items if "tournament" in item.skills} - {"tournament-play"}
    assert needing <= set(shut)
    for item in needing:
        assert shut[item] == {
            "skill": "mathematics",
            "need": known.mastery,
            "has": pytest.approx(mathematics, abs=1e-4),
        }
    assert all({"need", "has"} <= set(params) for params in shut.values())
    none = recommended(story["ada"], exclude="postflop,mathematics", count=20, time_available=1440)
    assert none.json["items"]
    for item in none.json["items"]:
        assert not {"postflop", "mathematics"} & set(item["skill_focus"])


def test_b17_the_request_beats_what_is_stored(story: World) -> None:
    assert minutes(story["asked"]) <= 60
    assert minutes(story["plain"]) <= 45
    asked, plain = story["asked"].json["context"], story["plain"].json["context"]
    assert asked["time_available"] == {"value": 60, "source": "request"}
    assert plain["time_available"] == {"value": 45, "source": "preferences"}
    assert asked["exclude"] == {"value": ["tournament-play"], "source": "request"}
    assert asked["focus_areas"] == {"value": ["postflop", "mathematics"], "source": "request"}
    assert asked["goals"] == plain["goals"] == {"value": ["postflop"], "source": "preferences"}
    assert (asked["count"]["source"], plain["count"]) == ("request", {"value": 5, "source": "default"})
    assert plain["exclude"] == {"value": [], "source": "default"}
    for item in story["asked"].json["items"]:
        assert {"postflop", "mathematics"} & set(item["skill_focus"])


def test_b18_the_expected_score_is_that_of_the_estimates(story: World) -> None:
    large = recommended(story["ada"], count=20, time_available=1440)
    learner = Learner.of(story["ada"], "poker")
    chances = learner.situation(large.json["generated_at"]).p
    lessons = 0
    for found in (story["asked"], story["plain"], large):
        names = [item["item"] for item in found.json["items"]]
        assert len(set(names)) == len(names)
        for item in found.json["items"]:
            own = [one.id for one in learner.course.items if one.lesson == item["item"]] or [item["item"]]
            lessons += len(own) > 1
            assert item["p_success"] == pytest.approx(sum(chances[name] for name in own) / len(own), abs=1e-6)
    assert lessons


def test_b19_the_same_learner_and_seed_give_the_same_set(story: World) -> None:
    assert recommended(story["ada"], **ASKED, explain="full").body == story["asked"].body
    learner = Learner.of(story["ada"], "poker")
    words = {"exclude": ("tournament-play",), "focus_areas": ("postflop", "mathematics")}
    for found, ranked in (
        (story["plain"], again(story["plain"], learner)),
        (story["asked"], again(story["asked"], learner, count=5, time_available=60, **words)),
    ):
        assert [
            (item["item"], item["kind"], item["priority"], item["propensity"], item["p_success"])
            for item in found.json["items"]
        ] == [(one.item, one.kind, one.priority, one.propensity, one.p_success) for one in ranked.recommendations]
    assert {(one["item"], one["rule"]) for one in story["asked"].json["dropped"]} == {
        (one.item, one.rule) for one in ranked.dropped
    }


def test_b19_frequencies_are_the_propensities(story: World) -> None:
    learner, shown = Learner.of(story["ada"], "poker"), story["plain"].json["items"][0]
    situation = learner.situation(story["plain"].json["generated_at"])
    request = resolve(Asked(), learner.settings, learner.course).request
    propensities = first_draws(situation, request, DEFAULT)
    assert shown["propensity"] == pytest.approx(propensities[shown["item"]], abs=1e-6)
    scored = scores(situation, request, learner)
    first = replace(request, count=1)
    counted = Counter(
        draw(scored, first, DEFAULT, f"seed {seed}")[0].scored.candidate.piece.id for seed in range(SEEDS)
    )
    assert sum(propensities.values()) == pytest.approx(1)
    assert set(counted) <= set(propensities)
    assert all(abs(counted[item] / SEEDS - chance) <= 3 * error(chance) for item, chance in propensities.items())


def error(chance: float) -> float:
    """The standard error of a frequency."""
    return sqrt(chance * (1 - chance) / SEEDS)


def scores(situation: Situation, request: Request, learner: Learner) -> list[Scored]:
    """All that could be drawn, with what it is worth."""
    view = outline(learner.course)
    gate = Gate(situation, view, DEFAULT)
    scorer = Scorer(situation, request, view, gate, DEFAULT)
    open_ = [one for one in sift(situation, request, view, gate).eligible if one.piece.minutes <= request.minutes]
    scorer.order(open_)
    return [scorer.scored(one) for one in open_]


def test_b20_if_nothing_fits_the_shortest_comes(story: World) -> None:
    found = recommended(story["ada"], time_available=5, kinds="learn", explain="full")
    (one,) = found.json["items"]
    open_ = [item for item, each in dropped(found).items() if each["rule"] == "time"]
    lessons = course("poker").lessons
    assert one["exceeds_time"] is True
    assert one["estimated_time"] == lessons[one["item"]].minutes > 5
    assert open_
    assert all(lessons[item].minutes >= one["estimated_time"] for item in open_)
    fitting = recommended(story["ada"], time_available=5)
    assert minutes(fitting) <= 5
    assert not any(item["exceeds_time"] for item in fitting.json["items"])


def test_b20_if_everything_is_excluded_nothing_comes(story: World) -> None:
    everything = "preflop,postflop,psychology,mathematics,bankroll"
    found = recommended(story["ada"], exclude=everything, explain="full")
    assert (found.json["items"], found.json["empty_reason"]) == ([], "excluded_by_request")
    assert {each["rule"] for each in found.json["dropped"]} == {"excluded_by_request", "prerequisite"}


def test_b20_if_all_is_declined_the_oldest_decline_returns(story: World) -> None:
    one = story.account("b20")
    only = {"exclude": "preflop,psychology,mathematics,bankroll,tournament", "count": 20, "time_available": 60}
    offered = recommended(one, **only).json["items"]
    assert len(offered) == 5
    declined = [item["item"] for item in offered[::-1]]
    for item in offered[::-1]:
        story.clock.advance(seconds=1)
        assert respond(one, item["id"], "decline").status == 200
    back = recommended(one, **only)
    assert [item["item"] for item in back.json["items"]] == declined
    assert {item["status"] for item in back.json["items"]} == {"PENDING"}


def several(client: Client, n: int = 10, **words: Any) -> list[Reply]:
    """Sets of one state: what chance draws evens out over them."""
    return [recommended(client, refresh=True, **words) for _ in range(n)]


def test_b21_a_challenge_lowers_the_expected_score(story: World) -> None:
    one = player(story, "b21", challenge_level=0)
    large = {"count": 20, "time_available": 1440}
    easy = mean_p(several(one, **large))
    one.put(PREFERENCES, {"challenge_level": 1})
    hard = mean_p(several(one, **large))
    assert hard < easy - 0.02
    asked = several(one, **large, difficulty=2)
    assert asked[0].json["context"]["difficulty"] == {"value": 2, "source": "request"}
    assert mean_p(asked) > hard + 0.02
    assert steps(asked) < steps(several(one, **large))
    learner = Learner.of(one, "poker")
    request = resolve(Asked(difficulty=2), learner.settings, learner.course).request
    now = asked[0].json["generated_at"]
    unmoved = [
        first_draws(learner.preferring(challenge_level=level).situation(now), request, DEFAULT) for level in (0, 1)
    ]
    assert unmoved[0] == unmoved[1]


def steps(found: list[Reply]) -> float:
    """How far from a difficulty of 2 the items are on average."""
    difficulties: list[int] = [item["difficulty"] for reply in found for item in reply.json["items"]]
    return sum(abs(difficulty - 2) for difficulty in difficulties) / len(difficulties)


STYLES: tuple[dict[str, float], ...] = ({"visual": 1.0}, {"practical": 1.0}, {"theoretical": 1.0}, {"social": 1.0}, {})
NO_STYLE = {"visual": 0.0, "practical": 0.0, "theoretical": 0.0, "social": 0.0}


def test_b06_a_style_never_decides_a_skill(story: World) -> None:
    """Over the API for somebody unknown, where nothing is left to chance; with the same seeds for somebody known."""
    orders = []
    for place, style in enumerate(STYLES):
        one = story.account(f"b6 {place}")
        one.put(PREFERENCES, {"learning_style": {**NO_STYLE, **style}})
        found = recommended(one, count=20, time_available=200)
        orders.append([item["skill_focus"] for item in found.json["items"]])
        assert all(item["propensity"] == 1 for item in found.json["items"])
    assert all(order == orders[0] for order in orders)
    learner, now = Learner.of(story["ada"], "poker"), story["plain"].json["generated_at"]
    request = resolve(Asked(count=20, time_available=600), learner.settings, learner.course).request
    items = set()
    for seed in range(50):
        sets = [
            rank(
                learner.preferring(learning_style={**NO_STYLE, **style}).situation(now),
                request,
                DEFAULT,
                f"{seed}",
            )
            for style in STYLES
        ]
        assert len({tuple(one.skills for one in made.recommendations) for made in sets}) == 1
        items.add(tuple(tuple(one.item for one in made.recommendations) for made in sets))
    assert any(len(set(chosen)) > 1 for chosen in items), "a style chooses among formats"


def test_b06_a_style_moves_no_factor_by_more_than_a_tenth(story: World) -> None:
    learner, now = Learner.of(story["ada"], "poker"), story["plain"].json["generated_at"]
    request = resolve(Asked(), learner.settings, learner.course).request
    values: dict[tuple[str, str], set[float]] = {}
    for style in STYLES:
        situation = learner.preferring(learning_style={**NO_STYLE, **style}).situation(now)
        for one in scores(situation, request, learner):
            for factor in one.factors:
                values.setdefault((one.candidate.piece.id, factor.name), set()).add(factor.value)
    moved = {name for (_, name), seen in values.items() if len(seen) > 1}
    assert moved == {"format"}
    assert all(max(seen) / min(seen) <= 1.1 for seen in values.values())
