"""A section is claimed by one worker at a time, and only whoever holds it says how it ended."""

from datetime import datetime, timedelta

import pytest

from attune.store import keys, retention, sections
from attune.store.sections import FOR_EVER, Claim, Outcome, StoredSection
from tests.backends import Backend
from tests.builders import NOW, a_key

LEASE = 75.0
OVER = NOW + timedelta(seconds=LEASE)
TEXT = Outcome(text="## Part\n\nWritten ⟦✓⟧ for you.\n", model="m-1", input_tokens=10, output_tokens=20)


def claim(key: str, now: datetime = NOW) -> Claim:
    taken = sections.claim(key, LEASE, now)
    assert isinstance(taken, Claim)
    return taken


def stored(key: str, now: datetime = NOW) -> StoredSection:
    return sections.get_many([key], now)[key]


def test_what_nobody_claimed_is_not_there() -> None:
    assert sections.get_many([a_key()], NOW) == {}
    assert sections.get_many([], NOW) == {}


def test_the_first_claim_is_had_and_the_second_learns_who_has_it() -> None:
    key = a_key()
    first = claim(key)
    assert (first.key, first.fence, first.attempt) == (key, 1, 1)
    other = sections.claim(key, LEASE, NOW + timedelta(seconds=LEASE - 1))
    assert isinstance(other, StoredSection)
    assert (other.state, other.lease_until, other.attempts) == ("writing", NOW.timestamp() + LEASE, 1)
    assert other.held(NOW)
    assert not other.held(OVER)
    assert not other.settled(OVER)


def test_after_its_lease_a_section_goes_to_another_with_a_higher_fence() -> None:
    key = a_key()
    first, second = claim(key), claim(key, OVER)
    assert (second.fence, second.attempt) == (2, 2)
    assert second.owner != first.owner
    assert claim(key, OVER + timedelta(seconds=LEASE)).fence == 3


def test_the_holder_stores_the_text() -> None:
    key = a_key()
    assert sections.finish(claim(key), TEXT, NOW)
    found = stored(key)
    assert (found.state, found.text, found.reason, found.retry_at) == ("written", TEXT.text, None, None)
    assert (found.model, found.input_tokens, found.output_tokens, found.lease_until) == ("m-1", 10, 20, None)
    assert found.settled(NOW)


def test_a_written_section_is_never_claimed_again() -> None:
    key = a_key()
    sections.finish(claim(key), TEXT, NOW)
    for later in (timedelta(), timedelta(days=1), timedelta(days=179)):
        assert sections.claim(key, LEASE, NOW + later) == stored(key)


@pytest.mark.parametrize("late", [TEXT, Outcome(reason="gate_failed")])
def test_c8_who_lost_the_claim_stores_nothing(late: Outcome) -> None:
    key = a_key()
    first, second = claim(key), claim(key, OVER)
    assert not sections.finish(first, late, OVER)
    assert stored(key, OVER).state == "writing"
    assert sections.finish(second, TEXT, OVER)
    assert not sections.finish(first, late, OVER)
    assert stored(key, OVER).text == TEXT.text


def test_c8_a_fence_alone_or_an_owner_alone_opens_nothing() -> None:
    key = a_key()
    held = claim(key)
    assert not sections.finish(Claim(key, "somebody", held.fence, 1), TEXT, NOW)
    assert not sections.finish(Claim(key, held.owner, held.fence + 1, 1), TEXT, NOW)
    assert stored(key).state == "writing"


def test_finishing_twice_keeps_the_first_end() -> None:
    key = a_key()
    held = claim(key)
    assert sections.finish(held, TEXT, NOW)
    assert sections.finish(held, Outcome(text="other"), NOW)
    assert stored(key).text == TEXT.text


def test_nobody_finishes_what_was_never_claimed(backend: Backend) -> None:
    key = a_key()
    assert not sections.finish(Claim(key, "somebody", 1, 1), TEXT, NOW)
    assert backend.rows(keys.section(key).pk) == []


