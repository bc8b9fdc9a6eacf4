"""Personalized lessons that their readers took out of service, and bringing one back."""

from collections.abc import Sequence
from itertools import count

from attune.domain.errors import Unavailable
from attune.domain.principal import Principal
from attune.edge.clock import clock
from attune.store import ratings, table
from attune.store.ratings import Withdrawal
from tools.errors import OperatorError

_NOBODY = Principal.named("00000000-0000-4000-8000-000000000000", issuer="")
TRIES = 20


def withdrawn(course: str) -> list[Withdrawal]:
    """The variants of a course that are out of service, by lesson. OperatorError if the table cannot be used."""
    try:
        found = list(ratings.withdrawn(course, clock.now()))
    except Unavailable as error:
        raise OperatorError(f"The table cannot be used ({error.code}).") from error
    return sorted(found, key=lambda each: (each.lesson_slug, sorted(each.persona.items()), each.language, each.edition))


def restore(course: str, variant: str) -> None:
    """Let readers have a variant again, whatever is said of it. OperatorError if there is none."""
    try:
        for turn in count():
            now = clock.now()
            rated = ratings.read(_NOBODY, variant, course, now)
            if rated is None or rated.variant.plan.course != course:
                raise OperatorError(f"There is no variant {variant} in {course}; `attune variant list` shows them.")
            try:
                return ratings.approve(rated, now)
            except table.ConditionFailed:
                # A reader rates it at the same moment.
                if turn == TRIES:
                    raise OperatorError("Readers are rating it just now; try again.") from None
    except Unavailable as error:
        raise OperatorError(f"The table cannot be used ({error.code}).") from error


def said(course: str, found: Sequence[Withdrawal]) -> str:
    """The same as a table, a line each."""
    if not found:
        return f"{course}: nothing is out of service"
    rows = [
        (each.lesson_slug, _readers(each), f"{each.low} of {each.rated} low", each.since, each.variant)
        for each in found
    ]
    widths = [max(len(row[place]) for row in rows) for place in range(4)]
    return "\n".join(
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[4]]) for row in rows
    )


def _readers(each: Withdrawal) -> str:
    """For whom it was written: the values of the persona, the language, and the edition if it is not the first."""
    edition = (f"edition {each.edition + 1}",) if each.edition else ()
    return ", ".join([*(f"{name} {value}" for name, value in sorted(each.persona.items())), each.language, *edition])
