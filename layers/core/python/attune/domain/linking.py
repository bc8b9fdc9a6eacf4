"""A guest becomes part of an account: what of both stands, where both hold something."""

from collections.abc import Mapping
from dataclasses import replace

from attune.domain.experiments.assignments import Assignments
from attune.domain.learner import LearnerSettings
from attune.domain.paths.path import MOST_ACTIVE, PAUSED, Path, Paths
from attune.domain.paths.tally import Tally
from attune.domain.practice.profile import Practice
from attune.domain.progress.lesson_progress import EVENTS, LessonProgress
from attune.domain.progress.summary import Summary, Told
from attune.domain.recommendations.ledger import LESSONS, MEMORY, Ledger
from attune.domain.recommendations.offer import ACCEPTED, PENDING
from attune.domain.recommendations.statistics import Statistics


def settings(account: LearnerSettings, guest: LearnerSettings, arms: Assignments) -> LearnerSettings:
    """The account's answers and preferences where it gave any, else the guest's; a text anew once a day for both.

    `arms` are those of both, united.
    """
    both = replace(account, regenerated_at=_later(account.regenerated_at, guest.regenerated_at))
    if arms != account.arms:
        both = replace(both, arms=arms, arms_rev=account.arms_rev + 1)
    if guest.onboarded and not account.onboarded:
        both = replace(
            both,
            answers=guest.answers,
            answers_rev=account.answers_rev + 1,
            onboarded_at=guest.onboarded_at,
            answered_at=guest.answered_at,
        )
    if account.is_default and not guest.is_default:
        both = replace(both, preferences=guest.preferences, preferences_rev=account.preferences_rev + 1)
    return both


def practice(account: Practice, guest: Practice) -> Practice:
    """The account's, with the guest's claims where it makes none; the gist is made anew from all sessions."""
    gist = account.gist
    if not gist.priors:
        gist = replace(gist, priors=guest.gist.priors)
    return Practice(gist, {**guest.claims, **account.claims}, account.rev + guest.rev + 1)


def ledger(account: Ledger, guest: Ledger) -> Ledger:
    """The account's, with what the guest can still answer, and all that answers to both have taught."""
    known = {offer.id for offer in account.offers()}
    # What was answered and has no row in the history yet would be lost with the guest's ledger.
    left = [offer for offer in guest.offers() if offer.waiting or offer.status in (PENDING, ACCEPTED)]
    together = sorted(
        (*account.earlier, *(offer for offer in left if offer.id not in known)),
        key=lambda offer: (not offer.waiting, offer.status != ACCEPTED),
    )
    both = account.with_earlier(together)
    return replace(
        both,
        answers=account.answers + guest.answers + 1,
        declined=_newest({**guest.declined, **account.declined}, MEMORY),
        shift=max(account.shift, guest.shift, key=lambda shift: shift[1]),
        tallies=_summed(account.tallies, guest.tallies),
        gains={
            kind: (
                account.gains.get(kind, (0, 0.0))[0] + guest.gains.get(kind, (0, 0.0))[0],
                account.gains.get(kind, (0, 0.0))[1] + guest.gains.get(kind, (0, 0.0))[1],
            )
            for kind in {**account.gains, **guest.gains}
        },
        finished=dict(sorted({**guest.finished, **account.finished}.items(), key=lambda one: one[1])[-LESSONS:]),
        credited={
            skill: max(account.credited.get(skill, 0), guest.credited.get(skill, 0))
            for skill in {**account.credited, **guest.credited}
        },
        statistics=_statistics(both.statistics, guest.statistics),
        last_made=max(account.last_made, guest.last_made),
        # What open recommendations show so far is followed anew from the evidence of both.
        practised=None,
    )


def lesson(account: LessonProgress, guest: LessonProgress) -> LessonProgress:
    """What was done in a lesson by both: the earliest times, all seconds."""
    return LessonProgress(
        started_at=_earlier(account.started_at, guest.started_at),
        completed_at=_earlier(account.completed_at, guest.completed_at),
        seconds=account.seconds + guest.seconds,
        events=tuple(dict.fromkeys((*guest.events, *account.events)))[-EVENTS:],
    )


def summary(account: Summary, guest: Summary) -> Summary:
    """The same of a course, and the days of both."""
    lessons = dict(account.lessons)
    for slug, told in guest.lessons.items():
        own = lessons.get(slug, Told())
        lessons[slug] = Told(_earlier(own.completed_at, told.completed_at), own.seconds + told.seconds)
    days = [day for first, last in guest.activity.runs for day in range(first, last + 1)]
    return Summary(lessons, account.activity).active_on(days)


def paths(account: Tally, guest: Tally) -> Tally:
    """How many paths both have."""
    return Tally(*(getattr(account, name) + getattr(guest, name) for name in Tally.__slots__))


def waiting(account: Paths, guest: Paths, now: int) -> dict[str, Path]:
    """The guest's paths that are paused at `now` (ms), since with the account's own there would be too many active
    ones: those on which nothing moved for longest."""
    room = max(0, MOST_ACTIVE - sum(path.is_active for path in account.values()))
    active = {id_: path for id_, path in guest.items() if path.is_active and id_ not in account}
    last_first = sorted(active, key=lambda id_: (active[id_].active_at, id_), reverse=True)
    return {
        id_: replace(active[id_], status=PAUSED, paused_at=now, rev=active[id_].rev + 1) for id_ in last_first[room:]
    }


def _earlier(one: int | None, other: int | None) -> int | None:
    return min((time for time in (one, other) if time is not None), default=None)


def _later(one: str | None, other: str | None) -> str | None:
    return max((time for time in (one, other) if time), default=None)


def _newest(found: Mapping[str, tuple[int, str]], most: int) -> dict[str, tuple[int, str]]:
    return dict(sorted(found.items(), key=lambda entry: entry[1][0])[-most:])


def _summed(
    one: Mapping[str, tuple[float, float]], other: Mapping[str, tuple[float, float]]
) -> dict[str, tuple[float, float]]:
    none = (0.0, 0.0)
    return {
        name: (
            one.get(name, none)[0] + other.get(name, none)[0],
            one.get(name, none)[1] + other.get(name, none)[1],
        )
        for name in {**one, **other}
    }


def _statistics(one: Statistics, other: Statistics) -> Statistics:
    return Statistics(*(getattr(one, name) + getattr(other, name) for name in Statistics.__slots__))
