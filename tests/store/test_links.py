"""A guest becomes part of an account: whole, once, whatever ends midway, and nothing of it is left behind."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from attune.actions import carry_guest, erase_user, link_user, read_skill, recommend
from attune.domain.errors import Conflict, Forbidden, NotFound, Unidentified
from attune.domain.instants import instant
from attune.domain.jobs import LinkUser
from attune.domain.link import LINKED, LINKING
from attune.domain.principal import Principal
from attune.domain.recommendations.asked import Asked
from attune.store import (
    courses,
    holdings,
    keys,
    learner_course,
    learner_settings,
    links,
    pointers,
    sessions,
    table,
    users,
)
from attune.store.items import BEYOND, Item, LinkedItem, LinkItem
from tests.backends import Backend
from tests.builders import NOW, a_guest, a_key, an_account, answers
from tests.doubles.tap import Send, Tap
from tests.functions.night import Death, Died
from tests.store.practice import START, Site, a_practice_course, a_practice_manifest, a_sitting
from tests.store.test_erasures import LATER, Queue, everything, work

OTHER = an_account()


@pytest.fixture
def site() -> Site:
    found = Site(a_practice_course())
    publish(found)
    return found


def publish(site: Site) -> None:
    """Which experiments run, a course's own row says."""
    courses.publish(site.course.id, a_practice_manifest(), None, NOW)


def a_pointer() -> pointers.Pointer:
    return pointers.Pointer(a_key(), 1, 1, "s", 0, False)


def a_guest_of(site: Site) -> Principal:
    """Somebody who told, chose, practised and looked at what was recommended."""
    who, course = a_guest(), site.course
    users.create(who, NOW, None)
    learner_settings.submit_answers(who, course.id, answers(), NOW)
    learner_settings.change_preferences(who, course.id, {"challenge_level": 0.9}, [], None, NOW, lambda _: None)
    recommend.run(who, course, Asked(), NOW)
    pointers.put(who, course.id, "lesson", a_pointer(), NOW)
    return who


def link(account: Principal, guest: Principal) -> Any:
    """Join them, to the end."""
    queue = Queue()
    begun = link_user.begin(account, guest, NOW, queue.send)
    for job in queue.jobs:
        assert job == LinkUser(account.learner, guest.learner)
        carry_guest.run(account, guest.learner, NOW, queue.send)
    return begun


def rows(who: Principal) -> dict[str, Any]:
    """What is held about a learner, by place, without what differs from run to run."""
    return {place: row.data for place, row in holdings.every(who, NOW)}


def test_b40_a_new_account_has_all_that_the_guest_had(site: Site, backend: Backend) -> None:
    guest, account = a_guest_of(site), an_account()
    sitting = a_sitting(4)
    site.send(guest, sitting)
    read_skill.claim(guest, site.course, "act", "expert", None, NOW)
    before, offers = rows(guest), learner_course.read(guest, site.course.id, NOW).ledger
    assert link(account, guest).state == LINKING
    after = rows(account)
    assert set(after) == {*before, f"LINK#{guest.learner}"}
    settings = learner_settings.get(account, site.course.id, NOW)
    assert (settings.answers, settings.preferences["challenge_level"], settings.onboarded) == (answers(), 0.9, True)
    found = learner_course.read_all(account, site.course.id, None, NOW)
    assert found.ledger == offers
    assert set(found.practice.claims) == {"act"}
    assert found.practice.gist.attempts == 4
    assert not found.rebuild
    assert [one.id for one in sessions.page(account, site.course.id, NOW, below=None, limit=9)[0]] == [
        sitting.session.id
    ]
    (left,) = backend.rows(keys.user(guest.learner).pk)
    assert left["to"]["S"] == account.learner
    done = links.get(account, guest.learner, NOW)
    assert done is not None
    assert (done.state, done.merged) == (
        LINKED,
        {"answers": 1, "preferences": 1, "sessions": 1, "evidence": 4, "pointers": 1},
    )


