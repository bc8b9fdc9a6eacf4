"""A store that throttles sheds load: everybody is told when to come again, and nobody asks it more than three times."""

import math
from typing import Any

import pytest

from tests.backends import Backend
from tests.functions.conftest import World
from tests.functions.writing import ask

CALLS: list[tuple[str, dict[str, Any]]] = [
    ("get_book", {}),
    ("get_preferences", {}),
    ("get_personalized", {"path": "/api/personalize/{slug}"}),
    ("list_recommendations", {}),
]


@pytest.mark.parametrize(("function", "given"), CALLS, ids=[name for name, _ in CALLS])
def test_i07_a_burst_of_reads_is_shed_while_the_store_throttles_and_served_at_once_after_it(
    world: World, backend: Backend, function: str, given: dict[str, Any]
) -> None:
    who = world.reader()
    ask(world, who)
    world.work()
    path = given.get("path", "").replace("{slug}", world.slug) or None
    assert world.call(function, who, path=path).status == 200
    requests = 10
    with backend.watched() as calls, backend.faulty("throttle", times=math.inf):
        for _ in range(requests):
            refused = world.call(function, who, path=path)
            refused.problem(503, "store_unavailable")
            assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert calls.round_trips <= 3 * requests
    with backend.watched() as calls:
        assert world.call(function, who, path=path).status == 200
    assert calls.round_trips <= 3
