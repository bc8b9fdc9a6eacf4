"""Many devices at once, on an engine that is atomic: each answer is accepted once over all, and the bytes are those."""

import random
from collections import Counter
from dataclasses import replace

import pytest

from attune.actions import read_skill, rebuild_profile
from attune.domain.practice.recorded import Recorded
from attune.domain.principal import Principal
from attune.store import learner_course
from tests import backends
from tests.builders import NOW, an_account
from tests.store.practice import Site, Sitting, a_practice_course, a_sitting, sittings
from tests.store.test_concurrency import at_once

WRITERS = 8

backend = backends.ministack_alone(autouse=True)


@pytest.fixture
def site() -> Site:
    return Site(a_practice_course())


def accepted(site: Site, who: Principal, calls: list[list[Sitting]]) -> Counter[tuple[str, str]]:
    """How often each answer was accepted, over all that each writer was told; nobody is turned away."""

    def one(number: int) -> list[Recorded]:
        return [site.send(who, sitting) for sitting in calls[number]]

    told = at_once(len(calls), one)
    assert all(isinstance(each, list) for each in told), told
    return Counter(
        (recorded.session, outcome.attempt)
        for each in told
        if isinstance(each, list)
        for recorded in each
        for outcome in recorded.outcomes
        if outcome.result == "accepted"
    )


def each_once(several: list[Sitting]) -> Counter[tuple[str, str]]:
    return Counter((one.session.id, answer.id) for one in several for answer in one.answers)


@pytest.mark.parametrize("known", [False, True])
def test_eight_devices_send_the_same_session(site: Site, known: bool) -> None:
    for seed in range(3):
        who, sitting = an_account(), a_sitting(6, seed=seed)
        if known:
            read_skill.claim(who, site.course, "act", "expert", None, NOW)
            read_skill.withdraw(who, site.course, "act", NOW)
        assert accepted(site, who, [[sitting]] * WRITERS) == each_once([sitting])
        assert site.stored(who) == site.expected([sitting])
        gist = learner_course.read(who, site.course.id, NOW).practice.gist
        attempts = {name: record.attempts for name, record in gist.skills.items()}
        exercised = Counter(
            skill for answer in sitting.answers for skill in site.course.items_by_id[answer.item].skills
        )
        assert attempts == exercised


def test_eight_devices_send_a_session_each(site: Site) -> None:
    who, several = an_account(), sittings(WRITERS, 6)
    assert accepted(site, who, [[sitting] for sitting in several]) == each_once(several)
    assert site.stored(who) == site.expected(several)


def test_eight_devices_send_all_pieces_in_orders_of_their_own(site: Site) -> None:
    who, several = an_account(), sittings(4, 12)
    pieces = [piece for one in several for piece in one.pieces(4)]
    calls = [random.Random(number).sample(pieces, len(pieces)) for number in range(WRITERS)]
    assert accepted(site, who, calls) == each_once(several)
    assert site.stored(who) == site.expected(several)


def test_late_answers_claims_and_rebuilds_at_once(site: Site) -> None:
    """Whatever meets whatever, a rebuild ends where all sessions lead."""
    who, several = an_account(), sittings(14, 12)
    for sitting in several[6:]:
        site.send(who, sitting)

    def act(number: int) -> object:
        if number < 4:
            return [site.send(who, piece) for piece in several[number].pieces(4)]
        if number < 6:
            return rebuild_profile.run(who, site.course.id, NOW)
        if number == 6:
            return site.send(who, several[4])
        return read_skill.claim(who, site.course, "act", "expert", None, NOW)

    at_once(WRITERS, act)
    for sitting in several:
        site.send(who, sitting)
    read_skill.withdraw(who, site.course, "act", NOW)
    rebuild_profile.run(who, site.course.id, NOW)
    rows = learner_course.read_all(who, site.course.id, None, NOW)
    assert site.stored(who) == site.expected(several, rows.late)
    assert rebuild_profile.check(who, site.course.id, NOW).same


def test_one_of_eight_results_under_one_id_stands(site: Site) -> None:
    who, sitting = an_account(), a_sitting(1)
    answer = replace(sitting.answers[0], correct=None, response=None)
    several = [replace(sitting, answers=(replace(answer, score=n / 10),)) for n in range(WRITERS)]
    told = at_once(WRITERS, lambda number: site.results(who, several[number])[0])
    assert sorted(map(str, told)) == ["accepted", *["conflict"] * 7]
    (winner,) = (one for one, result in zip(several, told, strict=True) if result == "accepted")
    assert site.stored(who) == site.expected([winner])
