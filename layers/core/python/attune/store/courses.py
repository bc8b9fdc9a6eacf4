"""Published courses: which version is current, what it says, and the texts of its lessons.

Texts and manifests are named by their hash and never change; publishing writes them first and switches in one write.
"""

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from pynamodb.transactions import TransactWrite

from attune.domain.course import Course
from attune.domain.errors import Conflict, NotFound, Unavailable
from attune.domain.hashing import exact
from attune.domain.instants import instant
from attune.domain.lesson_text import LessonText
from attune.domain.manifest import read
from attune.store import keys, table
from attune.store.items import SCHEMA, CourseItem, ManifestItem, StagedItem, TextItem, VersionItem

_NAMES = ("pk", "sk", "kind", "schema_version")
CHUNK = 350_000
"""Bytes of a compressed manifest in one row: below the 400 KB that a row may have."""


@dataclass(frozen=True, slots=True)
class Current:
    """Which version of a course is current, which manifest that is, and the experiments to know of (packed)."""

    course: str
    version: int
    digest: str
    chunks: int
    published_at: str
    experiments: bytes | None = None
    experiments_rev: int = 0


@dataclass(frozen=True, slots=True)
class Staged:
    """The text of a lesson that the next publication takes."""

    slug: str
    text_id: str
    content_hash: str


def current(course: str, now: datetime, *, consistent: bool = False) -> Current:
    """The current version. Raises `NotFound`."""
    return of(course, table.get(CourseItem, keys.course(course), now, consistent=consistent))


def of(course: str, item: CourseItem | None) -> Current:
    """The current version that a row holds. Raises `NotFound` without one."""
    if item is None:
        raise NotFound("unknown_course", "No such course is published.")
    return Current(
        course,
        int(item.version),
        item.digest,
        int(item.chunks),
        item.published_at,
        item.experiments,
        int(item.experiments_rev or 0),
    )


def load(version: Current, now: datetime) -> Course:
    """The course of a version; versions never change, so each is read once in a process."""
    cached = _cache.get((version.course, version.version, version.digest))
    if cached is None:
        manifest = _manifest(version, now)
        cached = read(version.course, version.version, manifest)
        if len(_cache) >= 8:
            _cache.pop(next(iter(_cache)))
        _cache[version.course, version.version, version.digest] = cached
    return cached


_cache: dict[tuple[str, int, str], Course] = {}


def load_current(course: str, now: datetime) -> Course:
    """The current version's course. Raises `NotFound`."""
    return load(current(course, now), now)


RECENT = timedelta(seconds=30)
_recent: dict[str, tuple[datetime, Current, Course]] = {}


def recent(course: str, now: datetime) -> Course:
    """A course as it was current at most 30 seconds ago: for what a switch of versions hardly touches."""
    return _seen(course, now)[2]


def recently(course: str, now: datetime) -> Current:
    """The row that `recent` read: it says which experiments to know of."""
    return _seen(course, now)[1]


def _seen(course: str, now: datetime) -> tuple[datetime, Current, Course]:
    seen = _recent.get(course)
    if seen is None or not timedelta(0) <= now - seen[0] < RECENT:
        version = current(course, now)
        seen = (now, version, load(version, now))
        _recent[course] = seen
    return seen


def forget_recent(course: str) -> None:
    """Read the row of a course anew when it is needed next."""
    _recent.pop(course, None)


def forget() -> None:
    """Read every course and text anew."""
    _cache.clear()
    _recent.clear()
    _cached_text.cache_clear()


def _manifest(version: Current, now: datetime) -> Mapping[str, Any]:
    wanted = [keys.manifest(version.course, version.digest, number) for number in range(version.chunks)]
    found = table.get_many(wanted, now)
    pieces = [found.get(key) for key in wanted]
    if not all(isinstance(piece, ManifestItem) for piece in pieces):
        raise Unavailable(code="course_incomplete")
    packed = b"".join(bytes(piece.data) for piece in pieces if isinstance(piece, ManifestItem))
    manifest: Mapping[str, Any] = json.loads(zlib.decompress(packed))
    return manifest


@lru_cache(maxsize=64)
def _cached_text(packed: bytes) -> LessonText:
    stored = json.loads(zlib.decompress(packed))
    return LessonText(stored["content"], stored["translations"])


