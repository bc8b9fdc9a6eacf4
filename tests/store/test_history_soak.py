"""A hundred thousand answers: an import of them leads where practice online leads, and how long it takes."""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from attune.domain.manifest import read
from attune.edge.clock import clock
from attune.store import courses
from tests import backends
from tests.builders import NOW, an_id
from tests.doubles.clock import Clock
from tests.store.histories import a_learner, a_past, write
from tests.store.practice import Site, a_practice_manifest
from tools.history import History, Options

ANSWERS = 100_000
OPTIONS = Options(create=True)

backend = backends.ministack_alone(autouse=True)


@pytest.fixture
def site() -> Iterator[Site]:
    course, manifest = an_id(), a_practice_manifest()
    was, clock.source = clock.source, Clock(NOW)
    courses.publish(course, manifest, None, NOW)
    yield Site(read(course, 1, manifest))
    clock.source = was


@pytest.mark.soak
@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize(("learners", "sessions", "answers"), [(100, 20, 50), (1, 1000, 100)])
def test_an_import_leads_where_practice_online_leads(
    site: Site, tmp_path: Path, learners: int, sessions: int, answers: int, ordered: bool
) -> None:
    past = a_past(learners, sessions, answers)
    assert past.answers == ANSWERS
    file = write(tmp_path / "past.ndjson", past.lines(site.course.id, random.Random(0), ordered=ordered))
    began = time.perf_counter()
    counts = History(file, OPTIONS).load()
    took = time.perf_counter() - began
    print(f"\n{ANSWERS} answers of {learners} learners in {took:.0f} s: {ANSWERS / took:.0f} a second")
    assert (counts.accepted, counts.wrong, counts.rebuilt) == (ANSWERS, 0, 0 if ordered else learners)
    past.online(site, "online-")
    online = {subject: site.stored(a_learner("online-" + subject)) for subject in past.sessions}
    assert {subject: site.stored(a_learner(subject)) for subject in past.sessions} == online
    again = History(file, OPTIONS).load()
    assert (again.duplicate, again.answers, again.rebuilt) == (ANSWERS, ANSWERS, 0)
    assert {subject: site.stored(a_learner(subject)) for subject in past.sessions} == online
