"""Commands that work on a table find the one that is named, or that of a running stack."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import backends
from tools import deployment, tables
from tools.services import REGION, Services
from tools.template import ROOT

with pytest.MonkeyPatch.context() as _importing:
    backends._set(_importing, backends.ENVIRONMENT)
    from tests.store.histories import a_line, write
    from tests.store.practice import a_sitting


@pytest.fixture(scope="module")
def services() -> Iterator[Services]:
    running = Services()
    running.provision(backends.TEMPLATE)
    yield running
    running.stop()


def test_a_command_on_a_table_works_in_a_process_of_its_own(services: Services, tmp_path: Path) -> None:
    """With an AWS user's environment, on a table that is named; the course is not there."""
    table = "another"
    keys_of_aws = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_REGION": REGION}
    tables.create(services.client("dynamodb"), table, backends.TEMPLATE.table[1])
    env = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TABLE_"))}

    def run(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "tools.cli", *arguments],
            cwd=ROOT,
            env={**env, **keys_of_aws, **more},
            capture_output=True,
            text=True,
            check=False,
        )

    file = write(tmp_path / "past.ndjson", [a_line("ada", a_sitting(3, begins=1_500_000_000_000))])
    arguments = ("history", "import", str(file), "--course", "practice", "--create", "--json")
    done = run(*arguments, "--table", table, "--endpoint", services.endpoint)
    assert done.returncode == 1, done.stderr
    assert json.loads(done.stdout)["wrong"] == 1
    assert "no course practice is published" in done.stderr
    done = run(*arguments, ATTUNE_TABLE="nothing", AWS_ENDPOINT_URL=services.endpoint)
    assert done.returncode == 2
    assert "attune: The table cannot be used" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_table_of_a_running_stack_is_found(
    services: Services, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    its = {"TABLE_NAME": "its", "DEFAULT_COURSE": "one"}
    monkeypatch.setattr(deployment, "LOCAL", tmp_path)
    (tmp_path / "running.json").write_text(json.dumps({"endpoint": services.endpoint, "environment": its}))
    for name in (*its, "AWS_ENDPOINT_URL", "AWS_DEFAULT_REGION"):
        # Set first, so that what is set is taken away again.
        monkeypatch.setenv(name, "")
    deployment.use(None, None)
    assert (os.environ["TABLE_NAME"], os.environ["DEFAULT_COURSE"]) == ("its", "one")
    deployment.use("other", "http://127.0.0.1:9")
    assert (os.environ["TABLE_NAME"], os.environ["AWS_ENDPOINT_URL"]) == ("other", "http://127.0.0.1:9")
