"""What is true needs no network: sockets are shut, and properties are tried on the same bounded examples every time."""

import copy
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from attune.domain.course import Course
from attune.domain.lesson_text import LessonText
from attune.domain.manifest import read as read_manifest
from tools import course as folder
from tools.template import ROOT

settings.register_profile(
    "bounded",
    derandomize=True,
    database=None,
    deadline=None,
    # `make soak` tries more of them.
    max_examples=int(os.environ.get("EXAMPLES", "50")),
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("bounded")

SHIPPED = ("physical-ai", "poker")


@pytest.fixture(autouse=True)
def _no_network(socket_disabled: None) -> None:
    """No test here opens a socket."""


@dataclass(frozen=True, slots=True)
class Shipped:
    """A course as it lies in the repository: what its author says of it, and its lessons' texts by slug."""

    course: Course
    texts: Mapping[str, LessonText]


@cache
def shipped(name: str) -> Shipped:
    """A shipped course, read once."""
    found = folder.read(ROOT / "courses" / name)
    texts = {lesson.slug: LessonText(lesson.content, lesson.translations) for lesson in found.lessons}
    return Shipped(read_manifest(name, 1, found.manifest), texts)


LESSONS = [(name, slug) for name in SHIPPED for slug in shipped(name).texts]

_SMALL: dict[str, Any] = {
    "title": {"en": "Small", "ur": "چھوٹا"},
    "languages": ["en", "ur"],
    "skills": [{"id": "one"}, {"id": "two", "prerequisites": ["one"]}, {"id": "three", "prerequisites": ["two"]}],
    "glossary": ["IMU", {"term": "node", "definition": {"en": "a program", "ur": "ایک پروگرام"}}],
    "phases": ["early", "late"],
    "parts": [
        {
            "id": "first",
            "chapters": [
                {
                    "id": "start",
                    "lessons": [
                        {"slug": "a/one", "title": {"en": "One", "ur": "ایک"}, "skills": ["one"], "goals": ["work"]},
                        {"slug": "two", "skills": ["two"], "prerequisites": ["a/one"]},
                    ],
                },
                {"id": "end", "prerequisites": ["start"], "lessons": [{"slug": "three", "goals": ["fun"]}]},
            ],
        },
        {"id": "second", "chapters": [{"id": "extra", "lessons": [{"slug": "four"}]}]},
    ],
    "items": [
        {
            "id": "q1",
            "skills": ["one"],
            "lesson": "a/one",
            "phases": ["early"],
            "choices": {"a": "A", "b": "B"},
            "answer": {"choice": "a"},
        },
        {"id": "q2", "skills": ["two"], "choices": {"a": "A", "b": "B"}, "answer": {"choices": ["a", "b"]}},
    ],
    "mistakes": [{"id": "slip", "items": ["q1"], "phases": ["late"]}],
    "goals": [{"id": "work", "skills": ["one"]}, {"id": "fun"}],
    "questionnaire": [
        {
            "id": "level",
            "type": "choice",
            "options": [
                {"value": "low", "priors": {"one": -0.5}, "frame": {"en": "Take your time.", "ur": "آرام سے۔"}},
                {"value": "mid"},
                {"value": "high", "frame": "Go fast."},
            ],
        },
        {"id": "aims", "type": "choices", "options": [{"value": "work"}, {"value": "fun", "frame": "Enjoy it."}]},
        {"id": "robots", "type": "boolean", "when_true": {"priors": {"one": 0.5}}, "when_false": {"label": "No"}},
        {
            "id": "tongue",
            "type": "choice",
            "required": False,
            "default": "en",
            "options": [{"value": "en"}, {"value": "ur"}],
        },
    ],
    "language_question": "tongue",
    "persona": {
        "level": {"question": "level", "values": {"low": "new", "mid": "new"}},
        "robots": "robots",
        "language": "tongue",
    },
    "writing": {
        "define_terms_for": {"robots": ["false"]},
        "instructions": {
            "level": {"new": "Explain.", "high": "Be short."},
            "robots": {"true": "Use terms.", "false": "Use pictures."},
        },
    },
    "preferences": {
        "type": "object",
        "properties": {
            "tool": {"enum": ["saw", "axe"], "default": "saw"},
            "seats": {
                "type": "array",
                "items": {"enum": ["left", "right"]},
                "minItems": 1,
                "uniqueItems": True,
                "default": ["left"],
            },
        },
    },
}


def small() -> dict[str, Any]:
    """The manifest of a small course that has a bit of everything and no flaw; yours to change."""
    return copy.deepcopy(_SMALL)


def small_course() -> Course:
    """The small course, read."""
    return read_manifest("small", 1, small())