def test_an_original_stands_until_it_may_be_tried_again() -> None:
    key = a_key()
    sections.finish(claim(key), Outcome(reason="writer_down", retry_at=NOW.timestamp() + 300), NOW)
    found = stored(key)
    assert (found.state, found.text, found.reason) == ("original", None, "writer_down")
    before, then = NOW + timedelta(seconds=299), NOW + timedelta(seconds=300)
    assert found.settled(before)
    assert sections.claim(key, LEASE, before) == found
    assert not found.settled(then)
    again = claim(key, then)
    assert (again.fence, again.attempt) == (2, 2)
    sections.finish(again, TEXT, then)
    rewritten = stored(key, then)
    assert (rewritten.state, rewritten.text, rewritten.reason, rewritten.retry_at) == ("written", TEXT.text, None, None)


def test_an_original_for_good_stays_one() -> None:
    key = a_key()
    sections.finish(claim(key), Outcome(reason="gate_failed"), NOW)
    found = stored(key)
    assert found.retry_at == FOR_EVER
    assert sections.claim(key, LEASE, NOW + timedelta(days=170)) == found


def test_a_section_given_back_is_had_from_then_on() -> None:
    key = a_key()
    until = NOW + timedelta(seconds=9)
    sections.release(claim(key), until.timestamp(), NOW)
    assert isinstance(sections.claim(key, LEASE, until - timedelta(seconds=1)), StoredSection)
    assert claim(key, until).fence == 2


def test_c8_who_lost_the_claim_gives_nothing_back() -> None:
    key = a_key()
    first, second = claim(key), claim(key, OVER)
    sections.release(first, NOW.timestamp(), OVER)
    assert isinstance(sections.claim(key, LEASE, OVER), StoredSection)
    assert sections.finish(second, TEXT, OVER)
    sections.release(second, NOW.timestamp(), OVER)
    assert stored(key, OVER).state == "written"


def test_a_section_fades_and_may_then_be_written_anew() -> None:
    key = a_key()
    sections.finish(claim(key), TEXT, NOW)
    gone = NOW + retention.TEXTS
    assert sections.get_many([key], gone) == {}
    assert claim(key, gone).fence == 2


def test_more_sections_than_one_answer_holds_are_all_read() -> None:
    names = [a_key() for _ in range(130)]
    for name in names:
        claim(name)
    assert set(sections.get_many([*names, *names[:5]], NOW)) == set(names)


# ---- Calls


def counted(key: str, now: datetime = NOW, generation: int = 0) -> Claim:
    taken = sections.claim(key, LEASE, now, calls=3, generation=generation)
    assert isinstance(taken, Claim)
    return taken


def test_calls_are_added_up_over_claims() -> None:
    key = a_key()
    first = counted(key)
    assert (first.used, stored(key).calls) == (0, 3)
    sections.release(first, NOW.timestamp(), NOW, calls=2)
    second = counted(key)
    assert (second.used, stored(key).calls) == (2, 5)
    assert sections.finish(second, Outcome(reason="writer_down", retry_at=NOW.timestamp(), calls=1), NOW)
    assert counted(key).used == stored(key).calls - 3 == 3


def test_a_worker_that_died_is_taken_to_have_made_all_its_calls() -> None:
    key = a_key()
    counted(key)
    assert counted(key, OVER).used == 3


def test_another_generation_begins_anew() -> None:
    key = a_key()
    sections.release(counted(key), NOW.timestamp(), NOW, calls=3)
    second = counted(key, generation=1)
    assert (second.used, second.generation) == (0, 1)
    sections.release(second, NOW.timestamp(), NOW, calls=1)
    assert counted(key, generation=1).used == 1
    # A worker that has not heard of it yet counts on.
    assert counted(key, OVER, generation=0).used == 4


def test_f13_who_loses_the_answer_to_a_claim_knows_it_as_its_own(backend: Backend) -> None:
    """A lease is longer than a worker may live, so it is never renewed: a claim is the only time it is taken."""
    key = a_key()
    with backend.faulty("lost_after", "UpdateItem") as faults:
        held = counted(key)
    assert faults.met["lost_after"] == 1
    assert (held.fence, held.used, stored(key).calls) == (1, 0, 3)
    assert sections.finish(held, TEXT, NOW)
