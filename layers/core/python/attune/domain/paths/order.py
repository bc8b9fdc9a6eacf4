"""An order in which nothing comes before what it builds upon (Kahn's), the best first where there is a choice."""

from collections.abc import Callable, Collection, Iterable
from functools import cache
from heapq import heappop, heappush
from typing import Any


def _nothing(node: str) -> Iterable[str]:
    return ()


def ordered(
    nodes: Collection[str],
    needs: Callable[[str], Iterable[str]],
    priority: Callable[[str], Any],
    wishes: Callable[[str], Iterable[str]] = _nothing,
) -> tuple[str, ...]:
    """The nodes, each after those of its `needs` that are among them; of those ready, the one of least `priority`.

    `wishes` should come before a node too, and do unless they wait for it themselves. `priority` tells all nodes
    apart, so that equal input has one order. What needs itself is left out.
    """
    needed: dict[str, int] = {}
    wished: dict[str, int] = {}
    followers: dict[str, list[tuple[str, dict[str, int]]]] = {}
    for node in nodes:
        before = {need for need in needs(node) if need in nodes}
        also = {wish for wish in wishes(node) if wish in nodes and wish not in before and wish != node}
        needed[node], wished[node] = len(before), len(also)
        for others, counts in ((before, needed), (also, wished)):
            for other in others:
                followers.setdefault(other, []).append((node, counts))
    ready, almost = list[tuple[Any, str]](), list[tuple[Any, str]]()
    rank = cache(priority)

    def release(node: str) -> None:
        if not needed[node]:
            heappush(almost if wished[node] else ready, (rank(node), node))

    for node in nodes:
        release(node)
    found: dict[str, None] = {}
    while ready or almost:
        _, node = heappop(ready or almost)
        if node in found:
            continue
        found[node] = None
        for follower, counts in followers.get(node, ()):
            counts[follower] -= 1
            if follower not in found:
                release(follower)
    return tuple(found)
