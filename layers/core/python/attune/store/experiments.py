"""The experiments of a course: a row each, and those that serving a learner has to know of in the course's own row."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from attune.domain.errors import NotFound
from attune.domain.experiments.experiment import Experiment
from attune.store import courses, keys, table
from attune.store.items import CourseItem, ExperimentItem
from attune.store.packed import pack, unpack


@dataclass(frozen=True, slots=True)
class Stored:
    """All experiments of a course by id, and what must still be so when one of them is changed."""

    course: str
    experiments: dict[str, Experiment]
    written: Mapping[str, str | None]
    rev: int

    def find(self, id_: str) -> Experiment:
        """Raises `NotFound`."""
        found = self.experiments.get(id_)
        if found is None:
            raise unknown()
        return found


def unknown() -> NotFound:
    """The refusal of an experiment that there is not."""
    return NotFound("unknown_experiment", "There is no such experiment.")


def recent(course: str, now: datetime) -> tuple[Experiment, ...]:
    """Those that serving has to know of, as they were at most 30 seconds ago."""
    return in_row(courses.recently(course, now))


def in_row(current: courses.Current) -> tuple[Experiment, ...]:
    """The same as they stand in a course's row."""
    return _unpacked(current.experiments)


@lru_cache(maxsize=16)
def _unpacked(packed: bytes | None) -> tuple[Experiment, ...]:
    return () if packed is None else tuple(Experiment.from_json(plain) for plain in unpack(packed))


def get(course: str, id_: str, now: datetime) -> Experiment:
    """One as it is. Raises `NotFound`."""
    row = table.get(ExperimentItem, keys.experiment(course, id_), now, consistent=True)
    if row is None:
        raise unknown()
    return of(row)


def known(course: str, id_: str, now: datetime) -> Experiment:
    """One as it was at most 30 seconds ago if it is open, else as it is. Raises `NotFound`."""
    held = next((one for one in recent(course, now) if one.id == id_ and one.is_open), None)
    return held or get(course, id_, now)


def every(course: str, now: datetime) -> Stored:
    """All as they are."""
    # The revision first: what is changed after it was read is noticed when something is written.
    rev = courses.current(course, now, consistent=True).experiments_rev
    rows = list(table.query(ExperimentItem, keys.experiment_prefix(course), now, consistent=True))
    found = {one.id: one for one in map(of, rows)}
    written = {of(row).id: row.write_id for row in rows}
    return Stored(course, found, written, rev)


def of(row: ExperimentItem) -> Experiment:
    """The experiment that a row holds."""
    return Experiment.from_json(unpack(row.data))


def write(stored: Stored, changed: Experiment, now: datetime) -> None:
    """Write a new or changed experiment; what serving has to know of changes with it. Raises `ConditionFailed`."""
    course, write_id = stored.course, table.new_write_id()
    key = keys.experiment(course, changed.id)
    row = ExperimentItem(*key, data=pack(changed.to_json()), status=changed.status, write_id=write_id)
    unchanged = (
        ExperimentItem.write_id == stored.written[changed.id]
        if changed.id in stored.written
        else ExperimentItem.pk.does_not_exist()
    )
    was = stored.experiments.get(changed.id)
    told = changed.matters or (was is not None and was.matters)
    every_one = {**stored.experiments, changed.id: changed}
    known = [one.to_json() for _, one in sorted(every_one.items()) if one.matters]
    actions: list[Action] = [
        CourseItem.experiments.set(pack(known)),
        CourseItem.experiments_rev.set(stored.rev + 1),
    ]
    same = CourseItem.experiments_rev == stored.rev if stored.rev else CourseItem.experiments_rev.does_not_exist()

    def fill(transaction: TransactWrite) -> None:
        transaction.save(row, condition=table.unless_newer(unchanged))
        if told:
            pointer = CourseItem(*keys.course(course))
            transaction.update(pointer, actions=actions, condition=table.unless_newer(CourseItem.pk.exists() & same))

    try:
        if told:
            table.transact(fill)
        else:
            table.put(row, unchanged)
    except table.ConditionFailed:
        if table.settle(ExperimentItem, key, write_id, now) is None:
            raise
    courses.forget_recent(course)
