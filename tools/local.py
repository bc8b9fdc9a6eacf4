"""All of Attune in one process: embedded services, issuer, queues, schedules, the HTTP API over the real handlers."""

import importlib
import json
import os
import secrets
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tools import code, schedules
from tools.client import Client, connections
from tools.gateway import Gateway
from tools.issuer import Issuer, new_key, public_jwk
from tools.queues import Poller
from tools.schedules import Timer
from tools.server import Server
from tools.services import REGION, Services
from tools.streams import Reader
from tools.template import ROOT, Template

AUDIENCE = "attune"
ADMIN_SCOPE = "attune:admin"
# The keys of models, and the settings that name where functions find them.
_MODEL_KEYS = {"OPENAI_API_KEY": "LLM_KEY_PARAMETER", "SECOND_LLM_API_KEY": "SECOND_LLM_KEY_PARAMETER"}
# Enough for a stampede of waiting requests; API Gateway has no such limit.
THREADS = 128


class Stack:
    """A running Attune. Ephemeral unless `data` names a folder that keeps it.

    It owns `os.environ` and the imported production code while it runs, and puts both back when it ends: one at a time
    in a process. `env` overrides or adds variables; None removes one. Only with `schedules` are those of the template
    invoked, by the machine's clock. Only with `streams` is the table's stream read all the time; else with `fold`.
    """

    def __init__(
        self,
        data: Path | None = None,
        port: int = 0,
        env: Mapping[str, str | None] | None = None,
        *,
        template: Path = ROOT / "template.yaml",
        parameters: Mapping[str, str] | None = None,
        root: Path = ROOT,
        reload: bool = False,
        services_port: int = 0,
        issuer_port: int = 0,
        pollers: bool = True,
        schedules: bool = False,
        streams: bool = False,
    ) -> None:
        self._data, self._port, self._wanted = data, port, env or {}
        self._root, self._reload, self._with_pollers = root, reload, pollers
        self._with_schedules, self._with_streams = schedules, streams
        self._services_port, self._issuer_port = services_port, issuer_port
        self.template = Template(template, parameters)

    def __enter__(self) -> Self:
        with ExitStack() as opened:
            opened.enter_context(code.apart())
            opened.callback(_restore, dict(os.environ))
            for name in [name for name in os.environ if name.startswith("AWS_")]:
                # A profile or an endpoint of the person at the keyboard is not for these services.
                del os.environ[name]
            self.services = Services(self._data / "services" if self._data else None, self._services_port)
            opened.callback(self.services.stop)
            self.physical = self.services.provision(self.template)
            self.issuer = Issuer(
                AUDIENCE, ADMIN_SCOPE, self._data / "issuer.pem" if self._data else None, self._issuer_port
            )
            opened.callback(self.issuer.close)
            self.env = self._environment()
            os.environ.update(self.env)
            for name in _absent(self._wanted):
                os.environ.pop(name, None)
            self.gateway = Gateway(self.template, code.Code(self._root, reload=self._reload))
            server = Server(self.gateway, self._port, THREADS)
            opened.callback(server.close)
            self.url = server.url
            # A busy machine answers late, which is no fault of the product.
            self._connections = connections(timeout=120)
            opened.callback(self._connections.clear)
            self.pollers = self._pollers()
            if self._with_pollers:
                for poller in self.pollers:
                    poller.start()
                    opened.callback(poller.stop)
            self.readers = self._readers()
            if self._with_streams:
                for reader in self.readers:
                    reader.start()
                    opened.callback(reader.stop)
            if self._with_schedules:
                timer = Timer(self.template.schedules, self.gateway.invoke)
                timer.start()
                opened.callback(timer.stop)
            self._opened = opened.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened.close()

    def _environment(self) -> dict[str, str]:
        """What the template gives the functions, with what only this machine knows put over it."""
        wanted = {name: value for name, value in self._wanted.items() if value is not None}
        declared = {name: self.physical.get(value, value) for name, value in self.template.environment.items()}
        values = _DEFAULTS | declared
        self.services.parameter(values["TOMBSTONE_KEY_PARAMETER"], secrets.token_hex(32), replace=False)
        public = public_jwk(self.services.parameter(values["GUEST_KEY_PARAMETER"], new_key(), replace=False))
        for key, parameter in _MODEL_KEYS.items():
            if wanted.get(key):
                self.services.parameter(values[parameter], wanted[key])
        local = {
            "STAGE": "local",
            "GUEST_PUBLIC_KEYS": json.dumps({"keys": [public]}),
            "OIDC_ISSUER": self.issuer.url,
            "OIDC_AUDIENCE": AUDIENCE,
            "OIDC_ADMIN_SCOPE": ADMIN_SCOPE,
            **{name: values[name] if wanted.get(key) else "" for key, name in _MODEL_KEYS.items()},
            "POWERTOOLS_LOG_LEVEL": "WARNING",
            "POWERTOOLS_METRICS_DISABLED": "true",
            "AWS_ENDPOINT_URL": self.services.endpoint,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }
        return {name: value for name, value in (values | local | wanted).items() if name not in _MODEL_KEYS}

    def _pollers(self) -> list[Poller]:
        sqs = self.client("sqs", retries={"total_max_attempts": 1})
        return [Poller(sqs, self.physical[each.queue], each, self.gateway.invoke) for each in self.template.mapped]

    def _readers(self) -> list[Reader]:
        arn = self.client("dynamodb").describe_table(TableName=self.table)["Table"]["LatestStreamArn"]
        streams, sqs = self.client("dynamodbstreams"), self.client("sqs")

        def told(queue: str | None) -> Callable[[str], None] | None:
            return partial(_send, sqs, self.physical[queue]) if queue else None

        return [Reader(streams, arn, each, self.gateway.invoke, told(each.failures)) for each in self.template.streamed]

    def fold(self) -> int:
        """Have all that the table's stream tells by now handed to who reads it; how many records that were."""
        return sum(reader.drain() for reader in self.readers)

    @property
    def table(self) -> str:
        """The name of the table."""
        return self.env["TABLE_NAME"]

    def queue(self, logical_id: str) -> str:
        """The URL of a queue of the template."""
        return self.physical[logical_id]

    def fire(self, function_id: str, due: datetime | None = None) -> None:
        """Invoke a function as its schedule does, due at a moment; at the functions' own time if none is given."""
        now = importlib.import_module("attune.edge.clock").clock.now()
        for schedule in self.template.schedules:
            if schedule.function.id == function_id:
                schedules.fire(schedule, due or now, self.gateway.invoke)

    def client(self, service: str, **config: Any) -> Any:
        """A boto3 client of the embedded services."""
        return self.services.client(service, **config)

    def account(self, subject: str = "ada", *scopes: str, **claims: Any) -> str:
        """A token of a signed-in learner."""
        return self.issuer.account(subject, *scopes, **claims)

    def admin(self, **claims: Any) -> str:
        """A token of the owner."""
        return self.issuer.admin(**claims)

    def guest(self, user_id: str | None = None) -> str:
        """A token of a new guest, made by the API itself."""
        body = {"user_id": user_id} if user_id else {}
        return str(self.api().post("/api/user/create", body).json["token"])

    def api(self, token: str | None = None) -> Client:
        """An HTTP client of this stack, speaking as whoever holds the token."""
        return Client(self.url, token, self._connections)


# What the functions can rely on even where a template says nothing of it.
_DEFAULTS = {
    "DEFAULT_COURSE": "physical-ai",
    "WRITER": "rules",
    "GUEST_ISSUER": "urn:attune:local:guests",
    "GUEST_KEY_PARAMETER": "/attune/guest-signing-key",
    "GUEST_PUBLIC_KEYS_PARAMETER": "/attune/guest-public-keys",
    "LLM_KEY_PARAMETER": "/attune/llm-api-key",
    "SECOND_LLM_KEY_PARAMETER": "/attune/second-llm-api-key",
    "TOMBSTONE_KEY_PARAMETER": "/attune/tombstone-key",
}


def _send(sqs: Any, url: str, body: str) -> None:
    sqs.send_message(QueueUrl=url, MessageBody=body)


def _absent(wanted: Mapping[str, str | None]) -> list[str]:
    """The models' keys are for the parameter store alone, as on AWS."""
    return [*_MODEL_KEYS, *(name for name, value in wanted.items() if value is None)]


def _restore(environ: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environ)
