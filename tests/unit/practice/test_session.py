"""A session takes what is new, knows what it has, and never takes another answer for the same."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune.domain.practice.attempt import Attempt
from attune.domain.practice.session import MOST_ATTEMPTS, Session, take
from tests.unit.practice.attempts import NOON, an_attempt

SENT = Session("s", NOON)


def results(session: Session | None, *attempts: Attempt, **sent: Any) -> tuple[Session, list[str | None]]:
    made, outcomes = take(session, replace(SENT, **sent), attempts)
    assert [outcome.attempt for outcome in outcomes] == [attempt.id for attempt in attempts]
    return made, [outcome.code or outcome.result for outcome in outcomes]


def test_the_same_again_is_a_duplicate_and_another_answer_a_conflict() -> None:
    one, other = an_attempt(id="1"), an_attempt(NOON + 1, id="2")
    session, found = results(None, one, other)
    assert found == ["accepted", "accepted"]
    assert results(session, one, replace(other, score=0.0), an_attempt(id="3"))[1] == [
        "duplicate",
        "conflict",
        "accepted",
    ]
    assert results(session, replace(other, score=0.0))[0].attempts == session.attempts


@pytest.mark.parametrize(
    "change",
    [
        {"at": NOON + 1},
        {"item": "q2"},
        {"score": 0.5},
        {"hints": 1},
        {"duration_ms": 5},
        {"phase": "late"},
        {"mistake": "slip"},
        {"loss": 0.5},
    ],
)
def test_whatever_the_sender_says_otherwise_is_a_conflict(change: dict[str, Any]) -> None:
    session, _ = results(None, an_attempt(id="1"))
    assert results(session, replace(an_attempt(id="1"), **change))[1] == ["conflict"]


def test_what_the_course_adds_may_change() -> None:
    session, _ = results(None, an_attempt(id="1"))
    again = replace(an_attempt(id="1"), skills=("two",), difficulty=5, categories=("slip",))
    changed, found = results(session, again)
    assert found == ["duplicate"]
    assert changed.attempts["1"].skills == ("one",)


def test_an_id_that_is_twice_in_one_batch_counts_once() -> None:
    one = an_attempt(id="1")
    session, found = results(None, one, one, replace(one, score=0.0))
    assert found == ["accepted", "duplicate", "conflict"]
    assert session.attempts == {"1": one}


def test_a_full_session_says_so_and_still_knows_what_it_has() -> None:
    attempts = [an_attempt(NOON + place, id=str(place)) for place in range(MOST_ATTEMPTS + 1)]
    session, found = results(None, *attempts)
    assert found == ["accepted"] * MOST_ATTEMPTS + ["session_full"]
    assert results(session, attempts[0], attempts[-1])[1] == ["duplicate", "session_full"]


def test_it_lasts_from_the_earliest_start_to_the_latest_end() -> None:
    session, _ = results(None, an_attempt(id="1"), started_at=NOON, ended_at=None, subject=None)
    session, _ = results(
        session, an_attempt(id="2"), started_at=NOON - 5, ended_at=NOON + 9, subject="a", recommendation="r"
    )
    session, _ = results(
        session, an_attempt(id="3"), started_at=NOON, ended_at=NOON + 3, subject="b", recommendation="q"
    )
    assert (session.started_at, session.ended_at) == (NOON - 5, NOON + 9)
    assert (session.subject, session.recommendation) == ("a", "r")


@given(order=st.permutations(range(8)), cut=st.integers(0, 8))
def test_pieces_in_any_order_make_one_session(order: list[int], cut: int) -> None:
    attempts = [an_attempt(NOON + place % 3, id=str(place)) for place in range(8)]
    pieces = [attempts[place] for place in order]
    session = None
    for piece in (pieces[:cut], pieces[cut:], pieces):
        session, _ = results(session, *piece)
    whole, _ = results(None, *attempts)
    assert session == whole
    assert list(session.attempts) == list(whole.attempts)
    assert [attempt.place for attempt in whole.attempts.values()] == sorted(a.place for a in attempts)
