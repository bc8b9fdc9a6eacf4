"""A guest and the account it comes to, in a course: settings, ledgers and outcomes, read together and united.

They come over in one transaction, since arms, values and what is counted of them have to agree at every moment.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import Final, TypeVar

from attune.domain import linking
from attune.domain.experiments import assignments
from attune.domain.experiments.assignments import Assignments
from attune.domain.experiments.experiment import Experiment
from attune.domain.experiments.metric import WRITTEN_WITH
from attune.domain.experiments.tally import Values
from attune.domain.experiments.uniting import Side, United, unite
from attune.domain.instants import instant
from attune.domain.learner import LearnerSettings
from attune.domain.principal import Principal
from attune.domain.recommendations.ledger import NO_LEDGER
from attune.store import experiments, keys, learner_course, learner_settings, ledgers, table
from attune.store.items import ExperimentItem, Item, OutcomesItem, RecommendationsItem, SettingsItem
from attune.store.keys import Key
from attune.store.learner_course import Changes, Rows

AT_ONCE: Final = 20
"""Experiments in one transaction, which has room for a hundred rows: four of each, and five besides."""
Put = tuple[Item, Item | None]
"""A row of the account, with the one that it takes the place of, if there is one."""
T = TypeVar("T", bound=Item)


@dataclass(frozen=True, slots=True)
class Pair:
    """The rows that were `read`, None where there is none: of two, the account's is the first.

    `arms` are those of the guest that come over now, `later` those for which there is no room. `shared` are the
    experiments that both are in.
    """

    account: Principal
    guest: str
    course: str
    read: Mapping[Key, Item | None]
    arms: Assignments = field(default_factory=dict)
    later: Assignments = field(default_factory=dict)
    shared: Sequence[Experiment] = ()

    @property
    def settings(self) -> tuple[SettingsItem | None, SettingsItem | None]:
        return self._both(SettingsItem, _settings(self.account, self.guest, self.course))

    @property
    def ledgers(self) -> tuple[RecommendationsItem | None, RecommendationsItem | None]:
        return self._both(RecommendationsItem, _ledgers(self.account, self.guest, self.course))

    def outcomes(self, experiment: str) -> tuple[OutcomesItem | None, OutcomesItem | None]:
        return self._both(OutcomesItem, _outcomes(self.account, self.guest, self.course, experiment))

    def values(self, side: int) -> dict[str, Values]:
        """What was counted of one of the two, if anything was, in the experiments of the guest's arms."""
        ledger = self.ledgers[side]
        measured = {} if ledger is None else ledgers.of(ledger).measured
        found: dict[str, Values] = {}
        for experiment in self.arms:
            row = self.outcomes(experiment)[side]
            values = {**measured.get(experiment, {}), **({} if row is None else row.values)}
            if values:
                found[experiment] = values
        return found

    def _both(self, kind: type[T], both: tuple[Key, Key]) -> tuple[T | None, T | None]:
        one, other = (row if isinstance(row := self.read.get(key), kind) else None for key in both)
        return one, other


def read(account: Principal, guest: str, course: str, now: datetime) -> Pair:
    """All of both that has to agree. Raises `Unidentified` if the account is being erased."""
    wanted = [*_settings(account, guest, course), *_ledgers(account, guest, course)]
    pair = Pair(account, guest, course, _rows(wanted, now))
    own, theirs = (learner_settings.of(row).arms for row in pair.settings)
    if not theirs:
        return pair
    arms = dict(islice(sorted(theirs.items()), AT_ONCE))
    later = {experiment: one for experiment, one in theirs.items() if experiment not in arms}
    wanted = [key for experiment in arms for key in _outcomes(account, guest, course, experiment)]
    both = [keys.experiment(course, experiment) for experiment in sorted(arms.keys() & own.keys())]
    rows = _rows([*wanted, *both], now)
    shared = [experiments.of(row) for row in map(rows.pop, both) if isinstance(row, ExperimentItem)]
    return replace(pair, read={**pair.read, **rows}, arms=arms, later=later, shared=shared)


def united(pair: Pair) -> United:
    """Both as one, in all experiments of the account, and in those of the guest for which there is room."""
    metrics = {one.id: {metric.name: metric for metric in one.definition.metrics} for one in pair.shared}
    own = learner_settings.of(pair.settings[0]).arms
    return unite(Side(own, pair.values(0)), Side(pair.arms, pair.values(1)), metrics)


