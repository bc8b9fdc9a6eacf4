"""What is shown of a state: mastery, rating, interval, confidence, and when to practise again."""

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune.domain.learning import measures
from attune.domain.learning.parameters import START, Parameters, SkillParameters
from attune.domain.learning.state import NEW_ABILITY, NEW_SKILL, with_prior
from tests.unit.learning import learners
from tests.unit.learning.learners import Learner, one

THRESHOLD = 0.6


def mastery(learner: Learner, skill: str = "loops") -> float:
    return measures.mastery(learner.parameters, skill, learner.ability, learner.skills.get(skill, NEW_SKILL))


@given(learners.learners, st.sampled_from(learners.SKILLS))
def test_measures_keep_to_their_scales(learner: Learner, skill: str) -> None:
    state = learner.skills.get(skill, NEW_SKILL)
    assert 0.0 <= mastery(learner, skill) <= 1.0
    low, high = measures.interval(START, skill, learner.ability, state)
    assert 0.0 <= low < measures.rating(START, skill, learner.ability, state) < high <= 2000.0
    assert 0.0 < measures.expected_score(START, skill, learner.ability, state) < 1.0
    assert 0.0 <= measures.confidence(state, learner.ability) < 1.0


def test_nobody_knows_a_new_learner() -> None:
    assert measures.rating(START, "loops", NEW_ABILITY, NEW_SKILL) == 1000.0
    assert measures.expected_score(START, "loops", NEW_ABILITY, NEW_SKILL) == 0.5
    assert measures.confidence(NEW_SKILL, NEW_ABILITY) == 0.0
    assert mastery(Learner()) < 0.3


@given(learners.learners, learners.answers)
def test_a_right_answer_never_lowers_a_rating(learner: learners.Learner, answer: learners.Answer) -> None:
    found = learner.told(answer._replace(score=1.0))
    for skill, was, now in zip(answer.skills, learner.states(answer.skills), found.skills, strict=True):
        before = measures.rating(START, skill, learner.ability, was)
        assert measures.rating(START, skill, found.ability, now) >= before


def test_extreme_logits_are_clamped() -> None:
    far = Parameters(1, 0.0, 0.1, {}, {"loops": SkillParameters(1e6, 1.0, 0.0, 1.0)})
    assert measures.rating(far, "loops", NEW_ABILITY, NEW_SKILL) == 2000.0
    assert measures.interval(far, "loops", NEW_ABILITY, NEW_SKILL) == (2000.0, 2000.0)
    assert measures.expected_score(far, "loops", NEW_ABILITY, NEW_SKILL) == pytest.approx(1.0)


def test_a_few_right_answers_in_a_row_pass_the_threshold() -> None:
    learner, seen = Learner(), []
    for _ in range(20):
        seen.append(mastery(learner.answers(one(1.0))))
    assert seen[2] >= THRESHOLD
    assert all(b > a for a, b in itertools.pairwise(seen))
    assert measures.level(seen[-1]) == measures.MASTERED


def test_wrong_answers_do_not_master_anything() -> None:
    assert mastery(Learner().answers(*[one(0.0)] * 50)) < 0.3


@pytest.mark.parametrize("seed", range(40))
def test_somebody_who_slips_on_every_fourth_known_answer_is_not_held_up_for_ever(seed: int) -> None:
    chance, learner, seen = random.Random(seed), Learner(), []
    for _ in range(200):
        seen.append(mastery(learner.answers(one(float(chance.random() >= 0.25)))))
    assert max(seen[:40]) >= THRESHOLD
    assert sum(each < THRESHOLD for each in seen[40:]) <= 8


def test_levels() -> None:
    named = [measures.level(each) for each in (0.0, 0.29, 0.3, 0.59, 0.6, 0.84, 0.85, 1.0)]
    assert named == ["novice"] * 2 + ["developing"] * 2 + ["proficient"] * 2 + ["mastered"] * 2


@given(learners.learners, learners.answers)
def test_confidence_never_falls_with_an_answer(learner: Learner, answer: learners.Answer) -> None:
    found = learner.told(answer)
    for was, now in zip(learner.states(answer.skills), found.skills, strict=True):
        assert measures.confidence(now, found.ability) >= measures.confidence(was, learner.ability)


@given(st.floats(0.0, 5000.0), st.floats(0.0, 5000.0))
def test_confidence_falls_with_idle_time(days: float, more: float) -> None:
    learner = Learner().answers(*[one(1.0)] * 10)
    state = learner.skills["loops"]
    here = measures.confidence(state, learner.ability, days)
    assert (
        measures.confidence(state, learner.ability, days + more) <= here <= measures.confidence(state, learner.ability)
    )
    assert measures.confidence(state, learner.ability, days + 90) == pytest.approx(here / 2)


def test_a_questionnaire_shifts_the_mean_and_keeps_the_doubt() -> None:
    told = with_prior(NEW_SKILL, 1.2)
    assert measures.rating(START, "loops", NEW_ABILITY, told) > 1200.0
    assert told._replace(mean=0.0) == NEW_SKILL
    assert measures.confidence(told, NEW_ABILITY) == 0.0


def test_half_lives_double_with_success_up_to_half_a_year() -> None:
    assert [measures.half_life(n) for n in (-1, 0, 1, 2, 7, 8, 10_000)] == [1.0, 1.0, 2.0, 4.0, 128.0, 180.0, 180.0]
    assert measures.recall(3, 8.0) == 0.5
    assert measures.recall(3, -1.0) == 1.0


@given(st.integers(0, 20))
def test_a_skill_is_due_when_recall_falls_under_nine_tenths(successes: int) -> None:
    assert measures.recall(successes, measures.due_in_days(successes)) == pytest.approx(measures.DUE_BELOW)
