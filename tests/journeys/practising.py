"""What the stories of practice are told with: sessions, sets, and a learner computed anew from the API's answers."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from attune.domain.course import Course
from attune.domain.learner import LearnerSettings
from attune.domain.learning.parameters import START
from attune.domain.manifest import read as read_course
from attune.domain.practice.attempt import Attempt
from attune.domain.practice.gist import Gist
from attune.domain.practice.intake import Sent
from attune.domain.practice.intake import attempt as taken
from attune.domain.practice.priors import priors
from attune.domain.practice.profile import Practice, profile
from attune.domain.practice.replay import rebuild
from attune.domain.practice.state import PracticeState
from attune.domain.recommendations.ledger import NO_LEDGER, Ledger
from attune.domain.recommendations.situate import situate
from attune.domain.recommendations.situation import Situation
from tests.journeys.conftest import COURSES, World
from tools.client import Client, Reply
from tools.course import read

RECOMMENDATIONS = "/api/personalization/recommendations"
HISTORY = f"{RECOMMENDATIONS}/history"
PREFERENCES = "/api/personalization/preferences"
PROFILE = "/api/user/profile"
SESSIONS = "/api/training/sessions"

Json = dict[str, Any]


def an_id(name: str) -> str:
    """The same UUID for the same name."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, name))


def told(moment: datetime) -> str:
    """A moment as the API says it."""
    return moment.isoformat().replace("+00:00", "Z")


def milliseconds(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def answer(id_: str, item: str, at: str, correct: bool | None = None, **more: Any) -> Json:
    """One attempt as it is sent."""
    right = {} if correct is None else {"correct": correct}
    return {"attempt_id": id_, "item_id": item, "at": at, **right, **more}


def answers(world: World, items: Iterable[str], wrong: Sequence[int] = (), apart: float = 20) -> list[Json]:
    """One attempt at each item, the last one now and the others `apart` seconds before; `wrong` are places."""
    found = list(items)
    start = world.clock.now() - timedelta(seconds=apart * (len(found) - 1))
    return [
        answer(f"{place}", item, told(start + timedelta(seconds=apart * place)), place not in wrong)
        for place, item in enumerate(found)
    ]


def send(client: Client, session: str, attempts: list[Json], **more: Any) -> Reply:
    """A session or a piece of one; the same name is the same session."""
    body = {"session_id": an_id(session), "started_at": min(one["at"] for one in attempts), "attempts": attempts}
    return client.send("POST", SESSIONS, {**body, **more})


def results(reply: Reply) -> list[str]:
    """What became of each attempt."""
    return [one["result"] for one in reply.json["results"]]


def recommended(client: Client, **query: Any) -> Reply:
    """The set for a request; True is said as the API wants it."""
    words = "&".join(f"{name}={str(value).lower() if value is True else value}" for name, value in query.items())
    return client.get(f"{RECOMMENDATIONS}?{words}" if words else RECOMMENDATIONS)


def respond(client: Client, id_: str, action: str, **more: Any) -> Reply:
    return client.send("POST", RECOMMENDATIONS, {"recommendation_id": id_, "action": action, **more})


def complete(client: Client, id_: str, minutes: float = 24, **more: Any) -> Reply:
    return client.send("PUT", RECOMMENDATIONS, {"recommendation_id": id_, "completion_time": minutes, **more})


def skill(client: Client, name: str) -> Any:
    """One skill with its evidence."""
    return client.get(f"/api/personalization/skills/{name}").json


def dropped(found: Reply) -> dict[str, Json]:
    """Why each of the others is not shown, by item."""
    return {one["item"]: one for one in found.json["dropped"]}


def minutes(found: Reply) -> int:
    return sum(item["estimated_time"] for item in found.json["items"])


def mean_p(found: Iterable[Reply]) -> float:
    """The mean expected score of all that is in these sets."""
    chances: list[float] = [item["p_success"] for reply in found for item in reply.json["items"]]
    return sum(chances) / len(chances)


def course(name: str) -> Course:
    """A shipped course as the code reads it."""
    return read_course(name, 1, read(COURSES / name).manifest)


@dataclass(frozen=True)
class Learner:
    """Somebody computed anew from what the API says: their answers, their preferences, all their attempts."""

    course: Course
    settings: LearnerSettings
    attempts: tuple[Attempt, ...]

    @classmethod
    def of(cls, client: Client, name: str) -> "Learner":
        found = course(name)
        answered = client.send("GET", "/api/user/preferences")
        chosen = client.get(PREFERENCES).json["preferences"]
        settings = LearnerSettings(
            answers=answered.json if answered.status == 200 else {},
            onboarded_at="once" if answered.status == 200 else None,
            preferences=chosen,
        )
        return cls(found, settings, tuple(_attempts(client, found)))

    def preferring(self, **changes: Any) -> "Learner":
        preferences: Mapping[str, Any] = {**self.settings.preferences, **changes}
        return replace(self, settings=replace(self.settings, preferences=preferences))

    @property
    def practice(self) -> Practice:
        start = PracticeState(priors=priors(self.course, self.settings.answers))
        return Practice(Gist.of(rebuild(start, self.attempts, lambda _: START)[1]))

    def situation(self, at: str, ledger: Ledger = NO_LEDGER) -> Situation:
        """Their situation at a moment."""
        moment, practice = milliseconds(at), self.practice
        seen = profile(self.course, START, practice, moment)
        return situate(self.course, START, self.settings, practice, seen, ledger, moment)


def _attempts(client: Client, found: Course) -> Iterable[Attempt]:
    cursor = ""
    while cursor is not None:
        page = client.get(f"{SESSIONS}?limit=100{cursor and f'&cursor={cursor}'}").json
        for session in page["items"]:
            for one in session["attempts"]:
                sent = Sent(
                    id=one["attempt_id"],
                    item=one["item_id"],
                    at=milliseconds(one["at"]),
                    score=one["score"],
                    skills=tuple(one["skills"]),
                    difficulty=one["difficulty"],
                    duration_ms=one["duration_ms"],
                    hints=one["hints_used"],
                    phase=one["phase"],
                    mistake=one["mistake"],
                    loss=one["loss"],
                )
                yield taken(found, session["session_id"], sent, sent.at, any_age=True)
        cursor = page["next_cursor"]
