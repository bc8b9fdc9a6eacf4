"""Years of practice into the table, through the action behind `POST /api/training/sessions`: only age is no limit here.

Sending anything twice changes nothing, so an import may be ended and begun again anywhere. Answers that are older than
a learner's log are stored at once, and counted by one rebuild of each such learner at the end.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final

from attune.actions import rebuild_profile, record_session
from attune.domain.course import Course
from attune.domain.errors import Conflict, DomainError, NotFound, Unavailable
from attune.domain.jobs import Job, RebuildProfile
from attune.domain.practice import intake
from attune.domain.practice.session import ACCEPTED, CONFLICT, INVALID, Outcome
from attune.domain.principal import Kind, Principal
from attune.edge.clock import clock
from attune.settings import settings
from attune.store import courses, users
from tools.errors import OperatorError
from tools.history_checkpoint import Checkpoint, Counts
from tools.history_lines import Piece, WrongLine, read

BATCH: Final = 128
"""Lines between two checkpoints; learners that meet in one are worked on at the same time."""
REBUILDS: Final = 32
"""Rebuilds between two checkpoints."""


@dataclass(frozen=True, slots=True)
class Options:
    """`course` is that of lines which name none; `create` makes learners who are not there."""

    course: str | None = None
    create: bool = False
    dry_run: bool = False
    restart: bool = False
    workers: int = 8


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is told what is wrong, and how far it is: bytes of the file, and then profiles."""

    said: Callable[[str], None] = lambda line: None
    read: Callable[[int, Counts], None] = lambda offset, counts: None
    rebuilding: Callable[[int, int], None] = lambda done, total: None


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the file; `end` is the offset behind it."""

    number: int
    end: int
    text: bytes


@dataclass(frozen=True, slots=True)
class _Done:
    """What came of a line: flaws by their pointers, or an outcome for each answer."""

    flaws: Sequence[tuple[str, str]] = ()
    outcomes: Sequence[Outcome] = ()
    due: Sequence[Job] = ()


@dataclass(slots=True)
class History:
    """The import of one file into the table that the environment names."""

    file: Path
    options: Options = field(default_factory=Options)
    watch: Watch = field(default_factory=Watch)
    _known: set[Principal] = field(default_factory=set)

    def load(self) -> Counts:
        """Import all of the file, from where an earlier try was ended. OperatorError where it cannot go on."""
        checkpoint = self._begin()
        try:
            with self.file.open("rb") as opened, ThreadPoolExecutor(self.options.workers) as pool:
                opened.seek(checkpoint.offset)
                lines = _lines(opened, checkpoint)
                while batch := list(islice(lines, BATCH)):
                    self._batch(batch, checkpoint, pool)
                self._rebuild(checkpoint, pool)
        except OSError as error:
            raise OperatorError(f"{error.filename or self.file}: {error.strerror}.") from error
        except Unavailable as error:
            lines_read = checkpoint.counts.lines
            raise OperatorError(
                f"The table cannot be used ({_cause(error)}). {lines_read} lines are done; "
                "the same command goes on from there."
            ) from error
        if not self.options.dry_run:
            Checkpoint.beside(self.file).unlink(missing_ok=True)
        return checkpoint.counts

    def _begin(self) -> Checkpoint:
        target = f"{settings.table} {os.environ.get('AWS_ENDPOINT_URL', '')}".strip()
        if self.options.dry_run or self.options.restart:
            return Checkpoint(target)
        found = Checkpoint.find(self.file, target)
        if found.counts.lines:
            self.watch.said(f"{self.file}: goes on after line {found.counts.lines}")
        return found

    def _batch(self, batch: Sequence[_Line], checkpoint: Checkpoint, pool: ThreadPoolExecutor) -> None:
        """Lines of one learner one after the other, learners beside each other; reported in the order of the file."""
        done: dict[int, _Done] = {}
        groups: dict[tuple[Principal, str | None], list[tuple[int, Piece]]] = {}
        for line in batch:
            try:
                if line.text.strip():
                    piece = read(line.text)
                    groups.setdefault((piece.principal, piece.course), []).append((line.number, piece))
            except WrongLine as wrong:
                done[line.number] = _Done(wrong.flaws)
        for results in pool.map(self._group, groups.values()):
            done.update(results)
        for line in batch:
            self._report(line.number, done.get(line.number, _Done()), checkpoint)
        checkpoint.offset = batch[-1].end
        checkpoint.counts.lines = batch[-1].number
        if not self.options.dry_run:
            checkpoint.save(self.file)
        self.watch.read(checkpoint.offset, checkpoint.counts)

    def _group(self, pieces: Iterable[tuple[int, Piece]]) -> list[tuple[int, _Done]]:
        return [(number, self._one(piece)) for number, piece in pieces]

    def _one(self, piece: Piece) -> _Done:
        now, due = clock.now(), list[Job]()
        try:
            course = self._course(piece)
            self._learner(piece.principal)
            if self.options.dry_run:
                return _Done(outcomes=_judged(course, piece))
            recorded = record_session.run(
                piece.principal, course, piece.session, piece.answers, now, due.extend, any_age=True
            )
        except WrongLine as wrong:
            return _Done(wrong.flaws)
        return _Done(outcomes=recorded.outcomes, due=due)

    def _course(self, piece: Piece) -> Course:
        name = piece.course or self.options.course
        if name is None:
            raise WrongLine(("", "no course: name it in the line, or for all lines with --course"))
        try:
            return courses.recent(name, clock.now())
        except NotFound:
            raise WrongLine(("/course" if piece.course else "", f"no course {name} is published")) from None

    def _learner(self, principal: Principal) -> None:
        """See that a learner is there. An account's row is made with its first session."""
        if principal in self._known:
            return
        now = clock.now()
        if users.get(principal, now) is None:
            if not self.options.create:
                place = "/user_id" if not principal.issuer else "/account"
                raise WrongLine((place, "there is no such learner: --create makes those who are missing"))
            if principal.kind is Kind.GUEST and not self.options.dry_run:
                with suppress(Conflict):
                    users.create(principal, now, None)
        self._known.add(principal)

    def _report(self, number: int, done: _Done, checkpoint: Checkpoint) -> None:
        counts = checkpoint.counts
        counts.wrong += bool(done.flaws)
        for place, said in done.flaws:
            self.watch.said(f"{self.file}:{number}: {place + ' ' if place else ''}{said}")
        for nth, outcome in enumerate(done.outcomes):
            setattr(counts, outcome.result, getattr(counts, outcome.result) + 1)
            if outcome.result in (CONFLICT, INVALID):
                said = outcome.code or "conflict: another answer was counted under this id"
                self.watch.said(f"{self.file}:{number}: /attempts/{nth} {said}")
        checkpoint.due |= {(job.learner, job.course) for job in done.due if isinstance(job, RebuildProfile)}

    def _rebuild(self, checkpoint: Checkpoint, pool: ThreadPoolExecutor) -> None:
        total = len(checkpoint.due)
        while some := sorted(checkpoint.due)[:REBUILDS]:
            list(pool.map(lambda one: rebuild_profile.run(Principal.of(one[0]), one[1], clock.now()), some))
            checkpoint.due.difference_update(some)
            checkpoint.counts.rebuilt += len(some)
            checkpoint.save(self.file)
            self.watch.rebuilding(total - len(checkpoint.due), total)


def _lines(opened: BinaryIO, checkpoint: Checkpoint) -> Iterator[_Line]:
    end = checkpoint.offset
    for number, text in enumerate(opened, checkpoint.counts.lines + 1):
        end += len(text)
        yield _Line(number, end, text)


def _judged(course: Course, piece: Piece) -> list[Outcome]:
    """What can be said of answers without the table."""
    moment = int(clock.now().timestamp() * 1000)
    outcomes = []
    for answer in piece.answers:
        try:
            intake.attempt(course, piece.session.id, answer, moment, any_age=True)
            outcomes.append(Outcome(answer.id, ACCEPTED))
        except intake.Unusable as error:
            outcomes.append(Outcome(answer.id, INVALID, error.code))
    return outcomes


def _cause(error: DomainError) -> str:
    """What the table or the way to it said."""
    cause: BaseException = error
    while (below := cause.__cause__ or cause.__context__) is not None:
        cause = below
    return str(cause) if cause is not error else error.code
