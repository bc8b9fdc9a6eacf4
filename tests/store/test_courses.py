"""A version is visible at once or not at all, and what is published already is not written again."""

import random
from datetime import timedelta
from typing import Any

import pytest

from attune.actions import publish_course
from attune.domain.errors import Conflict, Invalid, NotFound, Unavailable
from attune.domain.hashing import content_hash
from attune.domain.lesson_text import LessonText
from attune.store import courses, keys
from tests.backends import Backend
from tests.builders import NOW, CourseFiles, a_course, a_key, a_lesson, an_id

LATER = NOW + timedelta(minutes=1)


def stage(course: CourseFiles) -> None:
    for slug, text in course.texts.items():
        courses.stage(course.id, slug, text, content_hash(text.content), NOW)


def published(course: CourseFiles, **changes: Any) -> courses.Current:
    """The course as the next version."""
    try:
        was = courses.current(course.id, NOW)
    except NotFound:
        was = None
    return courses.publish(course.id, course.stored(**changes), was, NOW)


# ---- Texts


def test_a_staged_text_is_read_by_its_name() -> None:
    course = a_course()
    slug, text = next(iter(course.texts.items()))
    assert courses.stage(course.id, slug, text, content_hash(text.content), NOW)
    assert courses.text(course.id, slug, text.id, NOW) == text
    assert courses.staged(course.id, NOW) == {slug: courses.Staged(slug, text.id, content_hash(text.content))}


def test_staging_the_same_text_again_writes_nothing(backend: Backend) -> None:
    course = a_course()
    stage(course)
    with backend.watched() as calls:
        slug, text = next(iter(course.texts.items()))
        assert not courses.stage(course.id, slug, text, content_hash(text.content), NOW)
    assert (calls.operations, calls.write_units) == ({"GetItem": 1}, 0)


def test_a_changed_translation_is_a_changed_text() -> None:
    course = a_course()
    stage(course)
    slug, text = next(iter(course.texts.items()))
    other = LessonText(text.content, {"ur": text.translations["ur"] + "\n"})
    assert courses.stage(course.id, slug, other, content_hash(other.content), NOW)
    assert courses.staged(course.id, NOW)[slug].text_id == other.id
    assert courses.text(course.id, slug, text.id, NOW) == text


def test_b8_texts_and_courses_of_similar_names_are_apart() -> None:
    """No name is the beginning of another one's key."""
    course, text = an_id(), LessonText(a_lesson(), {})
    for id_, slug in ((course, "a"), (course, "a.b"), (course, "a/b"), (course + "0", "a")):
        courses.stage(id_, slug, text, "h", NOW)
    assert set(courses.staged(course, NOW)) == {"a", "a.b", "a/b"}
    with pytest.raises(NotFound):
        courses.text(course, "a/c", text.id, NOW)


def test_a_long_text_fits_a_row() -> None:
    noise = "".join(random.choices("abcdefghijklmnopqrstuvwxyz ", k=250_000))
    course, text = an_id(), LessonText(f"# Long\n\n{noise}", {})
    courses.stage(course, "long", text, "h", NOW)
    assert courses.text(course, "long", text.id, NOW) == text


# ---- Versions


def test_nothing_published_is_unknown() -> None:
    for call in (courses.current, courses.load_current, courses.recent):
        with pytest.raises(NotFound, match="unknown_course"):
            call(an_id(), NOW)


def test_what_is_staged_is_not_yet_published() -> None:
    course = a_course()
    stage(course)
    with pytest.raises(NotFound):
        courses.current(course.id, NOW)


def test_a_published_course_is_the_manifest_again() -> None:
    course = a_course()
    version = published(course)
    assert version.version == 1
    assert courses.current(course.id, NOW) == version
    loaded = courses.load(version, NOW)
    assert loaded.manifest == course.stored()
    assert (loaded.id, loaded.version, set(loaded.lessons)) == (course.id, 1, set(course.slugs))


def test_a_manifest_larger_than_a_row_is_stored_in_pieces(backend: Backend) -> None:
    course = a_course()
    noise = [{"id": f"n{n}", "skills": ["sense"], "prompt": "".join(a_key() for _ in range(30))} for n in range(1000)]
    version = published(course, items=noise)
    assert version.chunks > 2
    courses._cache.clear()
    assert courses.load(version, NOW).manifest == course.stored(items=noise)
    pieces = [row for row in backend.rows(keys.course(course.id).pk) if row["kind"]["S"] == "manifest"]
    assert len(pieces) == version.chunks


def test_a_manifest_with_a_missing_piece_is_not_served(backend: Backend) -> None:
    course = a_course()
    version = published(course)
    courses._cache.clear()
    backend.raw.delete_item(
        TableName="attune",
        Key=dict(zip(("pk", "sk"), ({"S": part} for part in keys.manifest(course.id, version.digest, 0)), strict=True)),
    )
    with pytest.raises(Unavailable, match="course_incomplete"):
        courses.load(version, NOW)


