"""Give a reader their lesson: ready at once where anybody like them has read it, else planned and written meanwhile."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from functools import cache

from attune.actions import assemble_lesson, choose_arm, queue_lesson
from attune.actions.clock import Clock
from attune.actions.queue_lesson import Order, Send
from attune.domain import frame
from attune.domain.course import Course, LessonEntry
from attune.domain.errors import Conflict, NotFound, TooMany, Unavailable
from attune.domain.experiments.choice import Choice
from attune.domain.experiments.parameters import WRITING
from attune.domain.frame import Frame
from attune.domain.hashing import content_hash
from attune.domain.instants import instant, parse_instant
from attune.domain.languages import LANGUAGES
from attune.domain.learner import LearnerSettings
from attune.domain.lesson import parse
from attune.domain.lesson_text import LessonText
from attune.domain.persona import language_of, project
from attune.domain.personalized import Pending, Ready, ShownSection
from attune.domain.portable import portable
from attune.domain.principal import Principal
from attune.domain.quoted import quoted
from attune.domain.section import GATE_VERSION, SectionRequest, Style, digest
from attune.domain.section_requests import section_requests, terms_in
from attune.domain.writing import WritingParameters
from attune.store import (
    courses,
    experiments,
    pointers,
    reading,
    sections,
    table,
    variants,
)
from attune.store.quotas import Quota

POLL = 0.25
RETRY_AFTER = 2
REGENERATION = timedelta(days=1)
EDITIONS = 4
"""A regenerated lesson is the next of so many editions of one persona's text, which bounds what can ever be written."""
TRIES = 4
"""How often a request begins again because the learner's arms have changed meanwhile."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What a reader asks for.

    `posted` tells a request from a look at one made before; `again` asks for another text; `wait` is how many seconds
    the answer may take to become ready; `generations` how many lessons may be written for this learner in a day.
    """

    principal: Principal
    course: str
    slug: str
    wait: float
    posted: bool = False
    again: bool = False
    original_content: str | None = None
    generations: int | None = None

    def anew(self, again: bool, original_content: str | None) -> "Ask":
        """The same as a request of its own, perhaps for another text than last time."""
        return replace(self, posted=True, again=again, original_content=original_content)


def run(ask: Ask, style: Style, send: Send, clock: Clock) -> Ready | Pending:
    """The lesson, or what there is of it so far. Raises `NotFound`, `Conflict` for another original, `TooMany`."""
    now = clock.now()
    start = reading.start(ask.principal, ask.course, ask.slug, now)
    course = courses.load(start.current, now)
    entry = course.lessons.get(ask.slug)
    if entry is None:
        raise NotFound("unknown_lesson", "The course has no such lesson.")
    if ask.original_content is not None and content_hash(ask.original_content) != entry.content_hash:
        raise Conflict("content_changed", "The text sent is not the published one; load the lesson again.")
    if not start.settings.personalization:
        return _originals(course, entry, start, "personalization_off", now)
    if course.questionnaire and not start.settings.onboarded:
        return _originals(course, entry, start, "onboarding_incomplete", now)
    for turn in range(TRIES):
        choice = _choice(ask, course, start, now)
        try:
            return _Reader(ask, style, send, clock, start, course, entry, choice).serve()
        except _Changed as changed:
            # Another request put the learner into an arm, or took them out, after their settings were read.
            start = replace(start, settings=changed.settings)
            table.pause(turn)
    raise Unavailable("store_busy")


class _Changed(Exception):
    """A learner's settings are not what this request began with."""

    def __init__(self, settings: LearnerSettings) -> None:
        super().__init__()
        self.settings = settings


def _choice(ask: Ask, course: Course, start: reading.Start, now: datetime) -> Choice:
    """How lessons are written for this reader. Whoever uses up the day's new text comes into no arm by that."""
    known, enrol = experiments.in_row(start.current), not ask.again
    return choose_arm.run(WRITING, ask.principal, course, start.settings, _unasked, now, enrol=enrol, known=known)


def _unasked() -> float:
    """No rule of this layer asks for a rating, which would have to be read."""
    raise AssertionError("a rating was asked for")


