"""One thing to do on a path: read a lesson, practise an item, or try whether skills are known already."""

from typing import Any, Final, NamedTuple

LEARN: Final = "learn"
PRACTISE: Final = "practise"
ASSESS: Final = "assess"
KINDS: Final = (LEARN, PRACTISE, ASSESS)

BY_EVIDENCE: Final = "evidence"
BY_LEARNER: Final = "learner"


class Step(NamedTuple):
    """`piece` is the lesson's slug or the item's id; `skill` is what the step's stage is about ("" for none).

    `authored` and `minutes` are the author's and the planned minutes. Only what happened after `since` (ms) counts
    for the step. An assess step stands before the steps that it can save: those of the skills it `covers`, the last
    being the one its item is about. A finished step has `done_at` (ms) and `by`; `passed` tells how an assess step
    ended. `tries` are the answers given to an item in vain. A long way has thousands of steps: a named tuple is made
    in a fifth of a dataclass' time.
    """

    id: str
    kind: str
    piece: str
    skill: str
    authored: int
    minutes: int
    since: int = 0
    covers: tuple[str, ...] = ()
    done_at: int | None = None
    by: str | None = None
    passed: bool | None = None
    tries: int = 0

    @property
    def is_done(self) -> bool:
        return self.done_at is not None

    @property
    def is_lesson(self) -> bool:
        return self.kind == LEARN

    @property
    def thing(self) -> tuple[str, str]:
        """What makes two open steps the same, whatever they are called."""
        return self.kind, self.piece

    def to_json(self) -> list[Any]:
        """A compact row that `from_json` reads; its skill is told by the stage."""
        row: list[Any] = [
            int(self.id.rpartition("-")[2]),
            KINDS.index(self.kind),
            self.piece,
            self.authored,
            self.minutes,
            self.since,
            self.tries,
            list(self.covers),
            self.done_at,
            None if self.by is None else _BY.index(self.by),
            self.passed,
        ]
        while row[-1] is None or row[-1] == []:
            row.pop()
        return row

    @classmethod
    def from_json(cls, row: list[Any], skill: str) -> "Step":
        """What `to_json` wrote."""
        whole = [*row, *_REST[len(row) :]]
        number, kind, piece, authored, minutes, since, tries, covers, done_at, by, passed = whole
        return cls(
            id=named(skill, number),
            kind=KINDS[kind],
            piece=piece,
            skill=skill,
            authored=authored,
            minutes=minutes,
            since=since,
            covers=tuple(covers),
            done_at=done_at,
            by=None if by is None else _BY[by],
            passed=passed,
            tries=tries,
        )


def named(skill: str, number: int) -> str:
    """The id of a step: its skill's number so-and-so much on its path."""
    return f"{skill or 'lesson'}-{number:02d}"


_BY: Final = (BY_EVIDENCE, BY_LEARNER)
_REST: Final[tuple[Any, ...]] = (0, 0, "", 0, 0, 0, 0, (), None, None, None)
