"""Every key of the table is made here and nowhere else.

Accepted ids hold no `#`, so that no two different ids ever make one key; a prefix ends with its delimiter.
"""

import hashlib
from typing import NamedTuple

PK = "pk"
SK = "sk"


class Key(NamedTuple):
    pk: str
    sk: str


def user(learner: str) -> Key:
    """The learner: kind, creation, state."""
    return Key(f"USER#{learner}", "USER")


def settings(learner: str, course: str) -> Key:
    """What a learner told and chose for a course: answers, preferences, the personalization switch."""
    return Key(f"USER#{learner}", f"COURSE#{course}#SETTINGS")


def pointer(learner: str, course: str, slug: str) -> Key:
    """Which personalized lesson a learner last asked for."""
    return Key(f"USER#{learner}", f"POINTER#{course}#{slug}")


def pointer_prefix(learner: str, course: str) -> Key:
    """All pointers of a learner in a course."""
    return Key(f"USER#{learner}", f"POINTER#{course}#")


def creation(route: str, key: str) -> Key:
    """The record of a public creation under an idempotency key: there is no learner yet to bind it to."""
    return Key(f"IDEMPOTENCY#{route}#{hashlib.sha256(key.encode()).hexdigest()}", "IDEMPOTENCY")


def course(course: str) -> Key:
    """Which version of a course is current."""
    return Key(f"COURSE#{course}", "CURRENT")


def version(course: str, number: int) -> Key:
    """One published version: which manifest it is."""
    return Key(f"COURSE#{course}", f"VERSION#{number:08d}")


def version_prefix(course: str) -> Key:
    """All published versions of a course."""
    return Key(f"COURSE#{course}", "VERSION#")


def manifest(course: str, digest: str, chunk: int) -> Key:
    """A piece of a compressed manifest, named by the hash of the whole: written once, never changed."""
    return Key(f"COURSE#{course}", f"MANIFEST#{digest}#{chunk:04d}")


def text(course: str, slug: str, text_id: str) -> Key:
    """A lesson's Markdown and translations, named by their hash: written once, never changed."""
    return Key(f"COURSE#{course}", f"TEXT#{slug}#{text_id}")


def staged(course: str, slug: str) -> Key:
    """Which text of a lesson the next publication takes."""
    return Key(f"COURSE#{course}", f"STAGED#{slug}")


def staged_prefix(course: str) -> Key:
    """All staged texts of a course."""
    return Key(f"COURSE#{course}", "STAGED#")


def section(key: str) -> Key:
    """A written section, under the hash of everything that shaped it."""
    return Key(f"SECTION#{key}", "SECTION")


def variant(key: str) -> Key:
    """A personalized lesson: its sections' keys and, once they are there, the assembled text."""
    return Key(f"VARIANT#{key}", "VARIANT")
