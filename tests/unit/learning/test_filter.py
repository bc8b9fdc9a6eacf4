"""What the filter promises whatever the learner: predictions are probabilities, evidence moves them the right way."""

import itertools
import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune.domain.learning.filter import hint_weight, predict, update
from attune.domain.learning.parameters import NEW_ITEM, START, authored
from attune.domain.learning.state import NEW_ABILITY, NEW_SKILL
from tests.unit.learning import learners
from tests.unit.learning.learners import Answer, Learner, one


def expected(learner: Learner, answer: Answer) -> float:
    """What is expected of the next answer to the item of this one."""
    states = learner.states(answer.skills)
    return predict(START, authored(answer.difficulty), answer.skills, learner.ability, states)


def after(learner: Learner, answer: Answer, score: float, weight: float = 1.0) -> Learner:
    """The learner after an answer to the same item with this score."""
    copy = Learner(ability=learner.ability, skills=dict(learner.skills))
    return copy.answers(answer._replace(score=score, weight=weight))


@given(learners.learners, learners.answers)
def test_a_prediction_is_a_probability_and_is_that_of_the_update(learner: Learner, answer: Answer) -> None:
    p = expected(learner, answer)
    assert 0.0 < p < 1.0
    assert learner.told(answer).p == p


@given(learners.learners, learners.answers)
def test_a_right_answer_lets_expect_more_than_a_wrong_one(learner: Learner, answer: Answer) -> None:
    right, half, wrong = (expected(after(learner, answer, score), answer) for score in (1.0, 0.5, 0.0))
    assert right >= half >= wrong


@given(learners.learners, learners.answers)
def test_a_right_answer_never_lowers_what_lasts_and_a_wrong_one_never_raises_it(
    learner: Learner, answer: Answer
) -> None:
    right, wrong = after(learner, answer, 1.0), after(learner, answer, 0.0)
    assert right.ability.mean >= learner.ability.mean >= wrong.ability.mean
    for was, up, down in zip(*(each.states(answer.skills) for each in (learner, right, wrong)), strict=True):
        assert up.mean >= was.mean >= down.mean
        assert up.known >= was.known


@given(learners.some_skills, learners.difficulties)
def test_the_first_answer_moves_the_expectation_of_the_next_its_way(skills: tuple[str, ...], difficulty: int) -> None:
    answer = Answer(skills, difficulty, 1.0)
    before = expected(Learner(), answer)
    assert expected(after(Learner(), answer, 1.0), answer) > before > expected(after(Learner(), answer, 0.0), answer)


def test_every_right_answer_of_a_run_raises_the_expectation_of_the_next() -> None:
    learner, seen = Learner(), []
    for _ in range(30):
        seen.append(learner.answers(one(1.0)).p)
    assert all(b > a for a, b in itertools.pairwise(seen))


@given(learners.learners, learners.answers)
def test_variances_stay_positive_and_never_grow_past_the_first_doubt(learner: Learner, answer: Answer) -> None:
    found = learner.told(answer)
    assert 0.0 < found.ability.variance <= learner.ability.variance
    assert 0.0 < found.ability.form_variance <= NEW_ABILITY.form_variance + 1e-12
    for was, skill in zip(learner.states(answer.skills), found.skills, strict=True):
        assert 0.0 < skill.variance <= was.variance
        assert 0.0 < skill.form_variance <= NEW_SKILL.form_variance + 1e-12


@given(learners.learners, learners.answers, st.randoms(use_true_random=False))
def test_the_order_of_an_items_skills_does_not_matter(
    learner: Learner, answer: Answer, shuffled: random.Random
) -> None:
    other = answer._replace(skills=tuple(shuffled.sample(answer.skills, len(answer.skills))))
    one_way, another = learner.told(answer), learner.told(other)
    assert another.p == pytest.approx(one_way.p, abs=1e-12)
    assert another.ability == pytest.approx(one_way.ability, abs=1e-12)
    found = dict(zip(other.skills, another.skills, strict=True))
    for skill, state in zip(answer.skills, one_way.skills, strict=True):
        assert found[skill] == pytest.approx(state, abs=1e-12)


