"""Changes of rows as the table's stream tells them: the row before and after, and what that says that happened."""

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from attune.domain.experiments.definition import is_held_out
from attune.domain.instants import parse_instant
from attune.domain.reports import event as names
from attune.domain.reports import happened
from attune.domain.reports.event import NOBODY, Event
from attune.domain.reports.happened import Told
from attune.settings import settings
from attune.store import history, keys, paths, progress, pseudonyms, sessions, table, variants
from attune.store.holdings import course_of
from attune.store.items import (
    SCHEMA,
    Item,
    LessonProgressItem,
    PathItem,
    PathsItem,
    PointerItem,
    RatingItem,
    RecommendationItem,
    SessionItem,
    SettingsItem,
    VariantItem,
)

_WRITTEN: Final = "written"


@dataclass(frozen=True, slots=True)
class Change:
    """One record of the stream. `id` names it, whenever it is delivered; `old` is None where there was no row."""

    id: str
    old: Item | None
    new: Item


@dataclass(frozen=True, slots=True)
class Heard:
    """What a change says that happened, and to which learner: their own id, which no event names."""

    learner: str | None
    events: Sequence[Event]


def of(record: Mapping[str, Any]) -> Change | None:
    """The change that a record tells; None where nothing can have happened. Raises `NewerThanCode`."""
    told = record["dynamodb"]
    if "NewImage" not in told or told["NewImage"]["kind"]["S"] not in KINDS:
        return None
    new, old = _item(told["NewImage"]), told.get("OldImage")
    return Change(str(record["eventID"]), _item(old) if old else None, new)


def _item(image: Mapping[str, Any]) -> Item:
    item = Item.from_raw_data({name: _bytes(value) for name, value in image.items()})
    if item.schema_version > SCHEMA and type(item) in _TOLD:
        raise table.NewerThanCode(code="newer_than_code")
    return item


def _bytes(value: Mapping[str, Any]) -> dict[str, Any]:
    """A typed value with its bytes as bytes: in an event they are text."""
    ((kind, found),) = value.items()
    if kind == "B" and isinstance(found, str):
        return {"B": base64.b64decode(found)}
    return {kind: found}


def heard(change: Change) -> Heard:
    """What happened, if anything did, and to whom."""
    learner = None if isinstance(change.new, VariantItem) else change.new.pk.partition("#")[2]
    return Heard(learner, events(change))


def events(change: Change) -> list[Event]:
    """What happened, if anything did."""
    new = change.new
    if new.write_id and new.came_over == new.write_id:
        # A guest's row that an account takes over: it was told when it was the guest's.
        return []
    tell = _TOLD.get(type(new))
    if tell is None:
        return []
    old = change.old if type(change.old) is type(new) else None
    if isinstance(new, VariantItem):
        course, learner, more = variants.of(new).plan.course, NOBODY, dict[str, bool]()
    else:
        id_ = new.pk.partition("#")[2]
        course, learner = str(course_of(keys.Key(new.pk, new.sk))), pseudonyms.of(id_)
        more = {names.HELD_OUT: True} if is_held_out(id_, settings.holdout) else {}
    return [Event(name, at, course, learner, {**said, **more}) for name, at, said in tell(old, new)]


def _settings(old: SettingsItem | None, new: SettingsItem) -> Iterator[Told]:
    if new.onboarded_at and not (old and old.onboarded_at):
        yield names.ONBOARDED, _ms(new.onboarded_at), {}


def _session(old: SessionItem | None, new: SessionItem) -> Iterator[Told]:
    return happened.practised(sessions.of(old) if old else None, sessions.of(new), sessions.measured(new))


def _lesson(old: LessonProgressItem | None, new: LessonProgressItem) -> Iterator[Told]:
    if new.tracked_at:
        was = progress.of_lesson(old) if old else None
        yield from happened.read(_rest(new), was, progress.of_lesson(new), _ms(new.tracked_at))


def _recommendation(old: RecommendationItem | None, new: RecommendationItem) -> Iterator[Told]:
    return happened.recommended(history.of(old) if old else None, history.of(new))


def _pointer(old: PointerItem | None, new: PointerItem) -> Iterator[Told]:
    if new.given_at and not (old and (old.variant, old.given_at) == (new.variant, new.given_at)):
        yield names.LESSON_GIVEN, _ms(new.given_at), {"lesson": _rest(new), "cached": bool(new.cached)}


def _rating(old: RatingItem | None, new: RatingItem) -> Iterator[Told]:
    was = int(old.stars) if old and old.planned_at == new.planned_at else None
    return happened.rated(new.lesson_slug, was, int(new.stars), _ms(new.rated_at))


def _variant(old: VariantItem | None, new: VariantItem) -> Iterator[Told]:
    if new.state != variants.READY or (old and old.data == new.data):
        return
    found = variants.of(new)
    if found.assembled is None:
        return
    shown, originals = found.assembled.sections, dict[str, int]()
    for section in shown:
        if section["state"] != _WRITTEN:
            originals[section["reason"]] = originals.get(section["reason"], 0) + 1
    written = len(shown) - sum(originals.values())
    said = {"lesson": found.plan.slug, "language": found.plan.language, "written": written, "originals": originals}
    yield names.LESSON_WRITTEN, _ms(found.assembled.generated_at), said


def _paths(old: PathsItem | None, new: PathsItem) -> Iterator[Told]:
    return happened.followed(paths.of(old) if old else {}, paths.of(new))


def _path(old: PathItem | None, new: PathItem) -> Iterator[Told]:
    return happened.put_aside(paths.of_one(old)[1] if old else None, paths.of_one(new)[1])


_TOLD: Final[Mapping[type[Item], Callable[[Any, Any], Iterator[Told]]]] = {
    SettingsItem: _settings,
    SessionItem: _session,
    LessonProgressItem: _lesson,
    RecommendationItem: _recommendation,
    PointerItem: _pointer,
    RatingItem: _rating,
    VariantItem: _variant,
    PathsItem: _paths,
    PathItem: _path,
}
KINDS: Final = frozenset(str(Item.kind.get_discriminator(kind)) for kind in _TOLD)
"""The kinds of rows whose changes say that something happened; the mapping of the stream lets no others through."""


def _rest(item: Item) -> str:
    """What is behind the course in a sort key: a lesson's slug."""
    return item.sk.split("#", 2)[2]


def _ms(at: str) -> int:
    moment: datetime = parse_instant(at)
    return int(moment.timestamp() * 1000)
