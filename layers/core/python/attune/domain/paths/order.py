"""An order in which nothing comes before what it builds upon (Kahn's), the best first where there is a choice."""

from collections.abc import Callable, Collection, Iterable
from heapq import heapify, heappop, heappush
from typing import Any


def ordered(
    nodes: Collection[str], needs: Callable[[str], Iterable[str]], priority: Callable[[str], Any]
) -> tuple[str, ...]:
    """The nodes, each after those of its needs that are among them; of those ready, the one of least `priority`.

    `priority` tells all nodes apart, so that equal input has one order. What waits for itself is left out.
    """
    waiting: dict[str, int] = {}
    follow: dict[str, list[str]] = {}
    for node in nodes:
        before = [need for need in dict.fromkeys(needs(node)) if need in nodes]
        waiting[node] = len(before)
        for need in before:
            follow.setdefault(need, []).append(node)
    ready = [(priority(node), node) for node, count in waiting.items() if not count]
    heapify(ready)
    found = []
    while ready:
        _, node = heappop(ready)
        found.append(node)
        for follower in follow.get(node, ()):
            waiting[follower] -= 1
            if not waiting[follower]:
                heappush(ready, (priority(follower), follower))
    return tuple(found)
