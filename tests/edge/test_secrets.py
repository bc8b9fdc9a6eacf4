"""A secret is read when it is needed, kept for a while, and kept longer while the store is down."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from attune.domain.errors import Unavailable
from attune.edge import secrets
from attune.edge.secrets import KEPT_FOR

pytestmark = pytest.mark.disable_socket


class Store:
    """A parameter store that can be down, and a clock that goes when told."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.value = "first"
        self.fault: Exception | None = None
        self.asked: list[dict[str, object]] = []

    def get_parameter(self, **asked: object) -> dict[str, dict[str, str]]:
        self.asked.append(asked)
        if self.fault:
            raise self.fault
        return {"Parameter": {"Value": self.value}}

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    store = Store()
    monkeypatch.setattr(secrets, "client", lambda service: {"ssm": store}[service])
    monkeypatch.setattr(secrets, "time", SimpleNamespace(monotonic=store.monotonic))
    secrets.forget()
    yield store
    secrets.forget()


FAULTS = [
    ClientError({"Error": {"Code": "ThrottlingException", "Message": "the-secret"}}, "GetParameter"),
    BotoCoreError(),
]


def test_a_secret_is_read_decrypted_by_its_name(store: Store) -> None:
    assert secrets.read("/attune/key") == "first"
    assert store.asked == [{"Name": "/attune/key", "WithDecryption": True}]


def test_l4_it_is_kept_for_five_minutes_and_then_read_anew(store: Store) -> None:
    secrets.read("/k")
    store.value = "second"
    store.now += KEPT_FOR - 1
    assert secrets.read("/k") == "first"
    store.now += 1
    assert secrets.read("/k") == "second"
    assert len(store.asked) == 2


@pytest.mark.parametrize("fault", FAULTS, ids=["refused", "unreachable"])
def test_l4_while_the_store_is_down_the_old_value_stands(store: Store, fault: Exception) -> None:
    secrets.read("/k")
    store.fault = fault
    store.now += 100 * KEPT_FOR
    assert secrets.read("/k") == "first"
    store.fault, store.value = None, "second"
    assert secrets.read("/k") == "second"


@pytest.mark.parametrize("fault", FAULTS, ids=["refused", "unreachable"])
def test_l3_without_a_value_it_is_unavailable_and_nothing_is_told(store: Store, fault: Exception) -> None:
    store.fault = fault
    with pytest.raises(Unavailable) as caught:
        secrets.read("/k")
    assert caught.value.code == "secret_unavailable"
    assert "the-secret" not in str(caught.value) + caught.value.detail
    store.fault = None
    assert secrets.read("/k") == "first"


def test_secrets_are_kept_apart_and_can_be_forgotten(store: Store) -> None:
    secrets.read("/a")
    store.value = "second"
    assert secrets.read("/b") == "second"
    assert secrets.read("/a") == "first"
    secrets.forget()
    assert secrets.read("/a") == "second"