def test_b40_evidence_is_united_and_the_profile_is_a_replay_of_the_union(site: Site) -> None:
    guest, account = a_guest(), an_account()
    users.create(guest, NOW, None)
    shared, own, theirs = (
        a_sitting(6, seed=1),
        a_sitting(5, START + 90_000, seed=2),
        a_sitting(5, START + 30_000, seed=3),
    )
    site.send(account, replace(shared, answers=shared.answers[:4]))
    site.send(account, own)
    site.send(guest, replace(shared, answers=shared.answers[2:]))
    site.send(guest, theirs)
    link(account, guest)
    assert site.stored(account) == site.expected([shared, own, theirs])
    done = links.get(account, guest.learner, NOW)
    assert done is not None
    assert done.merged == {"sessions": 1, "evidence": 2 + 5}


def test_b40_the_account_wins_on_answers_and_preferences(site: Site) -> None:
    guest, account, course = a_guest_of(site), an_account(), site.course.id
    mine = answers(experience="much")
    learner_settings.submit_answers(account, course, mine, NOW)
    learner_settings.change_preferences(account, course, {"challenge_level": 0.1}, [], None, NOW, lambda _: None)
    mark = learner_settings.get(account, course, NOW)
    link(account, guest)
    after = learner_settings.get(account, course, NOW)
    assert (after.answers, after.answers_rev, after.preferences, after.preferences_rev) == (
        mark.answers,
        mark.answers_rev,
        mark.preferences,
        mark.preferences_rev,
    )


def test_b40_what_only_the_guest_said_is_taken_over(site: Site) -> None:
    guest, account, course = a_guest_of(site), an_account(), site.course.id
    learner_settings.switch(account, course, False, NOW)
    link(account, guest)
    after = learner_settings.get(account, course, NOW)
    assert (after.answers, after.answers_rev, after.preferences["challenge_level"]) == (answers(), 1, 0.9)
    assert after.personalization is False


def test_b40_what_was_recommended_to_the_guest_can_still_be_answered(site: Site) -> None:
    guest, account = a_guest_of(site), an_account()
    recommend.run(account, site.course, Asked(), NOW)
    theirs = {offer.id for offer in learner_course.read(guest, site.course.id, NOW).ledger.offers()}
    mine = learner_course.read(account, site.course.id, NOW).ledger
    link(account, guest)
    both = learner_course.read(account, site.course.id, NOW).ledger
    assert {offer.id for offer in both.offers()} == theirs | {offer.id for offer in mine.offers()}
    assert both.answers > mine.answers


def test_b41_the_guest_is_dead_and_linking_again_changes_nothing(site: Site, backend: Backend) -> None:
    guest, account = a_guest_of(site), an_account()
    link(account, guest)
    before = everything(backend)
    assert link(account, guest).state == LINKED
    assert everything(backend) == before
    for call in (
        lambda: learner_settings.get(guest, site.course.id, NOW),
        lambda: site.send(guest, a_sitting(1)),
        lambda: pointers.put(guest, site.course.id, "x", a_pointer(), NOW),
    ):
        with pytest.raises(Unidentified, match="linked"):
            call()
    with pytest.raises(Conflict, match="linked_elsewhere"):
        link_user.begin(OTHER, guest, NOW, Queue().send)
    assert everything(backend) == before


def test_only_an_account_takes_a_guest_that_is_there(site: Site) -> None:
    with pytest.raises(Forbidden, match="accounts_only"):
        link_user.begin(a_guest(), a_guest_of(site), NOW, Queue().send)
    with pytest.raises(NotFound, match="unknown_guest"):
        link_user.begin(an_account(), a_guest(), NOW, Queue().send)


