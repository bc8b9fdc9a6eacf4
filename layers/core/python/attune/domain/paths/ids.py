"""Ids of paths: UUIDs (version 8) that sort by when the path was made."""

import hashlib
import uuid


def path_id(learner: str, course: str, at: int, seed: str) -> str:
    """The id of a path made at a moment (ms since 1970); the `seed` tells apart those of one moment."""
    digest = hashlib.sha256(f"{learner}\0{course}\0{at}\0{seed}".encode()).digest()
    raw = bytearray(at.to_bytes(6) + digest[:10])
    raw[6] = raw[6] & 0x0F | 0x80
    raw[8] = raw[8] & 0x3F | 0x80
    return str(uuid.UUID(bytes=bytes(raw)))
