"""Every function works with the permissions that the template gives it, also when it has nothing cached yet."""

import importlib
from typing import Any

import pytest

from tests.builders import an_account, answers
from tests.functions.conftest import World

PREFERENCES = {"time_availability": 45}
CALLS: list[tuple[str, dict[str, Any]]] = [
    ("get_user", {"path": "/api/user/me"}),
    ("update_user", {"path": "/api/user/me", "body": {"personalization": "off"}}),
    ("export_user", {"path": "/api/user/me/export"}),
    ("get_onboarding", {}),
    ("submit_onboarding", {"body": answers()}),
    ("get_answers", {}),
    ("update_answers", {"body": {}}),
    ("get_preferences", {}),
    ("put_preferences", {"body": PREFERENCES}),
    ("put_preferences", {"body": {"learning_style": {"visual": 0.1}}}),
    ("reset_preferences", {}),
    ("get_book", {}),
    ("get_lesson", {"path": "/api/content/lessons/{slug}"}),
    ("personalize_lesson", {"body": {"lesson_slug": "{slug}"}}),
    ("get_personalized", {"path": "/api/personalize/{slug}"}),
    ("rate_personalized", {"body": {"lesson_slug": "{slug}", "rating": 2}}),
    ("clear_personalized", {}),
    ("get_health", {}),
]


@pytest.mark.parametrize("onboarded", [False, True], ids=["newcomer", "reader"])
@pytest.mark.parametrize(("function", "given"), CALLS, ids=[f"{name}-{place}" for place, (name, _) in enumerate(CALLS)])
def test_a_cold_function_is_allowed_what_it_does(
    world: World, function: str, given: dict[str, Any], onboarded: bool
) -> None:
    who = world.reader() if onboarded else an_account()
    importlib.import_module("attune.store.courses").forget()
    path = given.get("path", "").replace("{slug}", world.slug) or None
    body = {name: world.slug if value == "{slug}" else value for name, value in given.get("body", {}).items()}
    reply = world.call(function, who, body if "body" in given else None, path=path, query={"course": world.course.id})
    assert reply.status < 500
