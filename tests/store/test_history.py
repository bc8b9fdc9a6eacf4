"""An import ends where practice online would have led, however often it is begun and wherever it was ended."""

import random
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from attune.actions import rebuild_profile
from attune.domain.manifest import read
from attune.edge.clock import clock
from attune.store import courses, items, keys, learner_course
from tests.backends import Backend
from tests.builders import NOW, an_id
from tests.doubles.clock import Clock
from tests.doubles.faults import End, Ended
from tests.store.histories import Past, a_learner, a_past, pieces, write
from tests.store.practice import Site, a_practice_manifest
from tools import history
from tools.history import History, Options, Watch
from tools.history_checkpoint import Checkpoint, Counts


@pytest.fixture(autouse=True)
def _time() -> Iterator[None]:
    was, clock.source = clock.source, Clock(NOW)
    yield
    clock.source = was


@pytest.fixture
def site(backend: Backend) -> Site:
    course, manifest = an_id(), a_practice_manifest()
    courses.publish(course, manifest, None, NOW)
    return Site(read(course, 1, manifest))


@pytest.fixture
def options() -> Options:
    return Options(create=True, workers=8)


def stored(site: Site, past: Past, prefix: str = "") -> dict[str, tuple[bytes, bytes]]:
    return {subject: site.stored(a_learner(prefix + subject)) for subject in past.sessions}


def expected(site: Site, past: Past) -> dict[str, tuple[bytes, bytes]]:
    return {subject: site.expected(several) for subject, several in past.sessions.items()}


def compare(site: Site, past: Past, file: Path, options: Options, seed: int = 0) -> Counts:
    """Import all, compare it with the same online, and import it again."""
    write(file, past.lines(site.course.id, random.Random(seed), ordered=seed == 0))
    counts = History(file, options).load()
    assert (counts.accepted, counts.wrong) == (past.answers, 0)
    past.online(site, "online-")
    assert stored(site, past) == stored(site, past, "online-")
    again = History(file, options).load()
    assert (again.duplicate, again.answers, again.rebuilt) == (past.answers, past.answers, 0)
    assert stored(site, past) == stored(site, past, "online-")
    return counts


def test_an_import_leads_where_practice_online_leads(site: Site, tmp_path: Path, options: Options) -> None:
    counts = compare(site, a_past(2, 8, 25), tmp_path / "past.ndjson", options)
    assert counts.rebuilt == 0


def test_the_newest_first_leads_there_too_with_one_rebuild_of_each_learner(
    site: Site, tmp_path: Path, options: Options
) -> None:
    past = a_past(2, 8, 25)
    assert compare(site, past, tmp_path / "past.ndjson", options, seed=1).rebuilt == len(past.sessions)
    assert site.jobs == []


def test_an_import_that_ends_at_any_call_is_mended_by_the_same_command(
    site: Site, tmp_path: Path, options: Options, backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its checkpoint, and without."""
    monkeypatch.setattr(history, "BATCH", 2)
    monkeypatch.setattr(history, "REBUILDS", 1)
    rows = None if backend.engine is None else backend.kept()
    nth, ended = 0, True
    while ended:
        nth += 5
        backend.empty(rows)
        past = a_past(2, 3, 60)
        lines = [
            part for line in past.lines(site.course.id, random.Random(3), ordered=False) for part in pieces(line, 30)
        ]
        file = write(tmp_path / f"{nth}.ndjson", lines)
        with End(nth, after=nth % 2 == 0).on(items.Item) as end, suppress(Ended):
            History(file, options).load()
        ended = end.seen >= nth
        if nth % 3 == 0:
            Checkpoint.beside(file).unlink(missing_ok=True)
        History(file, options).load()
        assert stored(site, past) == expected(site, past), nth
        assert not Checkpoint.beside(file).exists()
        for subject in past.sessions:
            found = learner_course.read_all(a_learner(subject), site.course.id, None, NOW)
            assert (found.rebuild, found.practice.rev >= 180) == (False, True)
    assert nth > 20


def test_a_file_that_was_cut_at_any_line_is_completed(site: Site, tmp_path: Path, options: Options) -> None:
    for cut in range(1, 6):
        past = a_past(2, 3, 50)
        lines = past.lines(site.course.id, random.Random(cut), ordered=False)
        file = write(tmp_path / "past.ndjson", lines[:cut])
        assert History(file, options).load().lines == cut
        write(file, lines)
        assert History(file, options).load().lines == len(lines)
        assert stored(site, past) == expected(site, past)


def test_it_goes_on_after_the_last_checkpoint_and_counts_all(
    site: Site, tmp_path: Path, options: Options, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "BATCH", 3)
    past = a_past(1, 10, 20)
    file = write(tmp_path / "past.ndjson", past.lines(site.course.id, random.Random(0)))

    def interrupt(offset: int, counts: Counts) -> None:
        if counts.lines == 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        History(file, options, Watch(read=interrupt)).load()
    said: list[str] = []
    counts = History(file, options, Watch(said.append)).load()
    assert said == [f"{file}: goes on after line 6"]
    assert counts == Counts(lines=10, accepted=200)


def test_another_file_another_table_and_a_restart_begin_anew(site: Site, tmp_path: Path, options: Options) -> None:
    past = a_past(1, 2, 5)
    lines = past.lines(site.course.id, random.Random(0))
    file = write(tmp_path / "past.ndjson", lines)
    here = Checkpoint("here", offset=len(file.read_bytes()), counts=Counts(lines=2, accepted=10))
    here.save(file)
    assert Checkpoint.find(file, "here") == here
    assert Checkpoint.find(file, "there") == Checkpoint("there")
    write(file, reversed(lines))
    assert Checkpoint.find(file, "here") == Checkpoint("here")
    Checkpoint.beside(file).write_text("{")
    assert Checkpoint.find(file, "here") == Checkpoint("here")
    assert History(file, Options(create=True, restart=True, workers=1)).load().accepted == 10


def test_what_was_practised_online_meanwhile_stands(site: Site, tmp_path: Path, options: Options) -> None:
    """A site that is in use already gets its past: all of it is older than the log."""
    past = a_past(1, 12, 20)
    ((subject, several),) = past.sessions.items()
    who = a_learner(subject)
    for sitting in several[4:]:
        site.send(who, sitting, any_age=True)
    assert rebuild_profile.check(who, site.course.id, NOW).same
    early = Past({subject: several[:4]})
    file = write(tmp_path / "past.ndjson", early.lines(site.course.id, random.Random(0)))
    counts = History(file, options).load()
    assert (counts.accepted, counts.rebuilt) == (80, 1)
    assert site.stored(who) == site.expected(several)


def test_a_dry_run_writes_nothing(site: Site, tmp_path: Path, backend: Backend) -> None:
    past = a_past(1, 2, 5)
    file = write(tmp_path / "past.ndjson", past.lines(site.course.id, random.Random(0)))
    counts = History(file, Options(create=True, dry_run=True, workers=1)).load()
    assert counts == Counts(lines=2, accepted=10)
    (subject,) = past.sessions
    assert backend.rows(keys.user(a_learner(subject).learner).pk) == []
    assert not Checkpoint.beside(file).exists()
