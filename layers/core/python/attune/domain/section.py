"""A section is the unit of writing, checking, caching and retrying; its key is a hash of all that shapes its text."""

import hashlib
import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Protocol

from attune.domain.budget import NOTHING_USED, Usage

GATE_VERSION = "3"


def digest(value: object) -> str:
    """SHA-256 (64 hex digits) of a JSON value, the same whatever the order of keys or the Unicode form."""
    text = json.dumps(_composed(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _composed(value: object) -> object:
    """The value with all its texts, names included, in Unicode's composed form."""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, Mapping):
        return {unicodedata.normalize("NFC", str(name)): _composed(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_composed(each) for each in value]
    return value


@dataclass(frozen=True, slots=True)
class Term:
    """A glossary term, which stays as it is in every language, and its definition in the reader's language, if any."""

    term: str
    definition: str | None = None


@dataclass(frozen=True, slots=True)
class Style:
    """Who writes: `rules` or `openai`, with the model, its parameters and the version of its prompt."""

    writer: str
    model: str | None
    api: str | None
    prompt_version: str


@dataclass(frozen=True, slots=True)
class SectionRequest:
    """All that a writer is given of one section, and nothing else: no learner, no free text, no identity.

    `source` is the section's published Markdown in `source_language`; `persona` the closed, coarsened answers;
    `instructions` what the course's author says of those persona values; `define_terms` whether a term is explained
    at its first use; `outline` the titles of all sections; `glossary` the terms that occur in this section;
    `readability` the grade that these readers can follow, if the course says; `edition` rises when readers ask for
    another text.
    """

    lesson_title: str
    title: str
    outline: tuple[str, ...]
    source: str
    source_language: str
    language: str
    persona: Mapping[str, str]
    instructions: tuple[str, ...]
    glossary: tuple[Term, ...]
    define_terms: bool
    style: Style
    edition: int = 0
    readability: float | None = None

    @property
    def key(self) -> str:
        """The section's cache key: changing any byte of any input, and only that, changes it."""
        return digest({**asdict(self), "persona": dict(self.persona), "gate": GATE_VERSION})


@dataclass(frozen=True, slots=True)
class Draft:
    """What a writer gives back: Markdown, which model wrote it, what it cost and how many calls it took."""

    text: str
    model: str | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    calls: int = 1

    @property
    def usage(self) -> Usage:
        return Usage(self.input_tokens, self.output_tokens)


class WriterFault(Exception):
    """A writer gave no usable text. `reason` is stable; `final` means that trying again cannot help.

    `usage` is what is known to have been used up all the same, in so many `calls`.
    """

    def __init__(
        self, reason: str, *, final: bool, retry_after: float | None = None, usage: Usage = NOTHING_USED, calls: int = 1
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.final = final
        self.retry_after = retry_after
        self.usage = usage
        self.calls = calls


class Writer(Protocol):
    """Rewrites one section for one persona."""

    def most(self, request: SectionRequest, complaints: Sequence[str]) -> Usage:
        """The most tokens that one answer to this can take."""
        ...

    def write(self, request: SectionRequest, complaints: Sequence[str], deadline: float, tries: int) -> Draft:
        """The section's Markdown for this persona, or `WriterFault`.

        `complaints` are the gate's reasons against an earlier draft (empty at first); `deadline` is how many seconds
        all of it may take, `tries` how many calls.
        """
        ...
