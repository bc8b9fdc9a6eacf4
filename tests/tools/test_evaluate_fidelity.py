"""What `make evaluate-fidelity` prints, on every third section of the shipped lessons and on a folder."""

from pathlib import Path

import pytest

from tools.evaluate_fidelity import Rate, below, harmful, harmless, main, report, shipped

CORPUS = list(shipped())[::3]


def test_harmless_edits_pass() -> None:
    *_, together = harmless(CORPUS, 7)
    assert together.of > 300
    assert together.met, together.failed


def test_harm_is_caught() -> None:
    rates = harmful(CORPUS, 7)
    assert {rate.name: rate.failed for rate in rates if not rate.met} == {}
    assert sum(rate.of for rate in rates) > 500
    assert all(rate.of >= 15 for rate in rates)


def test_the_same_seed_prints_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a" / "one.md"
    file.parent.mkdir()
    file.write_text("# T\n\n" + "".join(f"{sample.request.source}\n\n" for sample in CORPUS[:3]), "utf-8")
    (tmp_path / "two.mdx").write_text("too short", "utf-8")
    assert main([str(tmp_path), "--seed", "3"]) in (0, 1)
    first = capsys.readouterr().out
    main([str(tmp_path), "--seed", "3"])
    assert capsys.readouterr().out == first
    main([str(tmp_path), "--seed", "4"])
    assert capsys.readouterr().out != first
    assert "harmless edits that pass" in first
    assert "at least 0.95, margin" in first


def test_a_missed_bar_is_said_and_explained() -> None:
    missed = Rate("cut end", 97, 100, 0.98, ("a: It passes.",))
    assert str(missed).split() == "cut end 97 of 100 0.9700 at least 0.98, margin -0.0100: MISSED".split()  # noqa: SIM905
    assert "nothing to edit" in str(Rate("cut end", 0, 0, 0.98))
    lines, _ = report(CORPUS[:2], 0, explain=True)
    assert lines[-1] in ("Every bar is met.", "A bar is MISSED.")


def test_a_folder_without_markdown_is_refused_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"attune: {tmp_path} holds no Markdown.\n"


def test_a_text_that_is_no_lesson_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "x.md").write_text("# T\n\n:::tip\n" + "word " * 80 + "\n:::\n", "utf-8")
    assert list(below(tmp_path)) == []
