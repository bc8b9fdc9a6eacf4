"""$default: paths that do not exist are 404, methods that a path does not take are 405."""

from typing import Any

from attune import start
from attune.edge import http, static

app = http.api(public=True)


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer what no route takes, as a problem."""
    return http.refuse(app, event, static.unrouted(event))


start.end()
