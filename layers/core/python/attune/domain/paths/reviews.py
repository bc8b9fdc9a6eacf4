"""What a review of each skill would be."""

from collections.abc import Iterable
from typing import Final

from attune.domain.paths.days import Review
from attune.domain.paths.material import Material

LEAST_WORTH: Final = 0.01


def reviews(material: Material, skills: Iterable[str], minutes_per_day: int, factor: float = 1.0) -> dict[str, Review]:
    """By skill, its shortest item; never more minutes than a day has. `factor` is that of the learner's pace."""
    found = {}
    for skill in skills:
        items = material.items.get(skill)
        if not items:
            continue
        least = min([item.minutes for item in items])
        short = [item for item in items if item.minutes == least]
        # That about this skill first of all, of middling difficulty, first in course order.
        item = min(short, key=lambda item: (item.skills[0] != skill, abs(item.difficulty - 3)))
        minutes = min(minutes_per_day, max(1, round(item.minutes * factor)))
        found[skill] = Review(skill, item.id, minutes, max(LEAST_WORTH, material.skills[skill].weight))
    return found