def test_an_answer_with_several_skills_is_one_answer() -> None:
    alone, shared = Learner().told(one(1.0)), Learner().told(Answer(("loops", "lists"), 3, 1.0))
    assert shared.ability.answers == alone.ability.answers == 1
    assert len(shared.skills) == 2
    # The skills share what is learnt of them; counted twice, the answer would have moved both as far as it moves one.
    assert all(0.0 < skill.mean < alone.skills[0].mean for skill in shared.skills)


@given(learners.learners, learners.answers, st.floats(0.01, 0.99))
def test_weak_evidence_moves_the_state_its_share_of_the_way(learner: Learner, answer: Answer, weight: float) -> None:
    full = learner.told(answer._replace(weight=1.0))
    part = learner.told(answer._replace(weight=weight))
    assert part.p == full.p
    whole, share = full.ability.mean - learner.ability.mean, part.ability.mean - learner.ability.mean
    assert share == pytest.approx(weight * whole, abs=1e-12)
    for was, f, p in zip(learner.states(answer.skills), full.skills, part.skills, strict=True):
        assert p.mean - was.mean == pytest.approx(weight * (f.mean - was.mean), abs=1e-12)
        assert p.known - was.known == pytest.approx(weight * (f.known - was.known), abs=1e-12)
        assert p.count == pytest.approx(was.count + weight)


def test_weak_evidence_is_no_answer_that_one_comes_back_from() -> None:
    learner = Learner().answers(one(1.0))
    claim = learner.told(one(0.0)._replace(weight=0.5))
    assert (claim.ability.answers, claim.skills[0].last, claim.skills[0].recent) == (1, 1, 0b11)
    hinted = learner.told(one(0.0)._replace(weight=hint_weight(1)))
    assert (hinted.ability.answers, hinted.skills[0].last, hinted.skills[0].recent) == (2, 2, 0b110)


def test_hints_lower_the_evidence() -> None:
    assert [round(hint_weight(hints), 3) for hints in (-1, 0, 1, 2, 3)] == [1.0, 1.0, 0.667, 0.5, 0.4]


def test_an_item_without_skills_tells_of_the_learner_alone() -> None:
    found = update(START, NEW_ITEM, (), NEW_ABILITY, (), 1.0)
    assert found.skills == ()
    assert found.ability.mean > 0.0


def test_an_easier_item_is_expected_to_go_better() -> None:
    seen = [expected(Learner(), one(1.0, difficulty)) for difficulty in (1, 2, 3, 4, 5)]
    assert seen == sorted(seen, reverse=True)
    assert seen[2] == 0.5


def test_no_item_is_so_hard_that_its_answer_is_certain() -> None:
    for easiness, score in ((-1e6, 1.0), (1e6, 0.0)):
        found = update(START, NEW_ITEM._replace(easiness=easiness), ("loops",), NEW_ABILITY, (NEW_SKILL,), score)
        assert 0.0 < found.p < 1.0
        assert abs(found.ability.mean) < 5.0


@pytest.mark.parametrize("pattern", ["1", "0", "random"])
def test_a_hundred_thousand_answers_of_any_pattern_leave_a_bounded_state(pattern: str) -> None:
    chance = random.Random(7)
    learner = Learner()
    for number in range(100_000):
        score = chance.random() if pattern == "random" else float(pattern[number % len(pattern)])
        learner.answers(one(score))
    numbers = [*learner.ability[:4], *learner.skills["loops"][:6]]
    assert all(math.isfinite(number) for number in numbers)
    assert max(abs(number) for number in numbers[:8]) <= 5.0
    assert 0.0 < learner.p < 1.0
    assert 1 <= learner.skills["loops"].recent < 16
