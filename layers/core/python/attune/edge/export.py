"""Everything that is held about a learner, as it is answered."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from attune.domain.instants import instant
from attune.domain.principal import Principal
from attune.edge.views import Id, Instant, Json, Uuid, View
from attune.store.holdings import HOLDINGS, Held

FORMAT: Final = 1
MOST_BYTES: Final = 2_000_000
"""A page ends with the row that goes beyond it: a function answers at most 6 MB, a row has at most 400 KB packed."""
ANSWERS: Final = ("answers", "answers_rev", "answered_at", "onboarded_at")
BY_COURSE: Final = ("answers", "preferences", "profile", "log", "ledger", "progress", "active_paths")
LISTS: Final = (
    "sessions",
    "recommendations",
    "snapshots",
    "pointers",
    "lessons",
    "paths",
    "ratings",
    "outcomes",
    "outcome_events",
    "quotas",
    "repetitions",
    "links",
    "other",
)


class HeldView(View):
    """One row: the course and the id are the rest of its key, `data` is all that it holds."""

    kind: str
    course: Id | None
    id: str | None
    data: Json


class ExportView(View):
    """All that is held about the learner, each row once. `other` lists kinds of rows that have no place of their own.

    What is kept for a course stands under the course's id. `settings` are shown as `answers` and `preferences`.
    """

    format: Annotated[int, Field(description="The version of this form.")] = FORMAT
    id: Uuid
    kind: Literal["guest", "account"]
    exported_at: Instant
    user: Json | None = None
    answers: dict[str, Json]
    preferences: dict[str, Json]
    profile: dict[str, Json]
    log: dict[str, Json]
    ledger: dict[str, Json]
    progress: dict[str, Json]
    active_paths: dict[str, Json]
    sessions: list[HeldView]
    recommendations: list[HeldView]
    snapshots: list[HeldView]
    pointers: list[HeldView]
    lessons: list[HeldView]
    paths: list[HeldView]
    ratings: list[HeldView]
    outcomes: list[HeldView]
    outcome_events: list[HeldView]
    quotas: list[HeldView]
    repetitions: list[HeldView]
    links: list[HeldView]
    other: list[HeldView]
    next_cursor: str | None

    @classmethod
    def of(cls, principal: Principal, rows: Iterable[Held], following: str | None, now: datetime) -> "ExportView":
        found: dict[str, Any] = {name: {} for name in BY_COURSE} | {name: [] for name in LISTS}
        user = None
        for row in rows:
            listed = HOLDINGS[row.kind].listed if row.kind in HOLDINGS else "other"
            if listed == "user":
                user = dict(row.data)
            elif listed == "settings":
                course = str(row.course)
                found["answers"][course] = {name: row.data[name] for name in ANSWERS if name in row.data}
                found["preferences"][course] = {name: row.data[name] for name in row.data if name not in ANSWERS}
            elif listed in BY_COURSE:
                found[listed][str(row.course)] = dict(row.data)
            else:
                view = HeldView(kind=row.kind, course=row.course, id=row.id, data=dict(row.data))
                found[listed if listed in LISTS else "other"].append(view)
        return cls(
            id=principal.subject,
            kind=principal.kind.value,
            exported_at=instant(now),
            user=user,
            next_cursor=following,
            **found,
        )


def page(rows: Iterable[tuple[str, Held]], limit: int) -> tuple[list[Held], str | None]:
    """As many rows as fit into an answer, and the place of the last one if others follow."""
    found: list[Held] = []
    size, last = 0, ""
    for place, row in rows:
        if len(found) == limit or size > MOST_BYTES:
            return found, last
        found.append(row)
        size += len(json.dumps(row.data))
        last = place
    return found, None
