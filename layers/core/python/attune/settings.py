"""The environment, typed: each value is read once, and a missing one fails loudly where it is first needed."""

import os
from collections.abc import Mapping
from functools import cached_property

from attune.domain.budget import Limits, Price, micro


class MissingSetting(RuntimeError):
    """A variable that the template must set is not set."""


class Settings:
    """What the deployment decides. `local` is the laptop's stage; no other stage may loosen anything."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def _text(self, name: str) -> str:
        value = self._environment.get(name, "")
        if not value:
            raise MissingSetting(f"{name} is not set; the template sets it for every function that needs it")
        return value

    def _optional(self, name: str) -> str | None:
        return self._environment.get(name) or None

    @cached_property
    def stage(self) -> str:
        return self._text("STAGE")

    @cached_property
    def table(self) -> str:
        return self._text("TABLE_NAME")

    @cached_property
    def metrics(self) -> str | None:
        """Where CloudWatch counts how long each route takes; None: nowhere, which costs nothing."""
        return self._optional("METRICS_NAMESPACE")

    @cached_property
    def default_course(self) -> str:
        return self._text("DEFAULT_COURSE")

    @cached_property
    def writer(self) -> str:
        """`rules` or `openai`."""
        return self._text("WRITER")

    @cached_property
    def model(self) -> str | None:
        return self._optional("LLM_MODEL")

    @cached_property
    def model_api(self) -> str:
        """`chat` or `responses`."""
        return self._optional("LLM_API") or "chat"

    @cached_property
    def model_url(self) -> str | None:
        return self._optional("LLM_BASE_URL")

    @cached_property
    def model_key_parameter(self) -> str | None:
        """The name of the secret, never the secret."""
        return self._optional("LLM_KEY_PARAMETER")

    @cached_property
    def model_names(self) -> frozenset[str]:
        """Names that an answer may come from beside the model's own; none takes any."""
        return frozenset(name.strip() for name in (self._optional("LLM_NAMES") or "").split(",") if name.strip())

    @cached_property
    def price(self) -> Price:
        """What the model's tokens cost."""
        return Price(float(self._text("LLM_INPUT_PRICE")), float(self._text("LLM_OUTPUT_PRICE")))

    @cached_property
    def batches(self) -> bool:
        """Whether nights are written through the model's batch API. Azure and Bedrock have none of OpenAI's kind."""
        if self.writer != "openai" or self._optional("LLM_BATCHES") != "yes":
            return False
        host = (self.model_url or "").partition("//")[2].partition("/")[0].partition(":")[0]
        return not host.endswith((".azure.com", ".amazonaws.com"))

    @cached_property
    def second_model(self) -> str | None:
        """Who is asked when the first model fails; none means nobody."""
        return self._optional("SECOND_LLM_MODEL")

    @cached_property
    def second_model_api(self) -> str:
        """`chat` or `responses`."""
        return self._optional("SECOND_LLM_API") or "chat"

    @cached_property
    def second_model_url(self) -> str | None:
        return self._optional("SECOND_LLM_BASE_URL")

    @cached_property
    def second_model_key_parameter(self) -> str | None:
        """The name of the secret, never the secret."""
        return self._optional("SECOND_LLM_KEY_PARAMETER")

    @cached_property
    def second_price(self) -> Price:
        """What the second model's tokens cost."""
        return Price(float(self._text("SECOND_LLM_INPUT_PRICE")), float(self._text("SECOND_LLM_OUTPUT_PRICE")))

    @cached_property
    def limits(self) -> Limits:
        """What model calls may cost, in dollars; 0 is no limit."""
        return Limits(*(self._limit(name) for name in ("BUDGET_DAY", "BUDGET_MONTH", "BUDGET_COURSE_DAY")))

    @cached_property
    def prepared(self) -> int | None:
        """What a night may plan to spend on lessons that are likely to be opened; None: nothing is prepared."""
        return self._limit("BUDGET_PREPARED")

    def generations(self, guest: bool) -> int | None:
        """How many lessons a learner may have written for money in a day; None: as many as they like."""
        return int(self._text("GENERATIONS_GUEST" if guest else "GENERATIONS_ACCOUNT")) or None

    def _limit(self, name: str) -> int | None:
        dollars = float(self._text(name))
        return micro(dollars) if dollars > 0 else None

    @cached_property
    def holdout(self) -> float:
        """The share of learners who are in no experiment."""
        return float(self._text("HOLDOUT"))

    @cached_property
    def section_queue(self) -> str:
        return self._text("SECTION_QUEUE_URL")

    @cached_property
    def section_dead_letters(self) -> str:
        return self._text("SECTION_DLQ_URL")

    @cached_property
    def job_queue(self) -> str:
        return self._text("JOB_QUEUE_URL")

    @cached_property
    def job_dead_letters(self) -> str:
        return self._text("JOB_DLQ_URL")

    @cached_property
    def waiters(self) -> int:
        """How many requests of one execution environment may wait for a lesson at once."""
        return int(self._optional("WAITERS") or "1")

    @cached_property
    def guest_issuer(self) -> str:
        return self._text("GUEST_ISSUER")

    @cached_property
    def guest_key_parameter(self) -> str:
        return self._text("GUEST_KEY_PARAMETER")

    @cached_property
    def tombstone_key_parameter(self) -> str:
        """The name of the secret by which erased ids are hashed, never the secret."""
        return self._text("TOMBSTONE_KEY_PARAMETER")

    @cached_property
    def guest_public_keys(self) -> str:
        """A JSON Web Key Set."""
        return self._text("GUEST_PUBLIC_KEYS")

    @cached_property
    def guest_public_keys_parameter(self) -> str:
        """Where the set is published as it is now, with the keys that came after the deployment."""
        return self._text("GUEST_PUBLIC_KEYS_PARAMETER")

    @cached_property
    def oidc_issuer(self) -> str | None:
        """The issuer of accounts; none means that there are only guests."""
        return self._optional("OIDC_ISSUER")

    @cached_property
    def oidc_audience(self) -> str:
        return self._text("OIDC_AUDIENCE")

    @cached_property
    def oidc_admin_scope(self) -> str | None:
        """The scope that makes an account an admin; none means that there are no admins."""
        return self._optional("OIDC_ADMIN_SCOPE")

    @cached_property
    def oidc_subject_claim(self) -> str:
        return self._optional("OIDC_SUBJECT_CLAIM") or "sub"

    @cached_property
    def oidc_scope_claim(self) -> str:
        return self._optional("OIDC_SCOPE_CLAIM") or "scope"


settings = Settings(os.environ)
