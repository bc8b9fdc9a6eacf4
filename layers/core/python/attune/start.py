"""What makes a cold start cheaper and changes nothing else: begun by the first import of Attune, ended by the handler.

Making a dataclass is compiling text: six methods a class, at every cold start, a fifth of all that a function does
before its first request. The build has compiled that text, ours and that of the packages imported after this, for the
runtime's Python (`tools/build/dataclass_code.py`); whatever is not found there is compiled as ever, and so is
everything in the source tree.
"""

import builtins
import dataclasses
import gc
import marshal
import os
from collections.abc import Callable, Mapping
from hashlib import blake2b
from importlib.util import MAGIC_NUMBER
from pathlib import Path
from typing import Any

CODE = "dataclass_code.bin"
"""The file beside this one: the bytecode's magic number, then a marshalled mapping of names to marshalled code."""


def begin(folder: Path = Path(__file__).parent, environment: Mapping[str, str] = os.environ) -> None:
    """Use the code that the build left here, if it did; in Lambda also leave the collection of garbage for later."""
    if known := _read(folder / CODE):
        # The module's own `exec`, looked up before that of the language.
        vars(dataclasses)["exec"] = _executor(known)
    if "AWS_LAMBDA_INITIALIZATION_TYPE" in environment:
        gc.disable()


def end() -> None:
    """What was imported stays for good and need not be looked through again; from now on garbage is collected."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


def name(text: str) -> bytes:
    """What a text's code is called."""
    return blake2b(text.encode(), digest_size=16).digest()


def _read(file: Path) -> dict[bytes, bytes]:
    """The code by name; nothing where there is none, or where it is another Python's."""
    try:
        held = file.read_bytes()
    except FileNotFoundError:
        return {}
    known: dict[bytes, bytes] = {}
    if held.startswith(MAGIC_NUMBER):
        # It is ours, as the bytecode beside it is.
        known = marshal.loads(held[len(MAGIC_NUMBER) :])  # noqa: S302  # nosec B302
    return known


def _executor(known: Mapping[bytes, bytes]) -> Callable[..., None]:
    def execute(text: str, *spaces: Any) -> None:
        code = known.get(name(text))
        builtins.exec(text if code is None else marshal.loads(code), *spaces)  # noqa: S102, S302  # nosec B102, B302

    return execute
