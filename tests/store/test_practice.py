"""What is measured does not depend on how it was sent: twice, in pieces, in any order. Each answer counts once."""

import random
from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest

from attune.actions import read_skill, rebuild_profile
from attune.domain import linking
from attune.domain.errors import Unidentified
from attune.domain.jobs import RebuildProfile
from attune.domain.learning.parameters import START as INITIAL
from attune.domain.learning.parameters import ItemParameters
from attune.domain.practice.gist import Gist
from attune.domain.practice.log import KEPT
from attune.domain.practice.profile import Practice
from attune.store import keys, learner_changes, learner_course, parameters, users
from attune.store.learner_course import Changes
from tests.backends import Backend
from tests.builders import NOW, Json, a_guest, an_account
from tests.store.practice import DAY, START, Site, a_practice_course, a_sitting, deliveries, sittings

ACCEPTED, DUPLICATE, CONFLICT, INVALID = "accepted", "duplicate", "conflict", "invalid"


@pytest.fixture
def site() -> Site:
    return Site(a_practice_course())


def test_all_orders_in_all_pieces_give_the_same_bytes(site: Site, backend: Backend) -> None:
    sitting = a_sitting(3)
    expected = site.expected([sitting])
    for delivery in deliveries(sitting.answers):
        who = an_account()
        for call in delivery:
            assert site.results(who, replace(sitting, answers=call)) == [ACCEPTED] * len(call)
        assert site.stored(who) == expected
        backend.empty()


def test_the_same_again_counts_nothing(site: Site) -> None:
    who, sitting = an_account(), a_sitting(5)
    first = site.send(who, sitting)
    was = site.stored(who)
    again = site.send(who, sitting)
    assert [outcome.result for outcome in again.outcomes] == [DUPLICATE] * 5
    assert (first.accepted, again.accepted) == (True, False)
    assert first.rev == again.rev == 5
    assert site.stored(who) == was == site.expected([sitting])


def test_pieces_that_overlap_count_each_answer_once(site: Site) -> None:
    who, sitting = an_account(), a_sitting(6)
    site.send(who, replace(sitting, answers=sitting.answers[2:5]))
    got = site.results(who, sitting)
    assert got == [ACCEPTED, ACCEPTED, DUPLICATE, DUPLICATE, DUPLICATE, ACCEPTED]
    assert site.stored(who) == site.expected([sitting])


def test_an_answer_that_stands_twice_in_one_call_counts_once(site: Site) -> None:
    who, sitting = an_account(), a_sitting(2)
    first, second = sitting.answers
    other = replace(first, item="q1" if first.item != "q1" else "q2")
    unknown = replace(first, item="nothing")
    got = site.send(who, replace(sitting, answers=(unknown, first, first, second, other)))
    assert [outcome.result for outcome in got.outcomes] == [INVALID, ACCEPTED, DUPLICATE, ACCEPTED, CONFLICT]
    assert got.rev == 2
    assert site.stored(who) == site.expected([sitting])


def test_sessions_in_all_orders_and_twice_give_the_same_bytes(site: Site, backend: Backend) -> None:
    several = sittings(3, 7)
    expected = site.expected(several)
    for order in permutations(several):
        who = an_account()
        for sitting in (*order, *order):
            site.send(who, sitting)
        assert site.stored(who) == expected
        backend.empty()


def test_many_pieces_in_any_order_give_the_same_bytes_as_long_as_the_log_takes_them(site: Site) -> None:
    several = sittings(8, 16)
    assert sum(len(one.answers) for one in several) == KEPT
    for seed in range(2):
        rng, who = random.Random(seed), an_account()
        pieces = [piece for one in several for piece in one.pieces(rng.choice([8, 16]))] * 2
        rng.shuffle(pieces)
        got = [result for piece in pieces for result in site.results(who, piece)]
        assert (got.count(ACCEPTED), got.count(DUPLICATE)) == (KEPT, KEPT)
        assert site.stored(who) == site.expected(several)
    assert site.jobs == []


def test_another_answer_under_the_same_id_is_a_conflict_and_changes_nothing(site: Site) -> None:
    who, sitting = an_account(), a_sitting(3)
    site.send(who, sitting)
    was = site.stored(who)
    one, two, three = sitting.answers
    changed = replace(two, score=0.123, correct=None, response=None)
    got = site.send(who, replace(sitting, answers=(one, changed, three)))
    assert [outcome.result for outcome in got.outcomes] == [DUPLICATE, CONFLICT, DUPLICATE]
    assert got.rev == 3
    assert site.stored(who) == was


