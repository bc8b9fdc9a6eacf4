"""A small town in one process: readers, an author, a queue, a worker, a model and a clock, all drawn from one seed.

Everything below the handlers is real; the table is in this process too. A message that is not done
comes back; a worker that dies does nothing more, wherever it was, not even tidy up.
"""

import random
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from attune.actions import personalize_lesson, prepare_lesson, publish_course, write_batches, write_section
from attune.actions.batch_desk import Desk
from attune.actions.personalize_lesson import Ask
from attune.actions.prepare_lesson import Preparer
from attune.domain.budget import Limits, Price, Usage
from attune.domain.errors import Unavailable
from attune.domain.lesson_text import LessonText
from attune.domain.messages import SectionMessage, section_message
from attune.domain.personalized import Pending, Ready
from attune.domain.principal import Kind, Principal
from attune.domain.recommendations.ledger import NO_LEDGER
from attune.domain.section import Draft, SectionRequest, Style, WriterFault
from attune.domain.supplier import Supplier
from attune.store import courses, learner_settings, users
from attune.store.items import Item
from attune.writers.rules import RulesWriter
from tests.builders import GUESTS, NOW
from tests.doubles.clock import Clock
from tests.doubles.tap import Send, Tap
from tests.simulation.bulk import Bulk

COURSE: Final = "town"
LESSONS: Final = ("one", "two")
SECTIONS: Final = 2
LEVELS: Final = ("new", "old")
STYLE: Final = Style("openai", "m-1", "chat", "1")
PRICE: Final = Price(1.0, 1.0)
CALL: Final = Usage(60, 40)
"""The most a call takes: 100 millionths of a dollar."""
DAY: Final = 250
NIGHT: Final = 150
VISIBILITY: Final = 360.0
GENERATIONS: Final = 6
MANIFEST: Final[dict[str, Any]] = {
    "title": "A town",
    "parts": [{"id": "p", "chapters": [{"id": "c", "lessons": [{"slug": slug} for slug in LESSONS]}]}],
    "questionnaire": [{"id": "level", "type": "choice", "options": [{"value": level} for level in LEVELS]}],
    "persona": {"level": "level"},
}


class Died(BaseException):
    """The process is gone."""


@dataclass
class Crash(Tap):
    """From some call to the store on, before it or once it is done, nothing more happens."""

    at: int
    after: bool
    calls: int = 0

    def send(self, client: Any, operation: str, request: AWSPreparedRequest, go_on: Send) -> AWSResponse:
        self.calls += 1
        if self.calls < self.at:
            return go_on()
        if self.after and self.calls == self.at:
            go_on()
        raise Died


@dataclass(slots=True)
class Waiting:
    """A message in the queue, to be taken from a moment on."""

    body: str
    due: float


@dataclass
class Model:
    """Writes by the rules, as well as it is told to; counts its calls by section, and those for what was `done`."""

    rng: random.Random
    ill: float = 0.0
    calls: Counter[str] = field(default_factory=Counter)
    charged: int = 0
    done: set[str] = field(default_factory=set)
    again: int = 0

    def most(self, request: SectionRequest, complaints: Sequence[str]) -> Usage:
        return CALL

    def write(self, request: SectionRequest, complaints: Sequence[str], deadline: float, tries: int) -> Draft:
        self.calls[request.key] += 1
        self.again += request.key in self.done
        usage = Usage(self.rng.randint(10, 60), self.rng.randint(10, 40))
        if self.rng.random() < self.ill:
            fault = self.rng.choice(("timeout", "overloaded", "refused", "nonsense", "unauthorized"))
            if fault == "timeout":
                raise WriterFault(fault, final=False)
            if fault == "nonsense":
                self.charged += PRICE.of(usage)
                return Draft("I'm sorry, I cannot help with that.", "m-1", usage.input_tokens, usage.output_tokens)
            self.charged += PRICE.of(usage)
            raise WriterFault(fault, final=fault != "overloaded", usage=usage)
        self.charged += PRICE.of(usage)
        return Draft(RulesWriter().write(request).text, "m-1", usage.input_tokens, usage.output_tokens)


@dataclass(slots=True)
class Reader:
    """One who reads; `answered` is what they were given last of each lesson."""

    principal: Principal
    level: str
    answered: dict[str, Ready | Pending] = field(default_factory=dict)


