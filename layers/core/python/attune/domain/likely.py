"""Which lesson a learner is most likely to open next."""

from attune.domain.course import Course
from attune.domain.recommendations.asked import Asked
from attune.domain.recommendations.ledger import Ledger
from attune.domain.recommendations.recommendation import LEARN, RESUME


def lesson(course: Course, ledger: Ledger) -> str | None:
    """The first lesson that is recommended, else the first of the course that is not finished; None if all are."""
    made = ledger.set_for(Asked().context)
    for offer in made.offers if made else ():
        shown = offer.recommendation
        if shown.kind in (LEARN, RESUME) and shown.item in course.lessons:
            return shown.item
    return next((slug for slug in course.lessons if slug not in ledger.finished), None)
