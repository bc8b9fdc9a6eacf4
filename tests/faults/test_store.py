"""D: what the table may do that is no error: small pages, ghosts, unknown attributes; and services that are killed."""

import contextlib
import json
import os
import resource
import signal
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any, cast

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from hypothesis import given, settings
from hypothesis import strategies as st

from attune.domain.jobs import RefreshPage
from attune.store import keys
from attune.store.items import Item
from tests.doubles.faults import Faults, answering
from tests.doubles.tap import Send, Tap
from tests.faults.conftest import STORING, Site
from tests.faults.test_every_call import call, undisturbed
from tests.faults.test_input import asked
from tools.services import TABLE, Services
from tools.template import Template

Json = dict[str, Any]
LEARNER = "g.550e8400-e29b-41d4-a716-446655440000"
BOUNDED = settings(derandomize=True, database=None, deadline=None, max_examples=5)


# ---- Pages


@pytest.mark.parametrize("name", STORING)
def test_d7_pages_of_one_row_change_nothing_about_an_answer(site: Site, name: str) -> None:
    right = undisturbed(site, name)
    site.reset()
    with Faults(page_size=1).on(Item):
        assert call(site, name) == right.told
    assert site.state() == right.state


# ---- The index


class Ghosts(Tap):
    """The index still names rows that are gone, before and after those that are there."""

    met = 0

    def send(self, client: Any, operation: str, request: AWSPreparedRequest, go_on: Send) -> AWSResponse:
        response = go_on()
        asked = json.loads(cast("bytes", request.body))
        if operation != "Query" or "IndexName" not in asked:
            return response
        told = json.loads(response.content)
        (partition,) = [value["S"] for value in asked["ExpressionAttributeValues"].values()][:1]
        for sort in ("0000-01-01#physical-ai#g.ghost", "2026-11-01#physical-ai#g.ghost"):
            key = {"gsi1pk": {"S": partition}, "gsi1sk": {"S": sort}, "pk": {"S": "USER#g.ghost"}, "sk": {"S": sort}}
            told["Items"].append(key)
        told["Count"] = len(told["Items"])
        self.met += 1
        return answering(request, 200, json.dumps(told).encode())


def test_d8_a_row_that_only_the_index_knows_is_not_shown(site: Site) -> None:
    site.reset()
    site.call("record_session")
    plain = json.loads(site.call("list_sessions")["body"])
    assert len(plain["items"]) == 1
    with Ghosts().on(Item) as ghosts:
        assert json.loads(site.call("list_sessions")["body"])["items"] == plain["items"]
    assert ghosts.met


def test_d8_who_only_the_index_knows_is_not_looked_after(site: Site) -> None:
    site.reset()
    site.call("plan_refresh")
    record = site.event("run_job")["Records"][0]
    (shard,) = {int(keys.due(LEARNER, "physical-ai", "x").pk.removeprefix("DUE#"))}
    with Ghosts().on(Item) as ghosts:
        body = RefreshPage("2026-01-05", shard, "").to_json()
        assert site.call("run_job", {"Records": [{**record, "body": body}]}) == {"batchItemFailures": []}
    assert ghosts.met
    assert not [key for key in site.state() if "ghost" in key]


# ---- Numbers


NUMBERS = [0.1 + 0.2, 1 / 3, 0.1234567890123456789, 1e-99, 5e-324, 1e-130, 0, 1, 1.0, 0.5]


@pytest.mark.parametrize("number", NUMBERS)
def test_d10_a_number_comes_back_as_it_was_sent(site: Site, number: float) -> None:
    site.reset()
    event = site.event("put_preferences")
    told = site.call("put_preferences", {**event, "body": json.dumps({"challenge_level": number})})
    assert told["statusCode"] == 200
    kept = 0 if abs(number) < 1e-100 else number
    for answer in (told, asked(site, "get_preferences")):
        assert json.loads(answer["body"])["preferences"]["challenge_level"] == kept


# ---- Rows of other releases


