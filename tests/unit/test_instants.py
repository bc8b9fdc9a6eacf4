"""Moments are written in UTC to the second, and read back as they were."""

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune.domain.instants import instant, parse_instant

_ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
_MOMENTS = st.datetimes(datetime(1970, 1, 2), datetime(9999, 12, 30), timezones=_ZONES)


@given(_MOMENTS)
def test_a_moment_is_written_in_utc_and_read_back_to_the_second(moment: datetime) -> None:
    text = instant(moment)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", text)
    again = parse_instant(text)
    assert again.tzinfo is UTC
    assert timedelta(0) <= moment - again < timedelta(seconds=1)


@given(_MOMENTS, _MOMENTS)
def test_written_moments_sort_as_moments_do(one: datetime, other: datetime) -> None:
    if one <= other:
        assert instant(one) <= instant(other)
    else:
        assert instant(one) >= instant(other)


@pytest.mark.parametrize(
    "text", ["", "2026-01-01", "2026-01-01T00:00:00", "2026-01-01T00:00:00+00:00", "2026-13-01T00:00:00Z"]
)
def test_what_was_not_written_here_is_not_read(text: str) -> None:
    with pytest.raises(ValueError, match="does not match format"):
        parse_instant(text)
