"""Lay an experiment out, and move it through its life: each change is one write, judged against all of the course."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from attune.domain.errors import Invalid, PreconditionFailed, Unavailable
from attune.domain.experiments import experiment as life
from attune.domain.experiments.definition import Definition
from attune.domain.experiments.experiment import Experiment
from attune.domain.experiments.soundness import flaws
from attune.domain.instants import instant
from attune.store import experiments, table
from attune.store.experiments import Stored

TRIES: Final = 5


def put(
    course: str, id_: str, definition: Definition, holdout: float, expected: frozenset[int] | None, now: datetime
) -> Experiment:
    """A draft as it is laid out now; the same again changes nothing. Raises `Invalid`, `Conflict`."""
    if found := list(flaws(definition, holdout)):
        raise Invalid(*found)

    def change(stored: Stored) -> Experiment:
        was = stored.experiments.get(id_)
        if expected is not None and (was is None or was.rev not in expected):
            raise PreconditionFailed
        if was is None:
            return Experiment(id_, definition, created_at=instant(now))
        return life.redefined(was, definition)

    return _changed(course, id_, change, now)


def act(
    course: str, id_: str, action: str, now: datetime, *, coverage: float = 1.0, winner: str | None = None
) -> Experiment:
    """After one of the actions. Raises `NotFound`, `Invalid`, and `Conflict` with what is allowed."""
    at = instant(now)
    moves: dict[str, Callable[[Stored, Experiment], Experiment]] = {
        "start": lambda stored, one: life.started(one, stored.experiments.values(), at),
        "pause": lambda _, one: life.paused(one),
        "resume": lambda _, one: life.resumed(one),
        "grow_coverage": lambda _, one: life.grown(one, coverage),
        "stop": lambda _, one: life.stopped(one, winner, at),
        "withdraw_winner": lambda _, one: life.withdrawn(one),
        "archive": lambda _, one: life.archived(one),
    }
    return _changed(course, id_, lambda stored: moves[action](stored, stored.find(id_)), now)


def pause_for_guardrail(course: str, id_: str, now: datetime) -> Experiment:
    """Pause what runs, because something rose that must not; what does not run stays as it is."""

    def change(stored: Stored) -> Experiment:
        one = stored.find(id_)
        return life.paused(one, life.GUARDRAIL) if one.status == life.RUNNING else one

    return _changed(course, id_, change, now)


def _changed(course: str, id_: str, change: Callable[[Stored], Experiment], now: datetime) -> Experiment:
    for turn in range(TRIES):
        stored = experiments.every(course, now)
        changed = change(stored)
        if changed == stored.experiments.get(id_):
            return changed
        try:
            experiments.write(stored, changed, now)
        except table.ConditionFailed:
            table.pause(turn)
            continue
        return changed
    raise Unavailable("store_busy")
