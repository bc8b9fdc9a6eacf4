"""What the rules of the gate look at."""

from dataclasses import dataclass

from attune.domain.pieces import Anatomy
from attune.domain.section import SectionRequest


@dataclass(frozen=True, slots=True)
class Case:
    """A request and a written text, both taken apart; `source` is what this persona's readers get of the lesson."""

    request: SectionRequest
    source: str
    written: str
    before: Anatomy
    after: Anatomy
    definitions: str

    @property
    def translated(self) -> bool:
        return self.request.source_language != self.request.language
