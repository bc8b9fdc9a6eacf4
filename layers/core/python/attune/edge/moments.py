"""Moments as they are sent and answered, and as the domain counts them: milliseconds since 1970."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

from pydantic import AfterValidator, Field

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FORM = r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?Z$"


def _real(text: str) -> str:
    try:
        if datetime.fromisoformat(text).year >= 1970:
            return text
    except ValueError:
        pass
    raise ValueError("a moment in UTC such as 2026-11-02T09:14:02Z")


Moment = Annotated[str, Field(pattern=_FORM, json_schema_extra={"format": "date-time"}), AfterValidator(_real)]


def milliseconds(text: str) -> int:
    """The milliseconds of a moment that was sent; what is finer is cut off, so that the last year stays the last."""
    return (datetime.fromisoformat(text) - _EPOCH) // timedelta(milliseconds=1)


def moment(milliseconds: int) -> str:
    """A moment as it is answered: to the millisecond where it has any."""
    at = _EPOCH + timedelta(milliseconds=milliseconds)
    part = "milliseconds" if milliseconds % 1000 else "seconds"
    return at.isoformat(timespec=part).replace("+00:00", "Z")