@cache
def _style_id(style: Style, gate: str, arm: str | None) -> str:
    """What a pointer knows the writers and their judge by, and the arm of an experiment that they write for."""
    return digest([asdict(style), gate, *([arm] if arm else [])])


def _said(around: Frame) -> Mapping[str, str]:
    return {"introduction": around.introduction, "recap": around.recap, "next": around.next}


@dataclass(frozen=True, slots=True)
class _Reader:
    """One request, with all that was read for it."""

    ask: Ask
    style: Style
    send: Send
    clock: Clock
    start: reading.Start
    course: Course
    entry: LessonEntry
    choice: Choice

    def serve(self) -> Ready | Pending:
        now, pointer = self.clock.now(), self.start.pointer
        style_id = _style_id(self.style, GATE_VERSION, self.choice.key)
        rev = self.start.settings.answers_rev
        if pointer and not self.ask.again and pointer.stands_for(self.start.current.version, rev, style_id):
            variant = variants.get(pointer.variant, now)
            if variant and variant.assembled:
                return self._shown(variant, variant.assembled, pointer.cached or self.ask.posted, now)
        edition = pointer.edition if pointer else 0
        again = self.ask.again and not self._again_already(pointer)
        if again:
            edition = (edition + 1) % EDITIONS
        text = courses.text(self.ask.course, self.ask.slug, self.entry.text_id, now)
        order = self._order(text, edition)
        key = order.key
        variant = variants.get(key, now, consistent=True)
        permit = self._permit()
        if variant is None and permit is not None and not permit.take(key, now):
            # Nothing is used up or pointed to by a lesson that may not be written.
            return _originals(self.course, self.entry, self.start, "budget", now)
        ready = variant is not None and variant.assembled is not None
        wanted = pointers.Pointer(
            key, self.start.current.version, rev, style_id, edition, ready, pointer.regenerated_at if pointer else None
        )
        if again:
            self._point_again(wanted, now)
        elif self.choice.is_new:
            self._expose(wanted, now)
        elif pointer is None or replace(pointer, cached=ready) != wanted:
            pointers.put(self.ask.principal, self.ask.course, self.ask.slug, wanted, now)
        if variant and variant.assembled:
            mine = pointer is not None and pointer.variant == key and not self.ask.posted
            return self._shown(variant, variant.assembled, pointer.cached if pointer and mine else True, now)
        return self._wait(order, text, queue_lesson.place(order, variant, permit, self.send, self.clock))

    @property
    def _writing(self) -> WritingParameters:
        return WritingParameters.from_json(self.choice.params)

    def _expose(self, wanted: pointers.Pointer, now: datetime) -> None:
        """Point to the first text that an arm shapes, and count the learner, in one write. Raises `_Changed`."""
        from attune.actions import expose_reader

        settings = self.start.settings
        found = expose_reader.run(self.ask.principal, self.course, self.ask.slug, wanted, self.choice, settings, now)
        if found is not None:
            raise _Changed(found)

    def _permit(self) -> Quota | None:
        """What the learner may have written today; the built-in writer costs nothing."""
        paid = self.style.model is not None and self.ask.generations is not None
        return Quota(self.ask.principal, self.ask.generations or 0) if paid else None

    def _shown(self, variant: variants.Variant, assembled: variants.Assembled, cached: bool, now: datetime) -> Ready:
        """A variant that is ready, unless its readers took it out of service."""
        if variant.out_since is not None:
            return _originals(self.course, self.entry, self.start, "out_of_service", now)
        queue_lesson.retry_originals(variant, self.send, self.clock)
        return self._ready(assembled, variant.key, cached)

    def _order(self, text: LessonText, edition: int) -> Order:
        answers = self.start.settings.answers
        persona, language = project(self.course, answers), language_of(self.course, answers)
        writing = self._writing
        requests = section_requests(self.course, text, persona, language, self.style, edition, writing)
        return Order(self.ask.course, self.start.current.version, self.entry, self.style, edition, requests, writing)

    def _again_already(self, pointer: pointers.Pointer | None) -> bool:
        """Whether the day's new text is this lesson's and still being written: then the request is a repetition."""
        last = self.start.settings.regenerated_at
        if pointer is None or last is None or pointer.regenerated_at != last:
            return False
        variant = variants.get(pointer.variant, self.clock.now())
        return variant is None or variant.assembled is None

    def _point_again(self, wanted: pointers.Pointer, now: datetime) -> None:
        """Use up the day's new text and point to it, both or neither. Raises `TooMany` if it was used up before."""
        wanted = replace(wanted, regenerated_at=instant(now))
        before = instant(now - REGENERATION)
        if not pointers.put_regenerated(self.ask.principal, self.ask.course, self.ask.slug, wanted, before, now):
            last = self.start.settings.regenerated_at
            left = parse_instant(last) + REGENERATION - now if last else REGENERATION
            seconds = max(1, int(left.total_seconds()) + 1)
            raise TooMany("regenerated_today", "A lesson is written anew once a day.", retry_after=seconds)

    def _wait(self, order: Order, text: LessonText, found: Mapping[str, sections.StoredSection]) -> Ready | Pending:
        """Look again until it is ready or the reader's patience ends; then say what there is."""
        key, requests = order.key, list(order.requests)
        until = self.clock.now() + timedelta(seconds=self.ask.wait)
        variant = variants.get(key, self.clock.now(), consistent=True)
        while variant is not None and variant.assembled is None and self.clock.now() < until:
            self.clock.sleep(POLL)
            variant = variants.get(key, self.clock.now(), consistent=True)
        if variant is not None and variant.assembled is not None:
            return self._ready(variant.assembled, key, False)
        if self.ask.wait:
            found = sections.get_many([request.key for request in requests], self.clock.now())
        if variant is not None and all(request.key in found for request in requests):
            assembled = assemble_lesson.run(variant, self.course, text, requests, found, self.clock.now())
            if assembled is not None:
                return self._ready(assembled, key, False)
        return self._pending(requests, text, found)

    def _pending(
        self, requests: Sequence[SectionRequest], text: LessonText, found: Mapping[str, sections.StoredSection]
    ) -> Pending:
        shown = []
        lesson = parse(text.content)
        for section, request in zip(lesson.sections, requests, strict=True):
            stored = found.get(request.key)
            if stored is not None and stored.settled(self.clock.now()):
                content = stored.text if stored.text is not None else request.source
                shown.append(ShownSection(section.id, section.title, stored.state, stored.reason, portable(content)))
        return Pending(self.ask.slug, shown, len(requests), RETRY_AFTER, self.style.writer)

    def _ready(self, assembled: variants.Assembled, key: str, cached: bool) -> Ready:
        answers = self.start.settings.answers
        language = language_of(self.course, answers)
        around = frame.NONE
        if self._writing.frame:
            around = frame.around(self.course, self.ask.slug, answers, assembled.terms, language)
        return Ready(
            lesson_slug=self.ask.slug,
            quoted=assembled.quoted,
            frame=around,
            cached=cached,
            generated_at=assembled.generated_at,
            language=language,
            direction=LANGUAGES[language].direction,
            content_hash=self.entry.content_hash,
            sections=[ShownSection(**section) for section in assembled.sections],
            provenance=assembled.provenance,
            version=digest([key, assembled.generated_at, cached, _said(around)])[:32],
        )


def _originals(course: Course, entry: LessonEntry, start: reading.Start, reason: str, now: datetime) -> Ready:
    """The published text as it is, for a reader who gets nothing else."""
    text = courses.text(course.id, entry.slug, entry.text_id, now)
    lesson, language = parse(text.content), course.default_language
    # Who turned personalization off is told nothing of their own either.
    answers = start.settings.answers if start.settings.personalization else {}
    around = frame.around(course, entry.slug, answers, list(terms_in(course, text)), language)
    return Ready(
        lesson_slug=entry.slug,
        quoted=quoted(portable(text.content)),
        frame=around,
        cached=False,
        generated_at=None,
        language=language,
        direction=LANGUAGES[language].direction,
        content_hash=entry.content_hash,
        sections=[ShownSection(section.id, section.title, sections.ORIGINAL, reason) for section in lesson.sections],
        provenance={"writer": None, "model": None, "prompt_version": None, "gate": None},
        version=digest([entry.content_hash, reason, _said(around)])[:32],
    )
