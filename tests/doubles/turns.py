"""Several threads of which one goes on at a time, from one call of a client to the next, in an order drawn by chance.

The same chance gives the same order, so that whatever goes wrong goes wrong again; and an engine that is not atomic
under threads is asked by one at a time.
"""

import random
import threading
from collections.abc import Callable, Sequence
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from tests.doubles.tap import Send, Tap


class Turns(Tap):
    """Sits on the clients that the threads share."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._changed = threading.Condition()
        self._mine = threading.local()
        self._live: set[int] = set()
        self._waiting: set[int] = set()
        self._turn: int | None = None
        self._failed: list[BaseException] = []

    def send(self, client: Any, operation: str, request: AWSPreparedRequest, go_on: Send) -> AWSResponse:
        """A thread's turn ends with each call that it makes; other threads pass."""
        if hasattr(self._mine, "number"):
            self._pause()
        return go_on()

    def run(self, scripts: Sequence[Callable[[], None]]) -> None:
        """Run all of them to their ends; raises what one of them raised."""
        self._live = set(range(len(scripts)))
        threads = [threading.Thread(target=self._one, args=each) for each in enumerate(scripts)]
        for thread in threads:
            thread.start()
        with self._changed:
            while self._live:
                self._changed.wait_for(lambda: self._turn is None and self._waiting == self._live)
                if self._waiting:
                    self._turn = self._rng.choice(sorted(self._waiting))
                    self._changed.notify_all()
        for thread in threads:
            thread.join()
        if self._failed:
            raise self._failed[0]

    def _one(self, number: int, script: Callable[[], None]) -> None:
        self._mine.number = number
        try:
            self._pause()
            script()
        except BaseException as error:
            self._failed.append(error)
        finally:
            with self._changed:
                self._live.discard(number)
                self._turn = None
                self._changed.notify_all()

    def _pause(self) -> None:
        number = self._mine.number
        with self._changed:
            if self._turn == number:
                self._turn = None
            self._waiting.add(number)
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._turn == number)
            self._waiting.discard(number)
