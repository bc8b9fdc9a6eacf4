"""An owner's week as Markdown: the same figures in tables and charts, and dashes where there is none."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attune.domain.reports import chart


def markdown(report: Mapping[str, Any]) -> str:
    """The text; the same report gives the same bytes."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Mapping[str, Any]) -> Iterator[str]:
    yield f"# {report['course']}: {report['week']}"
    yield ""
    yield f"From {report['from']} to {report['to']}, in UTC."
    for title, name in (("Learners", "learners"), ("Lessons", "lessons"), ("Paths", "paths")):
        yield from _section(title, report[name])
    yield ""
    yield chart.bars("Learners who were there, by day", [(one["day"][5:], one["active"]) for one in report["days"]])
    skills = report["skills"]
    yield from _section("Skills", {"gain_per_study_hour": skills["gain_per_study_hour"]})
    yield from _table(("expected", "came", "answers"), skills["calibration"], ("predicted", "observed", "n"))
    if skills["calibration"]:
        yield ""
        points = [(one["predicted"], one["observed"]) for one in skills["calibration"]]
        yield chart.agreement("Expected scores against those that came", points)
    yield from _table(("mistake", "made"), skills["mistakes"], ("category", "mistakes"))
    recommendations = dict(report["recommendations"])
    effect = recommendations.pop("effect")
    yield from _section("Recommendations", {**recommendations, **{f"effect {name}": effect[name] for name in effect}})
    content = dict(report["content"])
    withdrawn = content.pop("out_of_service")
    yield from _section("Content", content)
    yield from _list("Out of service", withdrawn)
    if report["worst_lessons"]:
        yield from ("", "## Lessons to look at")
        yield from _table(("lesson", "wrong", "left"), report["worst_lessons"], ("slug", "wrong_rate", "drop_off"))
    if report["experiments"]:
        yield from ("", "## Experiments")
        columns = ("experiment_id", "status", "decision", "srm_ok")
        yield from _table(("experiment", "status", "decision", "split is sound"), report["experiments"], columns)
    yield from _section("Holdout", report["holdout"])
    yield from _list("Notes", report["notes"])


def _section(title: str, figures: Mapping[str, Any]) -> Iterator[str]:
    yield from ("", f"## {title}", "", "| | |", "|---|---:|")
    for name, value in figures.items():
        yield f"| {name.replace('_', ' ')} | {_shown(value)} |"


def _table(head: Sequence[str], rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> Iterator[str]:
    if not rows:
        return
    yield from ("", f"| {' | '.join(head)} |", f"|{'---|' * len(head)}")
    for row in rows:
        yield f"| {' | '.join(_shown(row[column]) for column in columns)} |"


def _list(title: str, entries: Sequence[str]) -> Iterator[str]:
    if entries:
        yield from ("", f"## {title}", "")
        yield from (f"- {entry}" for entry in entries)


def _shown(value: Any) -> str:
    if value is None:
        return "–"  # noqa: RUF001
    return str(value).replace("|", "\\|")
