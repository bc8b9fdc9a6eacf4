"""Who does something in the town, and how often. Others are added here: a weight, and what they do at their turn."""

from collections.abc import Callable
from typing import Final

from attune.actions import rate_lesson
from attune.domain.errors import Conflict, NotFound, TooMany
from attune.store import pointers
from tests.simulation.town import COURSE, LESSONS, Reader, Town

Act = Callable[[Town], None]
ACTORS: Final[dict[str, tuple[int, Act]]] = {}
"""By name: how often their turn comes, compared with the others, and what they do."""


def actor(weight: int) -> Callable[[Act], Act]:
    """Give somebody turns."""

    def register(act: Act) -> Act:
        ACTORS[act.__name__] = (weight, act)
        return act

    return register


def turn(town: Town) -> str:
    """Somebody has a turn; who."""
    names = list(ACTORS)
    (name,) = town.rng.choices(names, [ACTORS[each][0] for each in names])
    ACTORS[name][1](town)
    return name


def _anybody(town: Town) -> Reader:
    return town.rng.choice(town.readers)


@actor(10)
def asks(town: Town) -> None:
    town.ask(_anybody(town), town.rng.choice(LESSONS))


@actor(1)
def asks_for_another_text(town: Town) -> None:
    try:
        town.ask(_anybody(town), town.rng.choice(LESSONS), again=True)
    except TooMany:
        return


@actor(2)
def changes_their_mind(town: Town) -> None:
    town.change_mind(_anybody(town))


@actor(1)
def forgets(town: Town) -> None:
    pointers.clear(_anybody(town).principal, COURSE, town.clock.now())


@actor(2)
def rates(town: Town) -> None:
    reader, slug = _anybody(town), town.rng.choice(LESSONS)
    try:
        rate_lesson.run(reader.principal, COURSE, slug, town.rng.randint(1, 5), None, town.clock.now())
    except (Conflict, NotFound):
        return


@actor(14)
def works(town: Town) -> None:
    town.deliver()


@actor(1)
def edits(town: Town) -> None:
    town.edit(town.rng.choice(LESSONS))


@actor(4)
def waits(town: Town) -> None:
    town.wait()


@actor(1)
def falls_ill(town: Town) -> None:
    town.model.ill = town.bulk.ill = town.rng.choice((0.0, 0.3, 1.0))


@actor(3)
def sleeps(town: Town) -> None:
    town.night()
    town.look()


@actor(3)
def looks_after_batches(town: Town) -> None:
    town.clock.advance(900)
    town.look()


@actor(2)
def ends_batches(town: Town) -> None:
    town.bulk.work()


@actor(1)
def joins(town: Town) -> None:
    if len(town.readers) < 5:
        town.join()
