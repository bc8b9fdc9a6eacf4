"""Erase a learner: refused from the first moment on, deleted by a job that may be ended anywhere and begun again.

The job sweeps twice: at once, and when everybody who began before has ended. What such a latecomer still wrote, the
second sweep takes along, and with it the markers that told everybody else.
"""

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import chain, islice
from typing import Final

from attune.domain.erasure import DONE, SETTLES, Erasure
from attune.domain.errors import NotFound, Unavailable
from attune.domain.jobs import EraseUser, Job
from attune.domain.principal import Principal
from attune.store import erasures, runs, table

TRIES: Final = 6
LONG: Final = timedelta(hours=1)
MOST_PAGES: Final = 500
"""Pages in one delivery of the job: 10,000 rows, some 20 seconds of a minute."""
Send = Callable[[Sequence[Job]], None]
Withdraw = Callable[[Callable[[str], bool]], int]
"""Deletes the messages whose bodies are picked from where failed ones lie."""


class NotYet(Exception):
    """The second sweep is due in so many seconds."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"in {seconds} s")
        self.seconds = seconds


def begin(principal: Principal, wanted: str, now: datetime, send: Send) -> str:
    """The receipt. The same request again, while it is under way, answers with the same one and sends the job again.

    Raises `NotFound` for anybody else, `Unidentified` for who is gone already.
    """
    if wanted not in ("me", principal.subject):
        raise NotFound("unknown_user", "There is no such learner.")
    for turn in range(TRIES):
        found = erasures.find(principal, now)
        receipt = found.receipt if found else str(uuid.uuid4())
        try:
            if found is None:
                erasures.begin(principal, receipt, now)
        except table.ConditionFailed:
            table.pause(turn)
            continue
        erasures.mark(principal.learner)
        send([EraseUser(receipt)])
        return receipt
    raise Unavailable("store_busy")


def wake(now: datetime, send: Send) -> None:
    """Send the jobs again of erasures that have long been under way: whoever asked may have ended before the job was
    sent, and its message may be where failed ones lie."""
    send([EraseUser(receipt) for receipt in erasures.left_behind(now - LONG)])


def run(receipt: str, now: datetime, send: Send, withdraw: Withdraw) -> str:
    """Do what is left of an erasure; says what that was. Raises `NotYet`."""
    erasure = erasures.get(receipt, now)
    if erasure is None or erasure.state == DONE:
        return "done before"
    again = erasure.swept_at is not None
    if erasure.swept_at is not None and now < erasure.swept_at + SETTLES:
        raise NotYet(int((erasure.swept_at + SETTLES - now).total_seconds()) + 1)
    if not again:
        erasures.bury(erasure)
    for learner in erasure.learners if not again else ():
        erasures.mark(learner)
    pages = 0
    while pages < MOST_PAGES:
        try:
            step = _step(erasure, now, withdraw, markers=again)
        except table.ConditionFailed:
            # Another delivery of the same job is at work, or a row was written meanwhile.
            table.pause(min(pages, 4))
            step = True
        pages += 1
        if not step and not again:
            raise NotYet(int(SETTLES.total_seconds()))
        erasure = erasures.get(receipt, now)
        if erasure is None or erasure.state == DONE:
            return "erased"
    send([EraseUser(receipt)])
    return "goes on"


def _step(erasure: Erasure, now: datetime, withdraw: Withdraw, *, markers: bool) -> bool:
    """One page of rows, or what follows the last one; False when a sweep is over."""
    left = chain.from_iterable(erasures.page(learner, markers=markers) for learner in sorted(erasure.learners))
    if rows := list(islice(left, erasures.PAGE)):
        erasures.delete(erasure, rows, now)
        return True
    erasures.forget_creations(erasure)
    for learner in sorted(erasure.learners):
        runs.forget(learner, erasure.courses, now)
    withdraw(lambda body: any(learner in body for learner in erasure.learners))
    if markers:
        erasures.finish(erasure, now)
    else:
        erasures.swept(erasure, now)
    return False