def told(pair: Pair, both: United) -> LearnerSettings:
    """The account's settings from now on."""
    was, guests = pair.settings
    before, theirs = learner_settings.of(was), learner_settings.of(guests)
    if guests is None:
        return before
    return replace(theirs, arms=both.arms) if was is None else linking.settings(before, theirs, both.arms)


def puts(pair: Pair, both: United, settings: LearnerSettings, write_id: str, now: datetime) -> Iterator[Put]:
    """What is written of both."""
    was, guests = pair.settings
    if guests is not None:
        yield _settings_item(keys.settings(pair.account.learner, pair.course), settings, write_id, now), was
        if pair.later:
            theirs = learner_settings.of(guests)
            left = replace(theirs, arms=pair.later, arms_rev=theirs.arms_rev + 1)
            yield _settings_item(Key(guests.pk, guests.sk), left, write_id, now), guests
    yield from _ledger(pair, both, settings, write_id, now)
    for experiment in pair.arms:
        row, _ = pair.outcomes(experiment)
        values = {name: value for name, value in both.values.get(experiment, {}).items() if name not in WRITTEN_WITH}
        if values != ({} if row is None else row.values):
            key = keys.outcomes(pair.account.learner, pair.course, experiment)
            yield OutcomesItem(*key, values=values, write_id=write_id), row


def deletes(pair: Pair) -> Iterator[Item]:
    """What is no longer the guest's; settings and ledger go with the last arms."""
    rows: list[Item | None] = [pair.outcomes(experiment)[1] for experiment in pair.arms]
    if not pair.later:
        rows += [pair.settings[1], pair.ledgers[1]]
    return (row for row in rows if row is not None)


def _ledger(pair: Pair, both: United, settings: LearnerSettings, write_id: str, now: datetime) -> Iterator[Put]:
    was, guests = pair.ledgers
    there = [row for row in (was, guests) if row is not None]
    # Whoever is in an experiment is answered otherwise: the row says so, also where the account alone has one.
    if not there or not (guests or pair.arms):
        return
    ledger = before = NO_LEDGER if was is None else ledgers.of(was)
    if guests is not None and not pair.later:
        theirs = ledgers.of(guests)
        ledger = theirs if was is None else linking.ledger(before, theirs)
    ours = {
        experiment: {name: value for name, value in both.values.get(experiment, {}).items() if name in WRITTEN_WITH}
        for experiment in pair.arms
    }
    measured = {**before.measured, **{experiment: values for experiment, values in ours.items() if values}}
    active_on, refreshed = max(str(row.active_on) for row in there), there[0].refreshed
    rows = Rows(pair.account, pair.course, settings=settings, active_on=active_on, refreshed=refreshed)
    changes = Changes(ledger=replace(ledger, measured=measured))
    yield learner_course.ledger_item(rows, changes, write_id, now, seen=False), was


def _settings_item(key: Key, told: LearnerSettings, write_id: str, now: datetime) -> SettingsItem:
    return SettingsItem(
        *key,
        answers=dict(told.answers),
        answers_rev=told.answers_rev,
        onboarded_at=told.onboarded_at,
        answered_at=told.answered_at,
        preferences={"extras": {}, **told.preferences},
        preferences_rev=told.preferences_rev,
        personalization=told.personalization,
        regenerated_at=told.regenerated_at,
        arms=assignments.to_json(told.arms) or None,
        arms_rev=told.arms_rev or None,
        updated_at=instant(now),
        write_id=write_id,
    )


def _settings(account: Principal, guest: str, course: str) -> tuple[Key, Key]:
    return keys.settings(account.learner, course), keys.settings(guest, course)


def _ledgers(account: Principal, guest: str, course: str) -> tuple[Key, Key]:
    return keys.recommendations(account.learner, course), keys.recommendations(guest, course)


def _outcomes(account: Principal, guest: str, course: str, experiment: str) -> tuple[Key, Key]:
    return keys.outcomes(account.learner, course, experiment), keys.outcomes(guest, course, experiment)


def _rows(wanted: Sequence[Key], now: datetime) -> dict[Key, Item | None]:
    found = table.get_many(wanted, now, consistent=True)
    return {key: found.get(key) for key in wanted}
