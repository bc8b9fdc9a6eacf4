"""Have the lesson written at night that a learner is most likely to open next: once for all with their persona.

What a night may plan to spend is counted by an upper estimate, before anything is queued; the workers pay each call
from the same budget as by day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from attune.actions import choose_arm, queue_lesson
from attune.actions.clock import Clock
from attune.actions.queue_lesson import Order, Send
from attune.domain import likely
from attune.domain.budget import NOTHING_USED, Price, estimated
from attune.domain.course import Course
from attune.domain.experiments.parameters import WRITING
from attune.domain.learner import LearnerSettings
from attune.domain.persona import language_of, project
from attune.domain.recommendations.ledger import Ledger
from attune.domain.section import SectionRequest, Style, digest
from attune.domain.section_requests import section_requests
from attune.domain.writing import WritingParameters
from attune.store import batches, budgets, courses, variants
from attune.store.variants import Variant


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a lesson may cost at most, out of what a night may plan to spend (millionths of a dollar)."""

    amount: int
    limit: int

    def take(self, key: str, now: datetime) -> bool:
        """Whether the night has so much left; then it has so much less."""
        return budgets.plan_night(self.amount, self.limit, now)

    def keep(self, key: str, now: datetime) -> None:
        """It stays planned."""

    def give_back(self, key: str, now: datetime) -> None:
        """A reader was faster, and pays."""
        budgets.plan_night(-self.amount, None, now)


_seen: set[str] = set()
"""What this process has seen to on the day of `_day`: learners of one persona are many, and cost one look."""
_day = [""]


def forget() -> None:
    """See to everything anew."""
    _seen.clear()


@dataclass(frozen=True, slots=True)
class Preparer:
    """Prepares lessons in the style of the deployment; without a limit, none. `together`: as parts of a batch."""

    style: Style
    price: Price
    limit: int | None
    send: Send
    clock: Clock
    together: bool = False

    def prepare(self, settings: LearnerSettings, ledger: Ledger, course: Course) -> str:
        """Prepare a learner's lesson; says what was done. Raises `Unavailable`."""
        if self.limit is None or not settings.personalization or (course.questionnaire and not settings.onboarded):
            return "nothing"
        slug = likely.lesson(course, ledger)
        if slug is None:
            return "nothing"
        persona, language = project(course, settings.answers), language_of(course, settings.answers)
        now = self.clock.now()
        # Whoever is in no arm yet comes into none by what is prepared: nobody sees it.
        choice = choose_arm.stored(WRITING, course.id, settings, now)
        name = self._name([course.id, course.version, slug, persona, language, self.style.prompt_version, choice.key])
        if name in _seen:
            return "seen"
        entry, writing = course.lessons[slug], WritingParameters.from_json(choice.params)
        text = courses.text(course.id, slug, entry.text_id, now)
        requests = section_requests(course, text, persona, language, self.style, writing=writing)
        order = Order(course.id, course.version, entry, self.style, 0, requests, writing)
        done = self._have_written(order, now)
        _seen.add(name)
        return done

    def _have_written(self, order: Order, now: datetime) -> str:
        variant = variants.get(order.key, now, consistent=True)
        if self.together and (variant is None or variant.assembled is None):
            if variant is None:
                # No message is under way: whoever asks before the batch is there has it written at once.
                variants.enqueue(order.key, order.plan(), now.timestamp(), now)
            batches.want(order.course, order.key, now)
            return "wanted"
        permit = self._allowance(variant, order.requests)
        if permit is not None and not permit.take(order.key, now):
            return "no money"
        if variant is None or variant.assembled is None:
            queue_lesson.place(order, variant, permit, self.send, self.clock)
            return "queued"
        return "ready"

    def _allowance(self, variant: Variant | None, requests: Sequence[SectionRequest]) -> Allowance | None:
        """What planning it takes from the night; nothing where it is planned, or where nobody is paid."""
        if variant is not None or self.style.model is None:
            return None
        used = sum((estimated(request.source) for request in requests), NOTHING_USED)
        return Allowance(self.price.of(used), self.limit or 0)

    def _name(self, of: object) -> str:
        """A name for what is prepared; those of another day are forgotten."""
        today = self.clock.now().date().isoformat()
        if today != _day[0]:
            _day[0] = today
            forget()
        return digest(of)
