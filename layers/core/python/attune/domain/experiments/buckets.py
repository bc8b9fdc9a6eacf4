"""Where a learner falls: the hashes of GrowthBook, so that its public test vectors are ours."""

from typing import Final

_OFFSET: Final = 0x811C9DC5
_PRIME: Final = 0x01000193
_MASK: Final = 0xFFFFFFFF


def fnv1a(text: str) -> int:
    """The 32-bit FNV-1a hash of a text's UTF-8 bytes."""
    found = _OFFSET
    for byte in text.encode():
        found = (found ^ byte) * _PRIME & _MASK
    return found


def place(seed: str, value: str) -> float:
    """A number in [0, 1), the same for the same seed and value (the second version of the hash)."""
    return fnv1a(str(fnv1a(seed + value))) % 10_000 / 10_000


def place_in_layer(layer: str, value: str) -> float:
    """Where somebody falls in a layer, whose experiments share it out among themselves (the first version)."""
    return _first(f"__{layer}", value)


def bucket(seed: str, value: str, version: int) -> float | None:
    """The place by a version of the hash; None for one that there is not."""
    if version == 2:
        return place(seed, value)
    return _first(seed, value) if version == 1 else None


def _first(seed: str, value: str) -> float:
    return fnv1a(value + seed) % 1000 / 1000
