"""The clock of the tests."""

from datetime import timedelta

import pytest

from tests.doubles.clock import Clock


def test_time_moves_when_told() -> None:
    clock = Clock()
    began = clock.now()
    clock.sleep(1.5)
    assert clock.advance(timedelta(hours=1)) - began == timedelta(hours=1, seconds=1.5)
    assert clock.monotonic() == 3601.5
    assert clock.slept == [1.5]
    assert clock.timestamp() == clock.now().timestamp()
    with pytest.raises(ValueError, match="backwards"):
        clock.sleep(-1)
