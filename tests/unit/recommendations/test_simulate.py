"""The simulation is the same every time, fair to every policy, and can be won."""

import random

import pytest

from attune.domain.recommendations.situation import DAY
from tools.simulate import AFTER, Mean, main, mean, over, run, simulate
from tools.simulated_policies import EPOCH, POLICIES, Known, by_chance, ours
from tools.simulated_worlds import ITEMS, SKILLS, WORLDS, World, course_of, learner_of


def world(name: str) -> World:
    return next(world for world in WORLDS if world.name == name)


def test_the_same_seed_prints_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--learners", "2", "--seed", "3", "--world", "none", "--world", "prerequisites"]
    code = main(arguments)
    first = capsys.readouterr().out
    assert main(arguments) == code
    assert capsys.readouterr().out == first
    assert first.startswith("seed 3, 2 learners")
    assert all(policy in first for policy in POLICIES)
    last = first.splitlines()[-1]
    assert last.startswith("bar none: over random")
    assert last.endswith(("met", "MISSED"))
    assert main([*arguments, "--seed", "4"]) in (0, 1)
    assert capsys.readouterr().out != first


def test_there_are_worlds_of_each_sort() -> None:
    assert len(WORLDS) >= 5
    assert {world.has_prerequisites for world in WORLDS} == {True, False}
    assert {world.law for world in WORLDS} == {"steps", "challenge", "gradual"}


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
def test_worlds_are_fair(world: World) -> None:
    """The same course and learner for every policy; a skill needs only earlier ones; practice never takes away."""
    courses = [course_of(world, random.Random("c")) for _ in range(2)]
    learners = [learner_of(world, courses[0], random.Random("l")) for _ in range(2)]
    assert courses[0].skills == courses[1].skills
    assert learners[0].knowledge == learners[1].knowledge
    seen: set[str] = set()
    for skill in courses[0].skills:
        assert set(skill.prerequisites) <= seen
        seen.add(skill.id)
    assert len(courses[0].items) == SKILLS * ITEMS
    assert any(skill.prerequisites for skill in courses[0].skills) == world.has_prerequisites
    one = learners[0]
    for number in range(200):
        item = courses[0].items[number % 96]
        before = dict(one.knowledge)
        assert 0.0 <= one.chance(item) <= 1.0
        assert one.answer(item) in (0.0, 1.0)
        assert all(one.knowledge[skill] >= before[skill] for skill in before)
        assert [skill for skill in before if one.knowledge[skill] != before[skill]] in ([], list(item.skills))


def test_knowing_more_is_answering_better() -> None:
    for each in WORLDS:
        course = course_of(each, random.Random(1))
        one = learner_of(each, course, random.Random(2))
        item = course.items[0]
        one.knowledge[item.skills[0]] = 0.0
        low = one.chance(item)
        one.knowledge[item.skills[0]] = 1.0
        assert one.chance(item) > low
        assert one.expected_step(item) == 0.0


def test_the_oracle_is_the_best_and_ours_beats_chance() -> None:
    for name in ("prerequisites hard", "challenge"):
        gains = {
            policy: sum(run(world(name), policy, f"t:{n}")[-1] for n in range(6))
            for policy in ("random", "ours", "oracle")
        }
        assert gains["oracle"] > gains["ours"] > gains["random"]


def test_a_run_counts_at_each_mark_and_time_passes() -> None:
    gains = run(world("none"), "random", "x")
    assert len(gains) == len(AFTER)
    assert list(gains) == sorted(gains)
    course = course_of(world("none"), random.Random(1))
    known = Known(course)
    learner = learner_of(world("none"), course, random.Random(2))
    for item in by_chance(known, learner, random.Random(3)):
        known.learn(item, 1.0)
    assert known.now > EPOCH
    known.now += 3 * DAY
    assert any(standing.due for standing in known.situation().standings.values())
    assert len(ours(known, learner, random.Random(4))) == 5


def test_a_policy_that_sees_nothing_left_keeps_what_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(POLICIES, "idle", lambda known, learner, rng: [])
    assert run(world("none"), "idle", "x") == (0.0, 0.0, 0.0)


def test_intervals() -> None:
    assert mean([2.0, 2.0]) == Mean(2.0, 0.0)
    assert mean([1.0, 3.0]).half == pytest.approx(1.96)
    assert over([2.0, 4.0], [1.0, 2.0]) == Mean(100.0, 0.0)
    assert over([1.0], [0.0]).value == 0.0


def test_a_missed_bar_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("tools.simulate.BARS", {True: 1e6, False: 1e6})
    assert simulate([world("none")], 1, 1)[-1].endswith("MISSED")
    assert main(["--learners", "1", "--world", "none"]) == 1
    assert "MISSED" in capsys.readouterr().out
