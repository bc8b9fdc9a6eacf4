"""The table of the town: in this process, one for all seeds."""

from collections.abc import Iterator

import pytest

from tests import backends
from tests.backends import Backend


@pytest.fixture(scope="module")
def backend() -> Iterator[Backend]:
    with backends.memory() as used:
        yield used
