"""Moments are exact to the millisecond, from the first to the last that there is."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from attune.edge.moments import Moment, milliseconds, moment

LAST = 253_402_300_799_999
MOMENTS = TypeAdapter(Moment)


@given(at=st.integers(0, LAST))
def test_b21_what_is_answered_can_be_sent_again(at: int) -> None:
    assert milliseconds(MOMENTS.validate_python(moment(at))) == at


@given(at=st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 31, 23, 59, 59, 999_999)))
def test_what_is_finer_is_cut_off(at: datetime) -> None:
    sent = at.isoformat(timespec="microseconds") + "Z"
    cut = at.replace(microsecond=at.microsecond // 1000 * 1000, tzinfo=UTC)
    assert datetime.fromisoformat(moment(milliseconds(MOMENTS.validate_python(sent)))) == cut


def test_b21_the_ends_of_time() -> None:
    assert milliseconds("1970-01-01T00:00:00Z") == 0
    assert milliseconds("9999-12-31T23:59:59.999999Z") == LAST
    assert moment(LAST) == "9999-12-31T23:59:59.999Z"
    assert moment(1000) == "1970-01-01T00:00:01Z"


@pytest.mark.parametrize(
    "text",
    [
        *("", "now", "2026-11-21", "2026-11-21T07:41:02", "2026-11-21 07:41:02Z", "2026-11-21T07:41:02z"),
        *("2026-11-21T07:41:02+00:00", "2026-11-21T24:00:00Z", "2026-11-21T07:41:60Z", "2026-02-29T00:00:00Z"),
        *("1969-12-31T23:59:59Z", "0000-01-01T00:00:00Z", "2026-11-21T07:41:02.Z", "2026-11-21T07:41:02.1234567Z"),
        *("2026-11-21T07:41Z", " 2026-11-21T07:41:02Z", "2026-11-21T07:41:02Z\n", "٢026-11-21T07:41:02Z"),
    ],
)
def test_b21_nothing_else_is_a_moment(text: str) -> None:
    with pytest.raises(ValidationError):
        MOMENTS.validate_python(text)
