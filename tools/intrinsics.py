"""A CloudFormation file read with its intrinsic functions worked out, as far as a machine without AWS can know them."""

import base64
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

NO_VALUE = object()


class _Loader(yaml.CSafeLoader):
    """YAML in which `!Sub x` is `{"Fn::Sub": x}`, as CloudFormation itself reads it."""


def _tag(loader: yaml.Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)  # type: ignore[arg-type]
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _tag)


def load(path: Path, parameters: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The file with every function replaced by its value.

    A reference to a resource becomes its logical id, an attribute of one `Id.Attribute`. Parameters have their defaults
    where `parameters` says nothing else.
    """
    document = _Loader(path.read_text("utf-8")).get_single_data()
    resolved = _Resolver(document, parameters or {}).value(document)
    assert isinstance(resolved, dict)  # noqa: S101
    return resolved


class _Resolver:
    def __init__(self, document: Mapping[str, Any], parameters: Mapping[str, str]) -> None:
        self._conditions: Mapping[str, Any] = document.get("Conditions", {})
        self._mappings: Mapping[str, Any] = document.get("Mappings", {})
        self._known: dict[str, Any] = {
            "AWS::Region": "us-east-1",
            "AWS::AccountId": "000000000000",
            "AWS::Partition": "aws",
            "AWS::StackName": "attune",
            "AWS::StackId": "attune",
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::NoValue": NO_VALUE,
        }
        for name, declared in document.get("Parameters", {}).items():
            value = str(parameters.get(name, declared.get("Default", "")))
            is_list = declared.get("Type") == "CommaDelimitedList" or str(declared.get("Type")).startswith("List<")
            self._known[name] = [each.strip() for each in value.split(",") if each.strip()] if is_list else value

    def value(self, node: Any) -> Any:
        if isinstance(node, list):
            return [value for value in map(self.value, node) if value is not NO_VALUE]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            name, argument = next(iter(node.items()))
            if name in _FUNCTIONS:
                return _FUNCTIONS[name](self, argument)
        values = {key: self.value(value) for key, value in node.items()}
        return {key: value for key, value in values.items() if value is not NO_VALUE}

    def ref(self, name: str) -> Any:
        return self._known.get(name, name)

    def sub(self, argument: Any) -> str:
        text, variables = argument if isinstance(argument, list) else (argument, {})

        def replace(match: re.Match[str]) -> str:
            name = match[1]
            if name.startswith("!"):
                return "${" + name[1:] + "}"
            return str(self.value(variables[name]) if name in variables else self.ref(name))

        return re.sub(r"\$\{([^}]+)\}", replace, text)

    def condition(self, name: str) -> bool:
        return bool(self.value(self._conditions[name]))

    def if_(self, argument: list[Any]) -> Any:
        return self.value(argument[1] if self.condition(argument[0]) else argument[2])

    def find(self, argument: list[Any]) -> Any:
        first, second, third = map(self.value, argument)
        return self._mappings[first][second][third]


_FUNCTIONS: dict[str, Callable[[_Resolver, Any], Any]] = {
    "Ref": lambda at, name: at.ref(name),
    "Condition": lambda at, name: at.condition(name),
    "Fn::GetAtt": lambda at, path: ".".join(path) if isinstance(path, list) else path,
    "Fn::Sub": lambda at, argument: at.sub(argument),
    "Fn::If": lambda at, argument: at.if_(argument),
    "Fn::Equals": lambda at, argument: at.value(argument[0]) == at.value(argument[1]),
    "Fn::Not": lambda at, argument: not at.value(argument[0]),
    "Fn::And": lambda at, argument: all(map(at.value, argument)),
    "Fn::Or": lambda at, argument: any(map(at.value, argument)),
    "Fn::Join": lambda at, argument: argument[0].join(map(str, at.value(argument[1]))),
    "Fn::Split": lambda at, argument: str(at.value(argument[1])).split(argument[0]),
    "Fn::Select": lambda at, argument: at.value(argument[1])[int(at.value(argument[0]))],
    "Fn::FindInMap": lambda at, argument: at.find(argument),
    "Fn::Base64": lambda at, argument: base64.b64encode(str(at.value(argument)).encode()).decode(),
}
