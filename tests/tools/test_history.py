"""`attune history import` and `attune profile audit`: what the operator is told, and the codes they end with."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import backends
from tests.backends import Backend
from tests.builders import ISSUER, NOW, Json, a_guest, a_uuid
from tests.doubles.clock import Clock
from tests.tools.test_cli import attune
from tools import deployment

with pytest.MonkeyPatch.context() as _importing:
    backends._set(_importing, backends.ENVIRONMENT)
    from attune.domain.manifest import read
    from attune.domain.principal import Principal
    from attune.edge import tombs
    from attune.edge.clock import clock
    from attune.store import courses, keys, users
    from tests.store.histories import a_learner, a_line, write
    from tests.store.practice import Site, a_practice_manifest, a_sitting
    from tools import history

COURSE = "practice"


@pytest.fixture(scope="module")
def backend() -> Iterator[Backend]:
    with backends.memory() as used:
        yield used


@pytest.fixture(autouse=True)
def _ready(backend: Backend, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A published course, a time that stands still, and an environment that names the table already."""
    backend.empty()
    courses.forget()
    courses.publish(COURSE, a_practice_manifest(), None, NOW)
    monkeypatch.setattr(deployment, "LOCAL", tmp_path)
    monkeypatch.setattr(tombs, "use", lambda: None)
    for name in ("ATTUNE_TABLE", "DEFAULT_COURSE", "AWS_ENDPOINT_URL"):
        # Set first, so that what a command sets is taken away again.
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    was, clock.source = clock.source, Clock(NOW)
    yield
    clock.source = was


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "past.ndjson"


Said = pytest.CaptureFixture[str]


def load(monkeypatch: pytest.MonkeyPatch, file: Path, *more: str) -> int:
    return attune(monkeypatch, "history", "import", str(file), "--table", "attune", "--workers", "1", *more)


def counts(capsys: Said) -> tuple[Json, str]:
    """What a command said in JSON, and beside it."""
    said = capsys.readouterr()
    return json.loads(said.out), said.err


def test_a_good_file_is_loaded_and_again_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: Said, file: Path
) -> None:
    write(file, [a_line("ada", a_sitting(5)), a_line("bob", a_sitting(3), course=COURSE)])
    assert load(monkeypatch, file, "--create", "--course", COURSE) == 0
    said = capsys.readouterr()
    assert said.out == (
        "past.ndjson: 2 lines, 0 wrong; 8 accepted, 0 duplicate, 0 conflict, 0 invalid, 0 profiles rebuilt\n"
    )
    assert "8 answers" in said.err
    assert "100%" in said.err
    assert load(monkeypatch, file, "--course", COURSE, "--json") == 0
    found, _ = counts(capsys)
    assert found == {
        "lines": 2,
        "wrong": 0,
        "accepted": 0,
        "duplicate": 8,
        "conflict": 0,
        "invalid": 0,
        "rebuilt": 0,
    }


GOOD = a_line("ada", a_sitting(1))
WRONG: list[tuple[str, str]] = [
    ("{", "not one JSON object"),
    ("[]", "Input should be"),
    ('{"a": 1, "a": 2}', "not one JSON object"),
    (json.dumps({**GOOD, "colour": "red"}), "/colour Extra inputs are not permitted"),
    (json.dumps({**GOOD, "session_id": "S1"}), "/session_id String should match pattern"),
    (json.dumps({**GOOD, "started_at": None}), "/started_at Input should be"),
    (json.dumps({**GOOD, "attempts": []}), "/attempts List should have at least 1 item"),
    (json.dumps({**GOOD, "attempts": [{**GOOD["attempts"][0], "score": 2}]}), "/attempts/0/score Input should be less"),
    (json.dumps({**GOOD, "attempts": [{"attempt_id": "1"}]}), "/attempts/0/item_id Field required"),
    (json.dumps({**GOOD, "account": None}), "Must be of one learner, named by user_id or by account"),
    (json.dumps({**GOOD, "user_id": a_uuid()}), "Must be of one learner, named by user_id or by account"),
    (json.dumps({**GOOD, "course": "nowhere"}), "/course no course nowhere is published"),
    (json.dumps({**GOOD, "account": None, "user_id": a_uuid()}), "/user_id there is no such learner"),
    (json.dumps({**GOOD, "account": {"issuer": ISSUER, "subject": "eve"}}), "/account there is no such learner"),
]


