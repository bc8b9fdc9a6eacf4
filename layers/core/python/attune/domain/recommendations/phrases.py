"""Being written: the sentences of reasons."""

from attune.domain.course import Course
from attune.domain.recommendations.recommendation import Reason


def text(reason: Reason, course: Course, language: str, tone: str) -> str:
    return reason.code
