"""What holds in the town whatever happens, and what holds once nothing fails any more."""

import re
from collections import Counter
from typing import Any, TypeVar

from attune.actions.write_section import ALL_CALLS
from attune.domain.personalized import Ready
from attune.domain.ratings import LOW, NO_RATINGS, Tally
from attune.store import batches, budgets, keys, sections, table
from attune.store.items import BudgetItem, Item, QuotaItem, RatingItem, RatingsItem, SectionItem, VariantItem
from tests.simulation.town import DAY, GENERATIONS, LESSONS, Town

MARK = re.compile(r"Mark[A-Z][a-z]+\d+Rev\d+")


T = TypeVar("T", bound=Item)


class Laws:
    """Remembers what it saw, to know what may not change."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}

    def always(self, town: Town) -> None:
        """After each turn."""
        for reader in town.readers:
            for slug, found in reader.answered.items():
                marks = town.marks(slug)
                if isinstance(found, Ready):
                    assert MARK.findall(found.content) == marks, "a ready lesson is of the published text, and whole"
                else:
                    shown = [mark for section in found.sections for mark in MARK.findall(section.content or "")]
                    assert set(shown) <= set(marks), "a section that is shown is of the published text"
            reader.answered.clear()

    def within_budget(self, town: Town) -> None:
        """After the worker's turns."""
        assert budgets.spending(town.clock.now()).days.get(f"{town.clock.now():%Y-%m-%d}", 0) <= DAY, "the day's budget"

    def at_last(self, town: Town) -> None:
        """Once, when all turns were taken: what would take too long after each."""
        self._one_text_a_key(town)
        self._money(town)
        self._quotas(town)
        self._ratings(town)
        self._batches(town)

    def _one_text_a_key(self, town: Town) -> None:
        for row in _rows(SectionItem):
            if row.state == sections.WRITTEN:
                text = bytes(row.data).hex()
                assert self.texts.setdefault(row.pk, text) == text, "a written section never changes"
        assert town.model.again == 0, "a section that is written is paid for no more"
        assert max(town.model.calls.values(), default=0) <= ALL_CALLS, "no section is asked for without end"

    def _money(self, town: Town) -> None:
        spent = budgets.spending(town.clock.now())
        lines = sum(figures.cost for figures in spent.lines.values())
        assert spent.spent == lines == sum(figures.cost for figures in spent.daily.values())
        assert spent.calls <= sum(town.model.calls.values())

    def _batches(self, town: Town) -> None:
        names = [each.seen.name for each in town.bulk.made]
        assert len(names) == len(set(names)), "no batch is paid for twice"

    def _no_batch_is_left(self, town: Town) -> None:
        now = town.clock.now()
        assert not [each for each in batches.every(now) if each.open], "no batch is under way for ever"
        maps: list[Any] = [row.holds for row in _rows(BudgetItem)]
        held = [hold for each in maps for hold in each.as_dict().values()]
        assert not [hold for hold in held if "night" in hold], "what batches set aside is spent or back"

    def _quotas(self, town: Town) -> None:
        for reader in town.readers:
            day = f"{town.clock.now():%Y-%m-%d}"
            found = table.get(QuotaItem, keys.quota(reader.principal.learner, day), town.clock.now())
            assert found is None or len(list(found.lessons)) <= GENERATIONS

    def _ratings(self, town: Town) -> None:
        said: Counter[str] = Counter()
        low: Counter[str] = Counter()
        for rating in _rows(RatingItem):
            said[rating.variant] += 1
            low[rating.variant] += int(rating.stars) <= LOW
        tallies = {row.pk: Tally(int(row.rated), int(row.low)) for row in _rows(RatingsItem)}
        for variant in _rows(VariantItem):
            key, tally = variant.pk.partition("#")[2], tallies.get(variant.pk, NO_RATINGS)
            assert tally == Tally(said[key], low[key]), "each reader counts once"
            assert tally.out_of_service == (variant.out_since is not None)

    def in_the_end(self, town: Town) -> None:
        """Nothing is pending for ever: within some leases every reader has every lesson, or the author's own words."""
        town.heal()
        pending = [(reader, slug) for reader in town.readers for slug in LESSONS]
        for _ in range(12):
            pending = [(reader, slug) for reader, slug in pending if not isinstance(town.ask(reader, slug), Ready)]
            self.always(town)
            if not pending:
                break
            for _ in range(len(town.queue)):
                town.deliver()
            town.clock.advance(90)
        assert not pending, f"{len(pending)} lessons are pending for ever"
        for _ in range(6):
            town.clock.advance(900)
            town.look()
            town.bulk.work()
        self._no_batch_is_left(town)
        self.at_last(town)


def _rows(kind: type[T]) -> list[T]:
    """All rows of a kind; only a test may look at the whole table."""
    return list(kind.scan(kind.kind == kind))
