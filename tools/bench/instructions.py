"""Instructions that a program takes, counted by valgrind: whatever else the machine does, they are the same."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from tools.bench import layout
from tools.bench.layout import Program
from tools.errors import OperatorError

PROBE = Path(__file__).with_name("probe.py")
_COUNT = re.compile(r"I +refs: +([\d,]+)")


class Counter:
    """Runs the probe in a program, on one interpreter and in one environment."""

    def __init__(self, python: str, environment: Mapping[str, str]) -> None:
        if shutil.which("valgrind") is None:
            raise OperatorError("Instructions are counted by valgrind, which is not here: install it.")
        self._python, self._environment = python, environment
        self._base = 0

    @property
    def base(self) -> int:
        """What the runtime itself takes before a function is imported."""
        if not self._base:
            self._base = self._count(Program("base", layout.FOLDER, ()), "base")
        return self._base

    def start(self, program: Program) -> int:
        """A cold start, over the bare runtime."""
        return self._count(program, "start") - self.base

    def modules(self, program: Program) -> int:
        """Modules that it imports, over those of the runtime."""
        return int(self._run([], program, "modules").stdout.strip().splitlines()[-1])

    def request(self, program: Program, events: Path, mode: str) -> int:
        """One request of a warm function."""
        return self.requests(program, [events], mode)[0]

    def requests(
        self, program: Program, events: Sequence[Path], mode: str, few: int = 2, many: int = 6
    ) -> Sequence[int]:
        """A request of each file to a warm function: what so many more of them take, each."""
        counts = self._counts(program, mode, str(few), str(many), *map(str, events))
        # For each file that of fewer, that of more, and that of the process which made both.
        pairs = zip(counts[::3], counts[1::3], strict=False)
        return [(more - fewer) // (many - few) for fewer, more in pairs]

    def watch(self, program: Program, events: Path) -> str:
        """What the probe says of the calls against the real store."""
        done = self._run([], program, "watch", str(events))
        return done.stdout.strip().splitlines()[-1]

    def _count(self, program: Program, *arguments: str) -> int:
        return self._counts(program, *arguments)[-1]

    def _counts(self, program: Program, *arguments: str) -> list[int]:
        """What each process that the probe makes took altogether, its own last."""
        tool = ["valgrind", "--tool=cachegrind", "--cache-sim=no", f"--cachegrind-out-file={os.devnull}"]
        found = _COUNT.findall(self._run(tool, program, *arguments).stderr)
        if not found:
            raise OperatorError("valgrind did not say how many instructions there were.")
        return [int(each.replace(",", "")) for each in found]

    def _run(self, tool: list[str], program: Program, *arguments: str) -> subprocess.CompletedProcess[str]:
        path = [program.task, *program.path, layout.runtime_client()]
        done = subprocess.run(
            [*tool, self._python, "-P", "-S", "-B", str(PROBE), *arguments],
            cwd=program.task,
            env={
                **self._environment,
                "PYTHONPATH": os.pathsep.join(map(str, path)),
                "PYTHONHASHSEED": "0",
                "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
                "AWS_LAMBDA_FUNCTION_NAME": "bench",
            },
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            said = (done.stderr.strip() or done.stdout.strip()).splitlines()[-4:]
            raise OperatorError(f"{program.name} ({arguments[0]}) failed: " + "\n".join(said))
        return done
