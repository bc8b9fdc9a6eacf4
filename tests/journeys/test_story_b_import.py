"""Story B, import: years of hands come in by the operator's command line; one test for each numbered assertion."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.conftest import World, until
from tests.journeys.nights import found, settle
from tests.journeys.practising import (
    PROFILE,
    RECOMMENDATIONS,
    SESSIONS,
    an_id,
    course,
    recommended,
    results,
    skill,
    told,
)
from tools.client import Client
from tools.template import ROOT

COURSE = "poker"
BEGINS = "2024-11-09T12:00:00Z"
"""Past by any clock: the command line has the machine's."""
LATEST = datetime(2024, 11, 8, 20, tzinfo=UTC)
LINES = 40
EACH = 6


def sessions(lines: int = LINES, each: int = EACH, days: float = 18) -> list[dict[str, Any]]:
    """Sessions up to the day before, so many days apart: the same for everybody."""
    chance, known = random.Random(lines), course("poker")
    categories = {item.id: [one.id for one in known.mistakes if item.id in one.items] for item in known.items}
    made = []
    for line in range(lines):
        start = LATEST - timedelta(days=days * (lines - 1 - line))
        attempts = []
        for place in range(each):
            item = chance.choice(known.items)
            score = chance.choice([0.0, 0.4, 1.0, 1.0])
            slip = {"mistake": {"category": categories[item.id][0]}} if score < 0.5 and categories[item.id] else {}
            at = told(start + timedelta(seconds=30 * place))
            attempts.append({"attempt_id": f"{place}", "item_id": item.id, "at": at, "score": score, **slip})
        made.append({"session_id": an_id(f"hands {line}"), "started_at": told(start), "attempts": attempts})
    return made


def owned(client: Client, made: Iterable[dict[str, Any]]) -> list[str]:
    """The lines of a file, as those of a learner."""
    user_id = client.get("/api/user/me").json["id"]
    return [json.dumps({"user_id": user_id, **one}) for one in made]


def command(world: World, file: Path) -> tuple[list[str], dict[str, str]]:
    stack = world.stack
    words = ["history", "import", str(file), "--table", stack.table, "--endpoint", stack.env["AWS_ENDPOINT_URL"]]
    return [sys.executable, "-m", "tools.cli", *words, "--course", COURSE, "--create", "--json"], {
        **os.environ,
        **stack.env,
    }


def load(world: World, file: Path, lines: Sequence[str]) -> Any:
    """What the command line says of a file that it loaded."""
    file.write_text("".join(f"{line}\n" for line in lines))
    words, env = command(world, file)
    done = subprocess.run(words, env=env, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    settle(world)
    return json.loads(done.stdout)


def stored(world: World, client: Client) -> tuple[Any, ...]:
    """The bytes of what is measured of a learner, the profile that is shown, and the evidence behind it."""
    (row,) = found(world, [client], "#PROFILE")
    shown = client.get(PROFILE)
    return row["data"]["B"], shown.body, [skill(client, name)["evidence"] for name in shown.json["skills"]]


@pytest.fixture(scope="module")
def story(still: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    """One who was there from the beginning, and two whose hands are imported: newest first, and in any order."""
    still.said["folder"] = folder = tmp_path_factory.mktemp("import")
    made = sessions()
    for one in made:
        still.clock.move(one["attempts"][-1]["at"])
        reply = still.account("online").send("POST", SESSIONS, one)
        assert set(results(reply)) == {"accepted"}
    still.clock.move(BEGINS)
    settle(still)
    newest, any_order = still.account("newest first"), still.account("in any order")
    shuffled = random.Random(1).sample(made, len(made))
    lines = [*owned(newest, made[::-1]), *owned(any_order, shuffled)]
    still.said["lines"] = lines
    still.said["counts"] = load(still, folder / "hands", lines)
    still.said["online"] = stored(still, still.account("online"))
    still.said["imported"] = [newest, any_order]
    return still


def test_b09_an_import_leads_where_practice_led(story: World) -> None:
    assert LINES * EACH > 128, "more than the window of evidence"
    for client in story["imported"]:
        assert stored(story, client) == story["online"]
    assert json.loads(story["online"][1])["skills"]["postflop"]["attempts"] > 10


def test_b10_the_same_file_again_changes_nothing(story: World) -> None:
    rows = story.rows()
    load(story, story["folder"] / "hands", story["lines"])
    assert story.rows() == rows


def test_b10_a_file_that_was_cut_is_completed(story: World) -> None:
    one = story.account("cut")
    lines, file = owned(one, sessions()), story["folder"] / "cut"
    load(story, file, lines[: LINES // 2])
    assert stored(story, one) != story["online"]
    load(story, file, lines)
    assert stored(story, one) == story["online"]


def test_b10_an_import_that_was_killed_is_completed(story: World) -> None:
    one = story.account("killed")
    lines, file = owned(one, sessions()), story["folder"] / "killed"
    file.write_text("".join(f"{line}\n" for line in lines))
    words, env = command(story, file)
    importing = subprocess.Popen(words, env=env, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        until(lambda: one.get(PROFILE).json["skills"]["postflop"]["attempts"] > 0)
    finally:
        importing.kill()
        importing.wait()
    load(story, file, lines)
    assert stored(story, one) == story["online"]


def test_b11_reading_costs_the_same_whatever_the_history(story: World) -> None:
    clients = {n: story.account(f"{n} answers") for n in (10, 1_000, 5_000)}
    lines = [
        line
        for n, client in clients.items()
        for line in owned(client, sessions(lines=max(1, n // 100), each=min(n, 100), days=7))
    ]
    load(story, story["folder"] / "long", lines)
    story["imported"][0].get(PROFILE)
    for client in clients.values():
        # The first set of all begins the row that sets are kept in.
        recommended(client)
    costs: dict[str, set[tuple[int, float, float]]] = {}
    for client in clients.values():
        for name, path in (
            ("made", f"{RECOMMENDATIONS}?refresh=true"),
            ("again", RECOMMENDATIONS),
            ("profile", PROFILE),
        ):
            with story.counted() as calls:
                client.get(path)
            costs.setdefault(name, set()).add((calls.round_trips, calls.read_units, calls.write_units))
    attempts = [
        sum(one["attempts"] for one in client.get(PROFILE).json["skills"].values()) for client in clients.values()
    ]
    assert attempts[0] < 100 < 1_000 <= attempts[1] < 5_000 <= attempts[2]
    trips = {name: {each[0] for each in several} for name, several in costs.items()}
    assert trips == {"made": {2}, "again": {1}, "profile": {1}}, costs
    assert [len(costs[name]) for name in ("again", "profile")] == [1, 1], costs
    # What a set takes to store differs by what it recommends, and never goes beyond this.
    assert all(read <= 3 and written <= 2 for _, read, written in costs["made"]), costs
