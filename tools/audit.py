"""Whether what is stored of a learner is what all their sessions give, and its repair."""

from uuid import UUID

from attune.actions import rebuild_profile
from attune.actions.rebuild_profile import Checked
from attune.domain.errors import Unavailable
from attune.domain.principal import Principal
from attune.edge.clock import clock
from attune.store import users
from tools.errors import OperatorError


def audit(user_id: str, course: str, *, repair: bool = False) -> tuple[Checked, bool]:
    """What a comparison found, and whether it is well now: as it was, or by a repair. OperatorError for nobody."""
    try:
        principal = Principal.named(str(UUID(user_id)), issuer="")
    except ValueError:
        raise OperatorError(f"{user_id!r} is no id of a learner: it is a UUID, as GET /api/user/me shows it.") from None
    now = clock.now()
    try:
        if users.get(principal, now) is None:
            raise OperatorError(f"There is no learner {user_id}.")
        found = rebuild_profile.check(principal, course, now)
        if found.same or not repair:
            return found, found.same
        rebuild_profile.run(principal, course, now)
        return found, rebuild_profile.check(principal, course, now).same
    except Unavailable as error:
        raise OperatorError(f"The table cannot be used ({error.code}).") from error


def said(found: Checked, *, well: bool) -> str:
    """The same in a sentence."""
    answers = f"{found.attempts} answers"
    if found.same:
        return f"{answers}, and the stored bytes are what they give"
    why = "; a rebuild of late answers is due" if found.due else ""
    return f"{answers}, and the stored bytes were not what they give{why}" + ("; repaired" if well else "")
