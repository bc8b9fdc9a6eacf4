"""Several writers in a row: the next one is asked when one cannot be reached or is not allowed to write."""

import time
from collections.abc import Callable, Sequence

from attune.domain.section import Draft, SectionRequest, Writer, WriterFault

# What the next endpoint may do better. A section that was refused or misread stays refused: it was paid for.
PASSED_ON = frozenset(
    {
        "unreachable",
        "timeout",
        "provider_error",
        "overloaded",
        "provider_protocol_error",
        "quota_exhausted",
        "unauthorized",
        "unknown_model",
    }
)


class Relay:
    """Asks each writer in turn, inside the one deadline, until one gives a draft."""

    def __init__(self, writers: Sequence[Writer], monotonic: Callable[[], float] = time.monotonic) -> None:
        self._writers = tuple(writers)
        self._monotonic = monotonic

    def write(self, request: SectionRequest, complaints: Sequence[str], deadline: float) -> Draft:
        """The first draft that is given; the last fault when none is. What is left of the deadline is shared evenly."""
        ends = self._monotonic() + deadline
        for place, writer in enumerate(self._writers, start=1):
            left = max(0.0, ends - self._monotonic())
            try:
                return writer.write(request, complaints, left / (len(self._writers) - place + 1))
            except WriterFault as fault:
                if fault.reason not in PASSED_ON or place == len(self._writers):
                    raise
        raise WriterFault("unreachable", final=True)
