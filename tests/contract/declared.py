"""The template with its functions worked out, as the tests here look at it."""

from collections.abc import Iterator, Mapping
from typing import Any

from tools import intrinsics, scan
from tools.template import ROOT, Template

# All that has a monthly price, switched on.
PAID = scan.PAID


def resources(parameters: Mapping[str, str] | None = None) -> dict[str, dict[str, Any]]:
    """What a deployment with these parameters has."""
    found: dict[str, dict[str, Any]] = scan.document(parameters or {})["Resources"]
    return found


DOCUMENT = intrinsics.load(ROOT / "template.yaml")
TEMPLATE = Template()
RESOURCES = resources()
GLOBALS: dict[str, Any] = DOCUMENT["Globals"]["Function"]
FUNCTIONS = {
    name: resource["Properties"]
    for name, resource in RESOURCES.items()
    if resource["Type"] == "AWS::Serverless::Function"
}


def of_type(kind: str) -> dict[str, dict[str, Any]]:
    return {name: resource for name, resource in RESOURCES.items() if resource["Type"] == kind}


def events(kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, properties in FUNCTIONS.items():
        for event in properties.get("Events", {}).values():
            if event["Type"] == kind:
                yield name, event["Properties"]
