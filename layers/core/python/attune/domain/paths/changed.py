"""A path as it is answered after a change of it."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from attune.domain.learner import LearnerSettings
from attune.domain.paths.diff import Diff
from attune.domain.paths.path import Path

if TYPE_CHECKING:
    # What plans is loaded by functions that plan.
    from attune.domain.paths.agenda import Agenda


@dataclass(frozen=True, slots=True)
class Changed:
    """`agenda` is there for a path that is active."""

    id: str
    path: Path
    settings: LearnerSettings
    agenda: "Agenda | None" = None
    diff: Diff = field(default_factory=Diff)
