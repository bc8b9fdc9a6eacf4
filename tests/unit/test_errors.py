"""Refusals have stable codes, and say nothing of what was sent unless they are told to."""

import pytest

from attune.domain import errors
from attune.domain.errors import Conflict, DomainError, Flaw, Invalid, NotFound, PreconditionFailed

KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, DomainError)]


@pytest.mark.parametrize("kind", KINDS)
def test_every_refusal_has_a_code_and_a_sentence_of_its_own(kind: type[DomainError]) -> None:
    error = kind()
    assert error.code.replace("_", "").isalpha()
    assert error.code.islower()
    assert error.detail.endswith(".")
    assert str(error) == error.code
    assert error.extra == {}


def test_no_two_refusals_share_a_code() -> None:
    assert len({kind.code for kind in KINDS}) == len(KINDS)


def test_a_refusal_may_be_more_exact() -> None:
    error = NotFound("unknown_lesson", "There is no such lesson.", retry_after=3)
    assert (error.code, error.detail, error.extra) == ("unknown_lesson", "There is no such lesson.", {"retry_after": 3})
    assert NotFound.code == "not_found"


def test_what_is_invalid_has_places() -> None:
    flaws = (Flaw("/a", "No."), Flaw("/b", "No.", "missing"))
    error = Invalid(*flaws, code="skill_cycle", cycle=["a", "a"])
    assert error.flaws == flaws
    assert (error.code, error.extra, flaws[0].code) == ("skill_cycle", {"cycle": ["a", "a"]}, "invalid")


def test_a_change_that_came_too_late_is_a_conflict() -> None:
    assert issubclass(PreconditionFailed, Conflict)
