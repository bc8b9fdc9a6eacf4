"""Publishing a course over HTTP: every lesson is staged, then the manifest switches to all of it at once."""

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
            wrong += _complaints(refused, lesson.file, in_yaml=False)
    if not wrong:
        progress(f"{course.id}: manifest")
        try:
            published = client.put(f"/api/admin/courses/{course.id}", course.manifest).json
            return dict(published) if isinstance(published, dict) else {}
        except Refused as refused:
            if not _about_content(refused):
                raise OperatorError(f"{course.id} cannot be published: {str(refused).rstrip('.')}.") from refused
            wrong += _complaints(refused, course.file, in_yaml=True)
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


def _complaints(refused: Refused, file: Path, *, in_yaml: bool) -> Iterator[str]:
    errors = refused.problem.get("errors")
    if not isinstance(errors, list) or not errors:
        yield f"  {file}: {refused}"
        return
    for error in errors:
        pointer = str(error.get("pointer", ""))
        line = line_of(file, pointer) if in_yaml else None
        place = f"{file}:{line}" if line else str(file)
        said = error.get("detail") or error.get("message") or error.get("code") or "is wrong"
        yield f"  {place}: {pointer + ' ' if pointer else ''}{said}"
