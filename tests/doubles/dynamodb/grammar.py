"""Expressions into trees: tuples that begin with what they are. Names are put in; values are still `:names`.

("path", ("a", 0, "b"))  ("value", ":0")  ("size", ("path", ...))  ("and", x, y)  ("=", x, y)  ("between", x, a, b)
"""

import re
from functools import lru_cache
from itertools import pairwise
from typing import Any

Tree = tuple[Any, ...]

_TOKENS = re.compile(r"\s*(?:(<>|<=|>=|[=<>(),+\-\[\].])|([A-Za-z0-9_#:]+))")
_COMPARISONS = ("=", "<>", "<", "<=", ">", ">=")
_PREDICATES = ("attribute_exists", "attribute_not_exists", "attribute_type", "begins_with", "contains")
_VALUES = ("if_not_exists", "list_append", "size")


class Invalid(Exception):
    """A ValidationException, with its message."""


@lru_cache(4096)
def condition(text: str, names: tuple[tuple[str, str], ...]) -> Tree:
    """A condition, key condition or filter."""
    parser = _Parser(text, dict(names))
    tree = parser.either()
    parser.end()
    return tree


@lru_cache(4096)
def update(text: str, names: tuple[tuple[str, str], ...]) -> tuple[tuple[str, Tree, Tree | None], ...]:
    """An update as (verb, path, operand); REMOVE has no operand."""
    parser = _Parser(text, dict(names))
    found: list[tuple[str, Tree, Tree | None]] = []
    while parser.next is not None:
        verb = parser.take().upper()
        if verb not in ("SET", "REMOVE", "ADD", "DELETE"):
            raise Invalid(f"Invalid UpdateExpression: Syntax error; token: {verb}")
        while True:
            path = parser.path()
            operand: Tree | None = None
            if verb == "SET":
                parser.take("=")
                operand = parser.sum()
            elif verb != "REMOVE":
                operand = parser.operand()
            found.append((verb, path, operand))
            if parser.next != ",":
                break
            parser.take()
    paths = sorted((path[1] for _, path, _ in found), key=str)
    if any(after[: len(before)] == before for before, after in pairwise(paths)):
        raise Invalid("Invalid UpdateExpression: Two document paths overlap with each other")
    return tuple(found)


@lru_cache(4096)
def projection(text: str, names: tuple[tuple[str, str], ...]) -> tuple[Tree, ...]:
    """The paths that are asked for."""
    parser = _Parser(text, dict(names))
    found = [parser.path()]
    while parser.next is not None:
        parser.take(",")
        found.append(parser.path())
    return tuple(found)


def used(texts: list[str]) -> set[str]:
    """The placeholders that occur in expressions."""
    return {word for text in texts for _, word in _TOKENS.findall(text) if word[:1] in ("#", ":")}


class _Parser:
    def __init__(self, text: str, names: dict[str, str]) -> None:
        self._tokens = [sign or word for sign, word in _TOKENS.findall(text)]
        self._names, self._place = names, 0
        if "".join(self._tokens) != "".join(text.split()):
            raise Invalid(f"Invalid expression: Syntax error; {text}")

    @property
    def next(self) -> str | None:
        return self._tokens[self._place] if self._place < len(self._tokens) else None

    def take(self, wanted: str | None = None) -> str:
        found = self.next
        if found is None or (wanted is not None and found.upper() != wanted):
            raise Invalid(f"Invalid expression: Syntax error; token: {found or '<EOF>'}")
        self._place += 1
        return found

    def end(self) -> None:
        if self.next is not None:
            raise Invalid(f"Invalid expression: Syntax error; token: {self.next}")

    def _is(self, word: str) -> bool:
        return (self.next or "").upper() == word

    def either(self) -> Tree:
        tree = self._both()
        while self._is("OR"):
            self.take()
            tree = ("or", tree, self._both())
        return tree

    def _both(self) -> Tree:
        tree = self._negated()
        while self._is("AND"):
            self.take()
            tree = ("and", tree, self._negated())
        return tree

    def _negated(self) -> Tree:
        if self._is("NOT"):
            self.take()
            return ("not", self._negated())
        if self._is("("):
            self.take()
            tree = self.either()
            self.take(")")
            return tree
        if self.next in _PREDICATES:
            return self._call()
        return self._comparison()

    def _comparison(self) -> Tree:
        left = self.operand()
        if self.next in _COMPARISONS:
            return (self.take(), left, self.operand())
        if self._is("BETWEEN"):
            self.take()
            low = self.operand()
            self.take("AND")
            return ("between", left, low, self.operand())
        self.take("IN")
        return ("in", left, *self._arguments())

    def _call(self) -> Tree:
        return (self.take(), *self._arguments())

    def _arguments(self) -> list[Tree]:
        self.take("(")
        found = [self.operand()]
        while self.next == ",":
            self.take()
            found.append(self.operand())
        self.take(")")
        return found

    def sum(self) -> Tree:
        tree = self.operand()
        while self.next in ("+", "-"):
            tree = (self.take(), tree, self.operand())
        return tree

    def operand(self) -> Tree:
        if self.next in _VALUES:
            return self._call()
        if self._is("("):
            self.take()
            tree = self.sum()
            self.take(")")
            return tree
        if (self.next or "").startswith(":"):
            return ("value", self.take())
        return self.path()

    def path(self) -> Tree:
        parts: list[str | int] = [self._name()]
        while self.next in (".", "["):
            if self.take() == ".":
                parts.append(self._name())
            else:
                parts.append(int(self.take()))
                self.take("]")
        return ("path", tuple(parts))

    def _name(self) -> str:
        found = self.take()
        if not found.startswith("#"):
            return found
        if found not in self._names:
            raise Invalid(f"An expression attribute name used in the document path is not defined; name: {found}")
        return self._names[found]
