"""Every test of the store runs against moto and against MiniStack, on the table that `template.yaml` describes."""

from collections.abc import Iterator

import pytest

from tests import backends
from tests.backends import Backend
from tools.services import Services


@pytest.fixture(scope="session")
def services() -> Iterator[Services]:
    running = Services()
    running.provision(backends.TEMPLATE)
    yield running
    running.stop()


@pytest.fixture(scope="module", params=["moto", "ministack"], autouse=True)
def backend(request: pytest.FixtureRequest) -> Iterator[Backend]:
    if request.param == "moto":
        with backends.moto() as used:
            yield used
    else:
        with backends.ministack(request.getfixturevalue("services")) as used:
            yield used


@pytest.fixture(autouse=True)
def _empty(backend: Backend) -> None:
    backend.empty()
