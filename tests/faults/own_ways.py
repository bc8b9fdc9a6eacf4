"""The ways in which only some functions can be met: what they do beside reading and changing what is there."""

import json
from datetime import timedelta
from typing import Any

import pytest

from attune.actions.queue_lesson import Order
from attune.domain.jobs import EraseUser, Job, LinkUser, RebuildProfile, RefreshPage, StartRefresh
from attune.domain.section_requests import section_requests
from attune.edge import aws, http, tokens, verifier
from attune.settings import settings
from attune.store import batches, budgets, courses, keys, parameters, variants
from attune.writers import choice, style
from tests import backends
from tests.builders import GUESTS
from tests.doubles.model import ModelServer
from tests.faults.conftest import BEGAN
from tests.faults.ways import ACCOUNT, COURSE, LEARNER, OWN, Json, Trial, way
from tests.functions.test_make_keys import answering
from tests.guests import PRIVATE_KEY
from tools import course as folder
from tools.issuer import new_key
from tools.template import ROOT

__all__ = ["OWN"]


def told(event: Json, **body: Any) -> Json:
    """An event with another body."""
    return {**event, "body": json.dumps(body)}


@way("get_health")
def deep(trial: Trial) -> None:
    trial.call(name="plan_refresh")
    with pytest.MonkeyPatch.context() as patch:
        # Who is an admin is not looked at here, but what the admin is shown.
        patch.setattr(http, "require_admin", lambda *_: None)
        trial.call({**trial.event, "queryStringParameters": {"deep": "true"}, "rawQueryString": "deep=true"})


@way("personalize_lesson", "get_personalized")
def before_it_is_written(trial: Trial) -> None:
    trial.without("VARIANT#", "SECTION#", f"USER#{LEARNER} POINTER#")
    trial.call()
    # The messages are sent again, once they must be lost.
    trial.site.rewind(100)
    trial.call()


@way("personalize_lesson", "get_personalized")
def before_it_is_written_for_an_account(trial: Trial) -> None:
    trial.call(trial.by(trial.site.event("submit_onboarding"), **ACCOUNT), name="submit_onboarding")
    trial.without("VARIANT#", "SECTION#")
    trial.call(trial.by(trial.event, **ACCOUNT))


def sent(trial: Trial) -> list[str]:
    """The bodies of all messages that wait to be written, taken out of the queue."""
    sqs, found = aws.client("sqs"), []
    options: Json = {"QueueUrl": trial.site.sections, "MaxNumberOfMessages": 10}
    while messages := sqs.receive_message(**options).get("Messages"):
        for message in messages:
            found.append(message["Body"])
            sqs.delete_message(QueueUrl=trial.site.sections, ReceiptHandle=message["ReceiptHandle"])
    return found


def asked_anew(trial: Trial) -> list[str]:
    """Nothing of the lesson is written; the messages that somebody who asks for it has sent."""
    trial.without("VARIANT#", "SECTION#", f"USER#{LEARNER} POINTER#")
    sent(trial)
    trial.call(name="personalize_lesson")
    return sent(trial)


def written(trial: Trial) -> None:
    """The lesson is written, with all of its sections."""
    record = trial.site.event("write_section")["Records"][0]
    for body in asked_anew(trial):
        trial.call({"Records": [{**record, "body": body}]}, name="write_section")
    trial.call(name="personalize_lesson")


@way("rate_personalized")
def badly_and_better(trial: Trial) -> None:
    written(trial)
    low = {**json.loads(trial.event["body"]), "rating": 1}
    answers = trial.site.event("submit_onboarding")
    for number in range(5):
        who = {**ACCOUNT, "subject": f"de7e3abd-8cf5-80f0-96ac-08a62577f7d{number}"}
        for name in ("submit_onboarding", "personalize_lesson"):
            trial.call(trial.by(trial.site.event(name) if name != "submit_onboarding" else answers, **who), name=name)
        trial.call(trial.by(told(trial.event, **low), **who))
    trial.call(told(trial.event, **low))
    trial.call(trial.by(told(trial.event, **{**low, "rating": 5}), **who))
    trial.call(told(trial.event, **{**low, "rating": 5}))


@way("authorize", "get_health", "link_user")
def with_a_token_of_a_key_that_came_later(trial: Trial) -> None:
    verifier.verifier.cache_clear()
    verifier.guests.cache_clear()
    token, _ = tokens.mint(LEARNER[2:], new_key(), GUESTS, BEGAN)
    headers = {"headers": {**trial.event.get("headers", {}), "authorization": f"Bearer {token}"}}
    if trial.name == "link_user":
        trial.call(told(trial.event, guest_token=token))
    else:
        trial.call({**trial.event, **headers, "queryStringParameters": {"deep": "true"}, "rawQueryString": "deep=true"})


