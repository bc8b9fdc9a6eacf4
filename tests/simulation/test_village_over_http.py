"""The same village with everything real between its people and their rows: HTTP, the authorizer, tokens of an issuer,
MiniStack's table behind a proxy that fails on the wire. The same laws hold.
"""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import boto3
import pytest

from attune.domain.practice import log
from attune.domain.principal import Kind, Principal
from attune.edge import aws, tokens, verifier
from attune.edge.clock import clock as the_clock
from attune.store import courses, keys, parameters, table
from attune.store.items import Item
from tests import backends, guests
from tests.builders import GUESTS, NOW, CourseFiles, a_course
from tests.doubles.clock import Clock
from tests.doubles.faults import Faults
from tests.doubles.proxy import KINDS, Proxy
from tests.functions.conftest import ROOTED, publish
from tests.functions.pathing import ITEMS
from tests.guests import KEY_PARAMETER, PRIVATE_KEY
from tests.simulation import village_life
from tests.simulation.test_village import SOON
from tests.simulation.village import Meanwhile, Post, Told, Village, Villager
from tools.client import Client, connections
from tools.code import Code
from tools.gateway import Gateway
from tools.issuer import Issuer
from tools.local import ADMIN_SCOPE, AUDIENCE
from tools.server import Server
from tools.services import TABLE, Services

SEEDS = [int(os.environ["VILLAGE_SEED"])] if "VILLAGE_SEED" in os.environ else [0]
MANY = range(1, 50)
PROBABILITY = 0.02
"""Of each kind of fault, for each call to the table."""


@pytest.fixture(scope="module")
def services() -> Iterator[Services]:
    services = Services()
    yield services
    services.stop()


class Town:
    """What stands between the people and their rows."""

    def __init__(self, services: Services, proxy: Proxy, issuer: Issuer, url: str) -> None:
        self.proxy, self.issuer, self.url = proxy, issuer, url
        self.pool = connections()
        self._raw = services.client("dynamodb")

    def kept(self) -> Mapping[Any, Any]:
        """All rows as they are now."""
        pages = self._raw.get_paginator("scan").paginate(TableName=TABLE, ConsistentRead=True)
        return {(row["pk"]["S"], row["sk"]["S"]): row for page in pages for row in page["Items"]}

    def empty(self) -> None:
        for pk, sk in self.kept():
            self._raw.delete_item(TableName=TABLE, Key={"pk": {"S": pk}, "sk": {"S": sk}})


@pytest.fixture
def town(services: Services, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    monkeypatch.setattr(keys, "SHARDS", 2)
    monkeypatch.setattr(log, "KEPT", 6)
    monkeypatch.setattr(table, "time", SimpleNamespace(sleep=lambda seconds: None, monotonic=time.monotonic))
    url = "http://127.0.0.1/000000000000/Queue"
    issuer = Issuer(AUDIENCE, ADMIN_SCOPE)
    changes = {
        "DEFAULT_COURSE": "village",
        **{name: url for name in ("SECTION_QUEUE_URL", "SECTION_DLQ_URL", "JOB_QUEUE_URL", "JOB_DLQ_URL")},
        **guests.ENVIRONMENT,
        "OIDC_ISSUER": issuer.url,
        "OIDC_AUDIENCE": AUDIENCE,
        "OIDC_ADMIN_SCOPE": ADMIN_SCOPE,
    }
    was = the_clock.source
    with Proxy(services.endpoint) as proxy, backends.ministack(proxy), backends.configured(changes):
        boto3.client("ssm").put_parameter(Name=KEY_PARAMETER, Value=PRIVATE_KEY, Type="SecureString", Overwrite=True)
        verifier.verifier.cache_clear()
        verifier.guests.cache_clear()
        with Server(Gateway(backends.TEMPLATE, Code()), threads=16) as server:
            found = Town(services, proxy, issuer, server.url)
            yield found
            found.pool.clear()
    issuer.close()
    verifier.verifier.cache_clear()
    the_clock.source = was


class Distant(Village):
    """A village whose people are at the other end of a line."""

    def __init__(self, seed: int, course: CourseFiles, clock: Clock, town: Town) -> None:
        super().__init__(seed, course, clock)
        self.town, self.issuer = town, town.issuer.url
        self._names: dict[str, str] = {}

    def newcomer(self, kind: Kind) -> Villager:
        made = super().newcomer(kind)
        self._names[made.principal.subject] = self.name
        return made

    def once(self, function: str, who: Principal | None, body: object = None, **more: Any) -> Told | None:
        path = more.pop("path", None) or ROOTED[function].path
        query = more.pop("query", None)
        headers = {name.replace("_", "-"): value for name, value in more.items()}
        client = Client(self.town.url, None if who is None else self._token(who), self.town.pool)
        where = f"{path}?{urlencode(query)}" if query else path
        reply = client.send(ROOTED[function].method, where, body, headers)
        if reply.status >= 500 or self.happens(0.05):
            return None
        return Told(reply.status, reply.json)

    def _token(self, who: Principal) -> str:
        now = self.clock.now()
        if who.kind is Kind.GUEST:
            return tokens.mint(who.subject, PRIVATE_KEY, GUESTS, now)[0]
        at = int(now.timestamp())
        return self.town.issuer.account(self._names[who.subject], iat=at, exp=at + 3600)

    def _fault(self, target: str) -> str | None:
        """What the wire does with a call to the table."""
        if not target.startswith("DynamoDB"):
            return None
        return next((kind for kind in sorted(KINDS) if self.happens(PROBABILITY)), None)

    @contextmanager
    def open(self) -> Iterator[None]:
        self.town.proxy.choose = self._fault
        # No time is spent between the client's own tries.
        with Faults().on(Item), Meanwhile(self).on(Item), Post(self).on(aws.client("sqs")):
            yield


def play(seed: int, town: Town) -> Distant:
    course = a_course(lessons=1, sections=1, id="village")
    town.empty()
    courses.forget()
    parameters.forget()
    publish(course, items=ITEMS)
    clock = Clock(NOW)
    the_clock.source = clock
    village = Distant(seed, course, clock, town)
    again = f'VILLAGE_SEED={seed} make test args="tests/simulation/test_village_over_http.py"'
    village_life.live(village, town, again)
    return village


def play_all(seeds: Iterable[int], town: Town) -> None:
    for seed in seeds:
        play(seed, town)


@pytest.mark.parametrize("seed", SEEDS)
def test_n04_the_laws_of_the_village_hold_over_http_and_a_faulty_wire(seed: int, town: Town) -> None:
    play(seed, town)
    assert sum(town.proxy.met.values()) > 5


@pytest.mark.soak
@pytest.mark.parametrize("seed", MANY)
def test_n04_they_hold_for_many_seeds(seed: int, town: Town) -> None:
    play(seed, town)


@pytest.mark.soak
@pytest.mark.parametrize("bug", SOON[:2], ids=lambda bug: bug.__name__.strip("_"))
def test_n03_a_planted_bug_is_noticed_from_afar(
    bug: Callable[[pytest.MonkeyPatch], None], town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    bug(monkeypatch)
    with pytest.raises(AssertionError) as noticed:
        play_all(range(10), town)
    assert "VILLAGE_SEED" in "".join(noticed.value.__notes__)
