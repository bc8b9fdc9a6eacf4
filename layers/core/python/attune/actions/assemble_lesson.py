"""Put the settled sections of a variant together, once all of them are there."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from attune.domain.course import Course
from attune.domain.instants import instant
from attune.domain.lesson_text import LessonText
from attune.domain.portable import portable
from attune.domain.quoted import quoted
from attune.domain.section import GATE_VERSION, SectionRequest
from attune.domain.section_requests import lesson_in, terms_in
from attune.store import sections, variants


def run(
    variant: variants.Variant,
    course: Course,
    text: LessonText,
    requests: Sequence[SectionRequest],
    found: Mapping[str, sections.StoredSection],
    now: datetime,
) -> variants.Assembled | None:
    """Assemble and store the lesson, and return it; None while a section is missing."""
    plan = variant.plan
    if any(key not in found or found[key].state == sections.WRITING for key in plan.sections):
        return None
    lesson, _ = lesson_in(text, course, plan.language)
    pieces = []
    shown = []
    for section, request in zip(lesson.sections, requests, strict=True):
        stored = found[request.key]
        pieces.append(_closed(stored.text if stored.text is not None else section.text))
        shown.append({"id": section.id, "title": section.title, "state": stored.state, "reason": stored.reason})
    assembled = variants.Assembled(
        quoted=quoted(portable(lesson.preamble + "".join(pieces))),
        sections=shown,
        terms=list(terms_in(course, text)),
        provenance={
            "writer": plan.style["writer"],
            "model": ", ".join(dict.fromkeys(_models(found, plan))) or plan.style["model"],
            "prompt_version": plan.style["prompt_version"],
            "gate": GATE_VERSION,
        },
        generated_at=instant(now),
    )
    again = [found[key].retry_at or 0 for key in plan.sections if found[key].state == sections.ORIGINAL]
    soonest = min(again, default=sections.FOR_EVER)
    cost = sum(found[key].cost for key in dict.fromkeys(plan.sections))
    variants.assemble(variant.key, assembled, soonest if soonest < sections.FOR_EVER else None, now, cost)
    return assembled


def _models(found: Mapping[str, sections.StoredSection], plan: variants.Plan) -> Iterator[str]:
    """Who wrote each section that is written, by the name that they gave."""
    texts = (found[key] for key in plan.sections if found[key].state == sections.WRITTEN)
    return (stored.model for stored in texts if stored.model)


def _closed(text: str) -> str:
    """A piece that ends with an empty line, so that the next heading stands by itself."""
    return text.rstrip("\r\n") + "\n\n"