@way("link_user")
def with_a_guest(trial: Trial) -> None:
    token, _ = tokens.mint(LEARNER[2:], PRIVATE_KEY, GUESTS, BEGAN)
    trial.call(told(trial.event, guest_token=token))
    trial.call(told(trial.event, guest_token=token))


@way("link_user")
def with_an_account_that_is_there(trial: Trial) -> None:
    trial.call(trial.by(trial.site.event("submit_onboarding"), **ACCOUNT), name="submit_onboarding")
    with_a_guest(trial)


@way("link_user")
def with_an_account_that_is_gone(trial: Trial) -> None:
    trial.call(trial.by(trial.site.event("submit_onboarding"), **ACCOUNT), name="submit_onboarding")
    trial.call(trial.by(trial.site.event("erase_user"), **ACCOUNT), name="erase_user")
    with_a_guest(trial)


@way("publish_course")
def a_new_version(trial: Trial) -> None:
    trial.call(told(trial.event, **{**folder.read(ROOT / "courses" / COURSE).manifest, "title": "Third"}))


@way("get_experiment_results")
def of_groups(trial: Trial) -> None:
    laid_out(trial, unit="group")
    trial.call({**trial.event, "rawPath": "/api/admin/experiments/of-groups/results"})


def laid_out(trial: Trial, **changes: Any) -> None:
    """Another experiment runs, in the place of the first."""
    definition = {**json.loads(trial.site.event("put_experiment")["body"]), **changes}
    definition.pop("guardrails")
    path = "/api/admin/experiments/of-groups"
    trial.call(told(trial.site.event("act_on_experiment"), action="stop", winner="A"), name="act_on_experiment")
    trial.call({**told(trial.site.event("put_experiment"), **definition), "rawPath": path}, name="put_experiment")
    act = told(trial.site.event("act_on_experiment"), action="start")
    trial.call({**act, "rawPath": f"{path}/actions"}, name="act_on_experiment")
    courses.forget()


@way("answer_recommendation")
def in_an_experiment(trial: Trial) -> None:
    laid_out(trial, secondary=[{"metric": "accepted"}])
    event = trial.site.event("list_recommendations")
    shown = trial.call({**event, "queryStringParameters": {"refresh": "true"}}, name="list_recommendations")
    offered = json.loads(shown["body"])["items"][0]["id"]
    trial.call(told(trial.event, recommendation_id=offered, action="accept"))


@way("fold_metrics")
def of_who_is_in_an_experiment(trial: Trial) -> None:
    laid_out(trial, secondary=[{"metric": "helpful_rating", "type": "mean"}])
    shown = {**trial.site.event("list_recommendations"), "queryStringParameters": {"refresh": "true"}}
    trial.call(shown, name="list_recommendations")
    event = trial.event
    image = event["Records"][0]["dynamodb"]["NewImage"]
    key = keys.rating(LEARNER, COURSE, "text")
    said = {"pk": key.pk, "sk": key.sk, "kind": "rating", "variant": "text", "lesson_slug": "foundations/actuators"}
    image.update({name: {"S": value} for name, value in {**said, "rated_at": f"{BEGAN:%Y-%m-%dT%H:%M:%SZ}"}.items()})
    trial.call(
        {
            "Records": [
                {
                    **event["Records"][0],
                    "dynamodb": {**event["Records"][0]["dynamodb"], "NewImage": {**image, "stars": {"N": "5"}}},
                }
            ]
        }
    )


@way("personalize_lesson", "get_personalized")
def into_an_experiment(trial: Trial) -> None:
    laid_out(trial, layer="writing", arms=[{"key": key, "weight": 0.5} for key in "AB"])
    parameters.forget()
    trial.call()


@way("record_session")
def too_late_for_the_log(trial: Trial) -> None:
    event = trial.event
    session = json.loads(event["body"])
    one, starts = session["attempts"][0], BEGAN - timedelta(hours=2)

    def sat(number: int, count: int, at: Any) -> Json:
        attempts = [
            {**one, "attempt_id": f"{number}-{place}", "at": f"{at + timedelta(seconds=place):%Y-%m-%dT%H:%M:%SZ}"}
            for place in range(count)
        ]
        times = {"started_at": f"{at:%Y-%m-%dT%H:%M:%SZ}", "ended_at": f"{at + timedelta(0, 300):%Y-%m-%dT%H:%M:%SZ}"}
        id_ = session["session_id"][:-2] + f"{number:02}"
        return told(event, **{**session, **times, "session_id": id_, "attempts": attempts})

    for number in range(2):
        trial.call(sat(number, 100, starts + timedelta(minutes=10 * number)))
    trial.call(sat(2, 1, BEGAN - timedelta(days=3)))


def path(trial: Trial) -> str:
    """The learner has a learning path that is followed; its id."""
    made = trial.call(name="create_learning_path")
    found = str(json.loads(made["body"])["path_id"])
    event = trial.site.event("update_learning_path")
    trial.call(told(event, path_id=found, action="start"), name="update_learning_path")
    return found


