"""What `make bench` holds its own counts to: it says what is over its bar, and fails."""

from collections.abc import Iterator, Mapping
from typing import Any

COLD = 1_400_000_000
"""Instructions over the runtime that a cold start of a function may take."""
SOURCE = 1.02
"""What a cold start of the artefact may be of one of the source tree, all of whose bytecode is valid."""
LAYERS = 30_000_000
"""Bytes, unzipped, of the two layers that all functions which answer requests carry."""
CARRIED = ("CoreLayer", "DependenciesLayer")
LOG, LINES = 500, 1
"""Bytes and lines that a request may write to the log."""


def missed(found: Mapping[str, Any], peers: tuple[str, ...]) -> Iterator[str]:
    """A sentence for each count that is over its bar."""
    for name, one in found["cold"].items():
        if name not in peers and one["instructions"] > COLD:
            yield f"{name} takes {one['instructions'] / 1e6:.0f} million instructions to start."
    if "source" in found:
        ratio = found["cold"]["ListRecommendations"]["instructions"] / found["source"]
        if ratio > SOURCE:
            yield f"The artefact takes {ratio:.2f} of what the source tree takes to start."
    carried = sum(found["layers"][name] for name in CARRIED)
    if carried > LAYERS:
        yield f"The layers of all functions are {carried / 1e6:.1f} MB."
    for name, sides in found["requests"].items():
        ours = sides["attune"]
        if ours["log"] > LOG or ours["lines"] > LINES:
            yield f"{name} writes {ours['log']} bytes in {ours['lines']} lines to the log."
