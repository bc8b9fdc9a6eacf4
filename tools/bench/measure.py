"""Everything that is counted, one after the other, and what is printed of it."""

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tools.bench import bars, growth, layout, page, seconds, worker, world
from tools.bench.instructions import Counter
from tools.bench.layout import Program
from tools.bench.world import World
from tools.errors import OperatorError

QUICK = ("GetPreferences", "ListRecommendations", "GetPersonalized", "RecordSession")
BESIDE = ("recommendations, unchanged", "lesson, ready", "preferences, changed")
"""The requests that the peers answer too."""
# valgrind runs one thread of a program at a time, so two of them fill a small machine.
_AT_ONCE = 2
Found = dict[str, Any]


def run(*, quick: bool) -> None:
    """Measure, print, and write the page unless it is only a part."""
    python = layout.prepare()
    functions = layout.functions()
    peers = layout.peers()
    if quick:
        peers = {"fastapi_mangum": peers["fastapi_mangum"]}
    with world.running() as here:
        counter = Counter(python, {**here.stack.env, "POWERTOOLS_LOG_LEVEL": "INFO", "PEERS_TABLE": world.PEERS})
        _say(f"the bare runtime: {counter.base / 1e6:.0f} million instructions")
        found: Found = {
            "base": counter.base,
            "layers": layout.sizes(),
            "requests": _requests(here, counter, functions, peers, quick),
            "cold": _cold(counter, {name: functions[name] for name in QUICK} if quick else functions, peers),
        }
        if not quick:
            found["growth"] = _growth(here, counter, functions)
            found["seconds"] = seconds.measured(here)
    if not quick:
        found["worker"] = worker.measured(python, functions, _kept)
        found["seconds"] |= seconds.first_text()
        found["source"] = counter.start(layout.from_source("ListRecommendations", "list_recommendations"))
    kept = layout.FOLDER / "found.json"
    kept.write_text(json.dumps(found, indent=1), "utf-8")
    print(page.text(found))
    if not quick:
        page.write(found)
    if over := list(bars.missed(found, page.PEERS)):
        raise OperatorError("\n".join(["Over the bar:", *over]))


def _say(text: str) -> None:
    print(f"  {text}", flush=True)


def _cold(counter: Counter, functions: Mapping[str, Program], peers: Mapping[str, Program]) -> Found:
    """The cold start of each program, with the modules that it imports and the bytes of its own code."""
    programs = {**functions, **peers}
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        modules = dict(zip(programs, pool.map(counter.modules, programs.values()), strict=True))
        counted = {}
        for name, instructions in zip(programs, pool.map(counter.start, programs.values()), strict=True):
            counted[name] = instructions
            _say(f"cold, {name}: {instructions / 1e6:.0f} million")
    return {
        name: {"instructions": counted[name], "modules": modules[name], "bytes": program.size}
        for name, program in programs.items()
    }


def _requests(
    here: World, counter: Counter, functions: Mapping[str, Program], peers: Mapping[str, Program], quick: bool
) -> Found:
    """Each request of a warm function: what it takes of the store and the log, and its instructions."""
    found: Found = {}
    work: list[tuple[dict[str, Any], str, Program, Path]] = []
    answers: dict[str, Any] = {}
    for route in list(world.routes(here)):
        if quick and route.name not in BESIDE:
            continue
        program = functions[route.function]
        events = _kept(route.name, world.for_the_store(here, route).events)
        watched = json.loads(counter.watch(program, events))
        body = watched.pop("body")
        if route.name in BESIDE:
            answers[route.name] = json.loads(body)
        found[route.name] = {"attune": {"function": route.function, **watched}}
        modes = ("again", "parsed") if route.name in BESIDE else ("again",)
        work += [(found[route.name]["attune"], mode, program, events) for mode in modes]
        if route.name in BESIDE:
            found[route.name]["events"] = [*route.events]
    world.seed_peers(here, answers)
    for name in BESIDE:
        sent = found[name].pop("events")
        for peer in peers.values():
            events = _kept(f"{peer.name} {name}", sent)
            watched = json.loads(counter.watch(peer, events))
            body = json.loads(watched.pop("body"))
            if sorted(body) != sorted(answers[name]):
                raise OperatorError(f"{peer.name} answers something else to {name}: {', '.join(sorted(body))}.")
            found[name][peer.name] = watched
            work.append((found[name][peer.name], "again", peer, events))
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        counts = pool.map(lambda one: counter.request(one[2], one[3], one[1]), work)
        for (into, mode, program, events), instructions in zip(work, counts, strict=True):
            into[mode] = instructions
            _say(f"warm, {program.name} on {events.stem} ({mode}): {instructions / 1e3:.0f} thousand")
    return found


def _growth(here: World, counter: Counter, functions: Mapping[str, Program]) -> Found:
    """The same requests of learners with ever longer histories, and in ever larger courses."""
    found: Found = {}
    work: dict[tuple[str, str], list[tuple[dict[str, Any], Path]]] = {}
    for what, sizes, made, requests in (
        ("answers", growth.HISTORIES, growth.practised, growth.requests_of_the_practised),
        ("lessons", growth.COURSES, growth.taught, growth.requests_of_the_taught),
    ):
        for size in sizes:
            who = made(here, size)
            for route in list(requests(who)):
                program = functions[route.function]
                events = _kept(f"{size} {what} {route.name}", growth.for_the_store(who, route).events)
                watched = json.loads(counter.watch(program, events))
                del watched["body"]
                found.setdefault(what, {}).setdefault(route.name, {})[str(size)] = watched
                work.setdefault((route.function, route.name), []).append((watched, events))
            _say(f"{size:,} {what}")
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        counts = pool.map(
            lambda key: counter.requests(functions[key[0]], [events for _, events in work[key]], "again"), work
        )
        for several, instructions in zip(work.values(), counts, strict=True):
            for (into, events), one in zip(several, instructions, strict=True):
                into["again"] = one
                _say(f"warm, {events.stem}: {one / 1e3:.0f} thousand")
    return found


def _kept(name: str, events: Any) -> Path:
    folder = layout.FOLDER / "events"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / (name.replace(",", "").replace(" ", "-") + ".json")
    file.write_text(json.dumps(events), "utf-8")
    return file
