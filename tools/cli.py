"""The operator's command line: `python -m tools.cli`."""

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
import urllib3
from rich.console import Console

from tools import course, deployment, doctor, publish
from tools.client import Client, Refused, connections
from tools.errors import OperatorError
from tools.files import LOCAL, TOKENS

app = typer.Typer(name="attune", no_args_is_help=True, help="Operate Attune, here or deployed.", rich_markup_mode=None)
courses = typer.Typer(no_args_is_help=True, help="Courses.")
app.add_typer(courses, name="course")
histories = typer.Typer(no_args_is_help=True, help="Practice of years.")
app.add_typer(histories, name="history")
profiles = typer.Typer(no_args_is_help=True, help="What is measured of learners.")
app.add_typer(profiles, name="profile")

lessons = typer.Typer(no_args_is_help=True, help="Personalized lessons that readers took out of service.")
app.add_typer(lessons, name="variant")

costs = typer.Typer(no_args_is_help=True, help="What model calls cost.")
app.add_typer(costs, name="cost")

queues = typer.Typer(no_args_is_help=True, help="Messages that were given up.")
app.add_typer(queues, name="queue")
models = typer.Typer(no_args_is_help=True, help="The models that write.")
app.add_typer(models, name="model")
erasing = typer.Typer(no_args_is_help=True, help="Learners who left.")
app.add_typer(erasing, name="erasures")

console = Console(highlight=False)

Url = Annotated[str, typer.Option(envvar="ATTUNE_URL", help="Where the API answers.")]
Token = Annotated[
    str | None,
    typer.Option(envvar="ATTUNE_TOKEN", help="An admin token; that of `make run` if not given.", show_default=False),
]
Json = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]
Table = Annotated[
    str | None,
    typer.Option(
        envvar="ATTUNE_TABLE",
        help="The table, with your AWS credentials; that of a running `make run` if not given.",
        show_default=False,
    ),
]
Endpoint = Annotated[
    str | None,
    typer.Option(envvar="AWS_ENDPOINT_URL", help="Where the table is, if not at AWS.", show_default=False),
]
_HERE = "http://127.0.0.1:8000"


@app.callback()
def attune() -> None:
    """Operate Attune, here or deployed."""


