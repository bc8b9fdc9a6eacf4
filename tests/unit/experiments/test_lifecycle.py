"""From draft to archive: each move where it is allowed, and a refusal that says which are."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from attune.domain.errors import Conflict, Invalid
from attune.domain.experiments import experiment
from attune.domain.experiments.experiment import ACTIONS, ALLOWED, Experiment
from attune.domain.experiments.ranges import Range
from tests.unit.experiments.laid_out import a_definition, an_experiment

AT = "2026-11-10T00:00:00Z"
MOVES: dict[str, Callable[[Experiment], Experiment]] = {
    "start": lambda one: experiment.started(one, [], AT),
    "pause": experiment.paused,
    "resume": experiment.resumed,
    "grow_coverage": lambda one: experiment.grown(one, 1.0),
    "stop": lambda one: experiment.stopped(one, "B", AT),
    "withdraw_winner": experiment.withdrawn,
    "archive": experiment.archived,
}


@pytest.mark.parametrize("status", experiment.STATUSES)
def test_a_move_is_made_or_refused_with_what_is_allowed(status: str) -> None:
    assert MOVES.keys() == set(ACTIONS)
    for action, move in MOVES.items():
        one = an_experiment(status=status, coverage=0.5)
        if action in ALLOWED[status]:
            after = move(one)
            assert after.rev == one.rev + (after != one)
        else:
            with pytest.raises(Conflict) as refused:
                move(one)
            assert refused.value.extra == {"allowed": list(ALLOWED[status]), "current": status}


def test_the_whole_way() -> None:
    one = Experiment("e", a_definition(coverage=0.5))
    running = experiment.started(one, [], AT)
    assert (running.status, running.started_at) == ("running", AT)
    waiting = experiment.paused(running, experiment.GUARDRAIL)
    assert (waiting.status, waiting.paused_for, waiting.is_open) == ("paused", "guardrail", True)
    again = experiment.grown(experiment.resumed(waiting), 0.8)
    assert (again.definition.coverage, again.paused_for) == (0.8, None)
    over = experiment.stopped(again, "B", AT)
    assert (over.status, over.winner, over.matters, over.is_open) == ("completed", "B", True, False)
    kept = experiment.archived(over)
    assert (kept.status, kept.winner, kept.rev) == ("archived", "B", 7)
    assert experiment.withdrawn(kept).matters is False
    assert Experiment.from_json(kept.to_json()) == kept


def test_b37_a_running_experiment_is_immutable() -> None:
    one = an_experiment()
    assert experiment.redefined(one, one.definition) is one
    with pytest.raises(Conflict) as refused:
        experiment.redefined(one, a_definition(seed="other"))
    assert refused.value.code == "experiment_immutable"
    draft = replace(one, status="draft")
    assert experiment.redefined(draft, a_definition(seed="other")).rev == 2


def test_coverage_only_grows() -> None:
    one = an_experiment(coverage=0.5)
    assert experiment.grown(one, 0.5) is one
    with pytest.raises(Invalid):
        experiment.grown(one, 0.4)


def test_a_winner_is_one_of_the_arms() -> None:
    with pytest.raises(Invalid):
        experiment.stopped(an_experiment(), "C", AT)
    assert experiment.stopped(an_experiment(), None, AT).matters is False


def test_two_experiments_of_a_layer_take_parts_that_do_not_meet() -> None:
    draft = an_experiment("new", "draft", part=Range(0.5, 1.0))
    for status in ("running", "paused"):
        with pytest.raises(Conflict) as refused:
            experiment.started(draft, [an_experiment("old", status)], AT)
        assert refused.value.extra == {"experiments": ["old"]}
    with pytest.raises(Conflict) as twin:
        experiment.started(draft, [an_experiment("elsewhere", "paused", layer="planning")], AT)
    assert (twin.value.code, twin.value.extra) == ("seed_taken", {"experiments": ["elsewhere"]})
    free = [
        an_experiment("half", part=Range(0.0, 0.5)),
        an_experiment("over", "completed"),
        an_experiment("elsewhere", layer="planning", seed="of its own"),
        an_experiment("gone", "completed", layer="planning"),
        an_experiment("new", "draft"),
    ]
    assert experiment.started(draft, free, AT).status == "running"
