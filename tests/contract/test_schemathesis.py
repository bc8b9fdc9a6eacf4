"""Schemathesis reads the contract and tries to break it: every check, valid and invalid data, over HTTP."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tools import endpoints
from tools.course import read
from tools.local import Stack
from tools.publish import publish
from tools.template import ROOT

Json = dict[str, Any]
CONTRACT: Json = json.loads((ROOT / "docs" / "openapi.json").read_text("utf-8"))
ANSWERS: Json = CONTRACT["components"]["schemas"]["AnswersBody"]["examples"][0]
COURSE, SMALL, DRAFT, SKILL = "physical-ai", "small", "draft", "embodiment"
WEEK = "2026-W45"
LESSON = "sensors"
"""Of the small course: Schemathesis puts no slash into a path."""

CONFIGURATION = """
seed = 1
workers = 1
continue-on-failure = true
request-timeout = 20

[cache]
enabled = false

[generation]
mode = "all"
deterministic = true
allow-x00 = false
max-examples = {examples}
database = "none"

# What is wrong in every place of every route is sent by test_error_shape.py; a long run does it here too.
[phases.coverage]
generation.mode = "{coverage}"

[phases.stateful]
max-steps = 6
generation.max-examples = {scenarios}

[auth.wfc]
path = "learners.json"
user = "ada"
peers = ["ada", "bob"]

[dictionaries]
course = {{ values = ["{course}", "{small}"] }}
draft = {{ values = ["{draft}"] }}
lesson = {{ values = ["{lesson}"] }}
learner = {{ values = ["me"] }}
skill = {{ values = ["{skill}"] }}
experiment = {{ values = ["running"] }}
draft_experiment = {{ values = ["draft"] }}
recommendation = {{ values = {recommendations} }}
path = {{ values = {paths} }}
receipt = {{ values = ["{receipt}"] }}
joining = {{ values = ["{joining}"] }}
report = {{ values = ["skills", "content", "cost"] }}
day = {{ values = ["2026-11-22"] }}
week = {{ values = ["{week}"] }}

[parameters]
"query.course" = {{ dictionary = "course", probability = 0.8 }}
"path.course_id" = {{ dictionary = "draft", probability = 0.8 }}
"path.slug" = {{ dictionary = "lesson", probability = 0.8 }}
"path.user_id" = {{ dictionary = "learner", probability = 0.5 }}
"path.skill_id" = {{ dictionary = "skill", probability = 0.8 }}
"query.path_id" = {{ dictionary = "path", probability = 0.8 }}
"body.path_id" = {{ dictionary = "path", probability = 0.8 }}
"path.experiment_id" = {{ dictionary = "experiment", probability = 0.8 }}
"path.receipt_id" = {{ dictionary = "receipt", probability = 0.8 }}
"path.report" = {{ dictionary = "report", probability = 0.8 }}
"path.date" = {{ dictionary = "day", probability = 0.8 }}
"path.iso_week" = {{ dictionary = "week", probability = 0.8 }}
"query.week" = {{ dictionary = "week", probability = 0.8 }}
"query.to" = {{ dictionary = "day", probability = 0.8 }}
"body.guest_token" = {{ dictionary = "joining", probability = 0.8 }}
"body.recommendation_id" = {{ dictionary = "recommendation", probability = 0.8 }}
"body.lesson_slug" = {{ dictionary = "lesson", probability = 0.8 }}

# A condition that no longer holds is no bad request.
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "3xx", 401, 403, 404, 409, 412, 429]

# A text beyond its length can make the body too large as well.
[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 406, 409, 413, 415, 422, 428, 429]

[[operations]]
include-path-regex = "^/api/admin/"
headers = {{ Authorization = "Bearer {admin}" }}

# Whoever is erased cannot be called with again, so it is somebody else.
[[operations]]
include-operation-id = ["erase_user"]
headers = {{ Authorization = "Bearer {leaving}" }}

# Only an account can take a guest over.
[[operations]]
include-operation-id = ["link_user"]
headers = {{ Authorization = "Bearer {account}" }}

# What runs is not stopped under the others' feet.
[[operations]]
include-operation-id = ["put_experiment", "act_on_experiment"]
parameters = {{ "path.experiment_id" = {{ dictionary = "draft_experiment", probability = 0.8 }} }}

