"""A learner is erased through the real functions: refused everywhere from the answer on, and gone in the end."""

import json
from typing import Any

import pytest

from attune.domain.erasure import SETTLES
from attune.domain.jobs import EraseUser, RebuildProfile, RefreshPage
from attune.domain.principal import Principal
from attune.domain.section import Draft, SectionRequest
from attune.domain.supplier import Supplier
from attune.writers.choice import FREE
from attune.writers.rules import RulesWriter
from tests.backends import Backend
from tests.builders import a_uuid, an_account, answers, sqs_event
from tests.functions.actions import Actions
from tests.functions.conftest import ROOTED, Reply, World, invoke
from tests.functions.practising import a_session, an_answer, practised, recommended
from tests.functions.writing import Script, supplies
from tools.services import TABLE

ME = "/api/user/me"


def erase(world: World, who: Principal) -> Reply:
    reply = world.call("erase_user", who, path=ME)
    assert reply.status == 202
    assert reply.headers["Location"] == f"/api/erasures/{reply.json['receipt_id']}"
    return reply


def work(world: World) -> list[str]:
    """Deliver what waits in the queue of jobs; the bodies of what was put off or failed."""
    bodies = [message["Body"] for message in world.messages(world.jobs)]
    return [body for body in bodies if invoke("run_job", sqs_event(body))["batchItemFailures"]]


def status(world: World, reply: Reply) -> Any:
    return world.call("get_erasure", path=reply.headers["Location"]).json


def seasoned(world: World, kind: str) -> Principal:
    """Somebody with rows of every kind."""
    who = world.guest(**answers()) if kind == "guest" else world.reader()
    world.call("put_preferences", who, {"challenge_level": 0.9})
    world.call("personalize_lesson", who, {"lesson_slug": world.slug})
    first, *_ = recommended(world, who)
    world.call("answer_recommendation", who, {"recommendation_id": first["id"], "action": "accept"})
    practised(world, who)
    return who


def text(backend: Backend) -> str:
    pages = backend.raw.get_paginator("scan").paginate(TableName=TABLE)
    return json.dumps([row for page in pages for row in page["Items"]], default=repr)


CALLS: list[tuple[str, object, str | None]] = [
    ("get_user", None, ME),
    ("update_user", {"personalization": "off"}, ME),
    ("export_user", None, f"{ME}/export"),
    ("submit_onboarding", answers(), None),
    ("get_answers", None, None),
    ("update_answers", {"experience": "much"}, None),
    ("get_preferences", None, None),
    ("put_preferences", {"time_availability": 45}, None),
    ("reset_preferences", None, None),
    ("personalize_lesson", {"lesson_slug": "{slug}"}, None),
    ("get_personalized", None, "/api/personalize/{slug}"),
    ("clear_personalized", None, None),
    ("record_session", a_session(an_answer()), None),
    ("list_sessions", None, None),
    ("get_profile", None, None),
    ("get_learner_report", None, None),
    ("get_skill", None, "/api/personalization/skills/sense"),
    ("claim_skill", {"level": "expert"}, "/api/personalization/skills/sense/claims"),
    ("withdraw_claim", None, "/api/personalization/skills/sense/claims"),
    ("list_recommendations", None, None),
    ("answer_recommendation", {"recommendation_id": a_uuid(), "action": "accept"}, None),
    ("complete_recommendation", {"recommendation_id": a_uuid(), "completion_time": 5}, None),
    ("list_recommendation_history", None, None),
    ("list_training_recommendations", None, None),
    ("rate_personalized", {"lesson_slug": "{slug}", "rating": 4}, None),
    ("list_experiments", None, None),
    ("leave_experiment", None, "/api/experiments/spacing"),
    ("list_learning_paths", None, None),
    ("create_learning_path", {"goal": {}, "plan_duration": 60}, None),
    ("update_learning_path", {"path_id": a_uuid(), "action": "start"}, None),
    ("get_progress", None, None),
    ("track_lesson", {"event_id": "one", "status": "completed"}, "/api/progress/{slug}"),
]
ELSEWHERE = {"erase_user", "link_user", "renew_token", "record_outcome", "delete_learning_path"}
"""Asked again while it lasts; for accounts alone; for guests alone; of an experiment; of a path in the query."""


def test_a55_every_route_of_a_learner_is_asked() -> None:
    asked = {function for function, _, _ in CALLS} | ELSEWHERE
    names = {name for name, route in ROOTED.items() if route.authorizer and "/admin/" not in route.path}
    assert names == asked


def refused(world: World, who: Principal, backend: Backend) -> None:
    """Every route of a learner refuses them, and nothing changes."""
    before = text(backend)
    for function, body, path in CALLS:
        sent = {**body, "lesson_slug": world.slug} if isinstance(body, dict) and "lesson_slug" in body else body
        reply = world.call(function, who, sent, path=path.replace("{slug}", world.slug) if path else None)
        assert (function, reply.status) == (function, 401)
    assert text(backend) == before


