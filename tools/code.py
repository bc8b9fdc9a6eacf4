"""The handlers of functions/, imported on their first call and, where asked for, again after a file has changed."""

import importlib
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from tools.template import ROOT, Function

Handler = Callable[[dict[str, Any], "Context"], Any]
_PACKAGES = ("attune", "functions")


@dataclass(frozen=True, slots=True)
class Context:
    """What Lambda hands a handler beside the event."""

    function_name: str
    memory_limit_in_mb: int
    aws_request_id: str
    deadline: float
    invoked_function_arn: str = field(init=False)
    function_version: str = "$LATEST"
    log_group_name: str = "/aws/lambda/attune"
    log_stream_name: str = "local"

    def __post_init__(self) -> None:
        arn = f"arn:aws:lambda:us-east-1:000000000000:function:{self.function_name}"
        object.__setattr__(self, "invoked_function_arn", arn)

    def get_remaining_time_in_millis(self) -> int:
        """Until the function's timeout in the template."""
        return max(0, int((self.deadline - time.monotonic()) * 1000))

    @classmethod
    def of(cls, function: Function, request_id: str) -> "Context":
        return cls(function.name, function.memory, request_id, time.monotonic() + function.timeout)


class Code:
    """One loaded copy of the production code, which serves all threads."""

    def __init__(self, root: Path = ROOT, *, reload: bool = False) -> None:
        self._folders = (root / "layers" / "core", root / "functions")
        self._reload = reload
        self._lock = threading.RLock()
        self._handlers: dict[str, Handler] = {}
        for folder in (str(root), str(root / "layers" / "core" / "python")):
            if folder not in sys.path:
                sys.path.insert(0, folder)
        self._seen = self._state() if reload else None

    def handler(self, name: str) -> Handler:
        """The `lambda_handler` of functions/<name>/app.py as it is now."""
        with self._lock:
            if self._reload and (state := self._state()) != self._seen:
                self._seen = state
                self._handlers.clear()
                _take_modules()
                importlib.invalidate_caches()
            if name not in self._handlers:
                self._handlers[name] = importlib.import_module(f"functions.{name}.app").lambda_handler
            return self._handlers[name]

    def _state(self) -> frozenset[tuple[Path, int]]:
        return frozenset(_times(self._folders))


def _times(folders: tuple[Path, ...]) -> Iterator[tuple[Path, int]]:
    for folder in folders:
        for file in folder.rglob("*"):
            if file.suffix != ".pyc" and file.is_file():
                yield file, file.stat().st_mtime_ns


def _take_modules() -> dict[str, ModuleType]:
    ours = [name for name in sys.modules if name.split(".", 1)[0] in _PACKAGES]
    return {name: sys.modules.pop(name) for name in ours}


def _close(modules: dict[str, ModuleType]) -> None:
    """End the connections of code that nobody will call again."""
    for name in ("attune.store.table", "attune.edge.aws", "attune.writers.choice"):
        if name in modules:
            modules[name].close()


@contextmanager
def apart() -> Iterator[None]:
    """Within it the production code is imported anew; afterwards the import path and the modules are as before."""
    path, modules = list(sys.path), _take_modules()
    try:
        yield
    finally:
        sys.path[:] = path
        _close(_take_modules())
        sys.modules.update(modules)