def test_back_and_forth_between_versions() -> None:
    course = a_course()
    first = published(course)
    second = published(course, title="Second")
    assert courses.switch(course.id, 1, second, LATER) == first
    assert courses.load_current(course.id, LATER).title != "Second"
    assert courses.newest(course.id, LATER) == 2
    third = courses.publish(course.id, course.stored(title="Third"), courses.current(course.id, LATER), LATER)
    assert third.version == 3
    assert courses.switch(course.id, 2, third, LATER) == second
    assert courses.load_current(course.id, LATER).title == "Second"


def test_a_switch_to_the_current_version_writes_nothing(backend: Backend) -> None:
    course = a_course()
    version = published(course)
    with backend.watched() as calls:
        assert courses.switch(course.id, 1, version, NOW) == version
    assert calls.write_units == 0


def test_a_version_that_never_was_cannot_be_switched_to() -> None:
    course = a_course()
    version = published(course)
    with pytest.raises(NotFound, match="unknown_version"):
        courses.switch(course.id, 2, version, NOW)
    assert courses.current(course.id, NOW) == version


@pytest.mark.parametrize("known", [False, True])
def test_who_publishes_over_what_they_have_not_seen_is_refused(known: bool) -> None:
    course = a_course()
    seen = published(course) if known else None
    mine = courses.publish(course.id, course.stored(title="Mine"), seen, NOW)
    with pytest.raises(Conflict, match="published_meanwhile"):
        courses.publish(course.id, course.stored(title="Theirs"), seen, NOW)
    assert courses.current(course.id, NOW) == mine
    assert courses.newest(course.id, NOW) == mine.version


def test_who_switches_over_what_they_have_not_seen_is_refused() -> None:
    course = a_course()
    first = published(course)
    published(course, title="Second")
    third = published(course, title="Third")
    with pytest.raises(Conflict):
        courses.switch(course.id, 2, first, NOW)
    assert courses.current(course.id, NOW) == third


# ---- The action around it


def test_publishing_the_same_again_writes_nothing_at_all(backend: Backend) -> None:
    course = a_course()
    stage(course)
    first = publish_course.publish(course.id, course.manifest, NOW)
    assert (first.version, first.changed, first.lessons, first.skills, first.personas) == (1, 2, 2, 2, 4)
    before = backend.rows(keys.course(course.id).pk)
    with backend.watched() as calls:
        again = publish_course.publish(course.id, course.manifest, LATER)
    assert (again.version, again.changed, calls.write_units) == (1, 0, 0)
    assert backend.rows(keys.course(course.id).pk) == before


def test_only_changed_texts_count_as_changed() -> None:
    course = a_course(lessons=3)
    stage(course)
    publish_course.publish(course.id, course.manifest, NOW)
    text = LessonText(a_lesson("Other"), {})
    courses.stage(course.id, course.slugs[1], text, content_hash(text.content), NOW)
    assert courses.load_current(course.id, NOW).lessons[course.slugs[1]].text_id != text.id
    again = publish_course.publish(course.id, course.manifest, NOW)
    assert (again.version, again.changed) == (2, 1)
    assert courses.load_current(course.id, NOW).lessons[course.slugs[1]].text_id == text.id
    back = publish_course.switch(course.id, 1, NOW)
    assert (back.version, back.changed) == (1, 1)


def test_going_back_and_publishing_the_same_files_gives_them_back() -> None:
    course = a_course()
    stage(course)
    publish_course.publish(course.id, course.manifest, NOW)
    publish_course.publish(course.id, {**course.manifest, "title": "Second"}, NOW)
    publish_course.switch(course.id, 1, NOW)
    assert publish_course.publish(course.id, {**course.manifest, "title": "Second"}, NOW).version == 3
    assert courses.load_current(course.id, NOW).title == "Second"


def test_a_lesson_without_a_text_keeps_the_course_from_being_published() -> None:
    course = a_course()
    slug, text = next(iter(course.texts.items()))
    courses.stage(course.id, slug, text, content_hash(text.content), NOW)
    with pytest.raises(Invalid) as refused:
        publish_course.publish(course.id, course.manifest, NOW)
    assert [flaw.code for flaw in refused.value.flaws] == ["missing_text"]
    with pytest.raises(NotFound):
        courses.current(course.id, NOW)


# ---- Kept in memory


def test_a_recent_course_is_at_most_half_a_minute_old(backend: Backend) -> None:
    course = a_course()
    published(course)
    assert courses.recent(course.id, NOW).version == 1
    published(course, title="Second")
    with backend.watched() as calls:
        assert courses.recent(course.id, NOW + timedelta(seconds=29)).version == 1
    assert calls.operations == {}
    assert courses.recent(course.id, NOW + timedelta(seconds=30)).version == 2


def test_d18_a_clock_that_steps_back_does_not_keep_an_old_course() -> None:
    course = a_course()
    published(course)
    assert courses.recent(course.id, NOW).version == 1
    published(course, title="Second")
    assert courses.recent(course.id, NOW - timedelta(hours=1)).version == 2


def test_a_version_is_read_once_in_a_process(backend: Backend) -> None:
    course = a_course()
    version = published(course)
    courses.load(version, NOW)
    with backend.watched() as calls:
        courses.load(version, NOW)
        courses.load_current(course.id, NOW)
    assert calls.operations == {"GetItem": 1}


def test_only_so_many_courses_are_kept() -> None:
    for _ in range(12):
        courses.load(published(a_course()), NOW)
    assert len(courses._cache) <= 8
