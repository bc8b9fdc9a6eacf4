"""What `template.yaml` says of functions, routes, queues, streams, schedules, CORS and the table."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

from tools import intrinsics
from tools.routes import Route

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Function:
    """One Lambda function: `id` is its logical id, `name` the folder under functions/."""

    id: str
    name: str
    timeout: int
    memory: int
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Mapped:
    """A queue that invokes a function, with the rules of its event source mapping."""

    function: Function
    queue: str
    batch_size: int
    window: int
    concurrency: int | None
    partial: bool


@dataclass(frozen=True, slots=True)
class Streamed:
    """A table's stream that invokes a function; `patterns` are the filter's, one of which a record has to meet."""

    function: Function
    batch_size: int
    window: int
    retries: int
    bisects: bool
    partial: bool
    failures: str | None
    patterns: tuple[Mapping[str, Any], ...]

    def passes(self, record: Mapping[str, Any]) -> bool:
        """Whether the filter lets a record through."""
        return not self.patterns or any(_meets(pattern, record) for pattern in self.patterns)


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a function is invoked without anybody asking, and with what."""

    function: Function
    name: str
    expression: str
    input: str | None


@dataclass(frozen=True, slots=True)
class Cors:
    """The CorsConfiguration of the HTTP API."""

    origins: tuple[str, ...]
    methods: tuple[str, ...]
    headers: tuple[str, ...]
    exposed: tuple[str, ...]
    max_age: int | None
    credentials: bool


