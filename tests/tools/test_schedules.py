"""Schedules of the template: when they are due, what they send, and that they are invoked then."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tools import schedules
from tools.errors import OperatorError
from tools.schedules import Timer, event, next_after
from tools.template import Schedule, Template

NOW = datetime(2026, 11, 24, 13, 37, 5, tzinfo=UTC)
"""A Tuesday."""


@pytest.mark.parametrize(
    ("expression", "due"),
    [
        ("cron(0 2 * * ? *)", "2026-11-25T02:00"),
        ("cron(38 13 * * ? *)", "2026-11-24T13:38"),
        ("cron(37 13 * * ? *)", "2026-11-25T13:37"),
        ("cron(0/15 * * * ? *)", "2026-11-24T13:45"),
        ("cron(*/20 9-17 * * ? *)", "2026-11-24T13:40"),
        ("cron(0 6 ? * 2 *)", "2026-11-30T06:00"),
        ("cron(0 6 ? * 1,7 *)", "2026-11-28T06:00"),
        ("cron(0 0 1 1 ? *)", "2027-01-01T00:00"),
        ("cron(0 0 29 2 ? *)", "2028-02-29T00:00"),
        ("cron(30 5 1,15 * ? 2027)", "2027-01-01T05:30"),
        ("rate(5 minutes)", "2026-11-24T13:42:05"),
        ("rate(1 hour)", "2026-11-24T14:37:05"),
        ("rate(1 day)", "2026-11-25T13:37:05"),
    ],
)
def test_a_schedule_is_due_when_it_says(expression: str, due: str) -> None:
    assert next_after(expression, NOW) == datetime.fromisoformat(due).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "expression",
    ["", "every day", "cron(0 2 * *)", "cron(0 2 L * ? *)", "cron(0 2 ? * MON *)", "cron(0 2 31 2 ? *)", "rate(2)"],
)
def test_what_is_not_understood_is_said(expression: str) -> None:
    with pytest.raises(OperatorError, match="schedule"):
        next_after(expression, NOW)


def test_the_input_of_the_template_is_sent_with_the_time_that_was_due() -> None:
    real = next(each for each in Template().schedules if each.function.id == "PlanRefresh")
    assert event(real, NOW) == {"job": "StartRefresh", "time": "2026-11-24T13:37:05Z"}
    assert next_after(real.expression, NOW).hour == 2


def test_without_an_input_it_is_the_schedulers_own_event(template: Template) -> None:
    sent = event(template.schedules[-1], NOW)
    assert (sent["source"], sent["time"], sent["detail"]) == ("aws.scheduler", "2026-11-24T13:37:05Z", "{}")


class Clock:
    def __init__(self) -> None:
        self.time = NOW

    def __call__(self) -> datetime:
        return self.time


def minutely(template: Template) -> list[Schedule]:
    return [Schedule(template.functions["Work"], "Each", "rate(1 minute)", '{"at": "<aws.scheduler.scheduled-time>"}')]


def test_what_is_due_is_invoked_once_and_what_was_slept_through_once(template: Template) -> None:
    clock, sent = Clock(), list[Any]()
    timer = Timer(minutely(template), lambda name, said: sent.append((name, said["at"])), clock)
    for seconds in (0, 59, 60, 61, 600, 601, 659):
        clock.time = NOW + timedelta(seconds=seconds)
        timer.tick()
    assert sent == [("Work", "2026-11-24T13:38:05Z"), ("Work", "2026-11-24T13:39:05Z")]


def test_a_schedule_that_fails_is_logged_and_comes_again(
    template: Template, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, called = Clock(), threading.Event()

    def invoke(name: str, said: dict[str, Any]) -> None:
        called.set()
        raise RuntimeError("boom")

    timer = Timer(minutely(template), invoke, clock)
    clock.time += timedelta(minutes=2)
    monkeypatch.setattr(timer._stopping, "wait", lambda _: called.is_set())
    timer.start()
    timer.stop()
    assert called.is_set()
    assert "a schedule failed" in caplog.text
    assert schedules.next_after("rate(1 minute)", clock.time) == timer._due[0][1]
