"""How secrets are read: the edge says it, since the store knows no service but its table."""

from collections.abc import Callable


def _nobody(name: str) -> str:
    raise RuntimeError(f"nobody said how {name} is read")


read: Callable[[str], str] = _nobody
"""The value of a parameter; `attune.edge.tombs` puts its reader here."""
