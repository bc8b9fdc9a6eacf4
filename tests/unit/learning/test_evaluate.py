"""`make evaluate`: the report, its bars, and what is said where there is nothing to evaluate on."""

import csv
import gzip
import random
from pathlib import Path

import pytest

from tools import evaluate
from tools.answer_logs import COLUMNS, Answer, is_tested, read, round_robin
from tools.evaluate import OURS, PEERS, Result
from tools.goodness import Goodness
from tools.peers import Elo, KnowledgeTracing, MeanPerItem


def write(file: Path, answers: list[Answer], header: list[str] = COLUMNS) -> None:
    with gzip.open(file, "wt") if file.suffix == ".gz" else file.open("w") as lines:
        rows = csv.writer(lines)
        rows.writerow(header)
        rows.writerows([u, i, ";".join(s), c, t] for u, i, s, c, t in answers)


def log(students: int = 40, seed: int = 1) -> list[Answer]:
    """Students of two kinds, items of two difficulties, one of two skills or both."""
    chance, found = random.Random(seed), []
    for student in range(students):
        for _ in range(30):
            item = chance.randrange(10)
            p = 0.15 + 0.3 * (student % 2) + 0.4 * (item % 2)
            skills = (("a",), ("b",), ("a", "b"))[item % 3]
            found.append(Answer(f"s{student}", f"i{item}", skills, int(chance.random() < p), 0.0))
    return found


def test_the_report_has_a_table_for_each_log_and_every_bar(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "assist09_small.csv.gz", log())
    write(tmp_path / "other.csv", log(seed=2))
    (tmp_path / "notes.txt").write_text("not a log")
    code = evaluate.main([str(tmp_path)])
    said, progress = capsys.readouterr()
    lines = said.splitlines()
    assert "assist09_small: Attune" in progress
    assert "SHA-256" in lines[0]
    for file in ("assist09_small.csv.gz", "other.csv"):
        assert f"{file}: 1200 answers of 40 students" in lines
    for model in PEERS:
        figures = [line.removeprefix(model).split() for line in lines if line.startswith(model)]
        assert len(figures) == 2
        assert all(float(each) >= 0.0 for row in figures for each in row)
        assert all(len(row) == (8 if model == OURS else 7) for row in figures)
    assert [line.split(",")[0] for line in lines if "cited" in line] == ["Best-LR", "DKT", "AKT"]
    bars = [line for line in lines if line.startswith("bar ")]
    assert len(bars) == 7
    assert bars[-1] == "bar bytes per learner and skill: 29, at most 50, margin +21: met"
    assert code == int(any("met" not in bar for bar in bars))


def test_ours_beats_the_peers_on_a_simple_log() -> None:
    results = {each.model: each for each in evaluate.evaluate("simple", log(120))}
    ours = results.pop(OURS)
    assert ours.warm.auc > ours.cold.auc > 0.6
    assert all(ours.warm.log_loss < each.warm.log_loss for each in results.values())


def test_bars_are_met_or_missed_by_a_margin() -> None:
    found = Result(OURS, Goodness(0.8, 0.5, 0.03), Goodness(0.7, 0.5, 0.03), 12.0)
    assert list(evaluate.bars("assist09_train", found)) == [
        "bar assist09_train warm AUC: 0.8000, at least 0.778, margin +0.0220: met",
        "bar assist09_train cold AUC: 0.7000, at least 0.741, margin -0.0410: MISSED",
        "bar assist09_train warm ECE: 0.0300, at most 0.02, margin -0.0100: MISSED",
        "bar assist09_train us/event: 12.0, at most 25, margin +13.0: met",
    ]
    nothing = Goodness(float("nan"), 0.5, 0.0)
    assert next(evaluate.bars("statics", Result(OURS, nothing, nothing, 1.0))).endswith("no answer")


@pytest.mark.parametrize("folder", [None, "empty", "missing"])
def test_without_data_it_says_where_to_get_them(
    folder: str | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    assert evaluate.main([str(tmp_path / folder)] if folder else []) == 2
    said = capsys.readouterr().err
    assert said.startswith("attune: ")
    for word in ("user,item,skills,correct,ts", "ASSISTments 2009", "ASSISTments 2015", "Statics 2011", "DATA="):
        assert word in said


@pytest.mark.parametrize(("line", "told"), [("s,i,a", "unpack"), ("s,i,a,right,0", "invalid literal")])
def test_a_log_that_is_none_is_named_with_its_line(
    line: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "log.csv").write_text(f"{','.join(COLUMNS)}\n{line}\n")
    assert evaluate.main([str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert "log.csv, line 2" in said
    assert told in said


def test_other_columns_and_too_few_students_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "log.csv", log(2), header=["student", *COLUMNS[1:]])
    assert evaluate.main([str(tmp_path)]) == 2
    assert "does not begin with the columns" in capsys.readouterr().err
    write(tmp_path / "log.csv", log(1))
    assert evaluate.main([str(tmp_path)]) == 2
    assert "too few students" in capsys.readouterr().err


def test_answers_are_read_in_order_and_dealt_round_robin(tmp_path: Path) -> None:
    answers = log(3)
    write(tmp_path / "log.csv.gz", answers)
    assert read(tmp_path / "log.csv.gz") == answers
    dealt = round_robin(answers)
    assert [answer.user for answer in dealt[:6]] == ["s0", "s1", "s2"] * 2
    assert [answer for answer in dealt if answer.user == "s1"] == [answer for answer in answers if answer.user == "s1"]


def test_the_split_is_by_student_and_by_seed() -> None:
    users = [f"s{number}" for number in range(2000)]
    tested = [user for user in users if is_tested(user, 0, 0.3)]
    assert 500 < len(tested) < 700
    assert tested != [user for user in users if is_tested(user, 1, 0.3)]
    # The same on every machine and in every release.
    assert [user for user in users[:12] if is_tested(user, 0, 0.3)] == ["s0", "s3", "s11"]


def test_peers() -> None:
    mean, elo = MeanPerItem(), Elo()
    assert mean.predict("u", "i", ("a",), 0.0) == elo.predict("u", "i", ("a",), 0.0) == 0.5
    for _ in range(20):
        for model in (mean, elo):
            model.update("u", "i", ("a", "b"), 1, 0.0)
    assert mean.predict("v", "i", ("a",), 0.0) > mean.predict("v", "j", ("a",), 0.0)
    assert 0.9 < elo.predict("u", "i", ("a", "b"), 0.0) < 1.0
    for _ in range(20_000):
        elo.update("u", "i", ("a",), 1, 0.0)
    assert elo.predict("u", "i", ("a",), 0.0) < 1.0


def test_knowledge_tracing_is_fitted_to_each_skill() -> None:
    easy = [Answer(f"s{n}", "i", ("easy",), int(n % 10 > 0), 0.0) for n in range(50) for _ in range(5)]
    hard = [Answer(f"s{n}", "i", ("hard",), int(n % 10 == 0), 0.0) for n in range(50) for _ in range(5)]
    fitted, generic = KnowledgeTracing([*easy, *hard]), KnowledgeTracing()
    expected = [fitted.predict("new", "i", (skill,), 0.0) for skill in ("easy", "hard", "other")]
    assert expected[0] > expected[2] > expected[1]
    assert expected[2] == generic.predict("new", "i", ("easy",), 0.0)
    generic.update("new", "i", ("easy",), 1, 0.0)
    assert generic.predict("new", "i", ("easy",), 0.0) > expected[2]
    assert generic.predict("new", "i", ("easy", "other"), 0.0) > expected[2]
