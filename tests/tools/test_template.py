"""The template is read as CloudFormation and SAM read it."""

from pathlib import Path

import pytest

from tools import intrinsics
from tools.template import Cors, Template


def test_functions_have_what_globals_and_their_own_block_say(template: Template) -> None:
    echo, work = template.functions["Echo"], template.functions["Work"]
    assert (echo.name, echo.timeout, echo.memory) == ("echo", 29, 256)
    assert work.timeout == 10
    assert work.environment == {
        "TABLE_NAME": "Table",
        "LLM_MODEL": "gpt-x",
        "QUEUE_URL": "WorkQueue",
        "NAME": "attune-work",
    }
    assert "AWS_ENDPOINT_URL" not in template.environment


def test_a_resource_whose_condition_is_false_does_not_exist(template: Template) -> None:
    fixture = Path(__file__).with_name("fixture.yaml")
    assert "Report" not in template.functions
    assert "Report" in Template(fixture, {"Weekly": "yes"}).functions


def test_routes_know_their_authorizer(template: Template) -> None:
    routes = {route.key: route for route in template.routes}
    assert routes["GET /api/things/{id}"].authorizer == "Tokens"
    assert routes["POST /api/open"].authorizer is None
    assert routes["$default"].function == "Unknown"
    assert template.authorizers == {"Tokens": "Authorize"}


def test_a_queue_has_the_rules_of_its_mapping(template: Template) -> None:
    (mapped,) = template.mapped
    assert (mapped.queue, mapped.batch_size, mapped.window) == ("WorkQueue", 10, 0)
    assert (mapped.concurrency, mapped.partial) == (4, True)
    assert mapped.function.id == "Work"


def test_schedules_and_cors(template: Template) -> None:
    (schedule,) = template.schedules
    assert (schedule.function.id, schedule.expression) == ("Plan", "cron(0 2 * * ? *)")
    assert template.cors == Cors(
        origins=("https://site.example", "https://other.example"),
        methods=("GET", "PUT"),
        headers=("authorization", "content-type"),
        exposed=("ETag",),
        max_age=600,
        credentials=False,
    )


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("!Ref Name", "ada"),
        ("!Ref Elsewhere", "Elsewhere"),
        ("!GetAtt Queue.Arn", "Queue.Arn"),
        ('!Sub "${Name}-${AWS::Region}-${!Kept}"', "ada-us-east-1-${Kept}"),
        ('!Sub ["${X}!", {X: !Ref Name}]', "ada!"),
        ('!Join ["-", [a, !Ref Name]]', "a-ada"),
        ('!Split [",", "a,b"]', ["a", "b"]),
        ('!Select [1, !Split [",", "a,b"]]', "b"),
        ('!If [IsAda, yes-it-is, "no"]', "yes-it-is"),
        ("!If [IsBob, 1, !Ref AWS::NoValue]", None),
        ("!If [Both, 1, 2]", 2),
        ("!If [Either, 1, 2]", 1),
        ("!FindInMap [Sizes, big, memory]", 512),
        ("!Base64 abc", "YWJj"),
        ("{Fn::Sub: '${Name}'}", "ada"),
        ("[1, !Ref AWS::NoValue, 2]", [1, 2]),
    ],
)
def test_intrinsic_functions(tmp_path: Path, expression: str, value: object) -> None:
    file = tmp_path / "template.yaml"
    file.write_text(
        f"""
Parameters: {{Name: {{Type: String, Default: ada}}}}
Mappings: {{Sizes: {{big: {{memory: 512}}}}}}
Conditions:
  IsAda: !Equals [!Ref Name, ada]
  IsBob: !Not [!Condition IsAda]
  Both: !And [!Condition IsAda, !Condition IsBob]
  Either: !Or [!Condition IsAda, !Condition IsBob]
Value: {expression}
"""
    )
    assert intrinsics.load(file).get("Value") == value


def test_the_real_template_can_be_run() -> None:
    real = Template()
    assert all(
        (folder := function.name) and function.id.lower() == folder.replace("_", "")
        for function in real.functions.values()
    )
    assert set(real.authorizers.values()) <= set(real.functions)
    assert {mapped.queue for mapped in real.mapped} <= set(real.queues)
    assert any(route.path == "$default" for route in real.routes)
