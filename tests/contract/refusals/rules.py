"""What only the course or the store can refuse."""

import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from tests.contract.refusals.operations import (
    ANSWERS,
    CANARY,
    CONTRACT,
    LESSON,
    NOBODY,
    OTHER,
    SKILL,
    Json,
    Operation,
    Wrong,
    wrong,
)

_TWO: Json = {"parts": [{"id": "p", "chapters": [{"id": "a", "lessons": [{"slug": "a"}, {"slug": "b"}]}, {"id": "b"}]}]}


def _cycle(*way: str | int) -> Json:
    """A course of which two chapters, lessons or skills wait for each other."""
    course: Json = json.loads(json.dumps({**_TWO, "skills": [{"id": "a"}, {"id": "b"}]}))
    place: Any = course
    for step in way:
        place = place[step]
    place[0]["prerequisites"], place[1]["prerequisites"] = ["b"], ["a"]
    return course


_Rule = tuple[str, int, str, Json]


def _flawed(name: str, pointer: str, body: Json | None, **more: Any) -> _Rule:
    return name, 422, "invalid", {"body": body, "pointer": pointer, **more}


def _changed(name: str, pointer: str, **answers: Any) -> _Rule:
    return _flawed(name, pointer, {**ANSWERS, **answers})


def _circular(name: str, *way: str | int) -> _Rule:
    return f"{name}s in a circle", 422, f"{name}_cycle", {"body": _cycle(*way), "members": frozenset({"cycle"})}


def _keyed(key: str, user: str) -> Json:
    return {"body": {"user_id": user}, "headers": {"Idempotency-Key": key}}


def _step(id_: str) -> Json:
    return {"path_id": "$begun", "action": "complete_step", "step_id": id_}


def _illegal(name: str, body: Json) -> _Rule:
    return name, 409, "illegal_action", {"body": body, "members": frozenset({"allowed", "current"})}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


_SESSION: Json = {
    "session_id": NOBODY,
    "started_at": _now(),
    "attempts": [{"attempt_id": "1", "item_id": "q-embodiment-1", "correct": True, "at": _now()}],
}
_PARTS: tuple[str | int, ...] = ("parts", 0, "chapters")
_LESSON = "# A\n\n## B\n\nText.\n"
_DEEP_HEALTH = "/api/health?deep=true"
SPACING: Json = CONTRACT["components"]["schemas"]["ExperimentBody"]["examples"][0]
_STANDING = frozenset({"allowed", "current"})


def arms_of(params: Json) -> list[Json]:
    return [{"key": key, "weight": 0.5, "params": params} for key in ("A", "B")]