def test_what_cannot_be_counted_takes_nothing_else_with_it(site: Site) -> None:
    who, sitting = an_account(), a_sitting(8)
    now = int(NOW.timestamp() * 1000)
    good = sitting.answers[3]
    wrong: dict[str, Json] = {
        "in_the_future": {"at": now + 6 * 60_000},
        "too_old": {"at": now - 91 * DAY},
        "unknown_item": {"item": "nothing"},
        "unknown_skill": {"skills": ("sense", "nothing")},
        "unknown_mistake": {"mistake": "nothing"},
        "unknown_phase": {"phase": "middle"},
        "no_result": {"score": None, "correct": None, "response": None},
        "several_results": {"score": 1.0, "correct": True, "response": None},
        "not_gradable": {"score": None, "correct": None, "response": ["a"]},
    }
    bad = [replace(good, id=code, **changes) for code, changes in wrong.items()]
    got = site.send(who, replace(sitting, answers=(*bad[:4], *sitting.answers, *bad[4:]))).outcomes
    assert [(outcome.attempt, outcome.code) for outcome in got if outcome.result == INVALID] == [
        (code, code) for code in wrong
    ]
    assert site.stored(who) == site.expected([sitting])


def test_nothing_is_written_where_nothing_counts(site: Site, backend: Backend) -> None:
    who, sitting = an_account(), a_sitting(1)
    got = site.send(who, replace(sitting, answers=(replace(sitting.answers[0], item="nothing"),)))
    assert (got.accepted, got.rev) == (False, 0)
    assert backend.rows(keys.user(who.learner).pk) == []


def test_a_session_holds_a_thousand_answers(site: Site) -> None:
    who, sitting = an_account(), a_sitting(1002, step=1000)
    for piece in sitting.pieces(100)[:-1]:
        assert set(site.results(who, piece)) == {ACCEPTED}
    was = site.stored(who)
    got = site.send(who, replace(sitting, answers=sitting.answers[998:]))
    assert [(outcome.result, outcome.code) for outcome in got.outcomes] == [
        (DUPLICATE, None),
        (DUPLICATE, None),
        (INVALID, "session_full"),
        (INVALID, "session_full"),
    ]
    assert site.stored(who) == was == site.expected([replace(sitting, answers=sitting.answers[:1000])])


def test_answers_too_late_for_the_log_are_stored_and_counted_by_a_rebuild(site: Site) -> None:
    who, several = an_account(), sittings(12, 16)
    early, rest = several[:2], several[2:]
    for sitting in rest:
        site.send(who, sitting)
    before = site.stored(who)
    assert site.jobs == []
    assert site.results(who, early[0]) == [ACCEPTED] * 16
    assert site.jobs == [RebuildProfile(who.learner, site.course.id)]
    assert site.results(who, early[0]) == [DUPLICATE] * 16
    # Whoever lost the job sends the session again.
    assert site.jobs == [RebuildProfile(who.learner, site.course.id)] * 2
    site.send(who, early[1])
    assert site.stored(who)[0] == before[0]
    rows = learner_course.read_all(who, site.course.id, None, NOW)
    assert rows.rebuild
    assert rows.practice.rev == 12 * 16
    assert len(rows.late) == 20
    assert not rebuild_profile.check(who, site.course.id, NOW).same

    assert rebuild_profile.run(who, site.course.id, NOW)
    assert site.stored(who) == site.expected(several, rows.late)
    assert not learner_course.read_all(who, site.course.id, None, NOW).rebuild
    assert rebuild_profile.check(who, site.course.id, NOW) == rebuild_profile.Checked(True, 12 * 16, False)
    assert not rebuild_profile.run(who, site.course.id, NOW)
    jobs = len(site.jobs)
    site.send(who, early[0])
    assert len(site.jobs) == jobs


def test_practice_goes_on_while_a_rebuild_is_due(site: Site) -> None:
    who, several = an_account(), sittings(13, 16)
    for sitting in (*several[1:-1], several[0], several[-1]):
        site.send(who, sitting)
    # Each session that finds it due asks for it, in case the first message was lost.
    assert site.jobs == [RebuildProfile(who.learner, site.course.id)] * 2
    rebuild_profile.run(who, site.course.id, NOW)
    assert site.stored(who) == site.expected(several, [answer.id for answer in several[0].answers])


def test_what_a_guest_told_outlives_the_sessions_before_the_rebuild(site: Site) -> None:
    """A guest's questionnaire comes to the account's profile at once, and into its log with the rebuild."""
    who, several = an_account(), sittings(2, 16)
    site.send(who, several[0])
    rows = learner_course.read_all(who, site.course.id, None, NOW)
    guests = Practice(Gist(priors={"act": 0.5}))
    both = Changes(practice=linking.practice(rows.practice, guests), rebuild=True)
    learner_changes.write(rows, both, NOW, seen=False)
    site.send(who, several[1])
    assert rebuild_profile.run(who, site.course.id, NOW)
    rows = learner_course.read_all(who, site.course.id, None, NOW)
    assert rows.practice.gist.priors == rows.log.before.priors == {"act": 0.5}
    assert rebuild_profile.check(who, site.course.id, NOW) == rebuild_profile.Checked(True, 32, False)


def test_an_import_names_nothing_as_late(site: Site) -> None:
    who, several = an_account(), sittings(12, 16)
    for sitting in reversed(several):
        site.send(who, sitting, any_age=True)
    assert set(site.jobs) == {RebuildProfile(who.learner, site.course.id)}
    rebuild_profile.run(who, site.course.id, NOW)
    assert site.stored(who) == site.expected(several)