def text(course: str, slug: str, text_id: str, now: datetime) -> LessonText:
    """A lesson's text. Raises `NotFound`."""
    item = table.get(TextItem, keys.text(course, slug, text_id), now)
    if item is None:
        raise NotFound("unknown_lesson", "The course has no such lesson.")
    return _cached_text(bytes(item.data))


def stage(course: str, slug: str, text: LessonText, content_hash: str, now: datetime) -> bool:
    """Keep a text for the next publication; False, and nothing written, if it is the one kept already."""
    kept = table.get(StagedItem, keys.staged(course, slug), now, consistent=True)
    if kept is not None and kept.text_id == text.id:
        return False
    packed = zlib.compress(json.dumps({"content": text.content, "translations": dict(text.translations)}).encode(), 9)
    table.put(TextItem(*keys.text(course, slug, text.id), data=packed))
    table.put(StagedItem(*keys.staged(course, slug), text_id=text.id, content_hash=content_hash))
    return True


def staged(course: str, now: datetime) -> dict[str, Staged]:
    """All kept texts by slug."""
    prefix = keys.staged_prefix(course)
    found = table.query(StagedItem, prefix, now, consistent=True)
    return {
        item.sk.removeprefix(prefix.sk): Staged(item.sk.removeprefix(prefix.sk), item.text_id, item.content_hash)
        for item in found
    }


def publish(course: str, manifest: Mapping[str, Any], was: Current | None, now: datetime) -> Current:
    """Write a manifest as the next version and switch to it. Raises `Conflict` if another was published meanwhile."""
    packed = zlib.compress(json.dumps(manifest, ensure_ascii=False, sort_keys=True).encode(), 9)
    pieces = [packed[start : start + CHUNK] for start in range(0, len(packed), CHUNK)]
    name = exact(manifest)
    table.put_all([ManifestItem(*keys.manifest(course, name, n), data=piece) for n, piece in enumerate(pieces)])
    version = Current(course, newest(course, now) + 1, name, len(pieces), instant(now))
    _switch(version, was, now, new=True)
    return version


def switch(course: str, number: int, was: Current, now: datetime) -> Current:
    """Make an earlier version the current one again. Raises `NotFound`, `Conflict`."""
    item = table.get(VersionItem, keys.version(course, number), now, consistent=True)
    if item is None:
        raise NotFound("unknown_version", "This version was never published.")
    version = Current(course, number, item.digest, int(item.chunks), item.published_at)
    if version.version != was.version:
        _switch(version, was, now, new=False)
    return version


def newest(course: str, now: datetime) -> int:
    """The highest version number in use (0: none); after a switch back it is above the current one."""
    found = table.query(VersionItem, keys.version_prefix(course), now, _NAMES, consistent=True)
    return max((int(item.sk.rpartition("#")[2]) for item in found), default=0)


def _switch(version: Current, was: Current | None, now: datetime, *, new: bool) -> None:
    write_id = table.new_write_id()
    fields: dict[str, Any] = {
        "digest": version.digest,
        "chunks": version.chunks,
        "published_at": version.published_at,
    }
    pointer = CourseItem(*keys.course(version.course))
    # An update, since the row also holds the experiments.
    switched = [
        CourseItem.kind.set(CourseItem),
        CourseItem.schema_version.set(SCHEMA),
        CourseItem.version.set(version.version),
        CourseItem.write_id.set(write_id),
        *(getattr(CourseItem, name).set(value) for name, value in fields.items()),
    ]
    unchanged = table.unless_newer(CourseItem.pk.does_not_exist() if was is None else CourseItem.version == was.version)

    def fill(transaction: TransactWrite) -> None:
        transaction.update(pointer, actions=switched, condition=unchanged)
        if new:
            row = VersionItem(*keys.version(version.course, version.version), **fields)
            transaction.save(row, condition=VersionItem.pk.does_not_exist())

    try:
        table.transact(fill)
    except table.ConditionFailed:
        if table.settle(CourseItem, keys.course(version.course), write_id, now) is None:
            raise Conflict("published_meanwhile", "Another version was published meanwhile.") from None
