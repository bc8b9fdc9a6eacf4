"""Every test of the store runs in this process and against MiniStack, on the table that `template.yaml` describes."""

from collections.abc import Iterator

import pytest

from tests import backends
from tests.backends import Backend
from tests.doubles.faults import Faults
from tools.services import Services

with pytest.MonkeyPatch.context() as _importing:
    backends._set(_importing, backends.ENVIRONMENT)
    from attune.store import items


@pytest.fixture(scope="session")
def services() -> Iterator[Services]:
    running = Services()
    running.provision(backends.TEMPLATE)
    yield running
    running.stop()


SMALL_PAGES = "memory, a row a page"
"""D7: an engine may end a page wherever it likes."""


@pytest.fixture(
    scope="module", params=["memory", "ministack", pytest.param(SMALL_PAGES, marks=pytest.mark.soak)], autouse=True
)
def backend(request: pytest.FixtureRequest) -> Iterator[Backend]:
    if request.param == "memory":
        with backends.memory() as used:
            yield used
    elif request.param == SMALL_PAGES:
        with backends.memory() as used, Faults(page_size=1).on(items.Item):
            yield used
    else:
        with backends.ministack(request.getfixturevalue("services")) as used:
            yield used


@pytest.fixture(autouse=True)
def _empty(backend: Backend) -> None:
    backend.empty()
