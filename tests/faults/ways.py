"""The ways in which functions can be met, in a deployment with a learner: each shows calls that the others do not."""

from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from attune.domain.errors import Unavailable
from attune.edge import aws, secrets
from attune.store import courses, parameters
from attune.store.items import Item
from tests.doubles.faults import Faults
from tests.doubles.tap import Send
from tests.faults.conftest import FUNCTIONS, Site
from tests.functions.actions import Actions, allowed

Json = dict[str, Any]
COURSE = "physical-ai"
LEARNER = "g.550e8400-e29b-41d4-a716-446655440000"
ACCOUNT = {"kind": "account", "subject": "de7e3abd-8cf5-80f0-96ac-08a62577f7d1", "issuer": "https://issuer.example"}


class Used(Actions):
    """The actions of the queues and the secrets too."""

    def send(self, client: Any, operation: str, request: AWSPreparedRequest, go_on: Send) -> AWSResponse:
        service = client.meta.service_model.endpoint_prefix
        if service == "dynamodb":
            return super().send(client, operation, request, go_on)
        self.actions.add(f"{service}:{operation.removesuffix('Batch')}")
        return go_on()


@dataclass
class Trial:
    """One function in a deployment, and the actions it was seen to take so far."""

    site: Site
    name: str
    used: Used = field(default_factory=Used)

    def call(self, event: Json | None = None, *, name: str = "", fault: Faults | None = None) -> Any:
        """What it answers; nothing if it fails as it may. With a `name`, another function is called unseen."""
        secrets.forget()
        clients = Item, aws.client("sqs"), aws.client("ssm")
        with ExitStack() as opened, suppress(Unavailable):
            if not name:
                opened.enter_context(self.used.on(*clients))
            if fault:
                opened.enter_context(fault.on(*clients))
            return self.site.call(name or self.name, event)
        return None

    @property
    def event(self) -> Json:
        return self.site.event(self.name)

    def by(self, event: Json, **caller: str) -> Json:
        """An event from another caller."""
        known = event.get("requestContext", {}).get("authorizer", {}).get("lambda")
        if known:
            known.update(caller)
        return event

    def without(self, *starts: str) -> None:
        """Delete the rows whose keys start so."""
        kept = self.site.backend.kept()
        left = {key: row for key, row in kept.items() if not f"{row['pk']['S']} {row['sk']['S']}".startswith(starts)}
        self.site.backend.empty(left)

    @property
    def surplus(self) -> set[str]:
        return allowed(FUNCTIONS[self.name].id) - self.used.actions


Way = Callable[[Trial], object]
WAYS: list[Way] = []
OWN: dict[str, list[Way]] = {}


def way(*names: str) -> Callable[[Way], Way]:
    """A way in which functions are met: all of them, or those that are named."""

    def register(one: Way) -> Way:
        for name in names:
            OWN.setdefault(name, []).append(one)
        if not names:
            WAYS.append(one)
        return one

    return register


@way()
def twice(trial: Trial) -> None:
    trial.call()
    trial.call()


@way()
def cold(trial: Trial) -> None:
    courses.forget()
    parameters.forget()
    trial.call()


@way()
def by_an_account_that_is_new(trial: Trial) -> None:
    trial.call(trial.by(trial.event, **ACCOUNT))
    trial.call(trial.by(trial.event, **ACCOUNT))


@way()
def by_a_guest_who_is_new(trial: Trial) -> None:
    trial.without("USER#g.550e8400-e29b-41d4-a716-446655440000 C")
    trial.call()


@way()
def by_an_account_that_is_gone(trial: Trial) -> None:
    event = trial.site.event("erase_user")
    trial.call(trial.by(trial.site.event("submit_onboarding"), **ACCOUNT), name="submit_onboarding")
    trial.call(trial.by(event, **ACCOUNT), name="erase_user")
    trial.without("USER#a.")
    trial.call(trial.by(trial.event, **ACCOUNT))


@way()
def by_somebody_who_is_not_there(trial: Trial) -> None:
    trial.without("USER#")
    trial.call()


@way()
def with_an_answer_that_is_lost(trial: Trial) -> None:
    for operation in ("PutItem", "UpdateItem", "TransactWriteItems"):
        faults = Faults()
        faults.plan("lost_after", operation, attempts=[1])
        trial.call(fault=faults)
