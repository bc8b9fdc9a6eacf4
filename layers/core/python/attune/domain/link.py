"""That a guest becomes part of an account, and how far that is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

LINKING: Final = "linking"
LINKED: Final = "linked"


@dataclass(frozen=True, slots=True)
class Link:
    """How far it is; `merged` counts what came over, `courses` are those whose profile is to be folded anew."""

    account: str
    guest: str
    state: str
    merged: Mapping[str, int] = field(default_factory=dict)
    courses: frozenset[str] = frozenset()
    write_id: str | None = None
