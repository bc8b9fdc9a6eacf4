"""What the ranking is told of a learner is what is stored of them, in its own words and units."""

import pytest

from attune.domain.learner import LearnerSettings
from attune.domain.learning.parameters import START, ItemParameters, Parameters
from attune.domain.practice.claims import Claim
from attune.domain.practice.gist import Gist
from attune.domain.practice.profile import Practice, profile
from attune.domain.practice.traits import Velocity
from attune.domain.recommendations import moves
from attune.domain.recommendations.ledger import NO_LEDGER, Ledger
from attune.domain.recommendations.offer import Effect
from attune.domain.recommendations.situate import expected_scores, situate
from attune.domain.recommendations.situation import Mistakes, Situation
from tests.unit.conftest import small_course
from tests.unit.practice.attempts import DAY, NOON, an_attempt, folded
from tests.unit.recommendations.offers import a_ledger, an_offer

COURSE = small_course()


def told(
    practice: Practice | None = None,
    settings: LearnerSettings | None = None,
    ledger: Ledger = NO_LEDGER,
    now: int = NOON,
    parameters: Parameters = START,
) -> Situation:
    practice = practice or Practice()
    seen = profile(COURSE, parameters, practice, now)
    return situate(COURSE, parameters, settings or LearnerSettings(), practice, seen, ledger, now)


def test_of_a_newcomer_there_are_priors_and_nothing_else() -> None:
    found = told()
    assert found.standings.keys() == {"one", "two", "three"}
    assert found.p.keys() == {"q1", "q2"}
    assert {standing.source for standing in found.standings.values()} == {"prior"}
    assert {standing.recall for standing in found.standings.values()} == {None}
    assert not any(standing.due for standing in found.standings.values())
    assert (found.last, found.lessons, found.weaknesses, found.expectations) == ({}, {}, [], {})
    assert (found.onboarded, found.beginner, found.learning_velocity, found.overall) == (False, False, None, 1000.0)
    assert found.challenge == 0.5


def test_what_was_practised_is_told_in_seconds_and_shares() -> None:
    attempts = [an_attempt(NOON - 20 * DAY + place, id=str(place)) for place in range(3)]
    found = told(Practice(Gist.of(folded([*attempts, an_attempt(NOON - DAY, 0.25, item="q2", skills=("two",))]))))
    assert found.now == NOON / 1000
    assert found.last["q2"] == ((NOON - DAY) / 1000, 0.25)
    one = found.standings["one"]
    assert (one.attempts, one.source, one.due) == (3, "evidence", True)
    assert one.recall == pytest.approx(2.0 ** (-(20 * DAY - 2) / DAY / 2))
    assert found.standings["two"].recall is None


def test_expected_scores_follow_the_item_the_skill_and_a_claim() -> None:
    easy = Parameters(1, 0.0, 0.25, {"q1": ItemParameters(1.0, 0.1)})
    assert expected_scores(COURSE, easy, Practice())["q1"] > expected_scores(COURSE, START, Practice())["q1"]
    practised = Practice(Gist.of(folded([an_attempt(NOON + place) for place in range(5)])))
    assert told(practised).p["q1"] > told().p["q1"]
    claimed = Practice(claims={"one": Claim("expert", None, NOON)})
    assert told(claimed).p["q1"] > told().p["q1"]
    assert told(claimed).p["q2"] == told().p["q2"]
    assert told(claimed).standings["one"].source == "claim"


def test_weaknesses_keep_their_numbers() -> None:
    answers = [an_attempt(NOON + place, 0.0, id=str(place), mistake="slip", phase="late") for place in range(3)]
    (found,) = told(Practice(Gist.of(folded(answers)))).weaknesses
    assert (found.category, found.n, found.frequency, found.phase) == ("slip", 3, 1.0, "late")
    assert isinstance(found, Mistakes)
    assert 0.7 < found.severity < 0.73


def test_answers_and_preferences_are_told() -> None:
    settings = LearnerSettings(
        answers={"level": "low"}, onboarded_at="2030-01-01T00:00:00Z", preferences={"challenge_level": 0.9}
    )
    found = told(settings=settings)
    assert (found.onboarded, found.beginner, found.challenge) == (True, True, 0.9)
    assert found.style == {"visual": 0.25, "practical": 0.25, "theoretical": 0.25, "social": 0.25}


def test_the_ledger_tells_what_was_finished_brought_and_refused() -> None:
    ledger = a_ledger()
    lesson = an_offer(1, kind="learn", item="a/one")
    for offer, gain in ((lesson, 5.04), (an_offer(2, kind="learn"), 8.0)):
        ledger, _ = moves.complete(
            ledger, offer, {}, Effect("one", 1.0, 1.0 + gain, gain), offer.made_at, session="a-session"
        )
    ledger, _ = moves.decline(ledger, an_offer(3), None, "too_hard", lesson.made_at)
    ledger, _ = moves.accept(ledger, an_offer(4), None, lesson.made_at)
    found = told(ledger=ledger, now=lesson.made_at)
    assert found.lessons == {"a/one": "completed", "q2": "completed"}
    assert found.expectations == {"learn": (6.5, 2)}
    assert found.feedback.reasons == {"q3": "too_hard"}
    assert found.feedback.accepted == {"q4"}
    assert found.feedback.shift == pytest.approx(0.08)


def test_pace_is_told_once_it_is_known() -> None:
    attempts = [
        an_attempt(NOON + day * DAY + place, id=f"{day}-{place}", duration_ms=20_000)
        for day in range(3)
        for place in range(7)
    ]
    practice = Practice(Gist.of(folded(attempts)))
    pace = profile(COURSE, START, practice, NOON).velocity
    assert isinstance(pace, Velocity)
    assert told(practice).learning_velocity == pace.points_per_hour
