"""Publishing a course over HTTP: every lesson is staged, then the manifest switches to all of it at once."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.client import Client, Refused
from tools.course import Course, line_of
from tools.errors import OperatorError

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Difference:
    """What publishing would do to a lesson: `new`, `changed` or `same`."""

    slug: str
    state: str


def state_of(published: dict[str, Any], before: int | None) -> str:
    """In one word what publishing did: the version is another one if anything was changed."""
    return "unchanged" if published.get("version") == before else "published"


def version(client: Client, course: str) -> int | None:
    """The version that is current, if any is."""
    reply = client.send("GET", f"/api/content/book?course={course}")
    return int(reply.json["version"]) if reply.status == 200 else None


def publish(client: Client, course: Course, progress: Progress = lambda line: None) -> dict[str, Any]:
    """What the server says of the published version. Every refused file is reported, and then nothing is switched."""
    wrong: list[str] = []
    for number, lesson in enumerate(course.lessons, 1):
        progress(f"{course.id}: lesson {number} of {len(course.lessons)}")
        try:
            client.put(
                f"/api/admin/courses/{course.id}/lessons/{lesson.slug}",
                {"content": lesson.content, "translations": lesson.translations},
            )
        except Refused as refused:
            if not _about_content(refused):
                raise OperatorError(f"{course.id} cannot be published: {str(refused).rstrip('.')}.") from refused
            wrong += _complaints(refused, lesson.file, None)
    if not wrong:
        progress(f"{course.id}: manifest")
        try:
            published = client.put(f"/api/admin/courses/{course.id}", course.manifest).json
            return dict(published) if isinstance(published, dict) else {}
        except Refused as refused:
            if not _about_content(refused):
                raise OperatorError(f"{course.id} cannot be published: {str(refused).rstrip('.')}.") from refused
            wrong += _complaints(refused, course.file, course)
    raise OperatorError("\n".join([f"{course.id} is not published; these places are wrong:", *wrong]))


def compare(client: Client, course: Course) -> Iterator[Difference]:
    """Lesson by lesson what a publish would change; nothing is written."""
    for lesson in course.lessons:
        reply = client.send("GET", f"/api/content/lessons/{lesson.slug}?course={course.id}")
        if reply.status == 404:
            yield Difference(lesson.slug, "new")
        elif reply.status == 200:
            yield Difference(lesson.slug, "same" if reply.json["content"] == lesson.content else "changed")
        else:
            raise Refused(reply)


def _about_content(refused: Refused) -> bool:
    """Whether the file is to blame, and not the token, the address or the server."""
    return refused.reply.status in (400, 409, 413, 422)


def _complaints(refused: Refused, file: Path, manifest: Course | None) -> Iterator[str]:
    """Every place that is wrong: in a lesson's file, or in a course's manifest and what that leads to."""
    errors = refused.problem.get("errors")
    if not isinstance(errors, list) or not errors:
        yield f"  {file}: {refused}"
        return
    for error in errors:
        pointer = str(error.get("pointer", ""))
        said = str(error.get("detail") or error.get("message") or error.get("code") or "is wrong")
        place = _place(file, pointer, manifest)
        if in_text := _LINE.match(said):
            of = file if manifest is None else _text_of(manifest, pointer)
            place = f"{_translated(of or file, pointer, in_text['language'])}:{in_text['line']}"
            pointer, said = "", said[in_text.end() :]
        yield f"  {place}: {pointer + ' ' if pointer else ''}{said}"


_LINE = re.compile(r"Line (?P<line>\d+)(?: of the translation to (?P<language>[\w-]+))?: ")


def _place(file: Path, pointer: str, manifest: Course | None) -> str:
    line = line_of(file, pointer) if manifest else None
    return f"{file}:{line}" if line else str(file)


def _text_of(course: Course, pointer: str) -> Path | None:
    """The file of the lesson that a pointer into the manifest names."""
    found: Any = course.manifest
    for step in pointer.split("/")[1:]:
        found = found[int(step)] if isinstance(found, list) else found[step]
    return next((lesson.file for lesson in course.lessons if lesson.slug == found), None)


def _translated(file: Path, pointer: str, language: str | None) -> Path:
    """The file beside it, where a translation is meant."""
    language = language or (pointer.rpartition("/")[2] if pointer.startswith("/translations/") else None)
    return file.with_name(f"{file.stem}.{language}.md") if language else file