class Town:
    """All of it. Actors change it by its methods alone, so that whatever happens is in the trace."""

    def __init__(self, seed: int) -> None:
        self.seed, self.rng = seed, random.Random(seed)
        self.clock = Clock(NOW)
        self.model = Model(self.rng)
        self.supplier = Supplier("m", self.model, PRICE)
        self.bulk = Bulk(self.rng, self.clock, STYLE)
        self.limits = Limits(day=DAY, month=None)
        self.readers: list[Reader] = []
        self.queue: list[Waiting] = []
        self.revisions = {slug: [0] * SECTIONS for slug in LESSONS}
        self.faulty = True
        self.trace: list[str] = []

    # ---- What can happen

    def join(self) -> None:
        """A guest comes and answers the questionnaire."""
        self.readers.append(Reader(somebody(self.rng.getrandbits(100)), self.rng.choice(LEVELS)))
        welcome(self.readers[-1], self.clock.now())

    def change_mind(self, reader: Reader) -> None:
        """A reader becomes another persona."""
        reader.level = self.rng.choice(LEVELS)
        tell(reader, self.clock.now())

    def ask(self, reader: Reader, slug: str, *, again: bool = False) -> Ready | Pending | None:
        """A reader asks for a lesson; None if the queue is down."""
        ask = Ask(reader.principal, COURSE, slug, 0, generations=GENERATIONS).anew(again, None)
        try:
            found = personalize_lesson.run(ask, STYLE, self.send, self.clock)
        except Unavailable:
            return None
        reader.answered[slug] = found
        return found

    def send(self, messages: Sequence[SectionMessage]) -> None:
        """The queue takes messages, sometimes twice, and sometimes none of them."""
        if self.faulty and self.rng.random() < 0.05:
            raise Unavailable("queue_unavailable")
        for message in messages:
            for _ in range(2 if self.faulty and self.rng.random() < 0.1 else 1):
                self.queue.append(Waiting(message.to_json(), self.clock.timestamp()))

    def edit(self, slug: str) -> None:
        """The author changes a section and publishes."""
        place = self.rng.randrange(SECTIONS)
        self.revisions[slug][place] += 1
        publish(self.revisions)

    def deliver(self) -> None:
        """The worker takes any message that may be taken, and dies of it or not."""
        due = [each for each in self.queue if each.due <= self.clock.timestamp()]
        if not due:
            return
        taken = self.rng.choice(due)
        taken.due = self.clock.timestamp() + VISIBILITY
        crash = Crash(self.rng.randint(1, 14), self.rng.random() < 0.5)
        try:
            if self.faulty and self.rng.random() < 0.2:
                with crash.on(Item):
                    self._write(taken)
            else:
                self._write(taken)
        except Died:
            return
        except write_section.TryLater as later:
            taken.due = self.clock.timestamp() + later.seconds
            return
        if not (self.faulty and self.rng.random() < 0.1):
            self.queue.remove(taken)

    def _write(self, taken: Waiting) -> None:
        message = section_message(taken.body)
        done = write_section.run(message, STYLE, [self.supplier], self.limits, lambda reason: None, self.clock)
        if done == "written":
            self.model.done.add(message.section)

    def night(self) -> None:
        """The refresh asks for the likely lesson of everybody; the worker may die of it."""
        prepare_lesson.forget()
        course, now = courses.load_current(COURSE, self.clock.now()), self.clock.now()
        made = Preparer(STYLE, PRICE, NIGHT, self.send, self.clock, together=True)

        def prepare() -> None:
            for reader in self.readers:
                made.prepare(learner_settings.get(reader.principal, COURSE, now), NO_LEDGER, course)

        self._perhaps_dying(prepare)

    def look(self) -> None:
        """The schedule of batches comes round; the worker may die of it."""
        told: tuple[Any, ...] = (lambda limit: None, self._broken, lambda message, name: None)
        desk = Desk(self.bulk, self.supplier, STYLE, self.limits, NIGHT, self.send, self.clock, *told)
        self._perhaps_dying(lambda: write_batches.run(desk))
        self.model.calls.update(key for key, _ in self.bulk.answered)
        self.model.charged += sum(PRICE.of(usage) // 2 for _, usage in self.bulk.answered)
        self.bulk.answered.clear()

    def _broken(self, message: str, error: BaseException) -> None:
        assert isinstance(error, Unavailable), error

    def _perhaps_dying(self, work: Callable[[], object]) -> None:
        try:
            if self.faulty and self.rng.random() < 0.3:
                with Crash(self.rng.randint(1, 30), self.rng.random() < 0.5).on(Item):
                    work()
            else:
                work()
        except (Died, Unavailable):
            return

    def wait(self) -> None:
        """Time passes: seconds, or as much as a lease takes."""
        self.clock.advance(self.rng.choice((1, 5, 30, 80, 400)))

    # ---- What can be known

    def marks(self, slug: str) -> list[str]:
        """The words by which the sections of the published text are known."""
        return [mark(slug, place, revision) for place, revision in enumerate(self.revisions[slug])]

    def heal(self) -> None:
        """From now on nothing fails, and there is money again."""
        self.faulty, self.model.ill = False, 0.0
        self.bulk.faulty, self.bulk.ill = False, 0.0
        self.limits = Limits(day=None, month=None)
        self.clock.advance(timedelta(days=2))


def somebody(number: int) -> Principal:
    """A guest by number."""
    return Principal(Kind.GUEST, str(uuid.UUID(int=number, version=4)), GUESTS)


def welcome(reader: Reader, now: datetime) -> None:
    """A guest is created, and answers the questionnaire."""
    users.create(reader.principal, now, None)
    tell(reader, now)


def tell(reader: Reader, now: datetime) -> None:
    learner_settings.submit_answers(reader.principal, COURSE, {"level": reader.level}, now)


def mark(slug: str, place: int, revision: int) -> str:
    return f"Mark{slug.title()}{place}Rev{revision}"


def text(slug: str, revisions: Sequence[int]) -> str:
    """A lesson each of whose sections says which revision it is."""
    parts = [
        f"## Part {place}\n\nA sensor turns a quantity into a number, as {mark(slug, place, revision)} says, "
        f"and every reading of it has an error of its own.\n\n"
        for place, revision in enumerate(revisions)
    ]
    return f"# Lesson {slug}\n\n" + "".join(parts)


def publish(revisions: dict[str, list[int]]) -> None:
    """The course with its texts as they now are."""
    for slug, numbers in revisions.items():
        publish_course.stage(COURSE, slug, LessonText(text(slug, numbers), {}), NOW)
    publish_course.publish(COURSE, MANIFEST, NOW)
