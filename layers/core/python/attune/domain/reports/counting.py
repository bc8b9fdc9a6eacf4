"""What an event counts for: in which reports, in which cells, and how much, in whole numbers.

Ratings and points are counted in tenths, probabilities and scores in ten-thousandths.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from attune.domain.reports import event as names
from attune.domain.reports.cell import EMPTY, Cell
from attune.domain.reports.event import NOBODY, Event
from attune.domain.reports.presence import ENGAGEMENT, TOTAL, WEEKS, side_of

RECOMMENDATIONS: Final = "recommendations"
SKILLS: Final = "skills"
CONTENT: Final = "content"
PATHS: Final = "paths"
COUNTED: Final = (RECOMMENDATIONS, SKILLS, CONTENT, PATHS, ENGAGEMENT, WEEKS)
BINS: Final = 10
"""Bins of the expected score, in which what was expected is compared with what came."""
_TENTHS, _PARTS = 10, 10_000
Counted = tuple[str, str, dict[str, int]]
"""A report, a cell of it, and what is added to its figures."""
_BECAME: Final = {
    names.SHOWN: "shown",
    names.ACCEPTED: "accepted",
    names.DECLINED: "declined",
    names.COMPLETED: "completed",
    names.EXPIRED: "expired",
}
_PATHS: Final = {
    names.PATH_CREATED: "created",
    names.PATH_COMPLETED: "completed",
    names.PATH_CANCELLED: "cancelled",
    names.PATH_PAUSED: "paused",
    names.PATH_STEP: "steps",
}
_LESSONS: Final = {names.LESSON_STARTED: "started", names.LESSON_COMPLETED: "completed"}


def counted(events: Iterable[Event]) -> dict[tuple[str, str], dict[str, Cell]]:
    """By report and day, what events add to its cells."""
    found: dict[tuple[str, str], dict[str, Cell]] = {}
    for event in events:
        learners = frozenset({event.learner} - {NOBODY})
        for report, cell, figures in _counts(event):
            cells = found.setdefault((report, event.day), {})
            cells[cell] = cells.get(cell, EMPTY) + Cell(figures, learners)
    return found


def _counts(event: Event) -> Iterator[Counted]:
    said = event.said
    side = side_of(held_out=bool(said.get(names.HELD_OUT)))
    if event.name == names.ANSWERED:
        yield from _answer(said, side)
    elif event.name in _BECAME or event.name == names.MEASURED:
        figures = _recommendation(event.name, said)
        for cell in (TOTAL, side, f"kind:{said['kind']}", f"item:{said['item']}"):
            yield RECOMMENDATIONS, cell, figures
    elif event.name in _PATHS:
        yield PATHS, TOTAL, {_PATHS[event.name]: 1, "feasible": int(said.get("feasible", False))}
    elif event.name in (names.SESSION, names.ONBOARDED):
        yield ENGAGEMENT, TOTAL, {{names.SESSION: "sessions", names.ONBOARDED: "onboarded"}[event.name]: 1}
    else:
        yield from _lesson(event.name, said)


def _answer(said: Any, side: str) -> Iterator[Counted]:
    score = round(said["score"] * _PARTS)
    figures = {"answers": 1, "correct": int(said["success"]), "score": score, "seconds": said["seconds"]}
    yield ENGAGEMENT, TOTAL, {"answers": 1, "seconds": said["seconds"]}
    gain = said.get("gain") or {}
    mean = round(sum(gain.values()) * _TENTHS / len(gain)) if gain else 0
    known = {"measured": 1, "studied": said["seconds"], "gain": mean} if gain else {}
    for cell in (TOTAL, side):
        yield SKILLS, cell, {**figures, **known}
    for skill in said["skills"]:
        more = {"measured": 1, "gain": round(gain[skill] * _TENTHS)} if skill in gain else {}
        yield SKILLS, f"skill:{skill}", {**figures, **more}
    if "p" in said:
        p = round(said["p"] * _PARTS)
        yield SKILLS, f"expected:{min(BINS - 1, p * BINS // _PARTS)}", {"answers": 1, "p": p, "score": score}
    if "mistake" in said:
        yield SKILLS, f"mistake:{said['mistake']}", {"mistakes": 1}
    if "lesson" in said:
        yield CONTENT, f"lesson:{said['lesson']}", {"answers": 1, "wrong": int(not said["success"])}


def _recommendation(name: str, said: Any) -> dict[str, int]:
    if name != names.MEASURED:
        return {_BECAME[name]: 1}
    figures = {"measured": int(said["new"]), "observed": round(said["observed"] * _TENTHS)}
    if "expected" in said:
        figures |= {"promised": 1, "expected": round(said["expected"] * _TENTHS)}
    return figures


def _lesson(name: str, said: Any) -> Iterator[Counted]:
    if name in _LESSONS:
        figures = {_LESSONS[name]: 1}
        yield ENGAGEMENT, TOTAL, {f"lessons_{_LESSONS[name]}": 1}
    elif name == names.LESSON_TIME:
        figures = {"seconds": said["seconds"]}
        yield ENGAGEMENT, TOTAL, {"reading": said["seconds"]}
    elif name == names.LESSON_GIVEN:
        figures = {"requests": 1, "hits": int(said["cached"])}
    elif name == names.LESSON_RATED:
        figures = {"rated": int(said["new"]), "stars": said["stars"], "low": said["low"]}
    elif name == names.LESSON_WRITTEN:
        figures = {"texts": 1, "written": said["written"]}
        figures |= {f"original:{reason}": n for reason, n in said["originals"].items()}
    else:
        return
    yield CONTENT, TOTAL, figures
    yield CONTENT, f"lesson:{said['lesson']}", figures
