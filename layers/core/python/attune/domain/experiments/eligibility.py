"""Who may be enrolled: conditions on what is known of a learner, joined by `all` and `any`, as plain JSON."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from attune.domain.errors import Flaw, pointer

NAMES: Final = ("kind", "course", "language", "group")
"""Each is one of a list of values."""
RATING: Final = "rating"
"""A band [from, to): the overall rating is at least the first and less than the second."""
JOINS: Final = ("all", "any")
DEEPEST: Final = 5
MOST: Final = 50
Rule = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Traits:
    """What a rule can ask of a learner. `group` is what they told under that name, if anything."""

    kind: str
    course: str
    language: str
    rating: float
    group: str | None = None


def eligible(rule: Rule, traits: Traits) -> bool:
    """Whether a rule lets somebody in; an empty one lets everybody."""
    return all(_holds(name, wanted, traits) for name, wanted in rule.items())


def asks_rating(rule: Rule) -> bool:
    """Whether the overall rating decides anything."""
    return RATING in rule or any(asks_rating(one) for join in JOINS for one in rule.get(join, ()))


def flaws(rule: object, at: str, depth: int = 1) -> Iterator[Flaw]:
    """All that is wrong with a rule that was sent to the place `at`."""
    if not isinstance(rule, Mapping) or depth > DEEPEST:
        yield Flaw(at, f"A rule is an object, at most {DEEPEST} deep.")
        return
    for name, wanted in rule.items():
        here = pointer(at, name)
        if name in JOINS:
            if not isinstance(wanted, list) or not 1 <= len(wanted) <= MOST:
                yield Flaw(here, f"A list of 1 to {MOST} rules.")
            else:
                for place, one in enumerate(wanted):
                    yield from flaws(one, pointer(here, place), depth + 1)
        elif name in NAMES:
            texts = isinstance(wanted, list) and all(isinstance(one, str) and one for one in wanted)
            if not texts or not 1 <= len(wanted) <= MOST:
                yield Flaw(here, f"A list of 1 to {MOST} texts.")
        elif name == RATING:
            if not _is_band(wanted):
                yield Flaw(here, "Two numbers, the first less than the second.")
        else:
            yield Flaw(here, f"One of {', '.join((*JOINS, *NAMES, RATING))}.", "unknown")


def _holds(name: str, wanted: Any, traits: Traits) -> bool:
    if name == "all":
        return all(eligible(rule, traits) for rule in wanted)
    if name == "any":
        return any(eligible(rule, traits) for rule in wanted)
    if name == RATING:
        return bool(wanted[0] <= traits.rating < wanted[1])
    return getattr(traits, name) in wanted


def _is_band(wanted: object) -> bool:
    if not isinstance(wanted, list) or len(wanted) != 2:
        return False
    numbers = all(isinstance(one, int | float) and not isinstance(one, bool) for one in wanted)
    return numbers and wanted[0] < wanted[1]
