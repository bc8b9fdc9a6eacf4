"""Give a reader their lesson: ready at once where anybody like them has read it, else planned and written meanwhile."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from attune.actions import assemble_lesson
from attune.actions.clock import Clock
from attune.domain import frame
from attune.domain.course import Course, LessonEntry
from attune.domain.errors import Conflict, NotFound, TooMany, Unavailable
from attune.domain.hashing import content_hash
from attune.domain.instants import instant, parse_instant
from attune.domain.languages import LANGUAGES
from attune.domain.lesson import parse
from attune.domain.messages import SectionMessage
from attune.domain.persona import language_of, project
from attune.domain.personalized import Pending, Ready, ShownSection
from attune.domain.portable import portable
from attune.domain.principal import Principal
from attune.domain.section import GATE_VERSION, SectionRequest, Style, digest
from attune.domain.section_requests import LessonText, section_requests, terms_in, variant_key
from attune.store import courses, pointers, reading, sections, variants

LEASE = 75.0
"""Seconds for which a worker may hold a section: longer than the worker's timeout."""
POLL = 0.25
RETRY_AFTER = 2
REGENERATION = timedelta(days=1)
EDITIONS = 4
"""A regenerated lesson is the next of so many editions of one persona's text, which bounds what can ever be written."""

Send = Callable[[Sequence[SectionMessage]], None]


