"""The rows of one table, in the order of its keys and of its indexes. A row is never changed, only replaced."""

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.doubles.dynamodb.grammar import Invalid
from tests.doubles.dynamodb.values import Row, Value, row_size, sortable

LARGEST = 400 * 1024
MOST_CHANGES = 10_000
Key = tuple[Any, ...]


class Index:
    """Rows by a hash key, sorted; those that lack one of its keys are not in it."""

    def __init__(self, schema: Sequence[Mapping[str, str]], projection: Sequence[str] | None = None) -> None:
        self.names = tuple(part["AttributeName"] for part in schema)
        self.projection = projection
        """The attributes that a row has here; None for all."""
        self._partitions: dict[Any, list[tuple[Any, Key]]] = {}

    def partition(self, value: Value) -> list[tuple[Any, Key]]:
        """The places of a hash key's rows, each with its row's key in the table."""
        return self._partitions.get(sortable(value), [])

    def place(self, row: Mapping[str, Value], key: Key) -> tuple[Any, Key]:
        """Where a row stands in its partition."""
        return (tuple(sortable(row[name]) for name in self.names[1:]), key)

    def add(self, row: Row, key: Key) -> None:
        if all(name in row for name in self.names):
            insort(self._partitions.setdefault(sortable(row[self.names[0]]), []), self.place(row, key))

    def remove(self, row: Row, key: Key) -> None:
        if all(name in row for name in self.names):
            partition = self._partitions[sortable(row[self.names[0]])]
            del partition[bisect_left(partition, self.place(row, key))]


class Rows:
    """A table's rows."""

    def __init__(self, description: Mapping[str, Any]) -> None:
        self.main = Index(description["KeySchema"])
        self.indexes = {
            index["IndexName"]: Index(index["KeySchema"], self._projected(index))
            for index in description.get("GlobalSecondaryIndexes", ())
        }
        self._rows: dict[Key, Row] = {}
        self.changes: deque[tuple[Row | None, Row | None]] = deque(maxlen=MOST_CHANGES)
        """What was replaced by what since the rows were restored: the newest of it, as a stream tells it."""

    def _projected(self, index: Mapping[str, Any]) -> list[str] | None:
        asked = index["Projection"]
        if asked["ProjectionType"] == "ALL":
            return None
        keys = [part["AttributeName"] for part in index["KeySchema"]]
        return [*self.main.names, *keys, *asked.get("NonKeyAttributes", ())]

    def key(self, named: Mapping[str, Value], *, alone: bool = True) -> Key:
        """A row's key from its attributes; `alone` if there may be no others."""
        names = self.main.names
        if any(name not in named for name in names) or (alone and len(named) != len(names)):
            raise Invalid("The provided key element does not match the schema")
        found = tuple(sortable(named[name]) for name in names)
        if not all(found):
            raise Invalid("One or more parameter values are not valid. A key attribute may not be an empty string")
        return found

    def get(self, key: Key) -> Row | None:
        return self._rows.get(key)

    def put(self, key: Key, row: Row | None) -> None:
        """Replace a row; None takes it away."""
        if row is not None and row_size(row) > LARGEST:
            raise Invalid("Item size has exceeded the maximum allowed size")
        before = self._rows.pop(key, None)
        if before != row:
            self.changes.append((before, row))
        for index in (self.main, *self.indexes.values()):
            if before is not None:
                index.remove(before, key)
            if row is not None:
                index.add(row, key)
        if row is not None:
            self._rows[key] = row

    def all(self) -> Iterator[tuple[Key, Row]]:
        """Every row, in the order of the keys."""
        return iter(sorted(self._rows.items(), key=lambda entry: entry[0]))

    def kept(self) -> Mapping[Key, Row]:
        """All rows as they are now."""
        return dict(self._rows)

    def restore(self, kept: Mapping[Key, Row]) -> None:
        """Make all rows what they were."""
        for key in [key for key, row in self._rows.items() if kept.get(key) is not row]:
            self.put(key, None)
        for key, row in kept.items():
            if key not in self._rows:
                self.put(key, row)
        self.changes.clear()
