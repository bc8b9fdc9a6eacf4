"""A client that is given its deadline while another thread's call is under way."""

from collections.abc import Iterator

import pytest

from attune import deadline
from tests import backends
from tests.backends import Backend


@pytest.fixture(scope="module", autouse=True)
def backend() -> Iterator[Backend]:
    with backends.memory() as used:
        yield used


def test_a_call_that_was_under_way_is_not_broken(backend: Backend) -> None:
    keeping: list[bool] = []

    def keep_now(**_: object) -> None:
        deadline.keep(backend.raw)
        keeping.append(True)

    backend.raw.meta.events.register_last("before-call", keep_now)
    assert backend.raw.list_tables()["TableNames"]
    assert keeping
