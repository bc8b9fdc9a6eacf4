"""How far an import came: a file beside its input, so that the same command goes on where it was ended."""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final

from tools.files import write_private

HEAD: Final = 65_536
"""So much of what was imported is compared: another file under the same name begins anew."""


@dataclass(slots=True)
class Counts:
    """Lines that were read and those that were wrong; answers by what became of them; profiles that were rebuilt."""

    lines: int = 0
    wrong: int = 0
    accepted: int = 0
    duplicate: int = 0
    conflict: int = 0
    invalid: int = 0
    rebuilt: int = 0

    @property
    def answers(self) -> int:
        return self.accepted + self.duplicate + self.conflict + self.invalid

    @property
    def is_clean(self) -> bool:
        """Whether all that the file says is in the table now."""
        return not (self.wrong or self.conflict or self.invalid)


@dataclass(slots=True)
class Checkpoint:
    """All before `offset` (bytes) is in the table of `target`; `due` are learners, with courses, yet to be rebuilt."""

    target: str
    offset: int = 0
    counts: Counts = field(default_factory=Counts)
    due: set[tuple[str, str]] = field(default_factory=set)

    @staticmethod
    def beside(file: Path) -> Path:
        """Where the checkpoint of an input lies."""
        return file.with_name(file.name + ".progress")

    @classmethod
    def find(cls, file: Path, target: str) -> "Checkpoint":
        """The checkpoint of an import of this very file into this table, or a new one."""
        try:
            said: dict[str, Any] = json.loads(cls.beside(file).read_text("utf-8"))
            found = cls(
                said["target"],
                int(said["offset"]),
                Counts(**said["counts"]),
                {(learner, course) for learner, course in said["due"]},
            )
            with file.open("rb") as opened:
                same = said["head"] == _head(opened, found.offset) and found.target == target
        except (OSError, ValueError, KeyError, TypeError):
            return cls(target)
        return found if same else cls(target)

    def save(self, file: Path) -> None:
        """Keep it; a write that is cut short leaves the one before."""
        with file.open("rb") as opened:
            head = _head(opened, self.offset)
        said = {
            "target": self.target,
            "offset": self.offset,
            "head": head,
            "counts": asdict(self.counts),
            "due": sorted(self.due),
        }
        write_private(self.beside(file), json.dumps(said) + "\n")


def _head(opened: BinaryIO, offset: int) -> str:
    """A hash of what was read first; what is appended to a file later does not change it."""
    return hashlib.sha256(opened.read(min(offset, HEAD))).hexdigest()
