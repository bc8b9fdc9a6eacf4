"""The seconds that are promised, on this machine and as busy as it is: p99 over real HTTP, beside what must hold.

Everything is in one process here, and all readers share two processors or so; in Lambda each request has its own.
"""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tools.bench.worker import Instant, reader, writing
from tools.bench.world import LESSON, World
from tools.client import Client

TIMES = 200
READERS = 100
A_SECTION = 3.0
"""Seconds that the model takes for one."""
PROMISED = {
    "recommendations": 1.0,
    "recommendations, recomputed": 1.0,
    "lesson progress": 0.2,
    "book": 0.5,
    f"lesson, ready, {READERS} at once": 1.0,
    f"first text, {A_SECTION:g} s a section": 10.0,
}
_PATIENCE = 60.0


def measured(here: World) -> dict[str, float]:
    """The slowest of a hundred, of each request. It leaves many sets and events behind, so it is measured last."""
    client, recommendations = here.client, "/api/personalization/recommendations"

    def tracked(number: int) -> None:
        client.put(f"/api/progress/{LESSON}", {"event_id": f"timed-{number}", "status": "started", "seconds": 1})

    asked: tuple[Callable[[int], object], ...] = (
        lambda number: client.get(recommendations),
        lambda number: client.get(f"{recommendations}?refresh=true"),
        tracked,
        lambda number: client.get("/api/content/book"),
    )
    found = [*(_timed(one) for one in asked), _together(client)]
    return {name: _p99(several) for name, several in zip(PROMISED, found, strict=False)}


def first_text() -> dict[str, float]:
    """From asking for a lesson to the first of it that is personalized."""
    with Instant(A_SECTION) as model, writing(model) as stack:
        client = reader(stack)
        began = time.perf_counter()
        client.post("/api/personalize", {"lesson_slug": LESSON})
        while not _has_begun(client):
            if time.perf_counter() - began > _PATIENCE:
                raise RuntimeError("no section was written")
            time.sleep(0.05)
        return {list(PROMISED)[-1]: time.perf_counter() - began}


def _has_begun(client: Client) -> bool:
    reply: Any = client.get(f"/api/personalize/{LESSON}")
    return bool(reply.status == 200 or reply.json["sections_ready"] > 0)


def _timed(ask: Callable[[int], object], numbers: Iterable[int] = range(TIMES)) -> list[float]:
    ask(-1)
    found = []
    for number in numbers:
        began = time.perf_counter()
        ask(number)
        found.append(time.perf_counter() - began)
    return found


def _together(client: Client) -> list[float]:
    """So many readers, each of whom reads on as soon as they can."""

    def read(_: int) -> list[float]:
        return _timed(lambda number: client.get(f"/api/personalize/{LESSON}"), range(3))

    with ThreadPoolExecutor(READERS) as pool:
        return [each for several in pool.map(read, range(READERS)) for each in several]


def _p99(found: list[float]) -> float:
    return sorted(found)[len(found) * 99 // 100 - 1]
