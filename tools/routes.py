"""Which route of an HTTP API answers a request: the most specific path among those of the method, else `$default`."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Route:
    """One route: `function` is a logical id, `authorizer` the name of one or None for a public route."""

    method: str
    path: str
    function: str
    authorizer: str | None = None

    @property
    def key(self) -> str:
        """As API Gateway writes it: `GET /api/health`, or `$default`."""
        return self.path if self.path == "$default" else f"{self.method} {self.path}"

    def parameters(self, path: str) -> dict[str, str] | None:
        """The path parameters if this route's path fits, else None."""
        if self.path == "$default":
            return {}
        wanted, given = self.path.split("/"), path.split("/")
        found: dict[str, str] = {}
        for position, segment in enumerate(wanted):
            rest = given[position:]
            if segment.startswith("{") and segment.endswith("+}"):
                if not any(rest):
                    return None
                found[segment[1:-2]] = "/".join(rest)
                return found
            if not rest:
                return None
            if segment.startswith("{") and segment.endswith("}"):
                if not rest[0]:
                    return None
                found[segment[1:-1]] = rest[0]
            elif segment != rest[0]:
                return None
        return found if len(wanted) == len(given) else None

    @property
    def _rank(self) -> tuple[object, ...]:
        """Sorts exact before variable before greedy, segment by segment, then a named method before ANY."""
        if self.path == "$default":
            return (True,)
        kinds = [2 if each.endswith("+}") else 1 if each.startswith("{") else 0 for each in self.path.split("/")]
        return (False, kinds, self.method == "ANY")


class Router:
    """All routes of an API in the order in which API Gateway tries them."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._routes = sorted(routes, key=lambda route: route._rank)

    def match(self, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
        """The route that answers and its path parameters; None where there is not even a `$default`."""
        for route in self._routes:
            if route.method in (method, "ANY") and (found := route.parameters(path)) is not None:
                return route, found
        return None
