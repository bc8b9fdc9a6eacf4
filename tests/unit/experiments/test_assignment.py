"""Who falls into which arm: even, independent, and for good."""

from collections import Counter
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attune.domain.experiments.assignments import ACTIVE, EXCLUDED, EXITED, Assignment, from_json, left, to_json
from attune.domain.experiments.choice import choose
from attune.domain.experiments.definition import Arm, Definition, is_held_out
from attune.domain.experiments.experiment import PAUSED
from attune.domain.experiments.ranges import Range
from attune.domain.experiments.soundness import flaws
from attune.domain.statistics.chi_square import survival
from attune.domain.statistics.split import split
from tests.unit.experiments.laid_out import HALVES, a_definition, a_unit, an_experiment, learners

MANY = 100_000
THIRDS = (Arm("A", 0.2), Arm("B", 0.3), Arm("C", 0.5))


def arms(definition: Definition, names: list[str]) -> list[str | None]:
    return [arm.key if (arm := definition.arm_of(name)) else None for name in names]


@pytest.fixture(scope="module")
def fallen() -> list[list[str | None]]:
    """Where a hundred thousand ids fall in two experiments."""
    names = [f"g.{number:x}" for number in range(MANY)]
    return [arms(a_definition(seed=seed, arms=THIRDS), names) for seed in ("one", "two")]


def test_k3_the_split_is_as_the_weights_say(fallen: list[list[str | None]]) -> None:
    for one in fallen:
        found = Counter(one)
        assert sum(found.values()) == MANY
        assert split([found[arm.key] for arm in THIRDS], [arm.weight for arm in THIRDS]).p > 0.001


def test_k3_two_experiments_are_independent(fallen: list[list[str | None]]) -> None:
    found = Counter(zip(*fallen, strict=True))
    wanted = {(a.key, b.key): MANY * a.weight * b.weight for a in THIRDS for b in THIRDS}
    distance = sum((found[pair] - n) ** 2 / n for pair, n in wanted.items())
    assert survival(distance, len(wanted) - 1) > 0.001


def test_k3_the_holdout_and_the_layers_part_are_independent_of_the_arm() -> None:
    everybody = learners(20_000)
    held = [name for name in everybody if is_held_out(name, 0.05)]
    assert len(held) == pytest.approx(1000, rel=0.1)
    found = Counter(arms(a_definition(part=Range(0.0, 0.5), coverage=0.4), everybody))
    assert found["A"] + found["B"] == pytest.approx(4000, rel=0.05)
    assert split([found["A"], found["B"]], [0.5, 0.5]).p > 0.001
    among = Counter(arms(a_definition(), held))
    assert split([among["A"], among["B"]], [0.5, 0.5]).p > 0.001


@given(st.lists(st.floats(0.05, 1.0), min_size=2, max_size=6), st.lists(st.floats(0.0, 1.0), min_size=2, max_size=4))
@settings(max_examples=40)
def test_b37_growing_the_coverage_moves_nobody(weights: list[float], coverages: list[float]) -> None:
    whole = sum(weights)
    several = tuple(Arm(f"arm{number}", weight / whole) for number, weight in enumerate(weights))
    names = learners(40)
    for before, after in pairwise(sorted(coverages)):
        was = arms(a_definition(arms=several, coverage=before), names)
        now = arms(a_definition(arms=several, coverage=after), names)
        assert all(a is None or a == b for a, b in zip(was, now, strict=True))


@given(st.floats(0.1, 0.9))
@settings(max_examples=10)
def test_b38_two_experiments_of_one_layer_never_share_a_learner(cut: float) -> None:
    one = an_experiment("one", seed="one", part=Range(0.0, cut))
    two = an_experiment("two", seed="two", part=Range(cut, 1.0))
    for name in learners(100):
        found = [each.id for each in (one, two) if choose("ranking", [each], {}, a_unit(name)).experiment]
        assert len(found) == 1


