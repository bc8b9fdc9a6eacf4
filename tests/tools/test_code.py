"""The production code is imported once, or again after a change, and never leaks into other tests."""

import sys
from pathlib import Path

from tools import code


def write(root: Path, text: str) -> None:
    folder = root / "functions" / "say"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "app.py").write_text(f"def lambda_handler(event, context):\n    return {text!r}\n")


def say(loaded: code.Code) -> object:
    return loaded.handler("say")({}, code.Context("say", 128, "1", 0))


def test_a_change_is_served_by_the_next_call(tmp_path: Path) -> None:
    write(tmp_path, "old")
    with code.apart():
        loaded = code.Code(tmp_path, reload=True)
        assert say(loaded) == "old"
        write(tmp_path, "the new one")
        assert say(loaded) == "the new one"


def test_without_reload_the_code_stays(tmp_path: Path) -> None:
    write(tmp_path, "old")
    with code.apart():
        loaded = code.Code(tmp_path)
        assert say(loaded) == "old"
        write(tmp_path, "the new one")
        assert say(loaded) == "old"


def test_afterwards_everything_is_as_before(tmp_path: Path) -> None:
    import attune

    write(tmp_path, "old")
    path = list(sys.path)
    with code.apart():
        assert "attune" not in sys.modules
        say(code.Code(tmp_path))
    assert sys.modules["attune"] is attune
    assert "functions.say.app" not in sys.modules
    assert sys.path == path


def test_time_runs_out_but_never_below_zero() -> None:
    assert code.Context("say", 128, "1", 0).get_remaining_time_in_millis() == 0
