"""What a stack on this machine also begins with: an experiment between two rankings, and players who are simulated.

An owner finds something to read: analytics, a report of the week, results of an experiment. Made over HTTP, once.
"""

import json
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid5

from tools.client import Client
from tools.local import Stack

COURSE = "poker"
EXPERIMENT = "rec_algorithm_v2"
PLAYERS = 12
LAID_OUT: dict[str, Any] = {
    "layer": "ranking",
    "seed": EXPERIMENT,
    "planned_total": 5000,
    "arms": [
        {"key": "baseline", "weight": 0.5, "params": {"algorithm": "baseline"}},
        {"key": "attune", "weight": 0.5, "params": {"algorithm": "attune"}},
    ],
    "primary": {"metric": "measured_gain", "type": "mean"},
    "secondary": [{"metric": "accepted", "type": "binary"}, {"metric": "gain_per_minute", "type": "ratio"}],
}
SAID = f"an experiment between two rankings, and {PLAYERS} simulated players in it"
_NAMESPACE = UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")
_AT = f"?course={COURSE}"


def begin(stack: Stack) -> bool:
    """Lays the experiment out, lets players practise, has the week's report written; False if it was done before."""
    owner = stack.api(stack.admin())
    there = owner.get(f"/api/admin/experiments{_AT}").json["items"]
    if any(one["experiment_id"] == EXPERIMENT for one in there):
        return False
    path = f"/api/admin/experiments/{EXPERIMENT}"
    owner.put(f"{path}{_AT}", LAID_OUT)
    items = owner.get(f"/api/content/book{_AT}").json["items"]
    owner.post(f"{path}/actions{_AT}", {"action": "start"})
    for place in range(PLAYERS):
        _play(stack.api(stack.account(f"simulated player {place}")), place, items)
    stack.fold()
    _write(stack)
    return True


def _play(player: Client, place: int, items: list[dict[str, Any]]) -> None:
    """Two sessions, before and after something was recommended and taken."""
    rng, now = Random(place), datetime.now(UTC)  # noqa: S311
    _practise(player, f"{place} first", rng, items, now - timedelta(hours=3), None)
    shown = player.get(f"/api/personalization/recommendations{_AT}").json["items"]
    answer = {"recommendation_id": shown[0]["id"], "action": "accept" if rng.random() < 0.7 else "decline"}
    player.post(f"/api/personalization/recommendations{_AT}", answer)
    _practise(player, f"{place} second", rng, items, now + timedelta(seconds=30), shown[0])


def _practise(
    player: Client, name: str, rng: Random, items: list[dict[str, Any]], at: datetime, shown: dict[str, Any] | None
) -> None:
    wanted = [one for one in items if shown and set(one["skills"]) & set(shown["skill_focus"])] or items
    attempts = [
        {
            "attempt_id": str(number),
            "item_id": one["id"],
            "correct": rng.random() < 0.6,
            "duration_ms": rng.randint(20, 90) * 1000,
            "at": (at + timedelta(seconds=number)).isoformat(timespec="seconds").replace("+00:00", "Z"),
        }
        for number, one in enumerate(rng.sample(wanted, min(5, len(wanted))))
    ]
    body = {"session_id": str(uuid5(_NAMESPACE, name)), "started_at": attempts[0]["at"], "attempts": attempts}
    player.post(f"/api/training/sessions{_AT}", {**body, **({"recommendation_id": shown["id"]} if shown else {})})


def week() -> str:
    """The week that it is, in UTC."""
    year, number, _ = datetime.now(UTC).isocalendar()
    return f"{year}-W{number:02d}"


def _write(stack: Stack) -> None:
    """Ask for the report of the week so far, which the schedule only does once it is over."""
    job = json.dumps({"job": "WriteReport", "course": COURSE, "week": week()})
    stack.client("sqs").send_message(QueueUrl=stack.queue("JobQueue"), MessageBody=job)
