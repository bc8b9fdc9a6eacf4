"""A lesson as one reader gets it: ready (perhaps with originals, and why), or still being written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from attune.domain.frame import Frame
from attune.domain.quoted import unquoted


@dataclass(frozen=True, slots=True)
class ShownSection:
    """`state` is written or original, with the reason for an original; `content` only while the lesson is pending."""

    id: str
    title: str
    state: str
    reason: str | None = None
    content: str | None = None


@dataclass(frozen=True, slots=True)
class Ready:
    """The whole lesson. `version` changes whenever anything shown does, the frame included.

    `quoted` is its content as answers hold it; `content`, the same as it is read, is safe in any renderer of Markdown
    or MDX.
    """

    lesson_slug: str
    quoted: str
    frame: Frame
    cached: bool
    generated_at: str | None
    language: str
    direction: str
    content_hash: str
    sections: Sequence[ShownSection]
    provenance: Mapping[str, Any]
    version: str

    @property
    def content(self) -> str:
        return unquoted(self.quoted)


@dataclass(frozen=True, slots=True)
class Pending:
    """Some sections are still being written, by this writer; `retry_after` is in seconds."""

    lesson_slug: str
    sections: Sequence[ShownSection]
    sections_total: int
    retry_after: int
    writer: str | None = None
