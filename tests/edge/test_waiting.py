"""Only so many requests wait; whoever goes, however they go, makes room."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Barrier

import pytest

from attune.domain.errors import Malformed
from attune.edge.personalized import wait_of
from attune.edge.waiting import patience

pytestmark = pytest.mark.disable_socket


def test_so_many_wait_and_the_others_answer_at_once() -> None:
    with ExitStack() as waiting:
        assert [waiting.enter_context(patience(5.0, 2)) for _ in range(4)] == [5.0, 5.0, 0.0, 0.0]
    with patience(3.0, 2) as granted:
        assert granted == 3.0


def test_who_does_not_want_to_wait_takes_no_room() -> None:
    with patience(0, 1) as first, patience(5, 1) as second:
        assert (first, second) == (0, 5)


def test_nobody_waits_where_nobody_may() -> None:
    with patience(5, 0) as granted:
        assert granted == 0


def test_a_request_that_breaks_makes_room_too() -> None:
    def breaks() -> None:
        with patience(5, 1) as granted:
            raise RuntimeError(granted)

    for _ in range(3):
        with pytest.raises(RuntimeError, match="5"):
            breaks()
    with patience(5, 1) as granted:
        assert granted == 5


def test_who_was_sent_away_does_not_make_room_for_two() -> None:
    with patience(5, 1):
        with patience(5, 1) as refused:
            assert refused == 0
        with patience(5, 1) as refused:
            assert refused == 0


def test_requests_at_the_same_time_share_the_room() -> None:
    together = Barrier(8, timeout=10)

    def one(_: int) -> float:
        with patience(1.0, 3) as granted:
            together.wait()
            return granted

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(one, range(8))) == [0.0] * 5 + [1.0] * 3


@pytest.mark.parametrize(
    ("prefer", "seconds"),
    [
        (None, 0),
        ("", 0),
        ("wait=3", 3),
        ("WAIT = 3", 3),
        ('wait="4"', 4),
        ("respond-async, wait=5", 5),
        ("respond-async;x=1, wait=5", 5),
        ("wait=8", 8),
        ("wait=9", 8),
        ("wait=999999", 8),
        ("wait=9999999", 0),
        ("wait=-1", 0),
        ("wait=2.5", 0),
        ("wait", 0),
        ("wait=", 0),
        ("await=5", 0),
        ("nowait=5", 0),
        ("return=minimal", 0),
        ("wait=2, wait=6", 2),
    ],
)
def test_patience_is_told_by_the_prefer_header(prefer: str | None, seconds: int) -> None:
    assert wait_of(prefer) == seconds


def test_a_very_long_preference_is_refused() -> None:
    with pytest.raises(Malformed):
        wait_of("wait=1" + " " * 2000)
