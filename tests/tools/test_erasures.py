"""`attune erasures repeat`: whoever was erased since goes from a restored table, and nobody else."""

import json
from collections.abc import Iterator

import boto3
import pytest

from tests import backends
from tests.backends import Backend
from tests.builders import NOW, a_guest, answers
from tests.doubles.clock import Clock
from tests.tools.test_cli import attune
from tools import tables
from tools.services import TABLE

with pytest.MonkeyPatch.context() as _importing:
    backends._set(_importing, backends.ENVIRONMENT)
    from attune.actions import erase_user
    from attune.domain.erasure import SETTLES
    from attune.edge import tombs
    from attune.edge.clock import clock
    from attune.store import learner_settings, users
    from tests.store.test_erasures import Queue, work

RESTORED = "restored"


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> Iterator[Backend]:
    with backends.memory() as used:
        monkeypatch.setattr(tombs, "use", lambda: None)
        was, clock.source = clock.source, Clock(NOW)
        yield used
        clock.source = was


def test_d19_whoever_was_erased_since_the_backup_is_erased_again(
    backend: Backend, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    gone, stays = a_guest(), a_guest()
    for who in (gone, stays):
        users.create(who, NOW, None)
        learner_settings.submit_answers(who, "course", answers(), NOW)
    # The command makes its own client for the restored table, which moto answers.
    restored = boto3.client("dynamodb")
    tables.create(restored, RESTORED, backends.TEMPLATE.table[1])
    for row in backend.raw.scan(TableName=TABLE)["Items"]:
        restored.put_item(TableName=RESTORED, Item=row)
    receipt = erase_user.begin(gone, "me", NOW, Queue().send)
    work(receipt, NOW)
    work(receipt, NOW + SETTLES)
    left = []
    for more in (["--dry-run"], [], []):
        asked = ["erasures", "repeat", "--table", TABLE, "--restored", RESTORED, "--json", *more]
        assert attune(monkeypatch, *asked) == 0
        left.append(json.loads(capsys.readouterr().out))
    assert left == [
        {"learners": 2, "erased": 1, "rows": 2},
        {"learners": 2, "erased": 1, "rows": 2},
        {"learners": 1, "erased": 0, "rows": 0},
    ]
    kept = {row["pk"]["S"] for row in restored.scan(TableName=RESTORED)["Items"]}
    assert kept == {f"USER#{stays.learner}"}
