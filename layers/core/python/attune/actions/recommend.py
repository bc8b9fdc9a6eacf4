"""What to do next: the set that stands, or a new one where something it was made from has changed."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, Final

from attune.actions import choose_arm
from attune.actions.situated import situated
from attune.domain.course import Course
from attune.domain.errors import Unavailable
from attune.domain.experiments.choice import Choice
from attune.domain.experiments.parameters import RANKING
from attune.domain.instants import DAY_MS
from attune.domain.practice.profile import Profile
from attune.domain.principal import Principal
from attune.domain.recommendations.asked import Asked, resolve
from attune.domain.recommendations.ledger import Ledger, OfferSet
from attune.domain.recommendations.offer import PENDING_MS, Offer
from attune.domain.recommendations.offer_ids import offer_id, set_id
from attune.domain.recommendations.parameters import PLAIN, RankingParameters
from attune.domain.recommendations.rank import rank
from attune.domain.recommendations.recommendation import Ranked
from attune.domain.recommendations.recommended import Recommended
from attune.domain.recommendations.voice import voice_of
from attune.store import learner_changes, learner_course, table
from attune.store.arms import ArmChange
from attune.store.learner_course import Changes, Found, Rows

TRIES: Final = 4


def run(
    principal: Principal, course: Course, asked: Asked, now: datetime, *, explain: bool = False, refresh: bool = False
) -> Recommended:
    """The set for what is asked; a new one only if something has changed, or if `refresh` asks for it."""
    moment = int(now.timestamp() * 1000)
    for turn in range(TRIES):
        found = learner_course.find(principal, course.id, now)
        if not (refresh or explain) and (standing := _standing(found, course, asked, now)):
            return standing
        rows = found.rows(now)
        ledger = rows.ledger
        choice = _choice(rows, course, now)
        made = ledger.set_for(asked.context_of(rows.settings))
        if made is None or refresh or choice.is_new or not _stands(made, rows, course, choice, moment):
            made = _made(rows, course, asked, choice, now)
            ledger = _with(rows, made, course)
            changes = Changes(ledger=ledger, arm=_exposure(rows, course, choice, now))
            try:
                learner_changes.write(rows, changes, now, seen=True)
            except table.ConditionFailed:
                table.pause(turn)
                continue
        dropped = _ranked(rows, course, asked, choice, made.id, made.at, now)[0].dropped if explain else None
        resolved = resolve(asked, rows.settings, course)
        return Recommended(made, resolved, rows.settings, ledger.statistics, dropped)
    raise Unavailable("store_busy")


def _standing(found: Found, course: Course, asked: Asked, now: datetime) -> Recommended | None:
    """The set that stands, if one does: most requests end here, with little of the rows unpacked."""
    rows = found.standing(asked.context_of)
    if rows is None:
        return None

    def rating() -> float:
        return _rating(found.rows(now), course, now)

    choice = choose_arm.run(RANKING, rows.principal, course, rows.settings, rating, now)
    (made,) = rows.ledger.sets
    if choice.is_new or not _stands(made, rows, course, choice, int(now.timestamp() * 1000)):
        return None
    return Recommended(made, resolve(asked, rows.settings, course), rows.settings, rows.ledger.statistics, None)


def renewed(rows: Rows, course: Course, now: datetime) -> Ledger | None:
    """The ledger with a new set for a request that says nothing, if the one it has is of another day; else None.

    Nothing is prepared for who turned personalization off.
    """
    if not rows.settings.personalization:
        return None
    moment, asked = int(now.timestamp() * 1000), Asked()
    # Nobody sees it yet, so nobody is exposed by it: whoever is in no arm yet gets another set when they come.
    choice = _choice(rows, course, now, enrol=False)
    made = rows.ledger.set_for(asked.context)
    if made is not None and made.at // DAY_MS == moment // DAY_MS and _stands(made, rows, course, choice, moment):
        return None
    return _with(rows, replace(_made(rows, course, asked, choice, now), prepared=True), course)


def _with(rows: Rows, made: OfferSet, course: Course) -> Ledger:
    """The ledger with a new set, and how it is told: so are the answers to it, whoever reads them."""
    return replace(rows.ledger.with_set(made), voice=voice_of(course, rows.settings))


def _choice(rows: Rows, course: Course, now: datetime, *, enrol: bool = True) -> Choice:
    """The parameters of the ranking for this learner, by the experiments that run."""
    rating = partial(_rating, rows, course, now)
    return choose_arm.run(RANKING, rows.principal, course, rows.settings, rating, now, enrol=enrol)


def _exposure(rows: Rows, course: Course, choice: Choice, now: datetime) -> ArmChange | None:
    """What is written with a set that is the first of an arm."""
    return choose_arm.exposed(choice, rows.principal, rows.settings, partial(_rating, rows, course, now), now)


def _basis(rows: Rows, course: Course, choice: Choice) -> tuple[Any, ...]:
    """The revisions of all that a set is made from."""
    settings = rows.settings
    return (
        course.version,
        rows.practice.rev,
        settings.answers_rev,
        settings.preferences_rev,
        rows.ledger.answers,
        settings.personalization,
        choice.key,
        rows.progress.moves,
    )


def _stands(made: OfferSet, rows: Rows, course: Course, choice: Choice, now: int) -> bool:
    return made.basis == _basis(rows, course, choice) and now < made.at + PENDING_MS


def _made(rows: Rows, course: Course, asked: Asked, choice: Choice, now: datetime) -> OfferSet:
    at = max(int(now.timestamp() * 1000), rows.ledger.last_made + 1)
    id_ = set_id(rows.principal.learner, course.id, at)
    ranked, seen = _ranked(rows, course, asked, choice, id_, at, now)
    offers = tuple(Offer(offer_id(id_, place), one) for place, one in enumerate(ranked.recommendations, start=1))
    basis = _basis(rows, course, choice)
    return OfferSet(
        id_, asked.context_of(rows.settings), basis, at, offers, ranked.due, ranked.empty_reason, _summary(seen)
    )


def _ranked(
    rows: Rows, course: Course, asked: Asked, choice: Choice, seed: str, at: int, now: datetime
) -> tuple[Ranked, Profile]:
    situation, seen = situated(rows, course, at, now)
    request = resolve(asked, rows.settings, course).request
    chosen = RankingParameters.from_json(choice.params) if rows.settings.personalization else PLAIN
    return rank(situation, request, chosen, seed), seen


def _rating(rows: Rows, course: Course, now: datetime) -> float:
    """The overall rating before whatever is served now."""
    return situated(rows, course, int(now.timestamp() * 1000), now)[1].overall


def _summary(seen: Profile) -> Mapping[str, Any]:
    """What an answer says of the learner; no skill is called strong or weak without evidence."""
    practised = sorted((name for name, skill in seen.skills.items() if skill.attempts), key=_by_rating(seen))
    return {
        "overall_rating": round(seen.overall, 1),
        "strongest_skill": practised[-1] if practised else None,
        "weakest_skill": practised[0] if len(practised) > 1 else None,
        "main_weakness": seen.weaknesses[0].category if seen.weaknesses else None,
    }


def _by_rating(seen: Profile) -> Any:
    return lambda name: (seen.skills[name].rating, name)
