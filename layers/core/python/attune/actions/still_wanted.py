"""What has to be asked for a lesson that was planned, if it is still to be had: everything is read again by key."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from attune.domain.course import Course
from attune.domain.lesson_text import LessonText
from attune.domain.section import SectionRequest, Style
from attune.domain.section_requests import section_requests
from attune.domain.writing import WritingParameters
from attune.store import courses
from attune.store.variants import Plan


@dataclass(frozen=True, slots=True)
class Work:
    """The course as it is current, the lesson's text, and what is asked for each section, in the plan's order."""

    course: Course
    text: LessonText
    requests: Sequence[SectionRequest]


def find(plan: Plan, style: Style, now: datetime) -> Work | str:
    """The work; or in a word why nobody wants it any more: of an old text nothing is ever stored as current."""
    current = courses.load(courses.current(plan.course, now, consistent=True), now)
    entry = current.lessons.get(plan.slug)
    if entry is None or entry.text_id != plan.text_id:
        return "withdrawn"
    text = courses.text(plan.course, plan.slug, plan.text_id, now)
    writing = WritingParameters.from_json(plan.writing)
    requests = section_requests(current, text, plan.persona, plan.language, style, plan.edition, writing)
    if [request.key for request in requests] != list(plan.sections):
        return "outdated"
    return Work(current, text, requests)
