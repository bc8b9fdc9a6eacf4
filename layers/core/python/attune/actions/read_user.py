"""Read the caller: who they are, and whether they have answered the questionnaire."""

from datetime import datetime

from attune.domain.errors import NotFound, Unidentified
from attune.domain.learner import LearnerSettings, User
from attune.domain.principal import Kind, Principal
from attune.store import reading


def run(principal: Principal, wanted: str, course: str, now: datetime) -> tuple[User, LearnerSettings]:
    """The caller and their settings. Raises `NotFound` for anybody else; an account that wrote nothing has no times."""
    if wanted not in ("me", principal.subject):
        raise NotFound("unknown_user", "There is no such learner.")
    user, chosen = reading.learner(principal, course, now)
    if user is None and principal.kind is Kind.GUEST:
        raise Unidentified("unknown_user", "There is no such learner any more.")
    return user or User(principal.subject, None, None), chosen