RULES: dict[str, list[_Rule]] = {
    "create_user": [
        _flawed("nil", "/user_id", {"user_id": str(uuid.UUID(int=0))}),
        ("taken", 409, "user_exists", {"body": {"user_id": "$bob"}}),
        ("taken, under a key", 409, "user_exists", _keyed(str(uuid.uuid4()), "$bob")),
        ("another body", 422, "idempotency_key_reused", _keyed("$key", str(uuid.uuid4()))),
    ],
    "renew_token": [
        ("an account", 403, "guests_only", {"who": "account"}),
        ("gone", 401, "unknown_user", {"who": "gone"}),
    ],
    "get_user": [("gone", 401, "unknown_user", {"who": "gone"})],
    "export_user": [("gone", 401, "unknown_user", {"who": "gone"})],
    "get_erasure": [("of nobody", 404, "unknown_erasure", {})],
    "link_user": [_flawed("no token of a guest", "/guest_token", {"guest_token": CANARY})],
    "erase_user": [("gone", 401, "unknown_user", {"who": "gone"})],
    "update_user": [("gone", 401, "unknown_user", {"who": "gone"})],
    "submit_onboarding": [
        _flawed("nothing", "", {}, below=True),
        _flawed("one left out", "/education_level", {k: v for k, v in ANSWERS.items() if k != "education_level"}),
        _flawed("not asked", "/a~1b~0", {**ANSWERS, "a/b~": CANARY}),
        _changed("not offered", "/education_level", education_level=CANARY),
        _changed("another case", "/education_level", education_level="Undergraduate"),
        _changed("none of the goals", "/learning_goals", learning_goals=[]),
        _changed("a bad goal", "/learning_goals/1", learning_goals=["hobby", CANARY]),
        _changed("a string for a boolean", "/robotics_background", robotics_background="true"),
    ],
    "update_answers": [
        ("before onboarding", 404, "not_onboarded", {"who": "bob"}),
        ("nothing, before onboarding", 404, "not_onboarded", {"who": "bob", "body": {}}),
        _flawed("not asked", "/unasked", {"unasked": CANARY}),
        _flawed("not offered", "/ai_ml_experience", {"ai_ml_experience": CANARY}),
    ],
    "get_answers": [("before onboarding", 404, "not_onboarded", {"who": "bob"})],
    "put_preferences": [
        _flawed("no goal", "/learning_goals/1", {"learning_goals": ["sensors", CANARY]}),
        _flawed("no time zone", "/time_zone", {"time_zone": f"Europe/{CANARY}"}),
        _flawed("above one", "/learning_style", {"learning_style": {"visual": 0.9}}),
        _flawed("a session longer than the day", "/session_length", {"session_length": 240}),
        _flawed("no extra", "/extras", {"extras": {"surplus": CANARY}}, below=True),
        _flawed("thirty flaws", "", {f"f{n}": CANARY for n in range(30)}, below=True),
    ],
    "personalize_lesson": [
        ("no lesson", 404, "unknown_lesson", {"body": {"lesson_slug": "no/such"}}),
        ("another original", 409, "content_changed", {"body": {"lesson_slug": LESSON, "original_content": CANARY}}),
        # Of the same lesson it would be the same request again, while that is being written.
        ("again today", 429, "regenerated_today", {"body": {"lesson_slug": OTHER, "regenerate": True}}),
    ],
    "rate_personalized": [
        ("no lesson", 404, "unknown_lesson", {"body": {"lesson_slug": "no/such", "rating": 2}}),
        ("never asked for", 409, "nothing_to_rate", {"who": "bob"}),
    ],
    "record_session": [
        _flawed(
            "ends before it has begun",
            "",
            {**_SESSION, "started_at": "2026-11-21T07:40:01Z", "ended_at": "2026-11-21T07:40:00Z"},
        ),
        _flawed("no day", "/started_at", {**_SESSION, "started_at": "2026-02-30T07:40:00Z"}),
        _flawed("before time", "/started_at", {**_SESSION, "started_at": "1969-12-31T23:59:59Z"}),
        ("gone", 401, "unknown_user", {"who": "gone", "body": _SESSION}),
    ],
    "claim_skill": [("gone", 401, "unknown_user", {"who": "gone"})],
    "list_recommendations": [("gone", 401, "unknown_user", {"who": "gone"})],
    "list_training_recommendations": [("gone", 401, "unknown_user", {"who": "gone"})],
    "answer_recommendation": [
        ("of nobody", 404, "unknown_recommendation", {"body": {"recommendation_id": NOBODY, "action": "accept"}}),
        _illegal("declined already", {"recommendation_id": "$declined", "action": "accept"}),
        _illegal("declined otherwise", {"recommendation_id": "$declined", "action": "decline", "reason": "seen"}),
    ],
    "complete_recommendation": [
        ("of nobody", 404, "unknown_recommendation", {"body": {"recommendation_id": NOBODY, "completion_time": 1}}),
        _illegal("declined", {"recommendation_id": "$declined", "completion_time": 1}),
    ],
    "create_learning_path": [
        _flawed("no skill", f"/goal/skills/{CANARY}", {"goal": {"skills": {CANARY: 1000}}}),
        _flawed("no lesson", "/goal/lessons/0", {"goal": {"lessons": ["no/such"]}}),
        _flawed("two goals", "/goal", {"goal": {"lessons": [LESSON], "template": CANARY}}, below=True),
        _flawed("a day that has passed", "/deadline", {"deadline": "2020-02-29"}),
        _flawed("no day", "/deadline", {"deadline": "2031-02-29"}),
        ("a fourth", 409, "too_many_paths", {"members": frozenset({"allowed"})}),
        ("gone", 401, "unknown_user", {"who": "gone"}),
    ],
    "update_learning_path": [
        ("of nobody", 404, "unknown_path", {"body": {"path_id": NOBODY, "action": "start"}}),
        ("another's", 404, "unknown_path", {"who": "bob"}),
        _illegal("not started", {"path_id": "$path", "action": "pause"}),
        _illegal("started", {"path_id": "$begun", "action": "start"}),
        _flawed("no step", "/step_id", {"path_id": "$begun", "action": "complete_step"}),
        _flawed("no cause", "/reason", {"path_id": "$begun", "action": "adapt", "reason": CANARY}),
        ("no such step", 404, "unknown_step", {"body": _step(f"{SKILL}-99")}),
        ("locked", 409, "step_locked", {"body": _step("$locked"), "members": frozenset({"allowed"})}),
    ],
    "delete_learning_path": [
        ("another's", 404, "unknown_path", {"who": "bob"}),
        _flawed("none named", "/query/path_id", None, target="/api/personalization/learning-path"),
    ],
    "put_lesson": [
        _flawed("no title", "/content", {"content": CANARY}),
        _flawed(
            "another form", "/translations/ur", {"content": _LESSON, "translations": {"ur": f"# {CANARY}\n\nText.\n"}}
        ),
    ],
    "publish_course": [
        _flawed("nothing", "", {}),
        _flawed("switch and more", "", {"switch_to": 1, "title": CANARY}),
        ("no version", 404, "unknown_version", {"body": {"switch_to": 999}}),
        ("no course", 404, "unknown_course", {"body": {"switch_to": 1}, "target": "/api/admin/courses/nowhere"}),
        _flawed("no text", "/parts/0/chapters/0/lessons", _TWO, target="/api/admin/courses/nowhere", below=True),
        _flawed("no skill", "/items/0/skills", {**_TWO, "items": [{"id": "a", "skills": [CANARY]}]}, below=True),
        _circular("skill", "skills"),
        _circular("chapter", *_PARTS),
        _circular("lesson", *_PARTS, 0, "lessons"),
    ],
    "put_experiment": [
        _flawed("weights that are none", "/arms", {**SPACING, "arms": [*arms_of({}), {"key": "C", "weight": 0.5}]}),
        _flawed(
            "no parameter",
            f"/arms/0/params/{CANARY}",
            {**SPACING, "arms": [arms_of({CANARY: 1})[0], arms_of({})[1]]},
            below=True,
        ),
        _flawed("another holdout", "/holdout", {**SPACING, "holdout": 0.5}),
        _flawed("no rule", "/eligibility/any", {**SPACING, "eligibility": {"any": CANARY}}),
        _flawed("neither a share nor a variance", "/detect", {**SPACING, "detect": {"change": 1.0}}),
        ("running", 409, "experiment_immutable", {"body": {**SPACING, "seed": CANARY}, "members": _STANDING}),
    ],
    "act_on_experiment": [
        ("running already", 409, "illegal_action", {"body": {"action": "start"}, "members": _STANDING}),
        _flawed("less coverage", "/coverage", {"action": "grow_coverage", "coverage": 0.1}),
        _flawed("no arm", "/winner", {"action": "stop", "winner": CANARY}),
        _flawed("no coverage", "", {"action": "grow_coverage"}),
        _flawed("a winner of a pause", "", {"action": "pause", "winner": "A"}),
        ("no experiment", 404, "unknown_experiment", {"target": "/api/admin/experiments/nothing/actions"}),
        (
            "room that is taken",
            409,
            "layer_taken",
            {"target": "/api/admin/experiments/rival/actions", "members": frozenset({"experiments"})},
        ),
        (
            "a seed that is taken",
            409,
            "seed_taken",
            {"target": "/api/admin/experiments/twin/actions", "members": frozenset({"experiments"})},
        ),
    ],
    "get_experiment_results": [
        ("no experiment", 404, "unknown_experiment", {"target": "/api/admin/experiments/nothing/results"})
    ],
    "leave_experiment": [
        ("no experiment", 404, "unknown_experiment", {"target": "/api/experiments/nothing"}),
        ("over", 404, "unknown_experiment", {"target": "/api/experiments/over"}),
        ("gone", 401, "unknown_user", {"who": "gone"}),
    ],
    "record_outcome": [
        ("no experiment", 404, "unknown_experiment", {"target": "/api/experiments/nothing/outcomes"}),
        (
            "over",
            409,
            "experiment_closed",
            {"target": "/api/experiments/over/outcomes", "members": frozenset({"current"})},
        ),
        _flawed("no metric", "/metric", {"event_id": "e", "metric": CANARY, "value": 1}),
        _flawed("a metric of ours", "/metric", {"event_id": "e", "metric": "completed_within_7d", "value": 1}),
        _flawed("neither", "/value", {"event_id": "e", "metric": "dropout_14d", "value": 0.5}),
    ],
    "get_health": [
        ("deep, for nobody", 401, "token_missing", {"target": _DEEP_HEALTH}),
        ("deep, for a forger", 401, "token_invalid", {"target": _DEEP_HEALTH, "who": "forged"}),
        ("deep, for a guest", 403, "admin_only", {"target": _DEEP_HEALTH, "who": "ada"}),
    ],
    "get_book": [("incomplete", 503, "course_incomplete", {"target": "/api/content/book?course=broken"})],
    "get_lesson": [("incomplete", 503, "course_incomplete", {"target": "/api/content/lessons/a?course=broken"})],
}


def rules(op: Operation) -> Iterator[Wrong]:
    for name, status, code, changes in RULES.get(op.id, ()):
        yield wrong(op, name, status, code, **changes)
