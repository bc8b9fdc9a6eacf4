"""The last three answers of a skill, and whether one comes back to it."""

from hypothesis import given
from hypothesis import strategies as st

from attune.domain.learning.situation import followed, situation
from attune.domain.learning.state import NEW_ABILITY, NEW_SKILL
from tests.unit.learning.learners import Learner, one


@given(st.lists(st.booleans(), max_size=12))
def test_recent_is_the_last_three_answers(given_: list[bool]) -> None:
    recent = NEW_SKILL.recent
    for right in given_:
        recent = followed(recent, float(right))
    assert f"{recent:b}" == "1" + "".join("01"[right] for right in given_[-3:])


def test_half_a_score_is_taken_for_right() -> None:
    assert (followed(1, 0.5), followed(1, 0.49)) == (0b11, 0b10)


def test_a_skill_is_come_back_to_after_an_answer_in_another() -> None:
    assert situation(NEW_ABILITY, NEW_SKILL) == 1
    learner = Learner().answers(one(1.0, skill="loops"))
    assert situation(learner.ability, learner.skills["loops"]) == 0b11
    assert situation(learner.ability, NEW_SKILL) == 0b10001
    learner.answers(one(0.0, skill="lists"))
    assert situation(learner.ability, learner.skills["loops"]) == 0b10011
    assert situation(learner.ability, learner.skills["lists"]) == 0b10
