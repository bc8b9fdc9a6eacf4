"""A text has the subject of its source."""

from collections import Counter
from collections.abc import Iterator

from attune.domain.fidelity.case import Case
from attune.domain.fidelity.words import stems

WORDS_KEPT = 0.25


def faults(case: Case) -> Iterator[str]:
    """In one language, words tell whether the subject is the same, and whether a paragraph has left no trace."""
    after = set(stems(case.after.prose))
    paragraphs = [set(stems(paragraph)) for paragraph in case.before.paragraphs]
    often = Counter(stem for words in paragraphs for stem in words)
    if len(often) >= 12 and len(often.keys() & after) < WORDS_KEPT * len(often):
        yield "The text is about something else than the source."
        return
    for words in paragraphs:
        own = {stem for stem in words if often[stem] == 1}
        if len(own) >= 5 and not own & after:
            yield "A paragraph of the source is missing."
            return