# What only the course can judge is in no schema: its questions, its goals, its references, a key that is guessable;
# nor is a guest's token, nor how long a month is, nor that a number closer to zero than 1e-100 is zero.
[[operations]]
include-operation-id = {judged}
checks.positive_data_acceptance.expected-statuses = ["2xx", "3xx", 401, 403, 404, 409, 412, 422, 429]

# A cursor is what the list itself gave.
[[operations]]
include-operation-id = {paged}
checks.positive_data_acceptance.expected-statuses = ["2xx", "3xx", 400, 401, 403, 404, 409, 412, 429]

# A part of these bodies is any JSON, of which integers beyond 2^53 are refused; a list of a day has a cursor too.
[[operations]]
include-operation-id = {free}
checks.positive_data_acceptance.expected-statuses = ["2xx", "3xx", 400, 401, 403, 404, 409, 412, 422, 429]
"""
JUDGED = [
    *("create_user", "submit_onboarding", "update_answers", "put_lesson", "list_recommendations", "record_session"),
    *("create_learning_path", "update_learning_path", "act_on_experiment", "record_outcome"),
    *("link_user", "get_analytics", "get_report", "get_learner_report"),
]
PAGED = ["export_user", "list_sessions", "list_recommendation_history", "list_learning_paths", "list_all_experiments"]
FREE = ["put_preferences", "publish_course", "put_experiment", "export_events"]
UNREACHED = ("missing_test_data", "validation_mismatch", "low_valid_rate")
"""Warnings of how many requests a route accepted; the test counts them itself."""
SELDOM = {"POST /api/user/link", "PUT /api/progress/{slug}", "POST /api/personalize/feedback"}
"""What takes a guest of one's own, a lesson of just that course, or a text that was read: accepted in the journeys."""
ENDED = {"DELETE /api/experiments/{experiment_id}"}
"""What takes an experiment that is open, which does not last through a thousand requests that may end it."""


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with Stack(env={"WAITERS": "0", "DEFAULT_COURSE": COURSE}) as stack:
        owner = stack.api(stack.admin())
        publish(owner, read(ROOT / "courses" / COURSE))
        for course in (SMALL, DRAFT):
            text = "# Sensors\n\n## Noise\n\nEvery reading has an error.\n"
            owner.put(f"/api/admin/courses/{course}/lessons/{LESSON}", {"content": text})
        owner.put(f"/api/admin/courses/{SMALL}", CONTRACT["components"]["schemas"]["CourseBody"]["examples"][0])
        for name, part in (("running", [0.0, 0.5]), ("draft", [0.5, 1.0])):
            laid_out = CONTRACT["components"]["schemas"]["ExperimentBody"]["examples"][0]
            owner.put(f"/api/admin/experiments/{name}", {**laid_out, "part": part})
        owner.post("/api/admin/experiments/running/actions", {"action": "start"})
        for course in (COURSE, SMALL):
            job = {"job": "WriteReport", "course": course, "week": WEEK}
            stack.client("sqs").send_message(QueueUrl=stack.queue("JobQueue"), MessageBody=json.dumps(job))
        yield stack


def learner(stack: Stack, name: str, recommendations: list[str], paths: list[str]) -> Json:
    """A guest who is onboarded, as Schemathesis wants to know of them; what is recommended to them, and two paths."""
    token = stack.guest()
    stack.api(token).post("/api/onboarding", ANSWERS)
    found = stack.api(token).get("/api/personalization/recommendations?count=20&time_available=600").json
    recommendations += [one["id"] for one in found["items"] if name == "ada"]
    made = [stack.api(token).post("/api/personalization/learning-path", {}).json for _ in range(2)]
    paths += [one["path_id"] for one in made if name == "ada"]
    return {"name": name, "fixedHeaders": [{"name": "Authorization", "value": f"Bearer {token}"}]}


