"""The text of a lesson as it was published."""

from collections.abc import Mapping
from dataclasses import dataclass

from attune.domain.hashing import exact


@dataclass(frozen=True, slots=True)
class LessonText:
    """A lesson's published Markdown and the translations that its author gave, by language."""

    content: str
    translations: Mapping[str, str]

    @property
    def id(self) -> str:
        """The text's name in the store: the same text has the same name."""
        return exact({"content": self.content, "translations": dict(self.translations)})
