"""Valid values of every kind that a request, a row or a message holds; each is new, so that tests cannot meet."""

import json
import random
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from attune.domain.course import Course
from attune.domain.hashing import content_hash
from attune.domain.lesson_text import LessonText
from attune.domain.manifest import read
from attune.domain.principal import ADMIN, Kind, Principal, account_subject

NOW = datetime(2031, 5, 5, 12, 0, tzinfo=UTC)
"""Years ahead, so that no engine's own clock takes for expired what a test has not expired."""
GUESTS = "urn:attune:attune:guests"
ISSUER = "https://issuer.example"
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"

Json = dict[str, Any]


def a_uuid() -> str:
    return str(uuid.uuid4())


def an_id(length: int = 12) -> str:
    """A course id, or one segment of a slug."""
    return random.choice(_LETTERS) + "".join(random.choices(_LETTERS + "._-", k=length - 1))


def a_slug(segments: int = 2) -> str:
    return "/".join(an_id() for _ in range(segments))


def a_key() -> str:
    """64 hex digits, as the keys of sections and variants are."""
    return f"{random.getrandbits(256):064x}"


def a_guest(subject: str | None = None) -> Principal:
    return Principal(Kind.GUEST, subject or a_uuid(), GUESTS)


def an_account(*scopes: str) -> Principal:
    return Principal(Kind.ACCOUNT, account_subject(ISSUER, a_uuid()), ISSUER, frozenset(scopes))


def an_admin() -> Principal:
    return an_account(ADMIN)


def a_lesson(title: str = "", sections: int = 3, words: str = "") -> str:
    """Markdown that can be published: a title, sections with prose, code, a block for some readers and a term."""
    parts = [f"# {title or 'On ' + an_id()}\n\n"]
    for number in range(1, sections + 1):
        parts.append(
            f"## Part {number}\n\n"
            f"A Sensor turns a quantity into a number that programs can read {words or an_id()}. "
            f"It is read {number + 20} times a second, and every reading has an error of its own.\n\n"
            f"```python\nreading_{number} = sensor.read()\n```\n\n"
            ':::audience{level="new"}\nBeginners start with one reading and look at it slowly and carefully.\n:::\n\n'
        )
    return "".join(parts)


def a_translation(lesson: str) -> str:
    """The same headings and code, with other prose."""
    urdu = "یہ آلہ کسی مقدار کو عدد میں بدلتا ہے تاکہ پروگرام اسے پڑھ سکے۔ ہر پیمائش میں کچھ غلطی ہوتی ہے۔"
    lines = []
    for line in lesson.splitlines():
        prose = line.startswith(("A Sensor", "It is read", "Beginners"))
        lines.append(f"{urdu} Sensor" + "".join(f" {n}" for n in line.split() if n.isdigit()) + "۔" if prose else line)
    return "\n".join(lines) + "\n"


@dataclass(frozen=True, slots=True)
class CourseFiles:
    """A course as an author has it: the manifest as it is sent, and the texts by slug."""

    id: str
    manifest: Json
    texts: Mapping[str, LessonText]

    @property
    def slugs(self) -> Sequence[str]:
        return list(self.texts)

    def stored(self, **changes: Any) -> Json:
        """The manifest with every text named, as the store keeps it."""
        manifest: Json = json.loads(json.dumps({**self.manifest, **changes}))
        for part in manifest["parts"]:
            for chapter in part["chapters"]:
                for entry in chapter["lessons"]:
                    text = self.texts[entry["slug"]]
                    entry.update(content_hash=content_hash(text.content), text_id=text.id)
        return manifest

    def course(self, version: int = 1) -> Course:
        return read(self.id, version, self.stored())