def contract(recommendations: list[str], paths: list[str]) -> Json:
    """The contract, with the one refusal that its description tells of in words: the gateway's, of a missing token.

    Its examples name recommendations and a path that were made.
    """
    schema: Json = json.loads(json.dumps(CONTRACT))
    for example in schema["components"]["schemas"]["PathActionBody"]["examples"]:
        example["path_id"] = paths[0]
    for place, body in enumerate(("AnswerRecommendationBody", "CompleteRecommendationBody")):
        for example in schema["components"]["schemas"][body]["examples"]:
            example["recommendation_id"] = recommendations[place]
    message = {
        "type": "object",
        "properties": {"message": {"const": "Unauthorized"}},
        "required": ["message"],
        "additionalProperties": False,
    }
    for _, _, operation in endpoints.operations(schema):
        if operation["security"] and {} not in operation["security"]:
            operation["responses"]["401"]["content"]["application/json"] = {"schema": message}
            # Its own answers carry no id.
            operation["responses"]["401"]["headers"].pop("X-Request-Id")
        for parameter in operation.get("parameters", ()):
            if parameter["name"] in ("If-Match", "If-None-Match"):
                # The same in two parts: of the whole, Schemathesis makes no header.
                parameter["schema"] = {"anyOf": [{"const": "*"}, parameter["schema"]]}
    return schema


def run(
    stack: Stack, folder: Path, coverage: str, examples: int, scenarios: int, seconds: int
) -> tuple[int, str, Json]:
    """Schemathesis' exit code, what it says, and its report."""
    recommendations: list[str] = []
    paths: list[str] = []
    learners = [learner(stack, name, recommendations, paths) for name in ("ada", "bob")]
    values: Mapping[str, object] = {
        "recommendations": json.dumps(recommendations),
        "paths": json.dumps(paths),
        "skill": SKILL,
        "paged": json.dumps(PAGED),
        "coverage": coverage,
        "examples": examples,
        "scenarios": scenarios,
        "course": COURSE,
        "small": SMALL,
        "lesson": LESSON,
        "admin": stack.admin(),
        "account": stack.account("ada"),
        "leaving": stack.guest(),
        "joining": stack.guest(),
        "receipt": stack.api(stack.guest()).delete("/api/user/me").json["receipt_id"],
        "judged": json.dumps(JUDGED),
        "free": json.dumps(FREE),
        "draft": DRAFT,
        "week": WEEK,
    }
    (folder / "schemathesis.toml").write_text(CONFIGURATION.format(**values), "utf-8")
    (folder / "learners.json").write_text(json.dumps({"auth": learners}), "utf-8")
    (folder / "openapi.json").write_text(json.dumps(contract(recommendations, paths)), "utf-8")
    command = [sys.executable, "-m", "schemathesis.cli", "run", "openapi.json", "--url", stack.url, "--checks", "all"]
    reports = ["--no-color", "--report", "json", "--report-json-path", "report.json"]
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SCHEMATHESIS"))}
    # What it reckons of Unicode is kept from one run to the next.
    environ["HYPOTHESIS_STORAGE_DIRECTORY"] = str(ROOT / ".hypothesis")
    ran = subprocess.run(
        [*command, *reports], cwd=folder, env=environ, capture_output=True, text=True, timeout=seconds, check=False
    )
    report = folder / "report.json"
    return ran.returncode, ran.stdout + ran.stderr, json.loads(report.read_text("utf-8")) if report.exists() else {}


@pytest.mark.parametrize(
    ("coverage", "examples", "scenarios", "seconds"),
    [
        pytest.param("positive", 12, 4, 600, id="bounded"),
        pytest.param("all", 1000, 200, 3600, id="long", marks=pytest.mark.soak),
    ],
)
def test_the_contract_holds(
    stack: Stack, tmp_path: Path, coverage: str, examples: int, scenarios: int, seconds: int
) -> None:
    code, said, report = run(stack, tmp_path, coverage, examples, scenarios, seconds)
    assert code == 0, said[:20_000]
    assert report["complete"]
    assert report["operations"]["tested"] == len(list(endpoints.operations(CONTRACT)))
    assert {phase["status"] for phase in report["phases"].values()} == {"success"}
    assert report["test_cases"]["generated"] > 1000
    assert not report["errors"]
    assert not {name: found for name, found in report["warnings"].items() if found and name not in UNREACHED}
    accepted = {
        name: sum(phase["accepted"] for phase in phases.values()) for name, phases in report["valid_rates"].items()
    }
    assert len(accepted) == report["operations"]["tested"]
    assert {name for name, count in accepted.items() if not count} <= SELDOM | (ENDED if coverage == "all" else set())
