"""Logs of answers, as the evaluation reads them: CSV with a header, one answer in a line, each learner's in order."""

import csv
import gzip
import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from tools.errors import OperatorError

COLUMNS: Final = ["user", "item", "skills", "correct", "ts"]

WHERE: Final = (
    f"The data are files *.csv.gz or *.csv with the columns {','.join(COLUMNS)} (skills separated by ;, correct 0 or "
    "1, ts in seconds or 0), one answer in a line, each student's in order. Public logs are ASSISTments 2009 "
    "(sites.google.com/site/assistmentsdata), ASSISTments 2015 (the same site) and Statics 2011 "
    "(pslcdatashop.web.cmu.edu, dataset 507): bring them into these columns under the names assist09.csv.gz, "
    "assist15.csv.gz and statics.csv.gz, then run: make evaluate DATA=folder"
)


class Answer(NamedTuple):
    """One answer; an item with several skills is still one."""

    user: str
    item: str
    skills: tuple[str, ...]
    correct: int
    ts: float


def files(folder: Path | None) -> list[Path]:
    """The logs in a folder, by name; OperatorError where there are none."""
    if folder is None:
        raise OperatorError(f"Say where the data are. {WHERE}")
    if not folder.is_dir():
        raise OperatorError(f"{folder} is no folder. {WHERE}")
    found = sorted(each for each in folder.iterdir() if each.name.endswith((".csv", ".csv.gz")))
    if not found:
        raise OperatorError(f"{folder} holds no data. {WHERE}")
    return found


def read(file: Path) -> list[Answer]:
    """The answers of a log, in its order."""
    with gzip.open(file, "rt") if file.suffix == ".gz" else file.open() as lines:
        rows = csv.reader(lines)
        if next(rows, None) != COLUMNS:
            raise OperatorError(f"{file} does not begin with the columns {','.join(COLUMNS)}. {WHERE}")
        try:
            return [Answer(u, i, tuple(s.split(";")), int(c), float(t)) for u, i, s, c, t in rows]
        except ValueError as error:
            raise OperatorError(f"{file}, line {rows.line_num}: {error}. {WHERE}") from error


def is_tested(user: str, seed: int, share: float) -> bool:
    """Whether a student is in the `share` that is tested: by SHA-256 of `seed:user`, so it is the same everywhere."""
    digest = hashlib.sha256(f"{seed}:{user}".encode()).digest()
    return int.from_bytes(digest[:8]) < share * 2**64


def split(answers: Sequence[Answer], seed: int, share: float) -> tuple[list[Answer], list[Answer]]:
    """The answers of the students that are tested, and those of the others, each in their order."""
    chosen = {user for user in {answer.user for answer in answers} if is_tested(user, seed, share)}
    return [each for each in answers if each.user in chosen], [each for each in answers if each.user not in chosen]


def round_robin(answers: Iterable[Answer]) -> list[Answer]:
    """The first answer of every student, then everybody's second, and so on: nobody has a head start."""
    counts: dict[str, int] = {}
    placed = []
    for number, answer in enumerate(answers):
        nth = counts.get(answer.user, 0)
        counts[answer.user] = nth + 1
        placed.append((nth, number, answer))
    return [answer for _, _, answer in sorted(placed)]