class Template:
    """The parsed template. Parameters not given have their defaults."""

    def __init__(self, path: Path = ROOT / "template.yaml", parameters: Mapping[str, str] | None = None) -> None:
        document = intrinsics.load(path, parameters)
        conditions = document.get("Conditions", {})
        self._globals: Mapping[str, Any] = document.get("Globals", {})
        self._resources: dict[str, dict[str, Any]] = {
            name: resource
            for name, resource in document.get("Resources", {}).items()
            if conditions.get(resource.get("Condition"), True)
        }

    def _of_type(self, kind: str) -> dict[str, dict[str, Any]]:
        return {
            name: resource.get("Properties", {})
            for name, resource in self._resources.items()
            if resource.get("Type") == kind
        }

    @cached_property
    def functions(self) -> dict[str, Function]:
        """By logical id."""
        common = self._globals.get("Function", {})
        return {
            name: Function(
                id=name,
                name=PurePosixPath(properties.get("CodeUri", common.get("CodeUri", ""))).name,
                timeout=int(properties.get("Timeout", common.get("Timeout", 3))),
                memory=int(properties.get("MemorySize", common.get("MemorySize", 128))),
                environment=_variables(common) | _variables(properties),
            )
            for name, properties in self._of_type("AWS::Serverless::Function").items()
        }

    def _events(self, *kinds: str) -> Iterator[tuple[Function, str, Mapping[str, Any]]]:
        for name, properties in self._of_type("AWS::Serverless::Function").items():
            for event_name, event in properties.get("Events", {}).items():
                if event.get("Type") in kinds:
                    yield self.functions[name], event_name, event.get("Properties", {})

    @cached_property
    def _api(self) -> dict[str, Any]:
        own = next(iter(self._of_type("AWS::Serverless::HttpApi").values()), {})
        return {**self._globals.get("HttpApi", {}), **own}

    @cached_property
    def authorizers(self) -> dict[str, str]:
        """The function behind each authorizer, by the authorizer's name."""
        declared = self._api.get("Auth", {}).get("Authorizers", {})
        return {
            name: str(one["FunctionArn"]).removesuffix(".Arn") for name, one in declared.items() if "FunctionArn" in one
        }

    @cached_property
    def routes(self) -> list[Route]:
        """As declared; `routes.match` knows which wins."""
        default = self._api.get("Auth", {}).get("DefaultAuthorizer")
        found = []
        for function, _, properties in self._events("HttpApi"):
            authorizer = properties.get("Auth", {}).get("Authorizer", default)
            found.append(
                Route(
                    method=_method(properties.get("Method", "ANY")),
                    path=properties.get("Path", "$default"),
                    function=function.id,
                    authorizer=None if authorizer in (None, "NONE") else authorizer,
                )
            )
        return found

    @cached_property
    def queues(self) -> dict[str, dict[str, Any]]:
        """The properties of every queue, by logical id."""
        return self._of_type("AWS::SQS::Queue")

    @cached_property
    def mapped(self) -> list[Mapped]:
        """The event source mappings that are switched on."""
        return [
            Mapped(
                function=function,
                queue=str(properties["Queue"]).removesuffix(".Arn"),
                batch_size=int(properties.get("BatchSize", 10)),
                window=int(properties.get("MaximumBatchingWindowInSeconds", 0)),
                concurrency=_number(properties.get("ScalingConfig", {}).get("MaximumConcurrency")),
                partial="ReportBatchItemFailures" in properties.get("FunctionResponseTypes", []),
            )
            for function, _, properties in self._events("SQS")
            if str(properties.get("Enabled", True)).lower() != "false"
        ]

    @cached_property
    def streamed(self) -> list[Streamed]:
        """The mappings of the table's stream."""
        return [
            Streamed(
                function=function,
                batch_size=int(properties.get("BatchSize", 100)),
                window=int(properties.get("MaximumBatchingWindowInSeconds", 0)),
                retries=int(properties.get("MaximumRetryAttempts", -1)),
                bisects=str(properties.get("BisectBatchOnFunctionError", False)).lower() == "true",
                partial="ReportBatchItemFailures" in properties.get("FunctionResponseTypes", []),
                failures=_failures(properties),
                patterns=tuple(
                    json.loads(each["Pattern"]) for each in properties.get("FilterCriteria", {}).get("Filters", ())
                ),
            )
            for function, _, properties in self._events("DynamoDB")
        ]

    @cached_property
    def schedules(self) -> list[Schedule]:
        """Those that are on, of both kinds: `Schedule` (a rule) and `ScheduleV2` (EventBridge Scheduler)."""
        return [
            Schedule(
                function,
                name,
                properties.get("Schedule", properties.get("ScheduleExpression", "")),
                properties.get("Input"),
            )
            for function, name, properties in self._events("Schedule", "ScheduleV2")
            if properties.get("State", "ENABLED") != "DISABLED"
        ]

    @cached_property
    def cors(self) -> Cors | None:
        declared = self._api.get("CorsConfiguration")
        if not isinstance(declared, dict):
            return None
        return Cors(
            origins=tuple(declared.get("AllowOrigins", ())),
            methods=tuple(declared.get("AllowMethods", ())),
            headers=tuple(declared.get("AllowHeaders", ())),
            exposed=tuple(declared.get("ExposeHeaders", ())),
            max_age=_number(declared.get("MaxAge")),
            credentials=str(declared.get("AllowCredentials", False)).lower() == "true",
        )

    @cached_property
    def table(self) -> tuple[str, dict[str, Any]]:
        """The logical id and the properties of the one table."""
        ((name, properties),) = self._of_type("AWS::DynamoDB::Table").items()
        return name, properties

    @cached_property
    def environment(self) -> dict[str, str]:
        """Every variable of every function, resources by their logical ids; one process serves all functions."""
        merged = _variables(self._globals.get("Function", {}))
        for function in self.functions.values():
            merged |= function.environment
        return merged


def _variables(properties: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in properties.get("Environment", {}).get("Variables", {}).items()}


def _failures(properties: Mapping[str, Any]) -> str | None:
    named = properties.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
    return None if named is None else str(named).removesuffix(".Arn")


def _meets(pattern: Mapping[str, Any], found: Any) -> bool:
    """Whether a record meets a pattern: each list in it holds the values that may stand there."""
    if not isinstance(found, Mapping):
        return False
    return all(
        _meets(wanted, found.get(name)) if isinstance(wanted, Mapping) else found.get(name) in wanted
        for name, wanted in pattern.items()
    )


def _number(value: object) -> int | None:
    return None if value is None else int(str(value))


def _method(declared: str) -> str:
    return "ANY" if declared.lower() in {"any", "x-amazon-apigateway-any-method"} else declared.upper()
