"""What a review of each skill would be."""

from collections.abc import Iterable
from typing import Final

from attune.domain.course import Item
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
        item = short[0] if len(short) == 1 else min(short, key=lambda item: _order(item, skill, material))
        minutes = min(minutes_per_day, max(1, round(item.minutes * factor)))
        found[skill] = Review(skill, item.id, minutes, max(LEAST_WORTH, material.skills[skill].weight))
    return found


def _order(item: Item, skill: str, material: Material) -> tuple[bool, int, int]:
    """Of the short ones that about this skill first of all, of middling difficulty, in course order."""
    return item.skills[0] != skill, abs(item.difficulty - 3), material.item_place[item.id]
