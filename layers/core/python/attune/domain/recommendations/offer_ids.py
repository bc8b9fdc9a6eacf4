"""Ids of recommendations: UUIDs (version 8) that hold the time of their set and their rank in it, and sort by both.

The middle of an id is a hash over the learner, the course and the time, so an id of somebody else is recognised as
such although nothing is stored of it any more.
"""

import base64
import hashlib
import uuid
from typing import Final

RANKS: Final = 256
_SET: Final = 0


def set_id(learner: str, course: str, at: int) -> str:
    """The id of the set that was made for a learner at a moment (ms since 1970)."""
    digest = hashlib.sha256(f"{learner}\0{course}\0{at}".encode()).digest()
    raw = bytearray(at.to_bytes(6) + digest[:9] + bytes([_SET]))
    raw[6] = raw[6] & 0x0F | 0x80
    raw[8] = raw[8] & 0x3F | 0x80
    return str(uuid.UUID(bytes=bytes(raw)))


def offer_id(set_: str, rank: int) -> str:
    """The id of the recommendation at a rank (from 1) of a set."""
    return f"{set_[:-2]}{rank:02x}"


def set_of(id_: str) -> str:
    """The id of the set of a recommendation."""
    return f"{id_[:-2]}{_SET:02x}"


def short(id_: str) -> str:
    """A name of ten characters, by its time and rank: no other recommendation to its learner in its course has it."""
    raw = uuid.UUID(id_).bytes
    return base64.urlsafe_b64encode(raw[:6] + raw[-1:]).decode().rstrip("=")


def made_at(id_: str) -> int:
    """The moment (ms) at which the set of an id was made."""
    return int.from_bytes(uuid.UUID(id_).bytes[:6])


def belongs(id_: str, learner: str, course: str) -> bool:
    """Whether this can be the id of a recommendation that was made to this learner in this course."""
    return id_[-2:] != "00" and set_of(id_) == set_id(learner, course, made_at(id_))
