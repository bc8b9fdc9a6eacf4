"""What was counted, as tables: for the terminal, and as docs/performance.md."""

import platform
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tools.bench import bars, cost, layout, seconds, sharing
from tools.tables_of_text import Row, aligned, markdown
from tools.template import ROOT

PAGE = ROOT / "docs" / "performance.md"
_TEXT = Path(__file__).with_name("page.md")
PEERS = ("fastapi_mangum", "powertools_all", "bare")
_NAMES = {
    "fastapi_mangum": "FastAPI, Mangum, boto3",
    "powertools_all": "Powertools with all, boto3",
    "bare": "bare, boto3",
}
_MILLION = 1e6
_MB = 1e6
Json = Mapping[str, Any]


def text(found: Json) -> str:
    """Everything that was counted, for a terminal."""
    parts = [aligned([head, *rows]) for head, rows in _tables(found)]
    return "\n\n".join("\n".join(part) for part in parts)


def write(found: Json) -> None:
    """docs/performance.md."""
    PAGE.write_text(document(found), "utf-8")


def document(found: Json) -> str:
    """The page."""
    cold, requests, units, layers, money = ("\n".join(markdown(head, rows)) for head, rows in _tables(found))
    costs, prices = cost.of(found, cost.read_prices()), cost.read_prices()
    names = [name for name in found["cold"] if name not in PEERS]
    over = sorted(name for name in names if found["cold"][name]["instructions"] > bars.COLD)
    said = {
        "counted": f"{datetime.now(UTC):%Y-%m-%d}, {_python()}, {_machine()}, {_versions()}",
        "runtime": f"{found['base'] / _MILLION:.0f}",
        "source": f"{found['cold']['ListRecommendations']['instructions'] / found['source']:.2f}",
        "bar": f"{bars.COLD // 10**6:,}",
        "carried": f"{sum(found['layers'][name] for name in bars.CARRIED) / _MB:.1f}",
        "most": f"{bars.LAYERS / _MB:.0f}",
        "within": str(len(names) - len(over)),
        "all": str(len(names)),
        "over": f" Above it: {', '.join(over)}." if over else "",
        "month": f"{cost.month(costs):.4f}",
        "prices": f"{prices['region']}, {prices['as_of']}; {prices['source']}",
        "assumed": ", ".join(f"{name.replace('_', ' ')} {value:g}" for name, value in cost.ASSUMED.items()),
        "histories": "\n".join(_grown(found["growth"]["answers"])),
        "courses": "\n".join(_grown(found["growth"]["lessons"])),
        "worker": "\n".join(markdown(_WORKER, list(_worker(found["worker"])))),
        "apart": f"{found['worker']['call']['seconds'] / found['worker']['section']['seconds']:.2f}",
        "seconds": "\n".join(markdown(("p99 of", "seconds", "promised"), list(_seconds(found["seconds"])))),
        "sharing": "\n".join(markdown(_SHARED, list(_sharing()))),
        **{"cold": cold, "requests": requests, "units": units, "layers": layers, "money": money},
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda match: said[match[1]], _TEXT.read_text("utf-8"))


def _tables(found: Json) -> Iterator[tuple[Row, Sequence[Row]]]:
    yield ("program", "million instructions", "to FastAPI", "modules", "KB of its own"), list(_cold(found))
    yield ("request", "thousand instructions", "without the client", *_beside(found)), list(_requests(found))
    yield (
        ("request", "round trips", "read units", "write units", "log bytes", "log lines", "answer bytes"),
        list(_units(found)),
    )
    yield ("layer", "MB"), [(name, f"{size / _MB:.1f}") for name, size in found["layers"].items()]
    costs = cost.of(found, cost.read_prices())
    yield cost.HEAD, list(cost.rows(costs))


def _seconds(found: Mapping[str, float]) -> Iterator[Row]:
    for name, promised in seconds.PROMISED.items():
        yield (name, f"{found[name]:.2f}", f"{promised:g}")


_SHARED = ("course, learners", "lessons opened", "written", "hits", "hits with a text for each learner")
_TRACES = ((100, 1_000), (1_000, 10_000), (10_000, 100_000))