@pytest.mark.parametrize("unit", ["learner", "group"])
def test_b38_who_is_in_one_that_pauses_comes_into_no_other_of_the_layer(unit: str) -> None:
    """Parts keep learners apart, but not learners from groups: when the first goes on, they would be in two."""
    paused = an_experiment("one", PAUSED, part=Range(0.0, 0.5))
    other = an_experiment("two", seed="two", part=Range(0.5, 1.0), unit=unit)
    for place, name in enumerate(learners(60)):
        who = a_unit(name, group=f"class {place}")
        found = choose("ranking", [paused, other], {"one": Assignment("A", 5)}, who)
        assert (found.experiment, found.key) == (None, None)
        gone = choose("ranking", [paused, other], {"one": Assignment(None, 5, EXITED, 5)}, who)
        assert (gone.experiment is other) == (
            other.definition.arm_of(name if unit == "learner" else f"class {place}") is not None
        )


def test_k3_arms_of_two_layers_with_one_seed_are_the_same_learners_and_of_the_holdouts_seed_too() -> None:
    """Why a seed is taken by an experiment that is open, and none begins as the holdout's does."""
    names = learners(2000)
    twins = [arms(a_definition(layer=layer), names) for layer in ("ranking", "planning")]
    assert twins[0] == twins[1]
    lost = arms(a_definition(seed="__holdout"), [name for name in names if is_held_out(name, 0.05)])
    assert set(lost) == {"A"}
    assert "/seed" in [flaw.pointer for flaw in flaws(a_definition(seed="__holdout"), 0.0)]


def test_b38_who_is_held_out_gets_no_arm() -> None:
    held = [name for name in learners(2000) if is_held_out(name, 0.05)]
    assert len(held) > 50
    for one in (an_experiment(holdout=0.05), an_experiment(holdout=0.05, unit="group")):
        assert not [name for name in held if choose("ranking", [one], {}, a_unit(name, group="the class")).key]


def test_k1_the_same_learner_is_in_the_same_arm_whatever_they_prefer_and_whoever_asks() -> None:
    one = an_experiment()
    for name in learners(50):
        found = {
            choose("ranking", [one], {}, a_unit(name, language=language, rating=rating)).arm
            for language in ("en", "ur")
            for rating in (lambda: 500.0, lambda: 1500.0)
        }
        assert len(found) == 1


@given(st.lists(st.floats(0.05, 1.0), min_size=2, max_size=2), st.floats(0.0, 1.0), st.sampled_from(["one", "two"]))
@settings(max_examples=30)
def test_k1_changing_weights_coverage_or_seed_moves_nobody_who_was_exposed(
    weights: list[float], coverage: float, seed: str
) -> None:
    names, before = learners(40), an_experiment()
    stored = {name: Assignment(choose("ranking", [before], {}, a_unit(name)).arm, 5) for name in names}
    shares = tuple(Arm(key, weight / sum(weights)) for key, weight in zip("AB", weights, strict=True))
    after = an_experiment(arms=shares, coverage=coverage, seed=seed)
    for name, assignment in stored.items():
        assert choose("ranking", [after], {"rec-spacing": assignment}, a_unit(name)).arm == assignment.arm


def test_what_is_stored_stands_before_the_hash() -> None:
    one = an_experiment()
    name = next(name for name in learners(20) if (arm := one.definition.arm_of(name)) and arm.key == "A")
    stored = {"rec-spacing": Assignment("B", 5)}
    found = choose("ranking", [one], stored, a_unit(name))
    assert (found.arm, found.is_new, dict(found.params)) == ("B", False, {"review_share": 0.5})


def test_the_earlier_of_two_arms_is_served_and_the_layer_enrols_nowhere_else() -> None:
    one, two = an_experiment("one", part=Range(0.0, 0.5)), an_experiment("two", part=Range(0.5, 1.0))
    stored = {"two": Assignment("A", 9), "one": Assignment("B", 4, EXCLUDED)}
    for name in learners(20):
        found = choose("ranking", [one, two], stored, a_unit(name))
        assert found.experiment is one
        assert (found.arm, found.is_new) == ("B", False)
        alone = choose("ranking", [one, two], {"two": Assignment("A", 9)}, a_unit(name))
        assert (alone.experiment, alone.is_new) == (two, False)


