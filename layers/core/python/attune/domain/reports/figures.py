"""The figures of a cell as they are shown: sums, shares and means, and why one is missing."""

from collections.abc import Callable, Mapping
from typing import Final

from attune.domain.reports.cell import Cell

Value = float | int | None
Figure = Callable[[Cell], Value]
FEW_LEARNERS: Final = "few_learners"
"""Fewer than five learners are behind it."""
GIVES_AWAY: Final = "gives_away"
"""Enough learners are behind it; but whoever took it off the total would be left with few."""
NOTHING_YET: Final = "nothing_yet"
"""Nothing was counted that it could be made of."""
HOUR: Final = 3600


def total(name: str) -> Figure:
    """A sum as it is."""
    return lambda cell: cell[name]


def ratio(of: str, to: str, scale: float = 1.0, digits: int = 4) -> Figure:
    """One sum over another, in units of which `scale` are one in the first; None where there is nothing to share."""
    return lambda cell: round(cell[of] / cell[to] / scale, digits) if cell[to] > 0 else None


def hours(name: str) -> Figure:
    """Seconds in hours."""
    return lambda cell: round(cell[name] / HOUR, 2)


def per_hour(of: str, seconds: str, scale: float) -> Figure:
    """A sum for each hour."""
    return lambda cell: round(cell[of] / scale * HOUR / cell[seconds], 1) if cell[seconds] > 0 else None


def left(of: str, to: str) -> Figure:
    """The share of one sum that another leaves out."""
    return lambda cell: round(1 - cell[of] / cell[to], 4) if cell[to] > 0 else None


RECOMMENDATIONS: Final[Mapping[str, Figure]] = {
    "shown": total("shown"),
    "accepted": total("accepted"),
    "declined": total("declined"),
    "completed": total("completed"),
    "expired": total("expired"),
    "acceptance": ratio("accepted", "shown"),
    "completion": ratio("completed", "shown"),
    "measured": total("measured"),
    "observed": ratio("observed", "measured", 10, 1),
    "expected": ratio("expected", "promised", 10, 1),
}
SKILLS: Final[Mapping[str, Figure]] = {
    "answers": total("answers"),
    "correct": ratio("correct", "answers"),
    "score": ratio("score", "answers", 10_000),
    "hours": hours("seconds"),
    "gain": ratio("gain", "measured", 10, 2),
}
ALL_SKILLS: Final[Mapping[str, Figure]] = {**SKILLS, "gain_per_study_hour": per_hour("gain", "studied", 10)}
MISTAKES: Final[Mapping[str, Figure]] = {"mistakes": total("mistakes")}
EXPECTED: Final[Mapping[str, Figure]] = {
    "n": total("answers"),
    "predicted": ratio("p", "answers", 10_000),
    "observed": ratio("score", "answers", 10_000),
}
CONTENT: Final[Mapping[str, Figure]] = {
    "started": total("started"),
    "completed": total("completed"),
    "drop_off": left("completed", "started"),
    "hours": hours("seconds"),
    "answers": total("answers"),
    "wrong_rate": ratio("wrong", "answers"),
    "requests": total("requests"),
    "hit": ratio("hits", "requests"),
    "texts": total("texts"),
    "sections_written": total("written"),
    "sections_original": lambda cell: sum(n for name, n in cell.figures.items() if name.startswith("original:")),
    "gate_failed": total("original:gate_failed"),
    "rated": total("rated"),
    "stars": ratio("stars", "rated", digits=2),
    "low": ratio("low", "rated"),
}
ENGAGEMENT: Final[Mapping[str, Figure]] = {
    "active": total("active"),
    "onboarded": total("onboarded"),
    "sessions": total("sessions"),
    "answers": total("answers"),
    "study_hours": hours("seconds"),
    "reading_hours": hours("reading"),
    "lessons_started": total("lessons_started"),
    "lessons_completed": total("lessons_completed"),
}
WEEKS: Final[Mapping[str, Figure]] = {
    "active": total("active"),
    "new": total("new"),
    "returning": total("returning"),
}
PATHS: Final[Mapping[str, Figure]] = {
    "created": total("created"),
    "feasible": ratio("feasible", "created"),
    "completed": total("completed"),
    "cancelled": total("cancelled"),
    "paused": total("paused"),
    "steps": total("steps"),
}
