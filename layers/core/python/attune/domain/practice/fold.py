"""How one attempt changes all that is measured of a learner. Folding a learner's attempts in order gives the state."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from attune.domain.instants import DAY_MS
from attune.domain.learning import filter as model
from attune.domain.learning.measures import rating
from attune.domain.learning.parameters import Parameters
from attune.domain.practice import mistakes
from attune.domain.practice.attempt import Attempt
from attune.domain.practice.mistakes import MistakeMemory
from attune.domain.practice.skill_record import DAYS
from attune.domain.practice.state import ITEMS, ItemMemory, PracticeState, StudyDay

SHARES: Final = 4
"""Decimals of what is kept of scores: a sum of hundreds of answers is off by less than a hundredth."""
WINDOW: Final = 10
WINDOWS: Final = 12
REPEAT_AFTER_MS: Final = 7 * DAY_MS
LONGEST_STUDY_S: Final = 1800.0
"""The most seconds that one answer counts as study, however long the page was open."""
PAUSE_S: Final = 600.0
"""Two answers at most this far apart were one stretch of study, where the site sent no durations."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one attempt said: the expected score `p`, and for each skill the rating before and after."""

    attempt: Attempt
    p: float
    version: int
    ratings: Mapping[str, tuple[float, float]]


def fold(state: PracticeState, attempt: Attempt, parameters: Parameters) -> tuple[PracticeState, Evidence]:
    """The state after an attempt that is later than all before, and the evidence that it is."""
    records = [state.record(skill) for skill in attempt.skills]
    item = parameters.item(attempt.item, attempt.difficulty)
    told = model.update(
        parameters,
        item,
        attempt.skills,
        state.ability,
        [record.state for record in records],
        attempt.score,
        attempt.weight,
    )
    skills, ratings = dict(state.skills), {}
    for skill, record, after in zip(attempt.skills, records, told.skills, strict=True):
        was = rating(parameters, skill, state.ability, record.state)
        now = rating(parameters, skill, told.ability, after)
        skills[skill], ratings[skill] = record.after(after, now, attempt), (was, now)
    residual = attempt.score - told.p
    windows, open_window = _windowed(state, residual)
    gaps = [attempt.at - record.at >= REPEAT_AFTER_MS for record in records if record.at is not None]
    repeated = any(gaps)
    return (
        PracticeState(
            ability=told.ability,
            skills=skills,
            priors=state.priors,
            items=_items(state.items, attempt, residual),
            mistakes=_mistakes(state.mistakes, attempt),
            days=_days(state, attempt, sum(now - was for was, now in ratings.values())),
            windows=windows,
            open_window=open_window,
            repeats=(state.repeats[0] + repeated, state.repeats[1] + (repeated and attempt.success)),
            attempts=state.attempts + 1,
            at=attempt.at,
        ),
        Evidence(attempt, told.p, parameters.version, ratings),
    )


def _windowed(state: PracticeState, residual: float) -> tuple[tuple[float, ...], tuple[float, int]]:
    total, count = state.open_window[0] + residual, state.open_window[1] + 1
    if count < WINDOW:
        return state.windows, (total, count)
    return (*state.windows, round(total / WINDOW, SHARES))[-WINDOWS:], (0.0, 0)


def _items(items: Mapping[str, ItemMemory], attempt: Attempt, residual: float) -> dict[str, ItemMemory]:
    was = items.get(attempt.item) or ItemMemory(0, 0.0, 0, 0.0)
    kept = {
        **items,
        attempt.item: ItemMemory(attempt.at, attempt.score, was.attempts + 1, round(was.residual + residual, SHARES)),
    }
    if len(kept) > ITEMS:
        del kept[min(kept, key=lambda name: (kept[name].at, name))]
    return kept


def _mistakes(memories: Mapping[str, MistakeMemory], attempt: Attempt) -> dict[str, MistakeMemory]:
    made = () if attempt.mistake is None or attempt.mistake in attempt.categories else (attempt.mistake,)
    changed = {
        name: mistakes.after(memories.get(name) or MistakeMemory(), name, attempt)
        for name in (*attempt.categories, *made)
    }
    return {**memories, **changed}


def _days(state: PracticeState, attempt: Attempt, gain: float) -> tuple[StudyDay, ...]:
    day = attempt.at // DAY_MS
    earlier = tuple(entry for entry in state.days if day - DAYS < entry.day < day)
    last = state.days[-1] if state.days and state.days[-1].day == day else StudyDay(day, 0.0, 0.0, 0)
    seconds = last.seconds + seconds_of(attempt, state.at)
    return (
        *earlier,
        StudyDay(day, round(seconds, 1), round(last.gain + gain / len(attempt.skills), 2), last.attempts + 1),
    )


def seconds_of(attempt: Attempt, before: int | None) -> float:
    """How long the learner studied for this answer: as told, else since the answer before if that was just now."""
    if attempt.duration_ms is not None:
        return min(LONGEST_STUDY_S, attempt.duration_ms / 1000)
    since = PAUSE_S + 1 if before is None else (attempt.at - before) / 1000
    return since if since <= PAUSE_S else 0.0
