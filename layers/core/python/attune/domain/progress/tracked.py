"""What became of one event of a lesson."""

from dataclasses import dataclass

from attune.domain.paths.moved import Moved
from attune.domain.progress.lesson_progress import LessonProgress
from attune.domain.progress.summary import Summary


@dataclass(frozen=True, slots=True)
class Tracked:
    """The lesson and the course as they now are; whether the event `counted`, and the paths that moved with it."""

    slug: str
    lesson: LessonProgress
    summary: Summary
    counted: bool
    moved: tuple[Moved, ...] = ()
