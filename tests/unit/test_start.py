"""A cold start: dataclasses made from code that was compiled before are those that are made from text."""

import builtins
import dataclasses
import gc
import marshal
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import MAGIC_NUMBER
from pathlib import Path

import pytest

from attune import start


@pytest.fixture(autouse=True)
def untouched() -> Iterator[None]:
    """dataclasses and the collector as they were."""
    yield
    vars(dataclasses).pop("exec", None)
    gc.enable()
    gc.unfreeze()


def point() -> type:
    @dataclass(frozen=True, slots=True)
    class Point:
        x: int
        y: int = 2

    return Point


def compiled(folder: Path) -> dict[str, int]:
    """Keep the code of what `point` compiles, and count how often each text is asked for."""
    seen: dict[str, int] = {}

    def execute(text: str, *spaces: object) -> None:
        seen[text] = 0
        builtins.exec(text, *spaces)  # type: ignore[arg-type]  # noqa: S102

    vars(dataclasses)["exec"] = execute
    point()
    vars(dataclasses).pop("exec")
    known = {start.name(text): marshal.dumps(compile(text, "<kept>", "exec")) for text in seen}
    (folder / start.CODE).write_bytes(MAGIC_NUMBER + marshal.dumps(known))
    return seen


def test_a_dataclass_of_kept_code_is_the_same(tmp_path: Path) -> None:
    texts = compiled(tmp_path)
    assert texts
    plain = point()
    start.begin(tmp_path, {})
    made = point()
    assert made.__init__.__code__.co_filename == "<kept>"  # type: ignore[misc]
    assert plain.__init__.__code__.co_filename != "<kept>"  # type: ignore[misc]
    assert [repr(made(1)), made(1) == made(1, 2), hash(made(1)), dataclasses.asdict(made(1))] == [
        *(repr(plain(1)), plain(1) == plain(1, 2), hash(plain(1)), dataclasses.asdict(plain(1)))
    ]
    with pytest.raises(dataclasses.FrozenInstanceError):
        made(1).x = 3


def test_what_is_not_kept_is_compiled(tmp_path: Path) -> None:
    compiled(tmp_path)
    start.begin(tmp_path, {})

    @dataclass
    class Other:
        z: str

    assert Other("a") == Other("a")


@pytest.mark.parametrize("held", [None, b"another Python's"])
def test_without_code_of_this_python_all_is_compiled(tmp_path: Path, held: bytes | None) -> None:
    if held:
        (tmp_path / start.CODE).write_bytes(held)
    start.begin(tmp_path, {})
    assert "exec" not in vars(dataclasses)


def test_garbage_waits_until_all_is_imported_in_lambda_alone(tmp_path: Path) -> None:
    start.begin(tmp_path, {})
    assert gc.isenabled()
    start.begin(tmp_path, {"AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand"})
    assert not gc.isenabled()
    start.end()
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0
