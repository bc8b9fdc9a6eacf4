"""What a provider sends cannot fill the worker: measured in a process that does nothing else."""

import subprocess
import sys
from typing import Any

from tests.doubles.behaviours import bomb
from tests.doubles.model import ModelServer
from tools.template import ROOT

MOST = 128 << 20
MEASURE = """
import pathlib, resource, sys
from attune.domain.section import SectionRequest, Style, WriterFault
from attune.writers.openai import OpenAIWriter

request = SectionRequest("A", "B", ("B",), "## B\\n\\nText.\\n", "en", "en", {}, (), (), False, Style("openai", "m", "chat", "1"))
writer = OpenAIWriter(model="m", api_key="k", base_url=sys.argv[1], sleep=lambda seconds: None)
for _ in range(4):
    try:
        writer.write(request, (), 60, 1)
    except WriterFault as fault:
        print(fault.reason)
writer.close()
status = pathlib.Path("/proc/self/status")
if status.exists():
    # What getrusage says begins with the process that this one was forked from.
    print(1024 * int(next(line for line in status.read_text().splitlines() if line.startswith("VmHWM")).split()[1]))
else:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""  # noqa: E501


def test_g09_bombs_and_floods_leave_the_worker_below_128_megabytes() -> None:
    bomb(100)
    with ModelServer() as model:
        faults: list[tuple[str, dict[str, Any]]] = [
            ("gzip_bomb", {"megabytes": 100}),
            ("gzip_bomb", {"megabytes": 100, "status": 500}),
            ("big", {"megabytes": 50}),
            ("deep_body", {}),
        ]
        for name, options in faults:
            model.behave(name, times=1, **options)
        done = subprocess.run(
            [sys.executable, "-c", MEASURE, model.url],
            env={"PYTHONPATH": str(ROOT / "layers" / "core" / "python")},
            capture_output=True,
            text=True,
            check=True,
            timeout=240,
        )
    *reasons, used = done.stdout.split()
    assert reasons == [
        "provider_protocol_error",
        "provider_protocol_error",
        "answer_too_large",
        "provider_protocol_error",
    ]
    assert int(used) < MOST, f"{int(used) >> 20} MB"
