"""Count what a learner practised: once, wherever it comes in, with everything that follows from it in one write."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from attune.actions import count_outcome, moved_paths
from attune.actions.situated import local_day
from attune.domain.course import Course
from attune.domain.errors import Unavailable
from attune.domain.experiments.built_in import Counted
from attune.domain.jobs import Job, RebuildProfile
from attune.domain.paths.moved import Moved
from attune.domain.practice.attempt import Attempt
from attune.domain.practice.fold import Evidence
from attune.domain.practice.gist import Gist
from attune.domain.practice.intake import Sent, Unusable, attempt
from attune.domain.practice.log import KEPT, Log
from attune.domain.practice.priors import begun
from attune.domain.practice.profile import Practice
from attune.domain.practice.recorded import Recorded
from attune.domain.practice.replay import InForce, record, replay
from attune.domain.practice.session import ACCEPTED, INVALID, Outcome, Session, take
from attune.domain.practice.state import PracticeState
from attune.domain.principal import Principal
from attune.domain.recommendations import moves
from attune.domain.recommendations.effect import credit, follow, follows, measure
from attune.domain.recommendations.ledger import Ledger
from attune.domain.recommendations.offer import Offer
from attune.domain.reports.measured import Measured
from attune.store import learner_changes, learner_course, parameters, table
from attune.store.learner_course import Changes, Rows

TRIES: Final = 12
"""Devices that send at the same moment take turns; each needs two round trips."""
LATE: Final = 20
"""How many answers that came too late for the log are named."""
FILED: Final = 1
"""How many recommendations get their row in the history with a session: its transaction has eight items at most."""
Send = Callable[[Sequence[Job]], None]


def run(
    principal: Principal,
    course: Course,
    sent: Session,
    answers: Sequence[Sent],
    now: datetime,
    send: Send,
    *,
    any_age: bool = False,
) -> Recorded:
    """Count the answers of a session. Raises `NotFound` for a guest who does not exist, `Unavailable`.

    Only an import takes answers of `any_age`. Their order says nothing, so that none of them is named as late.
    """
    judged = _judged(course, sent.id, answers, now, any_age=any_age)
    usable = [one for one in judged if isinstance(one, Attempt)]
    versions = parameters.recent(course.id, now)
    for turn in range(TRIES):
        rows = learner_course.read_all(principal, course.id, sent.id, now)
        session, outcomes = take(rows.session, sent, usable)
        new = [one for one, outcome in zip(usable, outcomes, strict=True) if outcome.result == ACCEPTED]
        ordered = _in_order(judged, outcomes)
        if session == rows.session or not session.attempts:
            if rows.rebuild:
                # Whoever stored what is late may have ended before the job was sent, and this is them again.
                send([RebuildProfile(principal.learner, course.id)])
            return Recorded(sent.id, ordered, rows.practice.rev)
        changes, closed = _changes(course, rows, session, new, versions.at, now, name_late=not any_age)
        changes, moved = _followed(course, rows, changes, new, now)
        try:
            learner_changes.write(rows, changes, now, seen=not any_age)
        except table.ConditionFailed:
            table.pause(turn)
            continue
        if changes.rebuild:
            send([RebuildProfile(principal.learner, course.id)])
        return Recorded(sent.id, ordered, (changes.practice or rows.practice).rev, closed, moved)
    raise Unavailable("store_busy")


def _judged(
    course: Course, session: str, answers: Sequence[Sent], now: datetime, *, any_age: bool
) -> list[Attempt | Outcome]:
    """For each answer the attempt that it is, or why it is none."""
    moment = int(now.timestamp() * 1000)
    judged: list[Attempt | Outcome] = []
    for answer in answers:
        try:
            judged.append(attempt(course, session, answer, moment, any_age=any_age))
        except Unusable as error:
            judged.append(Outcome(answer.id, INVALID, error.code))
    return judged


def _in_order(judged: Iterable[Attempt | Outcome], outcomes: Iterable[Outcome]) -> tuple[Outcome, ...]:
    """Outcomes in the order of what was sent; an id that was sent several times has as many."""
    taken = iter(outcomes)
    return tuple(one if isinstance(one, Outcome) else next(taken) for one in judged)


def _changes(
    course: Course,
    rows: Rows,
    session: Session,
    new: Sequence[Attempt],
    in_force: InForce,
    now: datetime,
    *,
    name_late: bool,
) -> tuple[Changes, Offer | None]:
    practice = begun(rows.practice, course, rows.settings.answers)
    log = rows.log if rows.log.window else Log(before=PracticeState(priors=practice.gist.priors))
    in_time = [one for one in new if log.takes(one)]
    late = [one.id for one in new if not log.takes(one)]
    places, heard = {one.place for one in in_time}, list[Evidence]()
    gist = practice.gist
    if in_time:
        log, state = record(log, in_time, in_force, heard.append)
        # While a guest is carried over, what the guest told stands in the profile's row alone until the rebuild.
        gist = replace(Gist.of(state), priors=gist.priors)
    after = Practice(gist, practice.claims, practice.rev + len(new))
    evidence = heard[-KEPT:] if in_time else replay(log, in_force)
    ledger, closed, counts = _recommended(rows, session, evidence, now)
    ledger, due = ledger.file(FILED)
    changes = Changes(
        practice=after if new else None,
        rebuild=bool(late) or rows.rebuild,
        log=log if new else None,
        late=(*rows.late, *late)[-LATE:] if name_late else rows.late,
        session=session,
        measured={one.attempt.id: Measured.of(one) for one in heard if one.attempt.place in places},
        ledger=None if ledger == rows.ledger else ledger,
        history=due,
        counts=counts,
    )
    return changes, closed


def _followed(
    course: Course, rows: Rows, changes: Changes, new: Sequence[Attempt], now: datetime
) -> tuple[Changes, tuple[Moved, ...]]:
    """The changes with what follows for the days of activity and for active paths, and the paths that moved."""
    practice = changes.practice
    if practice is None:
        return changes, ()
    progress = rows.progress.active_on(local_day(rows.settings, one.at) for one in new)
    changes = replace(changes, progress=None if progress is rows.progress else progress)
    after = replace(rows, practice=practice, ledger=changes.ledger or rows.ledger, progress=progress)
    moved = moved_paths.by_evidence(after, course, new, now)
    return moved_paths.with_moved(rows, changes, moved), moved


def _recommended(
    rows: Rows, session: Session, known: Iterable[Evidence], now: datetime
) -> tuple[Ledger, Offer | None, Sequence[Counted]]:
    """The ledger with what the evidence now shows of what is open, the recommendation that the session did, and what
    that says of experiments."""
    ledger = rows.ledger
    if not any(offer.expires or offer.id == session.recommendation for offer in ledger.offers()):
        return ledger, None, ()
    evidence = list(known)
    ledger, closed, counts = _closed(rows, session, evidence, now) or (ledger, None, ())
    return follow(ledger, evidence), closed, counts


def _closed(
    rows: Rows, session: Session, evidence: Sequence[Evidence], now: datetime
) -> tuple[Ledger, Offer, Sequence[Counted]] | None:
    """The recommendation that the session followed: completed by it, or with its effect so far."""
    ledger = rows.ledger
    offer = ledger.find(session.recommendation) if session.recommendation else None
    if offer is None:
        return None
    moment, effect = int(now.timestamp() * 1000), measure(offer, evidence, ledger.credited)
    if offer.session == session.id:
        changed, moved = moves.extend(ledger, offer, effect)
    elif offer.status_at(moment) in moves.ALLOWED and follows(session, offer):
        changed, moved = moves.complete(ledger, offer, {}, effect, moment, session.id)
    else:
        return None
    if moved == offer:
        return None
    changed, counts = count_outcome.run(rows, changed, offer, moved, now)
    return credit(changed, moved, evidence), moved, counts
