"""The table of the town: moto's, one for all seeds."""

from collections.abc import Iterator

import pytest

from tests import backends
from tests.backends import Backend


@pytest.fixture(scope="module")
def backend() -> Iterator[Backend]:
    with backends.moto() as used:
        yield used