@pytest.mark.parametrize("dry", [False, True])
def test_wrong_lines_are_named_and_the_rest_is_loaded(
    monkeypatch: pytest.MonkeyPatch, capsys: Said, file: Path, dry: bool
) -> None:
    write(file, [GOOD])
    assert load(monkeypatch, file, "--course", COURSE, "--create") == 0
    file.write_text("\n".join([*(line for line, _ in WRONG), "", json.dumps(GOOD)]), "utf-8")
    capsys.readouterr()
    assert load(monkeypatch, file, "--course", COURSE, "--json", *(["--dry-run"] if dry else [])) == 1
    found, said = counts(capsys)
    assert (found["lines"], found["wrong"]) == (len(WRONG) + 2, len(WRONG))
    assert (found["accepted"], found["duplicate"]) == ((1, 0) if dry else (0, 1))
    for number, (_, wanted) in enumerate(WRONG, 1):
        assert f"{file}:{number}: {wanted}" in said
    assert f"{file}:{len(WRONG) + 1}" not in said


def test_bytes_that_are_no_text_are_a_wrong_line(monkeypatch: pytest.MonkeyPatch, capsys: Said, file: Path) -> None:
    file.write_bytes(b"\xff\n" + json.dumps(GOOD).encode() + b"\n")
    assert load(monkeypatch, file, "--course", COURSE, "--create", "--json") == 1
    found, said = counts(capsys)
    assert (found["wrong"], found["accepted"]) == (1, 1)
    assert f"{file}:1: not UTF-8: byte 0 is not" in said


def test_answers_that_cannot_be_counted_are_named(monkeypatch: pytest.MonkeyPatch, capsys: Said, file: Path) -> None:
    line = a_line("ada", a_sitting(4))
    line["attempts"][2]["item_id"] = "nothing"
    other = {**line, "attempts": [{**line["attempts"][0], "item_id": "q3", "score": 0.5}]}
    other["attempts"][0].update(correct=None, response=None)
    write(file, [line, other])
    assert load(monkeypatch, file, "--course", COURSE, "--create", "--json") == 1
    found, said = counts(capsys)
    assert (found["accepted"], found["invalid"], found["conflict"], found["wrong"]) == (3, 1, 1, 0)
    assert f"{file}:1: /attempts/2 unknown_item" in said
    assert f"{file}:2: /attempts/0 conflict" in said


def test_age_is_no_limit_and_the_future_is(monkeypatch: pytest.MonkeyPatch, capsys: Said, file: Path) -> None:
    long_ago, to_come = a_sitting(3, begins=1_000_000), a_sitting(2, begins=int(NOW.timestamp() * 1000) + 900_000)
    write(file, [a_line("ada", long_ago), a_line("ada", to_come)])
    assert load(monkeypatch, file, "--course", COURSE, "--create", "--json") == 1
    found, said = counts(capsys)
    assert (found["accepted"], found["invalid"]) == (3, 2)
    assert "/attempts/1 in_the_future" in said


def test_a_line_without_a_course_needs_one(
    monkeypatch: pytest.MonkeyPatch, capsys: Said, file: Path, tmp_path: Path
) -> None:
    write(file, [GOOD])
    assert load(monkeypatch, file, "--create") == 1
    assert "no course: name it in the line, or for all lines with --course" in capsys.readouterr().err
    monkeypatch.setenv("DEFAULT_COURSE", COURSE)
    assert load(monkeypatch, file, "--create") == 0


@pytest.mark.parametrize("dry", [False, True])
def test_guests_and_accounts_are_made_if_wanted(
    monkeypatch: pytest.MonkeyPatch, capsys: Said, file: Path, backend: Backend, dry: bool
) -> None:
    guest, account = a_guest(), a_learner("ada")
    lines = [{**a_line("", a_sitting(2)), "user_id": who.subject} for who in (guest, account)]
    write(file, [{name: value for name, value in line.items() if name != "account"} for line in lines])
    assert load(monkeypatch, file, "--course", COURSE, "--create", *(["--dry-run"] if dry else [])) == 0
    for who in (guest, account):
        found = users.get(who, NOW)
        assert (found is None) is dry
        assert (backend.rows(keys.user(who.learner).pk) == []) is dry
    said = capsys.readouterr().out
    assert ("4 answers can be counted, 0 cannot" in said) is dry