def test_a_rebuild_restores_what_was_lost(site: Site, backend: Backend) -> None:
    who, several = an_account(), sittings(3, 16)
    for sitting in several:
        site.send(who, sitting)
    whole = site.stored(who)
    for key in (keys.profile(who.learner, site.course.id), keys.log(who.learner, site.course.id)):
        backend.raw.delete_item(TableName="attune", Key={"pk": {"S": key.pk}, "sk": {"S": key.sk}})
        assert rebuild_profile.check(who, site.course.id, NOW) == rebuild_profile.Checked(False, 48, False)
        rebuild_profile.run(who, site.course.id, NOW)
        assert site.stored(who) == whole
        assert rebuild_profile.check(who, site.course.id, NOW).same


def test_who_practised_nothing_needs_no_rebuild(site: Site, backend: Backend) -> None:
    who = an_account()
    assert rebuild_profile.check(who, site.course.id, NOW) == rebuild_profile.Checked(True, 0, False)
    assert not rebuild_profile.run(who, site.course.id, NOW)
    assert backend.rows(keys.user(who.learner).pk) == []


def test_each_answer_is_scored_with_the_parameters_of_its_time(site: Site) -> None:
    """Two versions come into force on the way; whoever is sent first."""
    several = sittings(4, 8)
    for version, day in ((1, START + DAY // 2), (2, START + DAY)):
        easy = {f"q{n}": ItemParameters(0.5 * version + n / 10, 0.2) for n in range(12)}
        put = NOW - timedelta(milliseconds=NOW.timestamp() * 1000 - day) - parameters.NOTICE
        assert parameters.put(site.course.id, replace(INITIAL, version=version, items=easy), put)
    parameters.forget()
    expected = site.expected(several)
    for seed in range(3):
        who, rng = an_account(), random.Random(seed)
        pieces = [piece for one in several for piece in one.pieces(3)]
        rng.shuffle(pieces)
        for piece in pieces:
            site.send(who, piece)
        assert site.stored(who) == expected
    skill, _ = read_skill.run(who, site.course, "sense", NOW)
    at = [(one.attempt.at >= START + DAY // 2) + (one.attempt.at >= START + DAY) for one in skill.evidence]
    assert [one.version for one in skill.evidence] == at
    assert set(at) == {0, 1, 2}


def test_a_claim_that_is_withdrawn_leaves_the_former_bytes(site: Site) -> None:
    who = an_account()
    site.send(who, a_sitting(5))
    was = site.stored(who)
    before, _ = read_skill.run(who, site.course, "sense", NOW)
    claimed, _ = read_skill.claim(who, site.course, "sense", "expert", "I build them", NOW)
    assert claimed.profile.rating > before.profile.rating
    assert claimed.profile.source == "claim"
    assert site.stored(who) != was
    assert rebuild_profile.check(who, site.course.id, NOW).same
    after, _ = read_skill.withdraw(who, site.course, "sense", NOW)
    assert after == before
    assert site.stored(who) == was


def test_a_claim_lies_over_whatever_is_measured(site: Site) -> None:
    who, sitting = an_account(), a_sitting(6)
    read_skill.claim(who, site.course, "act", "beginner", None, NOW)
    site.send(who, replace(sitting, answers=sitting.answers[:3]))
    read_skill.claim(who, site.course, "sense", "advanced", None, NOW)
    site.send(who, replace(sitting, answers=sitting.answers[3:]))
    rebuild_profile.run(who, site.course.id, NOW)
    for skill in ("act", "sense"):
        read_skill.withdraw(who, site.course, skill, NOW)
    assert site.stored(who) == site.expected([sitting])


def test_a_guest_who_does_not_exist_is_not_found_and_nothing_is_written(site: Site, backend: Backend) -> None:
    who = a_guest()
    with pytest.raises(Unidentified, match="unknown_user"):
        site.send(who, a_sitting(2))
    with pytest.raises(Unidentified):
        read_skill.claim(who, site.course, "act", "beginner", None, NOW)
    assert backend.rows(keys.user(who.learner).pk) == []
    users.create(who, NOW, None)
    assert site.results(who, a_sitting(2)) == [ACCEPTED] * 2


def test_an_account_begins_with_its_first_session(site: Site, backend: Backend) -> None:
    who = an_account()
    assert users.get(who, NOW) is None
    site.send(who, a_sitting(2))
    found = users.get(who, NOW)
    assert found is not None
    assert (found.id, found.created_at) == (who.subject, NOW)
    site.send(who, a_sitting(2, seed=2), now=NOW + timedelta(hours=1))
    assert users.get(who, NOW) == found
    kinds = sorted(row["kind"]["S"] for row in backend.rows(keys.user(who.learner).pk))
    assert kinds == ["log", "profile", "progress", "recommendations", "session", "session", "user"]