@dataclass(frozen=True, slots=True)
class Ask:
    """What a reader asks for.

    `posted` tells a request from a look at one made before; `again` asks for another text; `wait` is how many seconds
    the answer may take to become ready.
    """

    principal: Principal
    course: str
    slug: str
    wait: float
    posted: bool = False
    again: bool = False
    original_content: str | None = None

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
    reader = _Reader(ask, style, send, clock, start, course, entry)
    return reader.serve()


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

    def serve(self) -> Ready | Pending:
        now, pointer = self.clock.now(), self.start.pointer
        style_id = digest([asdict(self.style), GATE_VERSION])
        rev = self.start.settings.answers_rev
        if pointer and not self.ask.again and pointer.stands_for(self.start.current.version, rev, style_id):
            variant = variants.get(pointer.variant, now)
            if variant and variant.assembled:
                cached = pointer.cached or self.ask.posted
                self._retry_originals(variant, now)
                return self._ready(variant.assembled, variant.key, cached)
        edition = pointer.edition if pointer else 0
        again = self.ask.again and not self._again_already(pointer)
        if again:
            edition = (edition + 1) % EDITIONS
        text = courses.text(self.ask.course, self.ask.slug, self.entry.text_id, now)
        requests = self._requests(text, edition)
        key = variant_key([request.key for request in requests])
        variant = variants.get(key, now, consistent=True)
        ready = variant is not None and variant.assembled is not None
        wanted = pointers.Pointer(
            key, self.start.current.version, rev, style_id, edition, ready, pointer.regenerated_at if pointer else None
        )
        if again:
            self._point_again(wanted, now)
        elif pointer is None or replace(pointer, cached=ready) != wanted:
            pointers.put(self.ask.principal, self.ask.course, self.ask.slug, wanted, now)
        if variant and variant.assembled:
            self._retry_originals(variant, now)
            mine = pointer is not None and pointer.variant == key and not self.ask.posted
            return self._ready(variant.assembled, key, pointer.cached if pointer and mine else True)
        found = self._queue(variant, key, requests, edition, now)
        return self._wait(key, requests, text, found)

    def _requests(self, text: LessonText, edition: int) -> list[SectionRequest]:
        answers = self.start.settings.answers
        language = language_of(self.course, answers)
        return section_requests(self.course, text, project(self.course, answers), language, self.style, edition)

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

    def _queue(
        self,
        variant: variants.Variant | None,
        key: str,
        requests: Sequence[SectionRequest],
        edition: int,
        now: datetime,
    ) -> Mapping[str, sections.StoredSection]:
        """Plan the variant if nobody has, and send a message for each section that nobody is writing."""
        due = now.timestamp() + LEASE
        plan = variant.plan if variant else self._plan(requests, edition)
        mine = variant is None and variants.enqueue(key, plan, due, now)
        found = sections.get_many(plan.sections, now)
        free = _free(plan.sections, found, now)
        if variant and free and variant.requeue_at <= now.timestamp():
            mine = variants.take_requeue(variant, due, now)
        if mine:
            self._send(key, free)
        return found

    def _send(self, key: str, names: Sequence[str]) -> None:
        now = self.clock.now()
        try:
            self.send([SectionMessage(key, name) for name in names])
        except Unavailable:
            # Nobody else will send them before they are due again: make them due now.
            if planned := variants.get(key, now, consistent=True):
                variants.take_requeue(planned, now.timestamp(), now)
            raise

    def _plan(self, requests: Sequence[SectionRequest], edition: int) -> variants.Plan:
        return variants.Plan(
            course=self.ask.course,
            version=self.start.current.version,
            slug=self.ask.slug,
            text_id=self.entry.text_id,
            content_hash=self.entry.content_hash,
            persona=dict(requests[0].persona),
            language=requests[0].language,
            style=asdict(self.style),
            edition=edition,
            sections=[request.key for request in requests],
        )

    def _wait(
        self,
        key: str,
        requests: list[SectionRequest],
        text: LessonText,
        found: Mapping[str, sections.StoredSection],
    ) -> Ready | Pending:
        """Look again until it is ready or the reader's patience ends; then say what there is."""
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
        return Pending(self.ask.slug, shown, len(requests), RETRY_AFTER)

    def _retry_originals(self, variant: variants.Variant, now: datetime) -> None:
        """Where sections stand as originals only for a while, and the while is over, have them written after all."""
        due = now.timestamp() + LEASE
        at = now.timestamp()
        if variant.retry_at is None or max(variant.retry_at, variant.requeue_at) > at:
            return
        if variants.take_requeue(variant, due, now):
            found = sections.get_many(variant.plan.sections, now)
            free = _free(variant.plan.sections, found, now)
            # If nothing is to be written, another lesson had it written: any message has this one assembled again.
            # The reader has a lesson already: a queue that is down is no reason to refuse it.
            with suppress(Unavailable):
                self._send(variant.key, free or variant.plan.sections[:1])

    def _ready(self, assembled: variants.Assembled, key: str, cached: bool) -> Ready:
        answers = self.start.settings.answers
        language = language_of(self.course, answers)
        around = frame.around(self.course, self.ask.slug, answers, assembled.terms, language)
        return Ready(
            lesson_slug=self.ask.slug,
            content=assembled.content,
            frame=around,
            cached=cached,
            generated_at=assembled.generated_at,
            language=language,
            direction=LANGUAGES[language].direction,
            content_hash=self.entry.content_hash,
            sections=[ShownSection(**section) for section in assembled.sections],
            provenance=assembled.provenance,
            version=digest([key, assembled.generated_at, cached, asdict(around)])[:32],
        )


def _free(names: Sequence[str], found: Mapping[str, sections.StoredSection], now: datetime) -> list[str]:
    """The sections, each once, that are neither settled nor being written."""
    taken = {name for name, section in found.items() if section.settled(now) or section.held(now)}
    return [name for name in dict.fromkeys(names) if name not in taken]


def _originals(course: Course, entry: LessonEntry, start: reading.Start, reason: str, now: datetime) -> Ready:
    """The published text as it is, for a reader who gets nothing else."""
    text = courses.text(course.id, entry.slug, entry.text_id, now)
    lesson, language = parse(text.content), course.default_language
    # Who turned personalization off is told nothing of their own either.
    answers = start.settings.answers if start.settings.personalization else {}
    around = frame.around(course, entry.slug, answers, list(terms_in(course, text)), language)
    return Ready(
        lesson_slug=entry.slug,
        content=portable(text.content),
        frame=around,
        cached=False,
        generated_at=None,
        language=language,
        direction=LANGUAGES[language].direction,
        content_hash=entry.content_hash,
        sections=[ShownSection(section.id, section.title, sections.ORIGINAL, reason) for section in lesson.sections],
        provenance={"writer": None, "model": None, "prompt_version": None, "gate": None},
        version=digest([entry.content_hash, reason, asdict(around)])[:32],
    )
