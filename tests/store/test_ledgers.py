"""An answer to a recommendation is one write, counted once by whoever reads, and filed by whoever writes next."""

import zlib
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count

import pytest

from attune.actions import answer_recommendation, rebuild_profile, recommend, refresh_learner
from attune.domain.errors import Conflict, Unavailable
from attune.domain.manifest import read
from attune.domain.practice.replay import replay
from attune.domain.principal import Principal
from attune.domain.recommendations.asked import Asked
from attune.domain.recommendations.effect import follow, so_far
from attune.domain.recommendations.ledger import FULL, Ledger
from attune.domain.recommendations.offer import ACCEPTED, COMPLETED, DECLINED, PENDING, Offer
from attune.domain.recommendations.offer_ids import short
from attune.store import attendance, courses, history, items, keys, learner_changes, learner_course, parameters
from attune.store.learner_course import Changes, Rows
from attune.store.ledgers import ROOM, WORDS
from attune.store.packed import pack, pack_small, unpack_small
from tests.backends import Backend
from tests.builders import NOW, an_account, an_id
from tests.doubles.faults import End, Ended
from tests.store.practice import Site, Sitting, a_practice_manifest, a_sitting
from tools.services import TABLE

NOW_MS = int(NOW.timestamp() * 1000)
OPINION = {"completion_time": 24.0}


def a_site() -> Site:
    """A course of its own, published."""
    course, manifest = an_id(), a_practice_manifest()
    courses.publish(course, manifest, None, NOW)
    return Site(read(course, 1, manifest))


@dataclass
class Learner:
    """Somebody in a course of their own."""

    site: Site = field(default_factory=a_site)
    who: Principal = field(default_factory=an_account)

    def rows(self) -> Rows:
        return learner_course.read_all(self.who, self.site.course.id, None, NOW)

    @property
    def ledger(self) -> Ledger:
        return self.rows().ledger

    def look(self, context: int = 0) -> tuple[Offer, ...]:
        asked = Asked(time_available=20 + context) if context else Asked()
        return recommend.run(self.who, self.site.course, asked, NOW, refresh=bool(context)).made.offers

    def accept(self, offer: Offer, rating: int | None = None) -> tuple[Offer, Ledger]:
        return answer_recommendation.accept(self.who, self.site.course, offer.id, rating, NOW)

    def decline(self, offer: Offer) -> tuple[Offer, Ledger]:
        return answer_recommendation.decline(self.who, self.site.course, offer.id, None, "too_hard", NOW)

    def complete(self, offer: Offer) -> tuple[Offer, Ledger]:
        return answer_recommendation.complete(self.who, self.site.course, offer.id, OPINION, NOW)

    def practise(self, seed: int = 1, ago: int = 0) -> Sitting:
        """Answers since the newest set was made, most of them."""
        sitting = a_sitting(8, NOW_MS - ago * 60_000, seed=seed, step=1000)
        self.site.send(self.who, sitting)
        return sitting

    def listed(self) -> dict[str, Offer]:
        """All that is told of answers, page after page."""
        found: dict[str, Offer] = {}
        below: str | None = None
        while True:
            page, below = history.page(
                self.who, self.site.course.id, self.ledger, NOW, status=None, below=below, limit=2
            )
            assert not found.keys() & {offer.id for offer in page}
            assert [offer.id for offer in page] == sorted((offer.id for offer in page), reverse=True)
            found |= {offer.id: offer for offer in page}
            if below is None:
                return found


def row(backend: Backend, learner: Learner) -> dict[str, dict[str, object]]:
    wanted = keys.recommendations(learner.who.learner, learner.site.course.id)
    return next(one for one in backend.rows(wanted.pk) if one["sk"]["S"] == wanted.sk)


def test_an_answer_is_one_write_and_counted_by_whoever_reads(backend: Backend) -> None:
    learner = Learner()
    one, other, third, *_ = learner.look()
    with backend.watched() as calls:
        taken, told = learner.accept(one, 4)
        learner.decline(other)
        done, last = learner.complete(one)
        learner.complete(third)
    assert calls.operations == {"UpdateItem": 4}
    assert (taken.status, told.statistics.accepted) == (ACCEPTED, 1)
    assert (done.status, done.rating, last.statistics.completed) == (COMPLETED, 4, 1)
    found = learner.ledger.statistics
    assert (found.accepted, found.declined, found.completed, found.ratings) == (2, 1, 2, 1)
    assert {id_: offer.status for id_, offer in learner.listed().items()} == {
        one.id: COMPLETED,
        other.id: DECLINED,
        third.id: COMPLETED,
    }
    # The next set is made from what was answered, in one write, and waits with its answers for the history.
    learner.look()
    assert learner.ledger.statistics == found
    assert [offer.id for offer in learner.ledger.waiting] == sorted(learner.listed())
    assert row(backend, learner)["answers"] == {"L": []}