@way("update_learning_path")
def paused_and_resumed(trial: Trial) -> None:
    found = path(trial)
    for action in ("pause", "resume"):
        parameters.forget()
        trial.call(told(trial.event, path_id=found, action=action))


@way("delete_learning_path")
def one_that_is_there(trial: Trial) -> None:
    query = {"path_id": path(trial)}
    event = {**trial.event, "queryStringParameters": query, "rawQueryString": f"path_id={query['path_id']}"}
    trial.call(event)


@way("withdraw_claim")
def what_was_claimed(trial: Trial) -> None:
    trial.call(name="claim_skill")
    trial.call()


@way("leave_experiment")
def before_any_exposure(trial: Trial) -> None:
    trial.call(trial.by(trial.event, **ACCOUNT))


@way("write_section")
def with_a_model_that_fails(trial: Trial) -> None:
    nobody = {"WRITER": "openai", "LLM_BASE_URL": "http://127.0.0.1:9/v1", "LLM_KEY_PARAMETER": "/attune/llm-api-key"}
    with backends.configured({**settings._environment, **nobody}):
        event = trial.event
        event["Records"][0]["body"] = asked_anew(trial)[0]
        trial.call(event)
        trial.call(event)


@way("make_keys")
def made_and_removed(trial: Trial) -> None:
    with answering() as told_to:
        for kind in ("Create", "Delete"):
            properties = {
                "ParameterName": "/attune/of-the-ways",
                "PublicParameterName": "/attune/of-the-ways-public",
                "DeleteKey": "true",
            }
            asked = {"RequestType": kind, "ResponseURL": f"http://127.0.0.1:{told_to.server_port}/there"}
            names = {"StackId": "s", "RequestId": "r", "LogicalResourceId": "GuestKeys"}
            trial.call({**asked, **names, "ResourceProperties": properties})


def job(trial: Trial, one: Job) -> Any:
    event = trial.event
    event["Records"][0]["body"] = one.to_json()
    return trial.call(event)


@way("run_job")
def a_night(trial: Trial) -> None:
    trial.call(name="record_session")
    # The day after tomorrow, so that the learner is due.
    trial.site.rewind(2 * 86_400)
    job(trial, StartRefresh("2026-11-23T02:00:00Z"))
    (shard,) = {int(keys.due(LEARNER, COURSE, "x").pk.removeprefix("DUE#"))}
    job(trial, RefreshPage("2026-11-23", shard))


@way("run_job")
def an_erasure(trial: Trial) -> None:
    receipt = json.loads(trial.call(name="erase_user")["body"])["receipt_id"]
    aws.client("sqs").send_message(QueueUrl=trial.site.jobs, MessageBody=RebuildProfile(LEARNER, COURSE).to_json())
    job(trial, EraseUser(receipt))
    trial.site.rewind(86_400)
    job(trial, EraseUser(receipt))


@way("run_job")
def a_joining(trial: Trial) -> None:
    token, _ = tokens.mint(LEARNER[2:], PRIVATE_KEY, GUESTS, BEGAN)
    trial.call(name="record_session")
    trial.call(told(trial.site.event("link_user"), guest_token=token), name="link_user")
    job(trial, LinkUser(f"a.{ACCOUNT['subject']}", LEARNER))


@way("write_batches")
def with_a_model_that_takes_them(trial: Trial) -> None:
    """What a night wants is sent; some of it comes back as texts, and the rest is queued."""
    trial.without("SECTION#")
    now = trial.site.clock.now()
    with ModelServer() as server, pytest.MonkeyPatch.context() as patch:
        told = {"WRITER": "openai", "LLM_BATCHES": "yes", "LLM_BASE_URL": server.url, "LLM_KEY_PARAMETER": "/llm"}
        patch.setattr(settings, "_environment", {**settings._environment, **told, "BUDGET_PREPARED": "9"})
        for name in ("writer", "batches", "model", "model_url", "model_key_parameter", "prepared"):
            patch.delitem(vars(settings), name, raising=False)
        course = courses.load_current(COURSE, now)
        entry = next(iter(course.lessons.values()))
        text = courses.text(COURSE, entry.slug, entry.text_id, now)
        requests = section_requests(course, text, {}, "en", style.current(settings))
        order = Order(COURSE, course.version, entry, style.current(settings), 0, requests)
        variants.enqueue(order.key, order.plan(), now.timestamp(), now)
        batches.want(COURSE, order.key, now)
        trial.call()
        server.behave("invented_link", times=1)
        server.batches.work()
        trial.site.rewind(900)
        trial.call()
    choice.close()
    budgets.forget()
    for name in ("writer", "batches", "model", "model_url", "model_key_parameter", "prepared"):
        vars(settings).pop(name, None)
