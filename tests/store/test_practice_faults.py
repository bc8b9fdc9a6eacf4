"""A lost answer or an end at any call of the store: whoever sends again ends where nothing had gone wrong."""

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import pytest

from attune.actions import read_skill, rebuild_profile
from attune.domain.errors import Unavailable
from attune.domain.jobs import Job, RebuildProfile
from attune.domain.principal import Principal
from attune.store import items
from tests.backends import Backend
from tests.builders import NOW, an_account
from tests.doubles.faults import End, Ended
from tests.store.practice import DAY, MINUTE, START, Site, Sitting, a_practice_course, a_sitting, sittings

MOST_CALLS = 12


Act = Callable[[Site, Principal], object]


@dataclass(frozen=True, slots=True)
class Case:
    """What was there before, what is done, and which sessions there are then; `late` came too late for the log."""

    before: Sequence[Sitting]
    act: Act
    after: Sequence[Sitting]
    late: Sequence[str] = ()
    jobs: bool = False


def _sending(sitting: Sitting) -> Act:
    return lambda site, who: site.send(who, sitting)


def first_session() -> Case:
    one = a_sitting(6)
    return Case([], _sending(one), [one])


def another_session() -> Case:
    one, other = sittings(2, 6)
    return Case([one], _sending(other), [one, other])


def rest_of_a_session_and_all_of_it_again() -> Case:
    one = a_sitting(6)
    return Case([replace(one, answers=one.answers[3:5])], _sending(one), [one])


def _too_many() -> list[Sitting]:
    """More answers than the log holds, in few calls; those of the first session are older than the log."""
    return [a_sitting(6), a_sitting(70, START + DAY), a_sitting(70, START + DAY + MINUTE // 2, seed=2)]


def late_session() -> Case:
    late, *rest = _too_many()
    names = [answer.id for answer in late.answers]

    def act(site: Site, who: Principal) -> None:
        site.send(who, late)
        rebuild_profile.run(who, site.course.id, NOW)

    return Case(rest, act, [late, *rest], names, jobs=True)


def rebuild() -> Case:
    late, *rest = _too_many()
    names = [answer.id for answer in late.answers]
    act: Act = lambda site, who: rebuild_profile.run(who, site.course.id, NOW)  # noqa: E731
    return Case([*rest, late], act, [late, *rest], names)


def claim_and_withdrawal() -> Case:
    one = a_sitting(6)

    def act(site: Site, who: Principal) -> None:
        read_skill.claim(who, site.course, "sense", "advanced", None, NOW)
        read_skill.withdraw(who, site.course, "sense", NOW)

    return Case([one], act, [one])


def claim_of_a_new_learner() -> Case:
    def act(site: Site, who: Principal) -> None:
        read_skill.claim(who, site.course, "sense", "advanced", None, NOW)
        read_skill.withdraw(who, site.course, "sense", NOW)

    return Case([], act, [])


CASES = (
    first_session,
    another_session,
    rest_of_a_session_and_all_of_it_again,
    late_session,
    rebuild,
    claim_and_withdrawal,
    claim_of_a_new_learner,
)
each_case = pytest.mark.parametrize("make", CASES, ids=lambda make: make.__name__)


def _begun(backend: Backend, make: Callable[[], Case]) -> tuple[Site, Principal, Case]:
    backend.empty()
    site, who, case = Site(a_practice_course()), an_account(), make()
    for sitting in case.before:
        site.send(who, sitting)
    site.jobs.clear()
    return site, who, case


def _is_right(site: Site, who: Principal, case: Case) -> bool:
    sent = not case.jobs or RebuildProfile(who.learner, site.course.id) in site.jobs
    return site.stored(who) == site.expected(case.after, case.late) and sent


@each_case
@pytest.mark.parametrize("fault", ["lost_after", "error_after", "conflict"])
def test_d2_d5_one_fault_at_any_call_is_not_noticed(backend: Backend, make: Callable[[], Case], fault: str) -> None:
    for nth in range(1, MOST_CALLS):
        site, who, case = _begun(backend, make)
        operation = "TransactWriteItems" if fault == "conflict" else "*"
        with backend.faulty(fault, operation, nth=nth) as faults:
            case.act(site, who)
        assert _is_right(site, who, case), nth
        if not faults.met[fault]:
            return
    pytest.fail("there are more calls than were tried")


@each_case
@pytest.mark.parametrize("fault", ["lost_after", "lost_before"])
def test_c6_who_never_hears_of_a_call_sends_again(backend: Backend, make: Callable[[], Case], fault: str) -> None:
    """All of the SDK's own tries are lost too, from any call on."""
    for nth in range(1, MOST_CALLS):
        site, who, case = _begun(backend, make)
        with backend.faulty(fault, nth=nth, times=math.inf) as faults, suppress(Unavailable):
            case.act(site, who)
        case.act(site, who)
        assert _is_right(site, who, case), nth
        if not faults.met[fault]:
            return
    pytest.fail("there are more calls than were tried")


@each_case
@pytest.mark.parametrize("after", [False, True])
def test_c7_an_end_at_any_call_is_mended_by_sending_again(
    backend: Backend, make: Callable[[], Case], after: bool
) -> None:
    for nth in range(1, MOST_CALLS):
        site, who, case = _begun(backend, make)
        with End(nth, after).on(items.Item) as end, suppress(Ended):
            case.act(site, who)
        case.act(site, who)
        assert _is_right(site, who, case), nth
        if end.seen < nth:
            return
    pytest.fail("there are more calls than were tried")


def test_a_job_that_could_not_be_sent_is_sent_with_the_next_try(backend: Backend) -> None:
    site, who, case = _begun(backend, rebuild)
    (late, *_) = case.after
    queued: list[Job] = []

    class Broken(list[Job]):
        def extend(self, jobs: object) -> None:
            raise Unavailable("queue_unavailable")

    with pytest.raises(Unavailable):
        Site(site.course, Broken()).send(who, late)
    again = Site(site.course, queued).send(who, late)
    assert not again.accepted
    assert queued == [RebuildProfile(who.learner, site.course.id)]
