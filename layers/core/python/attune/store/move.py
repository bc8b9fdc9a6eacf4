"""What is written and what goes when a row of a guest comes over to an account."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from attune.domain.experiments.built_in import Counted
from attune.store import keys
from attune.store.items import Item


@dataclass(frozen=True, slots=True)
class Move:
    """`puts` are rows of the account, each with the write id of the row that it takes the place of, if there is one.

    `deletes` are rows of the guest. `rebuild` is the course whose profile is to be folded anew. `stays` is what must
    still be as it was read, None for what was not there; `counts` is added to the tallies of a course.
    """

    puts: Sequence[tuple[Item, Item | None]]
    deletes: Sequence[Item]
    merged: Mapping[str, int] = field(default_factory=dict)
    rebuild: str | None = None
    stays: Mapping[keys.Key, Item | None] = field(default_factory=dict)
    counts: Sequence[tuple[str, Counted]] = ()
