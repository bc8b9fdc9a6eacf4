"""Personalized lessons as they are asked for and answered."""

import re
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Literal

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import ConfigDict, Field

from attune.domain.errors import Malformed
from attune.domain.personalized import Pending, Ready, ShownSection
from attune.edge import conditional, http
from attune.edge.views import TRUTH, Instant, LessonSlug, PersonalBody, View

MAX_WAIT = 8
PAGE_VERSION = 1
"""Rises when the same Markdown becomes other HTML."""
_WAIT = re.compile(r"(?:^|[,;])\s*wait\s*=\s*\"?(\d{1,6})\"?\s*(?=$|[,;])", re.IGNORECASE)


class PersonalizeBody(PersonalBody):
    """`original_content`, if sent, must be the published text: nothing else is ever done with it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"lesson_slug": "foundations/embodiment-hypothesis"}]})

    lesson_slug: LessonSlug
    regenerate: bool = False
    original_content: Annotated[str, Field(max_length=256 * 1024)] | None = None


HtmlQuery = Annotated[bool, Query(alias="html", description="Give the lesson as sanitized HTML too, in `html`."), TRUTH]


def _absent(value: object) -> bool:
    return value is None


class FrameView(View):
    introduction: str
    recap: str
    next: str


class SectionView(View):
    id: str
    title: str
    state: Literal["written", "original"]
    reason: Annotated[str | None, Field(exclude_if=_absent)] = None
    content: Annotated[str | None, Field(exclude_if=_absent)] = None

    @classmethod
    def of(cls, section: ShownSection) -> "SectionView":
        return cls.model_validate(asdict(section))


class ProvenanceView(View):
    """Who wrote it; all null where nothing was written."""

    writer: str | None
    model: str | None
    prompt_version: str | None
    gate: str | None


AdaptedBy = Annotated[
    str | None, Field(description="Who adapted what is shown; null while all of it is the author's own text.")
]


def _adapted(sections: Sequence[ShownSection], writer: str | None) -> str | None:
    return writer if any(section.state == "written" for section in sections) else None


class ReadyView(View):
    lesson_slug: str
    status: Literal["ready"] = "ready"
    personalized_content: str
    frame: FrameView
    cached: bool
    generated_at: Instant | None
    language: str
    direction: Literal["ltr", "rtl"]
    content_hash: str
    sections: list[SectionView]
    adapted_by: AdaptedBy
    provenance: ProvenanceView
    html: Annotated[str | None, Field(exclude_if=_absent)] = None


def _ready(ready: Ready, html: bool) -> str:
    """A `ReadyView` as JSON. The text is there as JSON quotes it, and goes through as it is."""
    before = {"lesson_slug": ready.lesson_slug, "status": "ready"}
    around, origin = ready.frame, ready.provenance
    after = {
        "frame": {"introduction": around.introduction, "recap": around.recap, "next": around.next},
        "cached": ready.cached,
        "generated_at": ready.generated_at,
        "language": ready.language,
        "direction": ready.direction,
        "content_hash": ready.content_hash,
        "sections": [_section(section) for section in ready.sections],
        "adapted_by": _adapted(ready.sections, origin["writer"]),
        "provenance": {name: origin[name] for name in ProvenanceView.model_fields},
        **({"html": _page(ready.content)} if html else {}),
    }
    return f'{http.compact(before)[:-1]},"personalized_content":{ready.quoted},{http.compact(after)[1:]}'


def _section(section: ShownSection) -> dict[str, str]:
    """A section of a ready lesson, as `SectionView` shows it."""
    shown = {"id": section.id, "title": section.title, "state": section.state}
    return shown if section.reason is None else {**shown, "reason": section.reason}


def _page(content: str) -> str:
    # Few ask for it, and a function starts sooner without what makes it.
    from attune.domain.page import page

    return page(content)


class PendingView(View):
    lesson_slug: str
    status: Literal["pending"] = "pending"
    sections_ready: int
    sections_total: int
    sections: list[SectionView]
    adapted_by: AdaptedBy
    retry_after: int

    @classmethod
    def of(cls, pending: Pending) -> "PendingView":
        return cls(
            lesson_slug=pending.lesson_slug,
            sections_ready=len(pending.sections),
            sections_total=pending.sections_total,
            sections=[SectionView.of(section) for section in pending.sections],
            adapted_by=_adapted(pending.sections, pending.writer),
            retry_after=pending.retry_after,
        )


class ClearedView(View):
    deleted_count: int


def answer(found: Ready | Pending, if_none_match: str | None = None, *, html: bool = False) -> Response[str]:
    """200 or 304 for a lesson that is ready, else 202 with where and when to look again.

    With `html` the answer is another representation, which has a tag of its own.
    """
    if isinstance(found, Ready):
        tag = f"{found.version}-html{PAGE_VERSION}" if html else found.version
        known = conditional.unchanged(if_none_match, tag)
        return http.answer("" if known else _ready(found, html), etag=tag, if_none_match=if_none_match)
    headers = {"Location": f"/api/personalize/{found.lesson_slug}", "Retry-After": str(found.retry_after)}
    return http.answer(PendingView.of(found), 202, headers=headers)


def wait_of(prefer: str | None) -> int:
    """The seconds of `Prefer: wait=n` (RFC 7240), at most 8; 0 without it. Other preferences are not ours to judge."""
    if prefer is not None and len(prefer) > http.MAX_PREFER:
        raise Malformed("malformed_header", "Prefer is too long.")
    found = _WAIT.search(prefer or "")
    return min(int(found[1]), MAX_WAIT) if found else 0