def test_a16_killed_after_each_step_and_tried_again_it_ends_the_same(site: Site, backend: Backend) -> None:
    """After each write: whoever dies between two of them leaves the same behind."""

    def outcome(at: int | None) -> tuple[Any, bool]:
        if backend.engine is not None:
            backend.empty()
            publish(site)
        guest, account = a_guest_of(site), an_account()
        sittings = a_sitting(3, seed=5), a_sitting(3, START + 7, seed=6)
        site.send(guest, sittings[0])
        site.send(account, sittings[1])
        death = Death(at or 0, after=True, writes=True)
        with death.on(Item):
            for _ in range(3):
                try:
                    link(account, guest)
                    break
                except Died:
                    continue
        found = {
            place: data
            for place, data in rows(account).items()
            if place != f"LINK#{guest.learner}" and not place.startswith("SESSION#")
        }
        # Offers have ids of their own, and what was folded anew says when.
        ledger = learner_course.read(account, site.course.id, NOW).ledger
        done = links.get(account, guest.learner, NOW)
        assert done is not None
        assert done.state == LINKED
        assert len(backend.rows(keys.user(guest.learner).pk)) == 1
        told = json.dumps([sorted(found), done.merged, len(list(ledger.offers())), ledger.answers], sort_keys=True)
        measured = learner_course.read_all(account, site.course.id, None, NOW).practice.gist.attempts
        return (told, measured), death.calls < (at or 0)

    whole, _ = outcome(None)
    at, over = 1, False
    while not over:
        again, over = outcome(at)
        assert again == whole, at
        at += 1
    assert at > 8


def test_b57_an_account_is_erased_with_its_guests(site: Site, backend: Backend) -> None:
    guest, account = a_guest_of(site), an_account()
    site.send(guest, a_sitting(2))
    link(account, guest)
    assert f"LINK#{guest.learner}" in rows(account)
    receipt = erase_user.begin(account, "me", NOW, Queue().send)
    work(receipt, NOW)
    work(receipt, LATER)
    for who in (guest, account):
        assert who.subject not in everything(backend)
        with pytest.raises(Unidentified):
            learner_settings.get(who, site.course.id, NOW)
    with pytest.raises(Conflict):
        users.create(guest, NOW, None)


@dataclass
class Meanwhile(Tap):
    """Something happens before the first transaction."""

    what: Callable[[], object]
    done: bool = False

    def send(self, client: Any, operation: str, request: AWSPreparedRequest, go_on: Send) -> AWSResponse:
        if operation == "TransactWriteItems" and not self.done:
            self.done = True
            self.what()
        return go_on()


def test_e2_a_guest_that_is_joined_while_the_account_is_erased_goes_with_it(site: Site, backend: Backend) -> None:
    account, guests = an_account(), [a_guest_of(site), a_guest_of(site)]
    link(account, guests[0])
    with Meanwhile(lambda: link_user.begin(account, guests[1], NOW, Queue().send)).on(Item):
        receipt = erase_user.begin(account, "me", NOW, Queue().send)
    work(receipt, NOW)
    work(receipt, LATER)
    for who in (account, *guests):
        assert who.subject not in everything(backend)
        with pytest.raises((Conflict, Unidentified)):
            users.create(who, NOW, None)


def test_e1_an_account_of_more_guests_than_fit_into_a_transaction_is_erased(site: Site, backend: Backend) -> None:
    account, guests = an_account(), [a_guest() for _ in range(101)]
    learner_settings.submit_answers(account, site.course.id, answers(), NOW)
    joined = [
        row
        for guest in guests
        for row in (
            LinkItem(*keys.link(account.learner, guest.learner), state=LINKED, updated_at=instant(NOW)),
            LinkedItem(*keys.user(guest.learner), to=account.learner, schema_version=BEYOND),
        )
    ]
    table.put_all(joined)
    receipt = erase_user.begin(account, "me", NOW, Queue().send)
    work(receipt, NOW)
    work(receipt, LATER)
    found = everything(backend)
    assert not [who for who in (account, *guests) if who.subject in found]
    with pytest.raises(Conflict):
        users.create(guests[-1], NOW, None)


def test_e2_what_is_carried_over_comes_too_late_for_an_account_that_is_erased(site: Site, backend: Backend) -> None:
    guest, account = a_guest_of(site), an_account()
    link_user.begin(account, guest, NOW, Queue().send)
    receipt = erase_user.begin(account, "me", NOW, Queue().send)
    before = everything(backend)
    assert carry_guest.run(account, guest.learner, NOW, Queue().send) == "the account is gone"
    assert everything(backend) == before
    work(receipt, NOW)
    work(receipt, LATER)
    assert carry_guest.run(account, guest.learner, NOW, Queue().send) == "done before"
    assert guest.subject not in everything(backend)
    assert account.subject not in everything(backend)