def test_what_does_not_fit_the_row_changes_nothing(backend: Backend) -> None:
    learner = Learner()
    one, other, *_ = learner.look()
    learner.decline(one)
    was = row(backend, learner)
    for act in (learner.accept, learner.complete):
        with pytest.raises(Conflict):
            act(one)
    late = NOW + timedelta(hours=72)
    with pytest.raises(Conflict):
        answer_recommendation.accept(learner.who, learner.site.course, other.id, None, late)
    assert row(backend, learner) == was


@pytest.mark.parametrize("kind", ["lost_after", "lost_before", "conflict", "throttle"])
def test_an_answer_whose_answer_is_lost_counts_once(backend: Backend, kind: str) -> None:
    """J: as a write that meets a transaction, which the SDK does not try again."""
    learner = Learner()
    one, other, third, *_ = learner.look()
    for act, offer, status in (
        (learner.accept, one, ACCEPTED),
        (learner.decline, other, DECLINED),
        (learner.complete, third, COMPLETED),
    ):
        with backend.faulty(kind, "UpdateItem") as faults:
            moved, told = act(offer)
        assert sum(faults.met.values()) == 1
        assert moved.status == status
        assert told.statistics == learner.ledger.statistics
        assert act(offer)[0].status == status
    found = learner.ledger.statistics
    assert (found.accepted, found.declined, found.completed) == (2, 1, 1)


def test_an_answer_that_meets_transactions_for_ever_is_unavailable(backend: Backend) -> None:
    learner = Learner()
    one, *_ = learner.look()
    with backend.faulty("conflict", "UpdateItem", times=99), pytest.raises(Unavailable, match="store_busy"):
        learner.accept(one)
    assert learner.ledger.statistics.accepted == 0
    with backend.faulty("denied", "UpdateItem", times=99), pytest.raises(Unavailable, match="store_unavailable"):
        learner.accept(one)


def test_d11_a_full_row_writes_its_history_before_it_takes_more(backend: Backend) -> None:
    learner = Learner()
    offers = [offer for context in range(3) for offer in learner.look(context)]
    assert len(offers) > ROOM + 3
    operations = []
    for offer in offers:
        with backend.watched() as calls:
            learner.decline(offer)
        operations.append("UpdateItem" if calls.operations == {"UpdateItem": 1} else "two")
        if operations[-1] == "two":
            assert learner.ledger.waiting == ()
    assert operations[: ROOM + 2] == ["UpdateItem"] * ROOM + ["two", "UpdateItem"]
    assert {offer.status for offer in learner.listed().values()} == {DECLINED}
    assert len(learner.listed()) == learner.ledger.statistics.declined == len(offers)


def test_whoever_only_answers_and_looks_is_bounded_too(backend: Backend) -> None:
    """Each look counts the answers and leaves the history for later, but not for ever."""
    learner, most, answered = Learner(), 0, 0
    for turn in range(1, 16):
        for offer in learner.look(turn)[:2]:
            learner.decline(offer)
            answered += 1
        most = max(most, len(learner.ledger.waiting))
    assert FULL <= most < FULL + ROOM
    assert len(learner.listed()) == learner.ledger.statistics.declined == answered


def test_a_session_files_what_waits_and_follows_what_is_open(backend: Backend) -> None:
    learner = Learner()
    offers = learner.look()
    for offer in offers[:4]:
        learner.decline(offer)
    with backend.watched() as calls:
        learner.practise()
    assert calls.operations == {"BatchGetItem": 1, "TransactWriteItems": 1}
    assert len(learner.ledger.waiting) == 3
    for seed in range(2, 5):
        learner.practise(seed)
    assert not learner.ledger.waiting
    filed = [one["sk"]["S"] for one in backend.rows(f"USER#{learner.who.learner}")]
    assert sum(name.startswith("RECOMMENDATION#") for name in filed) == 4
    learner.look()
    learner.practise(5)
    rows = learner.rows()
    in_force = parameters.load(learner.site.course.id, NOW).at
    assert follow(rows.ledger, replay(rows.log, in_force)) == rows.ledger
    assert rows.ledger.practised


