"""pynamodb's attributes and rows, read with less to do: all rows pass through here, and each attribute many times.

pynamodb asks at each look at an attribute whether it stands in a map of its own kind, which no row here has, and makes
a row by going through all that its kind may hold, three times.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pynamodb import attributes as theirs
from pynamodb.attributes import DESERIALIZE_CLASS_MAP, DiscriminatorAttribute, MapAttribute
from pynamodb.constants import LIST, MAP, NULL, NUMBER, STRING
from pynamodb.models import Model

T = TypeVar("T", bound=Model)
TEXT: Final = theirs.UnicodeAttribute
"""What a list holds: pynamodb compares it with its own."""


class _Attribute:
    if not TYPE_CHECKING:

        def __set_name__(self, owner: type, name: str) -> None:
            super().__set_name__(owner, name)
            self.called = name

        def __get__(self, row: Any, owner: type) -> Any:
            return self if row is None else row.attribute_values.get(self.called)


class BinaryAttribute(_Attribute, theirs.BinaryAttribute):
    pass


class BooleanAttribute(_Attribute, theirs.BooleanAttribute):
    pass


class JSONAttribute(_Attribute, theirs.JSONAttribute):
    pass


class ListAttribute(_Attribute, theirs.ListAttribute[Any]):
    pass


class NumberAttribute(_Attribute, theirs.NumberAttribute):
    def deserialize(self, value: str) -> float:
        """The same number as pynamodb's, which asks a parser of JSON."""
        return _number(value)


class UnicodeAttribute(_Attribute, theirs.UnicodeAttribute):
    pass


class UnicodeSetAttribute(_Attribute, theirs.UnicodeSetAttribute):
    pass


def read(kind: type[T], data: Mapping[str, Any]) -> T:
    """A row of its own kind, as it is stored. Raises `ValueError` for a kind that is not one of these."""
    names, defaults, kinds = _shape(kind)
    stored = kinds.deserialize(data["kind"]["S"]) if "kind" in data else kind
    if not issubclass(stored, kind):
        raise ValueError(f"a row of the kind {stored.__name__} where {kind.__name__} was asked for")
    if stored is not kind:
        names, defaults, _ = _shape(stored)
    values = {name: make() for name, make in defaults}
    for name, held in data.items():
        if name in names and NULL not in held:
            called, attribute, make = names[name]
            values[called] = make(attribute.get_value(held))
    row: T = stored.__new__(stored)
    row.attribute_values = values
    return row


_Shape = tuple[Mapping[str, tuple[str, Any, Callable[[Any], Any]]], list[tuple[str, Callable[[], Any]]], Any]


@cache
def _shape(kind: type[Model]) -> _Shape:
    """The attributes of a kind by the names that they are stored under, what stands for those that are not, and that
    which says the kind of a row."""
    every = kind.get_attributes()
    given = [(name, _default(one)) for name, one in every.items() if one.default is not None]
    names = {
        one.attr_name: (name, one, _map if isinstance(one, MapAttribute) else one.deserialize)
        for name, one in every.items()
    }
    return names, given, next(one for one in every.values() if isinstance(one, DiscriminatorAttribute))


def _default(attribute: Any) -> Callable[[], Any]:
    default = attribute.default
    make = default if callable(default) else lambda: default
    return (lambda: _held(make())) if isinstance(attribute, MapAttribute) else make


def _map(values: Mapping[str, Any]) -> Any:
    return _held({name: _plain(value) for name, value in values.items()})


def _held(values: dict[str, Any]) -> Any:
    """A map as pynamodb makes it."""
    made: Any = MapAttribute.__new__(MapAttribute)
    vars(made).update(attribute_kwargs={}, attribute_values=values)
    return made


def _plain(value: Mapping[str, Any]) -> Any:
    """A value within a map."""
    ((kind, held),) = value.items()
    if kind == STRING:
        return held
    if kind == NUMBER:
        return _number(held)
    if kind == MAP:
        return {name: _plain(one) for name, one in held.items()}
    if kind == LIST:
        return [_plain(one) for one in held]
    return DESERIALIZE_CLASS_MAP[kind].deserialize(held)


def _number(text: str) -> float:
    try:
        return int(text)
    except ValueError:
        return float(text)
