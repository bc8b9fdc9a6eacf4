"""What a model is asked: the rules and the lesson first, the reader last, so that all readers' prompts begin alike."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template

from attune.domain.audience import reduce_blocks
from attune.domain.languages import language_of
from attune.domain.placeholders import protect
from attune.domain.section import SectionRequest

_FILES = {path.stem: path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.md"))}
_TEXT = {name: Template(content.decode()) for name, content in _FILES.items()}

PROMPT_VERSION = hashlib.sha256(b"\0".join(_FILES.values())).hexdigest()[:12]
SYSTEM = _TEXT["system"].template
_DENSE = 11
_SHOWN_OF_A_TOKEN, _SHOWN_OF_ALL = 400, 8_000


@dataclass(frozen=True, slots=True)
class Prompt:
    """The two messages to a model; `tokens` restore its answer, and `marker` is what the answer must not hold."""

    system: str
    user: str
    tokens: Mapping[str, str]
    marker: str


def prompt(request: SectionRequest, complaints: Sequence[str] = ()) -> Prompt:
    """The prompt for a section. Pure: the same request gives the same bytes, and nothing but the request is in it."""
    protected = protect(reduce_blocks(request.source, request.persona))
    lesson = {
        "title": " ".join(request.lesson_title.split()),
        "outline": "; ".join(" ".join(title.split()) for title in request.outline),
        "terms": "\n".join(f"- {term.term}" for term in request.glossary) or "none",
        "tokens": _legend(protected.tokens) or "none",
        "source_language": language_of(request.source_language).name,
        "source": protected.text.strip("\r\n"),
        "definitions": "\n".join(_definitions(request)) or "none",
    }
    marker = _marker(lesson)
    user = _TEXT["lesson"].substitute(lesson, marker=marker) + _TEXT["reader"].substitute(
        persona=_listed(f"{name}: {value}" for name, value in sorted(request.persona.items())),
        instructions=_listed(request.instructions),
        language=language_of(request.language).name,
        manner=_manner(request),
    )
    if complaints:
        user += _TEXT["repair"].substitute(complaints=_listed(complaints))
    return Prompt(SYSTEM, user, protected.tokens, marker)


def _manner(request: SectionRequest) -> str:
    sentences = []
    if request.language != request.source_language:
        sentences.append(
            "Translate: all prose in this language and its script, headings, tokens and terms as they are."
        )
    if any(_definitions(request)):
        sentences.append("At its first use explain each term under DEFINITIONS briefly.")
    if request.readability is not None:
        sentences.append(
            f"Aim at a reading level of about school year {request.readability:g}: "
            + ("short sentences and common words." if request.readability < _DENSE else "exact words, dense sentences.")
        )
    return " ".join(sentences)


def _definitions(request: SectionRequest) -> list[str]:
    """What the terms mean that these readers get explained: an author's words, and so data."""
    if not request.define_terms:
        return []
    return [f"- {term.term} ({' '.join(term.definition.split())})" for term in request.glossary if term.definition]


def _marker(lesson: Mapping[str, str]) -> str:
    """A word that does not occur in the lesson: made from all of it, so that no author can write it beforehand."""
    text = "\0".join(lesson.values())
    number = 0
    while True:
        marker = f"LESSON-{hashlib.sha256(f'{number}{text}'.encode()).hexdigest()[:16]}"
        if marker not in text:
            return marker
        number += 1


def _legend(tokens: Mapping[str, str]) -> str:
    lines, left = [], _SHOWN_OF_ALL
    for token, original in tokens.items():
        shown = original if len(original) <= _SHOWN_OF_A_TOKEN else f"{original[:_SHOWN_OF_A_TOKEN]} …"
        left -= len(shown)
        if left > 0:
            lines.append(f"{token} = {shown}")
    return "\n".join(lines)


def _listed(entries: Iterable[str]) -> str:
    return "\n".join(f"- {' '.join(entry.split())}" for entry in entries) or "- nothing in particular"
