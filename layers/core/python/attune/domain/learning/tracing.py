"""Bayesian knowledge tracing: the probability that a skill has been learnt, by the answers in it alone.

Corbett and Anderson (1995), with one generic set of parameters. It stays sure of somebody who knows a skill and
slips often, which a measure of the share of right answers does not.
"""

from typing import Final

_LEARN: Final = 0.15
_GUESS: Final = 0.3
_SLIP: Final = 0.12


def traced(known: float, score: float) -> float:
    """The probability after one more answer; a score between 0 and 1 lies between a wrong and a right one."""
    right = known * (1.0 - _SLIP) / (known * (1.0 - _SLIP) + (1.0 - known) * _GUESS)
    wrong = known * _SLIP / (known * _SLIP + (1.0 - known) * (1.0 - _GUESS))
    told = score * right + (1.0 - score) * wrong
    return told + (1.0 - told) * _LEARN