def test_an_import_that_was_ended_says_where_it_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: Said, file: Path, backend: Backend
) -> None:
    write(file, [a_line("ada", a_sitting(2, seed=n)) for n in range(10)])
    monkeypatch.setattr(history, "BATCH", 4)
    with backend.faulty("denied", "TransactWriteItems", nth=7):
        assert load(monkeypatch, file, "--course", COURSE, "--create") == 2
    said = capsys.readouterr().err
    assert "attune: The table cannot be used" in said
    assert "4 lines are done; the same command goes on from there" in said
    assert "Traceback" not in said
    assert load(monkeypatch, file, "--course", COURSE, "--json") == 0
    found, said = counts(capsys)
    assert f"{file}: goes on after line 4" in said
    assert (found["lines"], found["accepted"] + found["duplicate"]) == (10, 20)
    assert not file.with_name("past.ndjson.progress").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["history", "import", "{folder}/none.ndjson", "--table", "attune"], "none.ndjson: No such file"),
        (["history", "import", "{folder}", "--table", "attune"], "Is a directory"),
        (["history", "import", "{folder}/none.ndjson"], "Name the table of your stack with --table"),
        (["profile", "audit", "ada", "--table", "attune", "--course", "practice"], "'ada' is no id of a learner"),
        (["profile", "audit", a_uuid(), "--table", "attune", "--course", "practice"], "There is no learner"),
        (["profile", "audit", a_uuid(), "--table", "attune"], "Name the course with --course"),
    ],
)
def test_what_cannot_be_done_is_code_2_and_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: Said, tmp_path: Path, arguments: list[str], said: str
) -> None:
    assert attune(monkeypatch, *(each.format(folder=tmp_path) for each in arguments)) == 2
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error


def test_an_audit_says_whether_the_bytes_are_right_and_repairs_them(
    monkeypatch: pytest.MonkeyPatch, capsys: Said, file: Path, backend: Backend
) -> None:
    write(file, [a_line("ada", a_sitting(5))])
    assert load(monkeypatch, file, "--course", COURSE, "--create") == 0
    who = a_learner("ada")
    arguments = ("profile", "audit", who.subject, "--table", "attune", "--course", COURSE)
    capsys.readouterr()
    assert attune(monkeypatch, *arguments) == 0
    assert capsys.readouterr().out == "practice: 5 answers, and the stored bytes are what they give\n"
    whole = site().stored(who)
    _lose_an_answer(backend, who)
    assert attune(monkeypatch, *arguments) == 1
    assert capsys.readouterr().out == "practice: 5 answers, and the stored bytes were not what they give\n"
    assert attune(monkeypatch, *arguments, "--repair", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {
        "course": COURSE,
        "same": False,
        "attempts": 5,
        "due": False,
        "well": True,
    }
    assert site().stored(who) == whole
    assert attune(monkeypatch, *arguments) == 0


def test_an_audit_without_a_table_fails_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: Said, backend: Backend
) -> None:
    with backend.faulty("denied"):
        assert attune(monkeypatch, "profile", "audit", a_uuid(), "--table", "attune", "--course", COURSE) == 2
    assert "The table cannot be used" in capsys.readouterr().err


def site() -> Site:
    return Site(read(COURSE, 1, a_practice_manifest()))


def _lose_an_answer(backend: Backend, who: Principal) -> None:
    """A profile and a log as they were before a part of the answers."""
    other = a_learner("eve")
    site().send(other, a_sitting(4))
    for key in (keys.profile, keys.log):
        (row,) = [row for row in backend.rows(keys.user(other.learner).pk) if row["sk"]["S"] == key("", COURSE).sk]
        backend.raw.put_item(TableName="attune", Item={**row, "pk": {"S": keys.user(who.learner).pk}})
