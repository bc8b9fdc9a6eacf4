"""What is printed of the counts, in instructions and in dollars; and what is asked of answers under Lambda's client."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from attune.domain import manifest
from attune.domain.persona import everybody
from tests.backends import TEMPLATE
from tools import runtime
from tools.bench import bars, cost, growth, lambdas, layout, page, seconds, sharing, worker
from tools.bench.measure import BESIDE, QUICK
from tools.errors import OperatorError
from tools.tables_of_text import aligned, markdown

PRICES = {
    "as_of": "2026-01-01",
    "region": "nowhere",
    "source": "made up",
    "api_request": 1e-6,
    "lambda_request": 2e-6,
    "lambda_gb_second_arm64": 1e-5,
    "read_unit": 4e-6,
    "write_unit": 8e-6,
    "log_gb": 1.0,
}


def counted(**changes: Any) -> dict[str, Any]:
    return {
        **{
            "function": "GetPreferences",
            "status": 200,
            "trips": 2,
            "read": 1.5,
            "written": 2.0,
            "log": 200,
            "lines": 1,
        },
        **{"bytes": 300, "modules": 440, "again": 6_000_000, "parsed": 2_000_000, **changes},
    }


def found() -> dict[str, Any]:
    programs = ("GetPreferences", "ListRecommendations", *page.PEERS)
    cold = {name: {"instructions": 1_200_000_000, "modules": 500, "bytes": 2000} for name in programs}
    cold["GetPreferences"]["instructions"] = 1_500_000_000
    grown = {"profile": {"10": counted(again=1_000_000), "1000": counted(again=2_000_000, read=2.0)}}
    return {
        "base": 270_000_000,
        "source": 2_000_000_000,
        "layers": {"CoreLayer": 4_600_000, "DependenciesLayer": 20_000_000, "WriterLayer": 20_000_000},
        "growth": {"answers": grown, "lessons": {"book": grown["profile"]}},
        "seconds": dict.fromkeys(seconds.PROMISED, 0.123),
        "worker": {
            "section": counted(seconds=0.05),
            "last": counted(seconds=None),
            "call": counted(seconds=0.01, trips=0),
        },
        "cold": cold,
        "requests": {
            "preferences": {"attune": counted()},
            "lesson, ready": {"attune": counted(), **{peer: counted(again=12_000_000) for peer in page.PEERS}},
        },
    }


def test_a_request_costs_what_it_takes_of_each_part() -> None:
    assumed = {"ms_per_trip": 5, "instructions_per_ms": 1_000_000, "memory_gb": 2, "cold_share": 0.01}
    parts = cost.request(counted(log=cost.GB // 1000), 400_000_000, PRICES, assumed)
    assert parts["requests"] == pytest.approx(3e-6)
    # Two trips, six million instructions, and a hundredth of a cold start: 20 ms of two GB.
    assert parts["compute"] == pytest.approx(0.020 * 2 * 1e-5)
    assert parts["table"] == pytest.approx(1.5 * 4e-6 + 2 * 8e-6)
    assert parts["logs"] == pytest.approx(1e-3)


def test_a_month_is_what_is_asked_in_it() -> None:
    costs = {"lesson, ready": {"table": 2.0}, "unheard of": {"table": 100.0}}
    assert cost.month(costs) == 2.0 * cost.MONTH["lesson, ready"]
    assert [row[0] for row in cost.rows(costs)] == ["lesson, ready", "unheard of"]


def test_the_prices_say_when_and_where_they_were_true() -> None:
    prices = cost.read_prices()
    assert prices.keys() >= PRICES.keys()
    assert prices["as_of"] > "2026"
    assert prices["region"]


def test_the_page_says_what_was_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "_python", lambda: "Python 3.13")
    said = page.document(found())
    assert "{{" not in said
    assert "1 of the 2 functions below are within it. Above it: GetPreferences." in said
    assert "| GetPreferences | 1500 | 1.25 | 500 | 2.0 |" in said
    assert "| lesson, ready | 6000 | 2000 | 0.50 | 0.50 | 0.50 |" in said
    assert "takes 0.60 of one on the source tree" in said
    assert "| profile | 2 | 1.5 / 2 | 2 | 1000 / 2000 | 300 |" in said
    assert "| request | round trips: 10 / 1,000 |" in said
    assert "| a section | 5.0 | 2 | 1.5 | 2 | 200 |" in said
    assert "writes 0.20 of the calls" in said
    assert "| lesson progress | 0.12 | 0.2 |" in said
    assert "are 24.6 MB together, of 30 at most" in said
    assert "pynamodb 6." in said
    assert "1200" in page.text(found())


def test_what_is_over_a_bar_is_told() -> None:
    within = found()
    within["cold"]["GetPreferences"]["instructions"] = 1_300_000_000
    assert list(bars.missed(within, page.PEERS)) == []
    over = found()
    over["source"] = 1_100_000_000
    over["layers"]["DependenciesLayer"] = 26_000_000
    over["requests"]["preferences"]["attune"] |= {"log": 501, "lines": 2}
    assert list(bars.missed(over, page.PEERS)) == [
        "GetPreferences takes 1500 million instructions to start.",
        "The artefact takes 1.09 of what the source tree takes to start.",
        "The layers of all functions are 30.6 MB.",
        "preferences writes 501 bytes in 2 lines to the log.",
    ]


def test_a_course_of_many_lessons_is_a_course() -> None:
    course = growth.course_of(25)
    assert len(manifest.read(course.id, 1, course.manifest).lessons) == len(course.lessons) == 25


def test_a_history_is_as_long_as_it_says() -> None:
    lines = list(growth._history("g.1", 250))
    assert [len(line["attempts"]) for line in lines] == [100, 100, 50]
    assert lines == sorted(lines, key=lambda line: str(line["started_at"]), reverse=True)


def test_the_instant_model_gives_the_section_back() -> None:
    asked = "LESSON-0123456789abcdef SECTION in English\n## Heading\n\nText.\nLESSON-0123456789abcdef END\nWrite."
    with worker.Instant() as model:
        said = model.answer({"model": "m", "messages": [{"content": "rules"}, {"content": asked}]})
    assert json.loads(said["choices"][0]["message"]["content"]) == {"markdown": "## Heading\n\nText."}


def test_the_page_in_docs_is_one_of_these() -> None:
    held = page.PAGE.read_text("utf-8")
    assert set(BESIDE) <= {line.split("|")[1].strip() for line in held.splitlines() if line.startswith("|")}
    assert parts(held) == parts(page._TEXT.read_text("utf-8"))


def parts(text: str) -> list[str]:
    return re.findall(r"^## (.+)$", text, re.MULTILINE)


def test_what_is_written_is_bounded_by_lessons_and_personas() -> None:
    course = sharing.shipped("poker")
    few, many = (sharing.trace(course, learners, learners * 10) for learners in (20, 400))
    bound = len(course.lessons) * len(list(everybody(course)))
    assert few.written <= many.written <= bound
    assert many.alone > bound
    assert few.hits < many.hits
    assert many.hits_alone < 0.6
    assert sharing.trace(course, 20, 200) == few


def test_what_is_measured_quickly_exists() -> None:
    assert set(QUICK) <= TEMPLATE.functions.keys()


def test_tables() -> None:
    rows = [("name", "n"), ("a", "10"), ("long name", "7")]
    assert list(aligned(rows)) == ["name        n", "a          10", "long name   7"]
    assert list(markdown(rows[0], rows[1:])) == ["| name | n |", "|---|---:|", "| a | 10 |", "| long name | 7 |"]


def test_without_counts_there_is_no_cost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "FOLDER", tmp_path)
    assert cost.main() == 2
    (tmp_path / "found.json").write_text(json.dumps(found()), "utf-8")
    assert cost.main() == 0


# Under the runtime's client -------------------------------------------------------------------------------------------

FUNCTIONS = {function.name: function for function in TEMPLATE.functions.values()}
GOOD = {"statusCode": 404, "headers": {"X-Request-Id": "1", "Cache-Control": "no-store"}, "body": "", "x": 1}


@pytest.mark.parametrize(
    ("name", "routed", "answer"),
    [
        ("get_preferences", True, GOOD),
        ("authorize", False, {"isAuthorized": True, "context": {"error": "token_missing"}}),
        ("plan_refresh", False, None),
        ("run_job", False, {"batchItemFailures": []}),
        ("make_keys", False, {"answer": None, "resource": {"Status": "SUCCESS"}}),
    ],
)
def test_a_good_answer_has_no_flaw(name: str, routed: bool, answer: Any) -> None:
    assert lambdas.flaw(FUNCTIONS[name], routed, answer) == ""


@pytest.mark.parametrize(
    ("name", "routed", "answer"),
    [
        ("get_preferences", True, {**GOOD, "statusCode": 500}),
        ("get_preferences", True, {**GOOD, "headers": {}}),
        ("get_preferences", True, None),
        ("authorize", False, {"isAuthorized": False}),
        ("plan_refresh", False, {"something": 1}),
        ("run_job", False, {}),
        ("make_keys", False, None),
        ("unheard_of", False, GOOD),
    ],
)
def test_a_bad_answer_is_told(name: str, routed: bool, answer: Any) -> None:
    function = FUNCTIONS.get(name) or FUNCTIONS["run_job"].__class__("Unheard", name, 1, 1, {})
    assert lambdas.flaw(function, routed, answer).startswith("answered ")


def test_every_function_without_a_route_has_its_shape() -> None:
    routed = {route.function for route in TEMPLATE.routes}
    without = {function.name for id_, function in TEMPLATE.functions.items() if id_ not in routed}
    assert without - {"answer_unknown"} == set(lambdas.SHAPES)


def test_an_event_is_handed_out_and_its_answer_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client of a dozen lines in the place of the runtime's: what it asks for and says is the protocol."""
    package = tmp_path / "awslambdaric"
    package.mkdir()
    (package / "__init__.py").write_text("", "utf-8")
    (package / "__main__.py").write_text(CLIENT, "utf-8")
    monkeypatch.setattr(layout, "runtime_client", lambda: tmp_path)
    program = layout.Program("x", tmp_path, ())
    function = FUNCTIONS["get_preferences"]
    assert lambdas.called(sys.executable, program, function, {"KIND": "response"}, {"a": 1}) == {"a": 1}
    with pytest.raises(OperatorError, match="get_preferences failed"):
        lambdas.called(sys.executable, program, function, {"KIND": "error"}, {"a": 1})


CLIENT = """
import json, os
from urllib.request import Request, urlopen
base = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/invocation/"
answer = urlopen(base + "next")
event, name = json.load(answer), answer.headers["Lambda-Runtime-Aws-Request-Id"]
assert int(answer.headers["Lambda-Runtime-Deadline-Ms"]) > 0
urlopen(Request(base + name + "/" + os.environ["KIND"], json.dumps(event).encode(), method="POST"))
"""


@pytest.mark.soak
def test_every_built_function_answers_under_the_runtime_client() -> None:
    try:
        runtime.interpreter(runtime.wanted())
    except OperatorError as error:
        pytest.skip(str(error))
    if not runtime.SAM.exists():
        pytest.skip("the SAM command line is not installed")
    done = subprocess.run([sys.executable, "-m", "tools.bench.lambdas"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"{len(TEMPLATE.functions)} functions answered" in done.stdout