def test_d13_what_this_release_does_not_know_stays_in_the_row(site: Site) -> None:
    site.reset()
    key = keys.settings(LEARNER, "physical-ai")
    site.backend.change((key.pk, key.sk), "SET later_field = :v", v={"S": "kept"})
    for name in ("put_preferences", "reset_preferences", "submit_onboarding"):
        assert asked(site, name)["statusCode"] == 200
    assert "kept" in site.state()[f"{key.pk} {key.sk}"]["later_field"]


# ---- Hot keys


@BOUNDED
@given(st.integers(0, 10**9))
def test_d12_who_is_due_is_spread_evenly_over_the_partitions(seed: int) -> None:
    count = 4000
    learners = (f"g.{seed:032x}{number}" for number in range(count))
    shares = Counter(keys.due(learner, "c", "2026-01-01").pk for learner in learners)
    assert len(shares) == keys.SHARDS
    assert max(shares.values()) <= 1.35 * count / keys.SHARDS


# ---- The embedded services are killed


def _kill_while_writing(folder: Path, rounds: int, template: Template) -> None:
    """What was saved in the end of a run is there whole, however often the process is killed since then."""
    services = Services(folder)
    services.provision(template)
    for number in range(50):
        services.client("dynamodb").put_item(TableName=TABLE, Item=_row(f"saved-{number}"))
    services.stop()
    for round_ in range(rounds):
        services = Services(folder)
        try:
            services.provision(template)
            client = services.client("dynamodb")
            rows = [row for page in client.get_paginator("scan").paginate(TableName=TABLE) for row in page["Items"]]
            assert {f"saved-{number}" for number in range(50)} <= {row["pk"]["S"] for row in rows}
            assert all(row == _row(row["pk"]["S"]) for row in rows), "half a row"
            _write_until_dead(services, client, round_)
        finally:
            services.stop()


def _row(name: str) -> Json:
    return {"pk": {"S": name}, "sk": {"S": "x"}, "half": {"S": name * 200}, "other": {"S": name * 200}}


def _write_until_dead(services: Services, client: Any, round_: int) -> None:
    written: list[str] = []

    def write() -> None:
        with contextlib.suppress(Exception):
            for number in range(10_000):
                name = f"{round_}-{number}"
                client.put_item(TableName=TABLE, Item=_row(name))
                written.append(name)

    writer = threading.Thread(target=write)
    writer.start()
    deadline = time.monotonic() + 20
    while len(written) < 20 and time.monotonic() < deadline:
        writer.join(0.01)
    assert written
    process = services._process
    if round_ % 2:
        # In the middle of saving, as far as a moment can be met.
        process.terminate()
        writer.join(0.01 * (round_ % 50))
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    writer.join()


@pytest.fixture
def template() -> Template:
    return Template()


def test_d17_services_that_are_killed_find_an_old_state_or_a_new_one(tmp_path: Path, template: Template) -> None:
    _kill_while_writing(tmp_path, 1, template)


@pytest.mark.soak
def test_d17_services_that_are_killed_200_times_find_an_old_state_or_a_new_one(
    tmp_path: Path, template: Template
) -> None:
    _kill_while_writing(tmp_path, 200, template)


def test_d17_a_folder_that_cannot_be_written_is_told_at_the_start(tmp_path: Path) -> None:
    """No user is stopped by a folder's permissions who may do anything; a file in its place stops everybody."""
    (tmp_path / "data").write_text("not a folder")
    with pytest.raises(OSError, match="data"):
        Services(tmp_path / "data")


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux limits another process")
def test_d17_a_full_disk_leaves_the_state_that_was_saved_before(tmp_path: Path, template: Template) -> None:
    services = Services(tmp_path)
    services.provision(template)
    services.client("dynamodb").put_item(TableName=TABLE, Item=_row("saved"))
    services.stop()
    services = Services(tmp_path)
    # From here on no file may grow beyond a kilobyte, as where the disk is full.
    resource.prlimit(services._process.pid, resource.RLIMIT_FSIZE, (1024, 1024))
    services.client("dynamodb").put_item(TableName=TABLE, Item=_row("lost"))
    services.stop()
    services = Services(tmp_path)
    try:
        pages = services.client("dynamodb").get_paginator("scan").paginate(TableName=TABLE)
        assert [row["pk"]["S"] for page in pages for row in page["Items"]] == ["saved"]
    finally:
        services.stop()
