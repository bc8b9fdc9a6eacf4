"""A session of practice: what was answered in one sitting, in whatever pieces it was sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from attune.domain.practice.attempt import Attempt

MOST_ATTEMPTS = 1000
ACCEPTED = "accepted"
DUPLICATE = "duplicate"
CONFLICT = "conflict"
INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Session:
    """Times in ms since 1970: the earliest start and the latest end that were sent. `subject` is what it was about."""

    id: str
    started_at: int
    ended_at: int | None = None
    subject: str | None = None
    recommendation: str | None = None
    attempts: Mapping[str, Attempt] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one attempt that was sent; `code` says why it is invalid."""

    attempt: str
    result: str
    code: str | None = None


def take(session: Session | None, sent: Session, attempts: Sequence[Attempt]) -> tuple[Session, list[Outcome]]:
    """The session with what is new of `attempts`; the same again is a duplicate, another answer a conflict."""
    known = dict(session.attempts) if session else {}
    outcomes = []
    for attempt in attempts:
        was = known.get(attempt.id)
        if was is not None:
            outcomes.append(Outcome(attempt.id, DUPLICATE if _same(was, attempt) else CONFLICT))
        elif len(known) >= MOST_ATTEMPTS:
            outcomes.append(Outcome(attempt.id, INVALID, "session_full"))
        else:
            known[attempt.id] = attempt
            outcomes.append(Outcome(attempt.id, ACCEPTED))
    ends = [end for end in (session.ended_at if session else None, sent.ended_at) if end is not None]
    return (
        replace(
            sent,
            started_at=min(session.started_at, sent.started_at) if session else sent.started_at,
            ended_at=max(ends, default=None),
            subject=(session.subject if session else None) or sent.subject,
            recommendation=(session.recommendation if session else None) or sent.recommendation,
            attempts=dict(sorted(known.items(), key=lambda entry: entry[1].place)),
        ),
        outcomes,
    )


def _same(was: Attempt, now: Attempt) -> bool:
    """Whether the same was sent; what the course adds to an attempt may have changed since."""
    return replace(now, skills=was.skills, difficulty=was.difficulty, categories=was.categories) == was