@pytest.mark.parametrize("stored", [Assignment("B", 4, EXITED, 9), Assignment(None, 4, EXITED, 4)])
def test_who_left_is_served_as_everybody(stored: Assignment) -> None:
    for name in learners(20):
        assert choose("ranking", [an_experiment()], {"rec-spacing": stored}, a_unit(name)).key is None


def test_what_does_not_run_changes_nothing() -> None:
    stored = {"rec-spacing": Assignment("B", 4)}
    for one in (an_experiment(status=PAUSED), an_experiment(layer="planning", arms=(Arm("A", 0.5), Arm("B", 0.5)))):
        assert choose("ranking", [one], stored, a_unit("g.x")).key is None


def test_reading_ahead_of_a_visit_enrols_nobody() -> None:
    one = an_experiment()
    assert choose("ranking", [one], {}, a_unit("g.x"), enrol=False).key is None
    stored = {"rec-spacing": Assignment("B", 4)}
    assert choose("ranking", [one], stored, a_unit("g.x"), enrol=False).arm == "B"


def test_b47_a_winners_parameters_are_everybodys_and_those_of_a_later_experiment_come_on_top() -> None:
    won = an_experiment("won", "completed", "B")
    for name in learners(20):
        found = choose("ranking", [won], {}, a_unit(name))
        assert (dict(found.params), found.experiment, found.key) == ({"review_share": 0.5}, None, "won:B")
    later = an_experiment("later", arms=(Arm("A", 0.5), Arm("B", 0.5, {"target": 0.8})))
    seen = {
        choose("ranking", [won, later], {}, a_unit(name)).key: choose("ranking", [won, later], {}, a_unit(name))
        for name in learners(40)
    }
    assert {key: dict(found.params) for key, found in seen.items()} == {
        "won:B+later=A": {"review_share": 0.5},
        "won:B+later=B": {"review_share": 0.5, "target": 0.8},
    }


def test_a_group_is_in_one_arm_as_a_whole_and_nobody_without_one() -> None:
    one = an_experiment(unit="group")
    for group in ("7a", "7b", "8c"):
        assert len({choose("ranking", [one], {}, a_unit(name, group=group)).arm for name in learners(30)}) == 1
    assert choose("ranking", [one], {}, a_unit("g.x")).key is None


def test_the_rating_is_asked_for_only_where_a_rule_decides_by_it() -> None:
    def never() -> float:
        raise AssertionError

    assert choose("ranking", [an_experiment()], {}, a_unit("g.x", rating=never)).arm
    bound = an_experiment(eligibility={"any": [{"rating": [1100.0, 1300.0]}]})
    assert choose("ranking", [bound], {}, a_unit("g.x")).arm is None
    assert choose("ranking", [bound], {}, a_unit("g.x", rating=lambda: 1100.0)).arm
    assert choose("ranking", [bound], {}, a_unit("g.x", rating=lambda: 1300.0)).arm is None
    assert choose("ranking", [bound], {"rec-spacing": Assignment("A", 1)}, a_unit("g.x", rating=never)).arm == "A"


def test_leaving_keeps_the_arm_readable_and_happens_once() -> None:
    gone = left(Assignment("B", 4), 9)
    assert (gone.arm, gone.status, gone.left_at, gone.counts) == ("B", EXITED, 9, False)
    assert left(gone, 12) == gone
    assert left(None, 12) == Assignment(None, 12, EXITED, 12)


@given(
    st.dictionaries(
        st.sampled_from("abc"),
        st.builds(
            Assignment,
            st.sampled_from([*"AB", None]),
            st.integers(0, 2**45),
            st.sampled_from([ACTIVE, EXITED, EXCLUDED]),
            st.none() | st.integers(0, 2**45),
            st.integers(0, 20_000),
            st.sampled_from(["07", "0a1b"]),
        ),
    )
)
def test_assignments_are_what_was_stored(found: dict[str, Any]) -> None:
    assert from_json(to_json(found)) == found


def test_arms_of_equal_weights_are_halves() -> None:
    assert [arm.weight for arm in HALVES] == [0.5, 0.5]