def test_a_rebuild_measures_anew_what_is_open() -> None:
    learner = Learner()
    learner.look()
    learner.practise()
    rows = learner.rows()
    wrong = follow(rows.ledger, [])
    assert wrong != rows.ledger
    learner_changes.write(rows, Changes(ledger=wrong, practice=rows.practice, rebuild=True), NOW, seen=True)
    assert not rebuild_profile.run(learner.who, learner.site.course.id, NOW)
    assert learner.ledger == rows.ledger


def test_the_night_files_all_that_waits() -> None:
    learner = Learner()
    (one, other, *_) = learner.look()
    learner.accept(one)
    learner.decline(other)
    rows = learner.rows()
    assert refresh_learner._step(rows, learner.site.course, "2031-05-06", NOW + timedelta(days=15))
    assert learner.ledger.waiting == ()
    found = {offer.id: offer.status for offer in learner.listed().values()}
    assert (found[one.id], found[other.id]) == ("EXPIRED", DECLINED)
    assert learner.ledger.statistics.expired == len(found) - 2


def test_a_row_that_left_the_index_gets_back_to_it(backend: Backend) -> None:
    learner = Learner()
    (one, *_) = learner.look()
    attendance.drop(learner.who, learner.site.course.id)
    assert "gsi1pk" not in row(backend, learner)
    assert learner.accept(one)[0].status == ACCEPTED
    assert "gsi1pk" in row(backend, learner)


def older(backend: Backend, learner: Learner) -> None:
    """Store the row as it was before answers were one write."""
    plain = unpack_small(row(backend, learner)["data"]["B"], WORDS)  # type: ignore[arg-type]
    del plain["practised"], plain["voice"]
    for made in plain["sets"]:
        made[4] = [offer[:3] for offer in made[4]]
    left = {
        name: held for name, held in row(backend, learner).items() if name not in ("pending", "accepted", "answers")
    }
    backend.raw.put_item(TableName=TABLE, Item={**left, "data": {"B": pack(plain)}})


@pytest.mark.parametrize("looked", [False, True])
def test_an_older_row_is_read_and_answered_with_what_its_log_shows(backend: Backend, looked: bool) -> None:
    learner = Learner()
    (one, other, *_) = learner.look()
    learner.practise()
    shown = so_far(learner.ledger.called(short(one.id)), learner.ledger)
    older(backend, learner)
    assert learner.ledger.practised is None
    if looked:
        # A new set is made without the log: what is open still waits for it.
        learner.look(1)
    with backend.watched() as calls:
        done, told = learner.complete(one)
    assert calls.operations == {"UpdateItem": 1, "BatchGetItem": 1, "TransactWriteItems": 1}
    assert done.effect == shown
    assert shown.observed is not None
    assert told.voice is not None
    with backend.watched() as calls:
        learner.accept(other)
    assert calls.operations == {"UpdateItem": 1}


def test_what_rows_are_packed_with_never_changes() -> None:
    """Rows that are stored name it by this sum: with other words they could not be read any more."""
    assert zlib.adler32(WORDS) == 1345237814
    assert unpack_small(pack_small({"a": [1]}, WORDS), WORDS) == unpack_small(pack({"a": [1]}), WORDS) == {"a": [1]}


def test_an_end_at_any_call_leaves_every_answer_counted_once(backend: Backend) -> None:
    """Whoever sends everything again ends where nothing had gone wrong."""

    def act(learner: Learner, offers: list[Offer], sitting: Sitting) -> None:
        with suppress(Conflict):
            # It was completed, if all this is sent again.
            learner.accept(offers[0])
        learner.decline(offers[1])
        learner.complete(offers[2])
        learner.site.send(learner.who, sitting)
        for offer in offers[3:]:
            learner.decline(offer)
        learner.complete(offers[0])

    def outcome(learner: Learner, offers: list[Offer]) -> object:
        listed = learner.listed()
        status = [listed[offer.id].status if offer.id in listed else PENDING for offer in offers]
        return learner.ledger.statistics, status, learner.site.stored(learner.who)

    sitting, wanted = a_sitting(6, NOW_MS, step=1000), None
    for nth in count():
        backend.empty()
        learner = Learner()
        offers = [offer for context in range(2) for offer in learner.look(context)]
        end = End(nth, after=nth % 2 == 0)
        with end.on(items.Item), suppress(Ended):
            act(learner, offers, sitting)
        act(learner, offers, sitting)
        found = outcome(learner, offers)
        wanted = wanted or found
        # Its course is another, so the bytes that name it are not compared.
        assert found[:2] == wanted[:2], nth  # type: ignore[index]
        if 0 < end.seen < nth:
            break
    assert nth > 8