@pytest.mark.parametrize("kind", ["guest", "account"])
def test_a55_the_token_is_refused_and_in_the_end_nothing_is_left(
    world: World, backend: Backend, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    who = seasoned(world, kind)
    reply = erase(world, who)
    refused(world, who, backend)
    assert status(world, reply)["status"] == "running"
    (job,) = work(world)
    refused(world, who, backend)
    world.clock.advance(SETTLES.total_seconds() + 1)
    assert invoke("run_job", sqs_event(job)) == {"batchItemFailures": []}
    refused(world, who, backend)
    done = status(world, reply)
    assert done["status"] == "done"
    assert done["done_at"]
    assert done["deleted"].items() >= {"user": 1, "settings": 1, "profile": 1, "log": 1, "session": 1}.items()
    assert done["deleted"].items() >= {"evidence": 1, "pointer": 1, "recommendation": 1}.items()
    assert set(done["kept"]) >= {"sections", "tombstone", "backups", "stream"}
    assert who.subject not in text(backend)
    assert who.subject not in capsys.readouterr().out
    assert not [message for message in world.messages(world.jobs) if who.subject in message["Body"]]


def test_a15_a_site_that_reports_for_somebody_erased_finds_nobody(world: World) -> None:
    who, backend_of_the_site = world.reader(), an_account("sessions:write")
    erase(world, who)
    sent = {**a_session(an_answer()), "user_id": who.subject}
    world.call("record_session", backend_of_the_site, sent).problem(404, "unknown_user")


def test_e1_a_message_that_failed_and_names_the_learner_goes_too(world: World) -> None:
    who, other = world.reader(), world.reader()
    reply = erase(world, who)
    (job,) = work(world)
    world.sqs.purge_queue(QueueUrl=world.jobs)
    for learner in (who.learner, other.learner):
        world.sqs.send_message(QueueUrl=world.jobs, MessageBody=RebuildProfile(learner, world.course.id).to_json())
    world.clock.advance(SETTLES.total_seconds() + 1)
    invoke("run_job", sqs_event(job))
    assert status(world, reply)["status"] == "done"
    # The queue of what failed is the same one in these tests.
    counts = world.sqs.get_queue_attributes(QueueUrl=world.jobs, AttributeNames=["All"])["Attributes"]
    assert int(counts["ApproximateNumberOfMessages"]) + int(counts["ApproximateNumberOfMessagesNotVisible"]) == 1


def test_e1_an_erasure_whose_message_was_never_sent_is_found_by_the_night(world: World, backend: Backend) -> None:
    who = seasoned(world, "guest")
    with pytest.MonkeyPatch.context() as patch:
        # The process ends after the answer of the table, before the queue is asked.
        patch.setattr("functions.erase_user.app.send", lambda jobs: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            world.call("erase_user", who, path=ME)
    assert world.messages(world.jobs) == []
    first = RefreshPage("2031-05-06", 0).to_json()
    night = [first, RefreshPage("2031-05-06", 1).to_json()]
    for body in night:
        invoke("run_job", sqs_event(body))
    assert world.messages(world.jobs) == [], "it may be under way still"
    world.clock.advance(2 * 3600)
    for body in night:
        invoke("run_job", sqs_event(body))
    (message,) = [one for one in world.messages(world.jobs) if "EraseUser" in one["Body"]]
    receipt = json.loads(message["Body"])["receipt"]
    invoke("run_job", sqs_event(message["Body"]))
    world.clock.advance(SETTLES.total_seconds() + 1)
    invoke("run_job", sqs_event(message["Body"]))
    assert world.call("get_erasure", path=f"/api/erasures/{receipt}").json["status"] == "done"
    assert who.subject not in text(backend)
    world.clock.advance(2 * 3600)
    invoke("run_job", sqs_event(first))
    assert not [one for one in world.messages(world.jobs) if "EraseUser" in one["Body"]]


def test_another_learners_rows_stay(world: World, backend: Backend) -> None:
    other, who = seasoned(world, "guest"), seasoned(world, "guest")
    before = backend.rows(f"USER#{other.learner}")
    erase(world, who)
    (job,) = work(world)
    world.clock.advance(SETTLES.total_seconds() + 1)
    invoke("run_job", sqs_event(job))
    assert backend.rows(f"USER#{other.learner}") == before
    # The text that both were shown is there for the other.
    world.work()
    assert world.call("get_personalized", other, path=f"/api/personalize/{world.slug}").status == 200


def test_only_the_caller_is_erased(world: World) -> None:
    who = world.guest()
    world.call("erase_user", who, path=f"/api/user/{a_uuid()}").problem(404, "unknown_user")
    assert world.call("get_user", who, path=ME).status == 200


def test_an_unknown_receipt_opens_nothing(world: World) -> None:
    world.call("get_erasure", path=f"/api/erasures/{a_uuid()}").problem(404, "unknown_erasure")


@pytest.mark.parametrize("after", [False, True], ids=["while it is asked", "once it is answered"])
def test_f16_who_is_erased_while_a_section_is_written_leaves_no_trace(
    world: World, backend: Backend, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    """The text belongs to everybody with the persona: it is stored, and knows nobody."""
    who = world.reader()
    assert world.call("personalize_lesson", who, {"lesson_slug": world.slug}).status == 202
    erased: list[Reply] = []

    def leaving(request: SectionRequest) -> Draft:
        draft = RulesWriter().write(request) if after else None
        if not erased:
            with Actions.aside():
                erased.append(erase(world, who))
                assert work(world)
        return draft or RulesWriter().write(request)

    script = Script([leaving] * 3)
    supplies(monkeypatch, Supplier("script", script, FREE))
    assert world.work() == []
    assert len(script.asked) == 3
    world.clock.advance(SETTLES.total_seconds() + 1)
    world.call("get_erasure", path=erased[0].headers["Location"])
    invoke("run_job", sqs_event(EraseUser(erased[0].json["receipt_id"]).to_json()))
    assert status(world, erased[0])["status"] == "done"
    assert who.subject not in text(backend)
    assert backend.rows(f"USER#{who.learner}") == []
    other = world.call("personalize_lesson", world.reader(), {"lesson_slug": world.slug})
    assert (other.status, other.json["cached"]) == (200, True)
