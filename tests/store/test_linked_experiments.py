"""A guest and an account that both were in an experiment: counted as one learner, or, having seen two arms, as none."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from attune.actions import answer_recommendation, change_experiment, leave_experiment, recommend, record_outcome
from attune.domain.experiments.assignments import ACTIVE, EXCLUDED, EXITED, Assignment
from attune.domain.experiments.metric import Metric
from attune.domain.experiments.tally import MICRO, Tally, change, exposure
from attune.domain.principal import Principal
from attune.domain.recommendations.asked import Asked
from attune.store import courses, keys, learner_course, learner_settings, pairs, tallies, users
from attune.store.experiments import get
from attune.store.items import Item
from tests import backends
from tests.backends import Backend
from tests.builders import NOW, a_guest, an_account
from tests.functions.night import Death, Died
from tests.store.practice import Site, a_practice_course, a_practice_manifest, a_sitting
from tests.store.test_erasures import Queue
from tests.store.test_links import link
from tests.unit.experiments.laid_out import a_definition

NAME = "trial"
METRICS = (Metric("minutes", "mean"), Metric("subscribed"), Metric("accepted"))
DEFINITION = a_definition(primary=METRICS[0], secondary=METRICS[1:])


@pytest.fixture(scope="module", autouse=True)
def backend() -> Iterator[Backend]:
    """The table in this process alone, whose rows can be put back; a journey joins over MiniStack."""
    with backends.memory() as used:
        yield used


@pytest.fixture
def site() -> Site:
    found = Site(a_practice_course())
    courses.publish(found.course.id, a_practice_manifest(), None, NOW)
    laid_out(found, NAME)
    return found


def laid_out(site: Site, name: str) -> None:
    change_experiment.put(site.course.id, name, DEFINITION, 0.0, None, NOW)
    change_experiment.act(site.course.id, name, "start", NOW)


@dataclass(frozen=True)
class Did:
    """What one of the two did: in which arm, from which hour on, and what was counted."""

    arm: str | None
    hour: int = 0
    minutes: tuple[float, ...] = ()
    subscribed: bool = False
    accepted: bool = False
    left: bool = False

    @property
    def at(self) -> int:
        return int((NOW + timedelta(hours=self.hour)).timestamp() * 1000)


def somebody(site: Site, make: Callable[[], Principal], did: Did, seed: int) -> Principal:
    """Somebody who did it, rated by answers of their own."""
    who, now, course = make(), NOW + timedelta(hours=did.hour), site.course
    while did.arm is not None and getattr(DEFINITION.arm_of(who.learner), "key", None) != did.arm:
        who = make()
    if who.learner.startswith("g."):
        users.create(who, NOW, None)
    site.send(who, a_sitting(5, seed=seed))
    if did.arm is not None:
        shown = recommend.run(who, course, Asked(), now)
        for number, minutes in enumerate(did.minutes):
            assert record(site, who, f"{seed} {number}", "minutes", minutes) == "counted"
        if did.subscribed:
            assert record(site, who, f"{seed} s", "subscribed", 1) == "counted"
        if did.accepted:
            answer_recommendation.accept(who, course, shown.made.offers[0].id, None, now)
    if did.left:
        leave_experiment.run(who, course.id, NAME, now)
    return who


def record(site: Site, who: Principal, event: str, metric: str, value: float) -> str:
    return record_outcome.run(who, site.course.id, NAME, event, metric, value, NOW, Queue().send)


def counted(site: Site) -> dict[str, Tally]:
    found = tallies.read(site.course.id, get(site.course.id, NAME, NOW), NOW)
    for rows in found.values():
        assert all(min(row.n, row.exited, row.excluded, row.zz) >= 0 for row in rows)
    return {arm: sum_of(rows) for arm, rows in found.items()}


def sum_of(rows: list[Tally]) -> Tally:
    # Metrics of which nothing is left are as good as none.
    whole = Tally(metrics={metric.name: change(0, 0, Assignment("A", 0)) for metric in METRICS})
    for row in rows:
        whole = whole.plus(row)
    return whole


def arm_of(site: Site, who: Principal) -> Assignment:
    return learner_settings.get(who, site.course.id, NOW, consistent=True).arms[NAME]


def as_one(one: Assignment, *did: Did) -> Tally:
    """What a single learner leaves who did all of it."""
    if one.status == EXCLUDED:
        return Tally(excluded=1)
    values = {
        "minutes": round(sum(sum(each.minutes) for each in did) * MICRO),
        "subscribed": max(each.subscribed for each in did) * MICRO,
        "accepted": max(each.accepted for each in did) * MICRO,
    }
    sums = Tally(metrics={name: change(0, value, one) for name, value in values.items()})
    return exposure(one).plus(sums).plus(Tally(exited=int(one.status == EXITED)))


BUSY = Did("B", 1, (2.5, 3.0), subscribed=True, accepted=True)
JOINED: dict[str, tuple[Did, Did, tuple[str, str, int | None]]] = {
    "one arm, the guest first": (Did("B", 2, (4.0,), subscribed=True, accepted=True), BUSY, ("B", ACTIVE, 1)),
    "one arm, the account first": (Did("B", 0, (4.0,)), BUSY, ("B", ACTIVE, 0)),
    "two arms, the guest first": (Did("A", 2, (4.0,), accepted=True), BUSY, ("B", EXCLUDED, 1)),
    "two arms, the account first": (Did("A", 0, (4.0,)), BUSY, ("A", EXCLUDED, 0)),
    "the guest alone": (Did(None), BUSY, ("B", ACTIVE, 1)),
    "nothing recorded": (Did("B", 2), Did("B", 1), ("B", ACTIVE, 1)),
    "the guest has left": (Did("B", 0, (1.0,)), Did("B", 1, (2.0,), left=True), ("B", EXITED, 0)),
    "the account never came in": (Did(None, left=True), BUSY, ("B", EXITED, 1)),
    "two arms, one of them left": (Did("A", 0, (1.0,), left=True), BUSY, ("A", EXCLUDED, 0)),
}


def bystander(site: Site) -> None:
    somebody(site, an_account, Did("B", 0, (7.0,), subscribed=True), 100)


def both(site: Site, case: str) -> tuple[Principal, Principal]:
    account, guest, _ = JOINED[case]
    return somebody(site, an_account, account, 1), somebody(site, a_guest, guest, 2)


def wanted(base: dict[str, Tally], one: Assignment, *did: Did) -> dict[str, Tally]:
    return {arm: sum_of([tally, as_one(one, *did)] if arm == one.arm else [tally]) for arm, tally in base.items()}


@pytest.mark.parametrize("case", JOINED)
def test_b39_the_account_is_counted_once(site: Site, backend: Backend, case: str) -> None:
    *did, (arm, status, hour) = JOINED[case]
    bystander(site)
    base = counted(site)
    account, guest = both(site, case)
    link(account, guest)
    one = arm_of(site, account)
    assert (one.arm, one.status, one.at) == (arm, status, Did(None, hour or 0).at)
    assert one.has_left is any(each.left for each in did)
    assert counted(site) == wanted(base, one, *did)
    assert len(backend.rows(keys.user(guest.learner).pk)) == 1

    # What follows is counted on top: the same value, and so the same square of it.
    more = Did(None, 0, (9.0,) * (status == ACTIVE), subscribed=status == ACTIVE, accepted=status == ACTIVE)
    result = "counted" if status == ACTIVE else "left"
    assert record(site, account, "more", "minutes", 9.0) == result
    assert record(site, account, "again", "subscribed", 1) == result
    shown = recommend.run(account, site.course, Asked(), NOW + timedelta(hours=3), refresh=True)
    answer_recommendation.accept(
        account, site.course, shown.made.offers[0].id, None, NOW + timedelta(hours=3, minutes=1)
    )
    assert counted(site) == wanted(base, one, *did, more)


def test_what_was_recommended_to_the_guest_counts_for_the_account(site: Site) -> None:
    """The ledger of an account that alone was in none took answers that nobody counted."""
    account, guest = somebody(site, an_account, Did(None), 1), somebody(site, a_guest, Did("B"), 2)
    link(account, guest)
    offer = next(iter(learner_course.read(account, site.course.id, NOW).ledger.offers()))
    answer_recommendation.accept(account, site.course, offer.id, None, NOW)
    assert counted(site)["B"].of("accepted").y == MICRO


@pytest.mark.parametrize("case", ["one arm, the guest first", "two arms, the account first"])
def test_a16_killed_after_each_write_and_tried_again_it_is_counted_once(
    site: Site, backend: Backend, case: str
) -> None:
    account, guest = both(site, case)
    before, ends, came = backend.kept(), [], set()
    # Beginning, profile, arms, and what comes after them.
    for at in range(6):
        backend.empty(before)
        with Death(at, after=True, writes=True).on(Item):
            for _ in range(3):
                try:
                    link(account, guest)
                    break
                except Died:
                    came.add(any(row["kind"]["S"] == "settings" for row in backend.rows(keys.user(guest.learner).pk)))
        ends.append((counted(site), arm_of(site, account)))
    assert came == {True, False}
    assert all(end == ends[0] for end in ends)
    *did, _ = JOINED[case]
    assert ends[0][0] == wanted({"A": Tally(), "B": Tally()}, ends[0][1], *did)


def test_three_devices_are_one_learner(site: Site) -> None:
    account = somebody(site, an_account, Did("A", 3, (1.0,)), 1)
    guests = [somebody(site, a_guest, Did("B", 2, (2.0,)), 2), somebody(site, a_guest, Did("B", 1, (4.0,)), 3)]
    for guest in guests:
        link(account, guest)
        assert arm_of(site, account).status == EXCLUDED
    assert arm_of(site, account).at == Did(None, 1).at
    assert sum_of(list(counted(site).values())) == sum_of([Tally(excluded=1)])


def test_more_experiments_than_fit_a_transaction_come_one_after_the_other(
    site: Site, backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pairs, "AT_ONCE", 1)
    did = Did("B", 2, (4.0,), accepted=True), Did("B", 1, (2.0,), subscribed=True)
    account, guest = somebody(site, an_account, did[0], 1), somebody(site, a_guest, did[1], 2)
    for number in range(2):
        change_experiment.act(site.course.id, NAME if number == 0 else f"more-{number - 1}", "stop", NOW)
        laid_out(site, f"more-{number}")
        for who in (account, guest):
            recommend.run(who, site.course, Asked(), NOW + timedelta(hours=5), refresh=True)
    assert len(learner_settings.get(guest, site.course.id, NOW).arms) == 3
    link(account, guest)
    assert counted(site) == wanted({arm: Tally() for arm in "AB"}, arm_of(site, account), *did)
    for number in range(2):
        found = tallies.read(site.course.id, get(site.course.id, f"more-{number}", NOW), NOW)
        assert [sum_of(found[arm]).n for arm in "AB"] == [0, 1]
    assert len(backend.rows(keys.user(guest.learner).pk)) == 1
