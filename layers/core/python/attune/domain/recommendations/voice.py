"""In which language and tone a learner is told what is recommended."""

from typing import NamedTuple

from attune.domain.course import Course
from attune.domain.learner import LearnerSettings
from attune.domain.persona import language_of
from attune.domain.preferences import complete


class Voice(NamedTuple):
    language: str
    tone: str


def voice_of(course: Course, settings: LearnerSettings) -> Voice:
    """The voice that a learner chose, else the course's own."""
    return Voice(language_of(course, settings.answers), complete(settings.preferences, course)["feedback_style"])