def _sharing() -> Iterator[Row]:
    for name in ("physical-ai", "poker"):
        course = sharing.shipped(name)
        for learners, opened in _TRACES:
            one = sharing.trace(course, learners, opened)
            hits = (f"{one.hits:.1%}", f"{one.hits_alone:.1%}")
            yield (f"{name}, {learners:,}", f"{one.opened:,}", str(one.written), *hits)


def _cold(found: Json) -> Iterator[Row]:
    beside = found["cold"]["fastapi_mangum"]["instructions"]
    for name, one in found["cold"].items():
        yield (
            _NAMES.get(name, name),
            f"{one['instructions'] / _MILLION:.0f}",
            f"{one['instructions'] / beside:.2f}",
            str(one["modules"]),
            f"{one['bytes'] / 1000:.1f}",
        )


def _beside(found: Json) -> list[str]:
    return [f"to {_NAMES[name]}" for name in PEERS if name in found["cold"]]


def _requests(found: Json) -> Iterator[Row]:
    for name, sides in found["requests"].items():
        ours = sides["attune"]
        ratios = [
            f"{ours['again'] / sides[peer]['again']:.2f}" if peer in sides else ""
            for peer in PEERS
            if peer in found["cold"]
        ]
        apart = f"{ours['parsed'] / 1e3:.0f}" if "parsed" in ours else ""
        yield (name, f"{ours['again'] / 1e3:.0f}", apart, *ratios)


def _units(found: Json) -> Iterator[Row]:
    for name, sides in found["requests"].items():
        ours = sides["attune"]
        yield (
            name,
            str(ours["trips"]),
            f"{ours['read']:g}",
            f"{ours['written']:g}",
            *(str(ours[part]) for part in ("log", "lines", "bytes")),
        )


_GROWN = ("round trips", "read units", "write units", "thousand instructions", "answer bytes")


def _grown(found: Mapping[str, Mapping[str, Json]]) -> Iterator[str]:
    """For each request what it takes at each size, once where that is the same."""
    sizes = [f"{int(size):,}" for size in next(iter(found.values()))]
    yield from markdown(("request", *(f"{name}: {' / '.join(sizes)}" for name in _GROWN)), list(_sizes(found)))


def _sizes(found: Mapping[str, Mapping[str, Json]]) -> Iterator[Row]:
    for name, by_size in found.items():
        columns = [
            [f"{one[part]:g}" for one in by_size.values()] if part != "again" else _thousands(by_size.values())
            for part in ("trips", "read", "written", "again")
        ]
        columns.append([str(one["bytes"]) for one in by_size.values()])
        yield (name, *(" / ".join(column if len(set(column)) > 1 else column[:1]) for column in columns))


def _thousands(several: Iterable[Json]) -> list[str]:
    return [f"{one['again'] / 1e3:.0f}" for one in several]


_WORKER = ("what", "of the call alone", "round trips", "read units", "write units", "log bytes")
_WRITTEN = {"section": "a section", "last": "the last, and the lesson", "call": "the call alone"}


def _worker(found: Json) -> Iterator[Row]:
    for name, said in _WRITTEN.items():
        one = found[name]
        calls = f"{one['seconds'] / found['call']['seconds']:.1f}" if one["seconds"] else "-"
        counts = (f"{one[part]:g}" for part in ("trips", "read", "written", "log"))
        yield (said, calls, *counts)


def _python() -> str:
    python = layout.VENV / "bin" / "python"
    return subprocess.check_output([str(python), "-V"], text=True).strip()


def _machine() -> str:
    return platform.machine()


def _versions() -> str:
    """The packages that matter, as the lock for measuring has them."""
    lock = layout.LOCK.read_text("utf-8")
    pins = dict(re.findall(r"^([a-z0-9-]+)==(\S+)", lock, re.MULTILINE))
    names = ("aws-lambda-powertools", "awslambdaric", "boto3", "fastapi", "mangum", "pydantic", "pynamodb")
    return ", ".join(f"{name} {pins[name]}" for name in names)
