"""How long each route takes, for CloudWatch: it finds that in the line which is logged anyway. No library, no call."""

from typing import Any, Final

from attune.edge.clock import clock
from attune.settings import settings

ROUTE: Final = "route"
MILLISECONDS: Final = "ms"


def of_request(route: str) -> dict[str, Any]:
    """What makes the line of a request a metric too: its `ms`, by route. Nothing where the owner wants none.

    The dimension is the name of a function and nothing that was sent, so that there are as many metrics as functions.
    """
    if settings.metrics is None:
        return {}
    counted = {
        "Namespace": settings.metrics,
        "Dimensions": [[ROUTE]],
        "Metrics": [{"Name": MILLISECONDS, "Unit": "Milliseconds"}],
    }
    return {ROUTE: route, "_aws": {"Timestamp": int(clock.now().timestamp() * 1000), "CloudWatchMetrics": [counted]}}