def a_course(lessons: int = 2, id: str = "", sections: int = 3) -> CourseFiles:
    """A small course that uses everything: skills, items, goals, questions, personas, two languages, preferences."""
    slugs = [a_slug(1 + place % 3) for place in range(lessons)]
    originals = {slug: a_lesson(f"Lesson {place}", sections) for place, slug in enumerate(slugs, 1)}
    texts = {slug: LessonText(text, {"ur": a_translation(text)}) for slug, text in originals.items()}
    entries = [
        {
            "slug": slug,
            "title": {"en": f"Lesson {n}", "ur": f"سبق {n}"},
            "minutes": 10,
            "skills": ["sense"],
            "goals": ["build"],
        }
        for n, slug in enumerate(slugs, 1)
    ]
    half = (lessons + 1) // 2
    chapters = [
        {"id": "first", "lessons": entries[:half]},
        {"id": "second", "lessons": entries[half:], "prerequisites": ["first"]},
    ]
    manifest: Json = {
        "title": {"en": "Small robots", "ur": "چھوٹے روبوٹ"},
        "languages": ["en", "ur"],
        "skills": [
            {"id": "sense", "title": {"en": "Sensing", "ur": "محسوس کرنا"}, "weight": 0.5},
            {"id": "act", "title": "Acting", "prerequisites": ["sense"], "weight": 0.5},
        ],
        "glossary": [{"term": "Sensor", "definition": {"en": "a device that measures", "ur": "پیمائش کا آلہ"}}, "ROS"],
        "parts": [{"id": "only", "title": "The only part", "chapters": chapters}],
        "items": [
            {
                "id": "q1",
                "skills": ["sense"],
                "lesson": slugs[0],
                "prompt": {"en": "What does it do?", "ur": "یہ کیا کرتا ہے؟"},
                "choices": {"a": "It measures", "b": "It moves"},
                "answer": {"choice": "a"},
            }
        ],
        "goals": [{"id": "build", "title": {"en": "Build a robot", "ur": "روبوٹ بنانا"}}, {"id": "study"}],
        "questionnaire": [
            {"id": "experience", "type": "choice", "options": [{"value": v} for v in ("none", "some", "much")]},
            {
                "id": "hardware",
                "type": "boolean",
                "required": False,
                "default": False,
                "label": {"en": "A robot?", "ur": "روبوٹ؟"},
            },
            {"id": "aims", "type": "choices", "options": [{"value": "build"}, {"value": "study"}]},
            {
                "id": "language",
                "type": "choice",
                "required": False,
                "default": "en",
                "options": [{"value": "en"}, {"value": "ur"}],
            },
        ],
        "language_question": "language",
        "persona": {
            "level": {"question": "experience", "values": {"none": "new", "some": "new", "much": "versed"}},
            "hardware": "hardware",
        },
        "writing": {"define_terms_for": {"level": ["new"]}, "instructions": {"level": {"new": "Go slowly."}}},
        "preferences": {
            "type": "object",
            "properties": {
                "seats": {"type": "integer", "minimum": 2, "maximum": 10, "default": 6},
                "stakes": {"type": "array", "items": {"type": "string", "enum": ["low", "high"]}, "default": []},
                "table.name": {"type": "string", "default": ""},
            },
        },
    }
    return CourseFiles(id or an_id(), manifest, texts)


def answers(**changes: Any) -> Json:
    """A complete set of answers to the questionnaire of `a_course`."""
    return {"experience": "none", "hardware": False, "aims": ["build"], "language": "en", **changes}


def http_event(
    method: str,
    path: str,
    caller: Principal | None = None,
    body: object = None,
    query: Mapping[str, str] | None = None,
    **headers: str,
) -> Json:
    """A payload-v2 event as API Gateway sends it; `if_match` stands for `if-match`, a text goes as it is."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    event: Json = {"version": "2.0", "routeKey": f"{method} {path}", "rawPath": path, "isBase64Encoded": False}
    context: Json = {
        "http": {"method": method, "path": path, "sourceIp": "127.0.0.1"},
        "requestId": a_uuid(),
        "stage": "$default",
    }
    if caller:
        scopes = " ".join(sorted(caller.scopes))
        word = {"kind": str(caller.kind), "subject": caller.subject, "issuer": caller.issuer, "scopes": scopes}
        context["authorizer"] = {"lambda": word}
    if body is not None:
        event["body"] = body if isinstance(body, str) else json.dumps(body)
        sent.setdefault("content-type", "application/json")
    if query:
        event["queryStringParameters"] = dict(query)
    return {**event, "rawQueryString": urlencode(query or {}), "headers": sent, "requestContext": context}


def sqs_event(*bodies: str, receives: int = 1, receipts: Sequence[str] = ()) -> Json:
    """A batch as the event source mapping sends it."""
    correlation = {"correlation_id": {"dataType": "String", "stringValue": a_uuid()}}
    records = [
        {
            "messageId": a_uuid(),
            "receiptHandle": receipts[place] if receipts else an_id(),
            "body": body,
            "attributes": {"ApproximateReceiveCount": str(receives)},
            "messageAttributes": correlation,
            "eventSource": "aws:sqs",
        }
        for place, body in enumerate(bodies)
    ]
    return {"Records": records}
