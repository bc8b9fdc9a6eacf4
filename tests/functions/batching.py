"""A deployment whose model takes batches: nights that ask for lessons, who looks after them, the books."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from attune.actions import prepare_lesson
from attune.actions.prepare_lesson import Preparer
from attune.domain.batch import Batch
from attune.domain.budget import Limits, Price
from attune.domain.principal import Principal
from attune.domain.recommendations.ledger import NO_LEDGER
from attune.domain.supplier import Supplier
from attune.settings import settings
from attune.store import batches, budgets, courses, keys, learner_course, table
from attune.store.items import BudgetItem, SectionItem
from attune.writers import style
from attune.writers.batches import OpenAIBatches
from attune.writers.openai import OpenAIWriter
from tests.doubles.model import ModelServer
from tests.functions.conftest import World, invoke
from tests.functions.writing import supplies

PRICE = Price(0.15, 0.60)
NIGHT = 1_000_000
EVENT = {"time": "2031-05-06T02:15:00Z"}


@dataclass
class Office:
    """The world of a test, its provider, and what it does with both."""

    world: World
    model: ModelServer
    supplier: Supplier

    def night(self, *learners: Principal) -> None:
        """The nightly refresh sees to the lessons of these learners."""
        prepare_lesson.forget()
        now = self.world.clock.now()
        course = courses.load_current(self.world.course.id, now)
        made = Preparer(style.current(settings), PRICE, NIGHT, list[Any]().extend, self.world.clock, together=True)
        for who in learners:
            made.prepare(learner_course.read(who, course.id, now).settings, NO_LEDGER, course)

    def look(self) -> None:
        """The schedule comes round."""
        invoke("write_batches", EVENT)
        self.world.clock.advance(900)

    @property
    def batch(self) -> Batch:
        (found,) = batches.every(self.world.clock.now())
        return found

    def asked(self, who: Principal) -> Any:
        return self.world.call("personalize_lesson", who, {"lesson_slug": self.world.slug})

    def held(self) -> int:
        """What is set aside and not yet settled."""
        found = budgets.spending(self.world.clock.now())
        return found.committed - found.spent

    def planned(self, day: str) -> int:
        """What is counted of a night."""
        row = table.get(BudgetItem, keys.budget(day[:7]), self.world.clock.now(), consistent=True)
        nights: Any = row.nights if row else {}
        return int(nights.as_dict().get(day, 0)) if row else 0


def all_sections() -> list[SectionItem]:
    return list(SectionItem.scan(SectionItem.kind == SectionItem))


@contextmanager
def office(world: World, server: ModelServer) -> Iterator[Office]:
    """A deployment with a model that takes batches; the same writer writes what is asked for by itself."""
    budgets.forget()
    server.begin_anew()
    server.batches.clock = world.clock.timestamp
    waits: dict[str, Any] = {"sleep": world.clock.sleep, "now": world.clock.timestamp, "rng": random.Random(1)}
    writer = OpenAIWriter(model="double", api_key="k", base_url=server.url, **waits)
    supplier = Supplier("double", writer, PRICE, "double")
    with pytest.MonkeyPatch.context() as patch:
        told = {"writer": "openai", "model": "double", "model_api": "chat", "batches": True, "prepared": NIGHT}
        for name, value in {**told, "limits": Limits(None, None)}.items():
            patch.setitem(vars(settings), name, value)
        patch.setattr("functions.write_batches.app.batches", lambda *_: (supplier, OpenAIBatches(writer)))
        supplies(patch, supplier)
        yield Office(world, server, supplier)
    writer.close()
