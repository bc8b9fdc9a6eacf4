"""Years of practice as an operator brings them: lines of NDJSON, and the same learners practising online."""

import json
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from attune.domain.principal import Kind, Principal, account_subject
from attune.edge.moments import moment
from tests.builders import ISSUER, NOW, Json, a_uuid
from tests.store.practice import MINUTE, Site, Sitting, a_sitting

YEARS = timedelta(days=730)


def a_learner(subject: str) -> Principal:
    """An account of the issuer."""
    return Principal(Kind.ACCOUNT, account_subject(ISSUER, subject), ISSUER)


def a_line(subject: str, sitting: Sitting, **more: object) -> Json:
    """What a line says of a session of one of the issuer's accounts."""
    attempts = [
        {
            "attempt_id": answer.id,
            "item_id": answer.item,
            "at": moment(answer.at),
            "score": answer.score,
            "correct": answer.correct,
            "response": answer.response,
            "difficulty": answer.difficulty,
            "duration_ms": answer.duration_ms,
            "hints_used": answer.hints,
            "phase": answer.phase,
            "mistake": answer.mistake and {"category": answer.mistake, "loss": answer.loss},
        }
        for answer in sitting.answers
    ]
    return {
        "account": {"issuer": ISSUER, "subject": subject},
        "session_id": sitting.session.id,
        "started_at": moment(sitting.session.started_at),
        "attempts": attempts,
        **more,
    }


@dataclass(frozen=True, slots=True)
class Past:
    """What learners (by their subjects) practised: their sessions in the order of time."""

    sessions: dict[str, list[Sitting]]

    @property
    def answers(self) -> int:
        return sum(len(one.answers) for several in self.sessions.values() for one in several)

    def lines(self, course: str, rng: random.Random, *, ordered: bool = True) -> list[Json]:
        """All learners mixed; the sessions of each in the order of time, or the newest first."""
        whose = [subject for subject, several in self.sessions.items() for _ in several]
        rng.shuffle(whose)
        left = {subject: iter(several if ordered else several[::-1]) for subject, several in self.sessions.items()}
        return [a_line(subject, next(left[subject]), course=course) for subject in whose]

    def online(self, site: Site, prefix: str) -> None:
        """The same, sent as it happened by other learners, whose names begin with a prefix."""
        for subject, several in self.sessions.items():
            for sitting in several:
                now = datetime.fromtimestamp(sitting.answers[-1].at / 1000, UTC) + timedelta(minutes=1)
                site.send(a_learner(prefix + subject), sitting, now=now)


def a_past(learners: int, sessions: int, answers: int, seed: int = 0) -> Past:
    """So many learners with so many sessions of so many answers over two years."""
    begins = int((NOW - YEARS).timestamp() * 1000)
    gap = int(YEARS.total_seconds() * 1000) // (sessions + 1)
    return Past(
        {
            a_uuid(): [
                a_sitting(answers, begins + nth * gap, seed=hash((seed, learner, nth)), step=MINUTE)
                for nth in range(sessions)
            ]
            for learner in range(learners)
        }
    )


def write(file: Path, lines: Iterable[Json]) -> Path:
    """A file of NDJSON."""
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return file


def pieces(line: Json, size: int) -> Iterator[Json]:
    """The same in several lines."""
    attempts = line["attempts"]
    for start in range(0, len(attempts), size):
        yield {**line, "attempts": attempts[start : start + size]}