@courses.command("publish")
def publish_course(
    folder: Annotated[Path, typer.Argument(help="A course folder (docs/course-format.md).")],
    url: Url = _HERE,
    token: Token = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change, and write nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Publish a course folder; publishing the same files again writes nothing."""
    found = course.read(folder)
    client = Client(url, token or _local_token(url))
    for file in found.unused:
        print(f"warning: {file} is not in course.yaml", file=sys.stderr)
    if dry_run:
        differences = list(publish.compare(client, found))
        if as_json:
            print(json.dumps({"course": found.id, "lessons": [asdict(each) for each in differences]}))
        else:
            for each in differences:
                console.print(f"{each.state:<8}{each.slug}", markup=False)
        return
    before = publish.version(client, found.id)
    with console.status("") as status:
        published = publish.publish(client, found, status.update)
    if as_json:
        print(json.dumps({"course": found.id, **published}))
    else:
        state = publish.state_of(published, before)
        console.print(f"{found.id}: {state}, version {published.get('version')}, {len(found.lessons)} lessons")


@app.command("doctor")
def run_doctor(url: Url = _HERE, token: Token = None, as_json: Json = False) -> None:
    """Look at what Attune needs, and say what is wrong; exit code 1 if anything is."""
    findings = list(doctor.examine(Client(url, token or _local_token(url), connections(timeout=5))))
    if as_json:
        print(json.dumps([asdict(each) for each in findings]))
    else:
        for each in findings:
            console.print(
                f"{'ok' if each.ok else 'WRONG':<6} {each.what:<12} {each.said}", markup=False, soft_wrap=True
            )
    if not all(each.ok for each in findings):
        raise typer.Exit(1)


@histories.command("import")
def import_history(
    file: Annotated[
        Path, typer.Argument(help="NDJSON: a session or a piece of one in each line (docs/operations.md).")
    ],
    table: Table = None,
    endpoint: Endpoint = None,
    course_of_lines: Annotated[
        str | None, typer.Option("--course", help="The course of lines that name none.", show_default=False)
    ] = None,
    create: Annotated[bool, typer.Option("--create", help="Make learners who are not there.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what is wrong, and write nothing.")] = False,
    restart: Annotated[bool, typer.Option("--restart", help="Begin anew, whatever was done before.")] = False,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Learners at once.")] = 8,
    as_json: Json = False,
) -> None:
    """Load practice of any age; loading the same again changes nothing. Exit code 1 if anything was left out."""
    deployment.use(table, endpoint)
    from tools import history, history_progress

    options = history.Options(course_of_lines or os.environ.get("DEFAULT_COURSE"), create, dry_run, restart, workers)
    with history_progress.shown(file) as watch:
        counts = history.History(file, options, watch).load()
    if as_json:
        print(json.dumps(asdict(counts)))
    else:
        console.print(history_progress.summary(file, counts, dry_run=dry_run), markup=False, soft_wrap=True)
    if not counts.is_clean:
        raise typer.Exit(1)


@profiles.command("audit")
def audit_profile(
    user_id: Annotated[str, typer.Argument(help="The learner's id in the API.")],
    table: Table = None,
    endpoint: Endpoint = None,
    of_course: Annotated[str | None, typer.Option("--course", help="The course.", show_default=False)] = None,
    repair: Annotated[bool, typer.Option("--repair", help="Store what a replay gives.")] = False,
    as_json: Json = False,
) -> None:
    """Replay all of a learner's sessions: exit code 1 if the stored profile is not what they give, byte for byte."""
    deployment.use(table, endpoint)
    from tools import audit

    course_id = _named(of_course)
    found, well = audit.audit(user_id, course_id, repair=repair)
    if as_json:
        print(json.dumps({"course": course_id, **asdict(found), "well": well}))
    else:
        console.print(f"{course_id}: {audit.said(found, well=well)}", markup=False, soft_wrap=True)
    if not well:
        raise typer.Exit(1)


@lessons.command("list")
def list_withdrawn(
    table: Table = None,
    endpoint: Endpoint = None,
    of_course: Annotated[str | None, typer.Option("--course", help="The course.", show_default=False)] = None,
    as_json: Json = False,
) -> None:
    """List what is out of service: lesson, readers, ratings, since when, and the variant's key."""
    deployment.use(table, endpoint)
    from tools import variants

    course_id = _named(of_course)
    found = variants.withdrawn(course_id)
    if as_json:
        print(json.dumps([asdict(each) for each in found]))
    else:
        console.print(variants.said(course_id, found), markup=False, soft_wrap=True)


@lessons.command("restore")
def restore_variant(
    variant: Annotated[str, typer.Argument(help="The variant's key.")],
    table: Table = None,
    endpoint: Endpoint = None,
    of_course: Annotated[str | None, typer.Option("--course", help="The course.", show_default=False)] = None,
) -> None:
    """Let readers have a variant again, whatever they rate it from now on."""
    deployment.use(table, endpoint)
    from tools import variants

    variants.restore(_named(of_course), variant)


@costs.command("report")
def report_cost(
    table: Table = None,
    endpoint: Endpoint = None,
    month: Annotated[str | None, typer.Option(help="The month, such as 2026-11; this one if not given.")] = None,
    as_json: Json = False,
) -> None:
    """Show what model calls cost in a month: by day, by course and model, and as a whole."""
    deployment.use(table, endpoint)
    from tools import cost

    of_month, found = cost.spent(month)
    if as_json:
        print(json.dumps(cost.plain(of_month, found)))
    else:
        console.print(cost.said(of_month, found), markup=False, soft_wrap=True)


def _named(of_course: str | None) -> str:
    """The course that is meant."""
    course_id = of_course or os.environ.get("DEFAULT_COURSE")
    if course_id is None:
        raise OperatorError("Name the course with --course.")
    return course_id


@queues.command("redrive")
def redrive_queue(
    which: Annotated[str, typer.Argument(help="sections or jobs")] = "sections",
    queue: Annotated[
        str | None,
        typer.Option(help="The queue's URL, with your AWS credentials; that of a running `make run` if not given."),
    ] = None,
    dead: Annotated[str | None, typer.Option(help="The URL of its dead-letter queue.")] = None,
    as_json: Json = False,
) -> None:
    """Send messages back that were given up; those that are done or out of date are skipped when they come."""
    names = {"sections": "SECTION", "jobs": "JOB"}
    if which not in names:
        raise OperatorError("Say sections or jobs.")
    if (queue is None) != (dead is None):
        raise OperatorError("Give both --queue and --dead, or neither.")
    if queue is None:
        deployment.use(None, None)
        queue, dead = (os.environ[f"{names[which]}_{name}_URL"] for name in ("QUEUE", "DLQ"))
    import boto3

    from tools import redrive

    moved = redrive.redrive(boto3.client("sqs"), str(dead), queue)
    if as_json:
        print(json.dumps({"queue": which, "moved": moved}))
    else:
        console.print(f"{which}: {moved} sent back", markup=False)


@models.command("status")
def model_status(table: Table = None, endpoint: Endpoint = None, as_json: Json = False) -> None:
    """Say which models fail, and until when they are not asked; exit code 1 if one is not."""
    deployment.use(table, endpoint)
    from tools import suppliers

    found = suppliers.look()
    if as_json:
        print(json.dumps([asdict(each) for each in found]))
    elif not found:
        console.print("No model has failed.", markup=False)
    else:
        for each in found:
            told = [each.model, each.state, each.reason or "", f"until {each.until}" if each.until else ""]
            console.print(" ".join(filter(None, told)), markup=False, soft_wrap=True)
    if any(each.state == "not asked" for each in found):
        raise typer.Exit(1)


@models.command("reset")
def reset_models(table: Table = None, endpoint: Endpoint = None, as_json: Json = False) -> None:
    """Have every model asked at once, and every section that used up its calls tried again."""
    deployment.use(table, endpoint)
    from tools import suppliers

    count = suppliers.reset()
    if as_json:
        print(json.dumps({"reset": count}))
    else:
        console.print(f"{count} reset", markup=False)


@erasing.command("repeat")
def repeat_erasures(
    restored: Annotated[str, typer.Option("--restored", help="The table that a backup was restored to.")],
    table: Table = None,
    endpoint: Endpoint = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say how much would go, and delete nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Delete from a restored table whoever was erased in the live one since; doing it twice changes nothing."""
    deployment.use(table, endpoint)
    from tools import erasures

    found = erasures.repeat(restored, dry_run=dry_run)
    if as_json:
        print(json.dumps(asdict(found)))
    else:
        went = "would go" if dry_run else "went"
        console.print(f"{restored}: {found.learners} learners, {found.erased} of them erased, {found.rows} rows {went}")


def _local_token(url: str) -> str | None:
    """The admin token of `make run`, for an API on this machine only."""
    if urllib3.util.parse_url(url).host not in ("127.0.0.1", "localhost") or not (LOCAL / TOKENS).exists():
        return None
    return str(json.loads((LOCAL / TOKENS).read_text("utf-8"))["admin"])


def main() -> int:
    """Runs a command; 2 with one sentence where it cannot be done."""
    try:
        app()
    except OperatorError as error:
        print(f"attune: {error}", file=sys.stderr)
    except Refused as refused:
        print(f"attune: the API refused: {refused}", file=sys.stderr)
    except urllib3.exceptions.HTTPError as error:
        print(f"attune: the API cannot be reached: {error}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
