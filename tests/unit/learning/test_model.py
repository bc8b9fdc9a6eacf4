"""The class that the evaluation harness drives."""

import random
from collections.abc import Iterator

import pytest

from attune.domain.learning.filter import predict, update
from attune.domain.learning.model import LearnerModel
from attune.domain.learning.state import NEW_SKILL
from tests.calls import calls
from tests.unit.learning.learners import SKILLS, Learner

Event = tuple[str, str, tuple[str, ...], int]


def stream(seed: int, count: int) -> Iterator[Event]:
    """Answers of a few learners to a few items."""
    chance = random.Random(seed)
    for _ in range(count):
        item = chance.randrange(12)
        skills = SKILLS[item % 3 :][: 1 + item % 2]
        yield f"user-{chance.randrange(3)}", f"item-{item}", skills, int(chance.random() < 0.3 + 0.05 * item)


def trained() -> LearnerModel:
    model = LearnerModel()
    for user, item, skills, correct in stream(1, 400):
        model.predict(user, item, skills, 0.0)
        model.update(user, item, skills, correct, 0.0)
    return model


def test_with_frozen_parameters_it_is_the_filter() -> None:
    parameters = trained().parameters(version=3)
    assert parameters.version == 3
    model, learners = LearnerModel(parameters, frozen=True), dict[str, Learner]()
    for user, item, skills, correct in stream(2, 300):
        learner = learners.setdefault(user, Learner(parameters))
        states = learner.states(skills)
        assert model.predict(user, item, skills, 0.0) == predict(
            parameters, parameters.item(item), skills, learner.ability, states
        )
        model.update(user, item, skills, correct, 0.0)
        found = update(parameters, parameters.item(item), skills, learner.ability, states, correct)
        learner.ability = found.ability
        learner.skills.update(zip(skills, found.skills, strict=True))
        assert model.state(user, skills[0]) == (found.ability, found.skills[0])
    assert model.parameters(version=3) == parameters


def test_predictions_change_nothing_and_need_not_come_in_pairs() -> None:
    paired, unpaired, chance = LearnerModel(), LearnerModel(), random.Random(5)
    for user, item, skills, correct in stream(3, 300):
        expected = paired.predict(user, item, skills, 0.0)
        if chance.random() < 0.5:
            assert unpaired.predict(user, item, skills, 0.0) == expected
        for other, item_, skills_, _ in stream(chance.randrange(100), chance.randrange(3)):
            unpaired.predict(other, item_, skills_, 0.0)
        paired.update(user, item, skills, correct, 0.0)
        unpaired.update(user, item, skills, correct, 0.0)
    assert paired.parameters(1) == unpaired.parameters(1)


def test_it_learns_items_skills_and_learners() -> None:
    model = LearnerModel()
    for _ in range(30):
        for user, correct in (("ada", 1), ("bob", 0)):
            model.update(user, "item", ("loops",), correct, 0.0)
        model.update("ada", "easy", ("loops",), 1, 0.0)
    assert model.predict("ada", "item", ("loops",), 0.0) > 0.7 > 0.3 > model.predict("bob", "item", ("loops",), 0.0)
    learnt = model.parameters(1)
    assert learnt.items["easy"].easiness > learnt.items["item"].easiness
    assert learnt.items["item"].discrimination > 1.0
    assert learnt.skills["loops"].intercept_variance < 1.0


def test_scores_between_right_and_wrong_are_learnt_from() -> None:
    half, right = LearnerModel(), LearnerModel()
    half.update("ada", "item", ("loops",), 0.75, 0.0)
    right.update("ada", "item", ("loops",), 1, 0.0)
    assert 0.0 < half.state("ada", "loops")[0].mean < right.state("ada", "loops")[0].mean


def test_a_learners_state_is_small() -> None:
    model = LearnerModel()
    nothing = model.user_state_bytes("ada")
    assert model.state("ada", "loops")[1] == NEW_SKILL
    model.update("ada", "item", ("loops", "lists"), 1, 0.0)
    assert model.user_state_bytes("ada") - nothing == 2 * 29
    for _ in range(1000):
        model.update("ada", "item", ("loops", "lists"), 1, 0.0)
    assert model.user_state_bytes("ada") == nothing + 2 * 29


@pytest.mark.parametrize("pattern", ["1", "0", "10", "1110"])
def test_shared_parameters_stay_bounded_too(pattern: str) -> None:
    model = LearnerModel()
    for number in range(20_000):
        model.update(f"user-{number % 7}", "item", ("loops",), int(pattern[number % len(pattern)]), 0.0)
    learnt = model.parameters(1)
    beliefs = [*learnt.situations.values(), *learnt.skills["loops"].situations.values()]
    assert all(abs(belief.mean) < 10.0 and 0.0 < belief.variance <= 0.1 for belief in beliefs)
    assert abs(learnt.items["item"].easiness) < 20.0
    assert 0.25 <= learnt.items["item"].discrimination <= 3.0
    assert learnt.skills["loops"].slope >= 0.0
    assert 0.0 < model.predict("new", "item", ("loops",), 0.0) < 1.0


@pytest.mark.parametrize(("skills", "most"), [(("loops",), 13), (("loops", "lists"), 17)])
def test_an_answer_takes_few_calls(skills: tuple[str, ...], most: int) -> None:
    model = trained()

    def answer() -> None:
        model.predict("user-1", "item-1", skills, 0.0)
        model.update("user-1", "item-1", skills, 1, 0.0)

    assert calls(answer) <= most
