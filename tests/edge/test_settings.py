"""The environment is read once and typed; what must be there and is not is said loudly where it is needed."""

import inspect
from functools import cached_property

import pytest

from attune.domain.budget import Limits, Price
from attune.settings import MissingSetting, Settings

pytestmark = pytest.mark.disable_socket

REQUIRED = {
    "stage": "STAGE",
    "table": "TABLE_NAME",
    "default_course": "DEFAULT_COURSE",
    "writer": "WRITER",
    "section_queue": "SECTION_QUEUE_URL",
    "section_dead_letters": "SECTION_DLQ_URL",
    "job_queue": "JOB_QUEUE_URL",
    "tombstone_key_parameter": "TOMBSTONE_KEY_PARAMETER",
    "job_dead_letters": "JOB_DLQ_URL",
    "guest_issuer": "GUEST_ISSUER",
    "guest_key_parameter": "GUEST_KEY_PARAMETER",
    "guest_public_keys": "GUEST_PUBLIC_KEYS",
    "guest_public_keys_parameter": "GUEST_PUBLIC_KEYS_PARAMETER",
    "oidc_audience": "OIDC_AUDIENCE",
}
OPTIONAL: dict[str, tuple[str, object]] = {
    "model": ("LLM_MODEL", None),
    "model_api": ("LLM_API", "chat"),
    "model_url": ("LLM_BASE_URL", None),
    "model_key_parameter": ("LLM_KEY_PARAMETER", None),
    "second_model": ("SECOND_LLM_MODEL", None),
    "second_model_api": ("SECOND_LLM_API", "chat"),
    "second_model_url": ("SECOND_LLM_BASE_URL", None),
    "second_model_key_parameter": ("SECOND_LLM_KEY_PARAMETER", None),
    "oidc_issuer": ("OIDC_ISSUER", None),
    "oidc_admin_scope": ("OIDC_ADMIN_SCOPE", None),
    "oidc_subject_claim": ("OIDC_SUBJECT_CLAIM", "sub"),
    "oidc_scope_claim": ("OIDC_SCOPE_CLAIM", "scope"),
    "waiters": ("WAITERS", 1),
    "metrics": ("METRICS_NAMESPACE", None),
}


def test_every_setting_takes_part() -> None:
    found = {name for name, _ in inspect.getmembers(Settings, lambda value: isinstance(value, cached_property))}
    numbers = {"price", "second_price", "limits", "prepared", "holdout"}
    assert found == {*REQUIRED, *OPTIONAL, *numbers, "model_names", "batches"}


@pytest.mark.parametrize(
    ("address", "told", "takes"),
    [
        ("https://api.openai.com/v1", "yes", True),
        ("http://127.0.0.1:9000/v1", "yes", True),
        ("https://api.openai.com/v1", "no", False),
        ("https://api.openai.com/v1", "", False),
        ("https://name.openai.azure.com/openai/v1/", "yes", False),
        ("https://bedrock-runtime.us-west-2.amazonaws.com:443/openai/v1", "yes", False),
    ],
)
def test_batches_are_for_servers_that_have_them_and_owners_who_say_so(address: str, told: str, takes: bool) -> None:
    given = {"WRITER": "openai", "LLM_BASE_URL": address, "LLM_BATCHES": told}
    assert Settings(given).batches is takes
    assert not Settings({**given, "WRITER": "rules"}).batches


def test_names_of_models_are_a_list() -> None:
    assert Settings({}).model_names == Settings({"LLM_NAMES": " , "}).model_names == frozenset()
    assert Settings({"LLM_NAMES": "gpt-5, openai.gpt-oss-120b-1:0"}).model_names == {"gpt-5", "openai.gpt-oss-120b-1:0"}


def test_money_is_counted_in_millionths_and_nothing_is_no_limit() -> None:
    given = {"BUDGET_DAY": "0.01", "BUDGET_MONTH": "0", "BUDGET_COURSE_DAY": "2"}
    assert Settings(given).limits == Limits(day=10_000, month=None, course_day=2_000_000)
    assert Settings({"LLM_INPUT_PRICE": "0.15", "LLM_OUTPUT_PRICE": "0.60"}).price == Price(0.15, 0.60)
    second = Settings({"SECOND_LLM_INPUT_PRICE": "3", "SECOND_LLM_OUTPUT_PRICE": "15"})
    assert second.second_price == Price(3, 15)
    assert Settings({"BUDGET_PREPARED": "0.1"}).prepared == 100_000
    assert Settings({"BUDGET_PREPARED": "0"}).prepared is None
    assert Settings({"HOLDOUT": "0.05"}).holdout == 0.05
    with pytest.raises(MissingSetting, match="BUDGET_MONTH"):
        _ = Settings({"BUDGET_DAY": "1"}).limits


@pytest.mark.parametrize(("name", "variable"), REQUIRED.items())
def test_what_must_be_there_is_read_or_missed_by_name(name: str, variable: str) -> None:
    assert getattr(Settings({variable: "value"}), name) == "value"
    for environment in ({}, {variable: ""}):
        with pytest.raises(MissingSetting, match=variable):
            getattr(Settings(environment), name)


@pytest.mark.parametrize(("name", "variable", "default"), [(name, *rest) for name, rest in OPTIONAL.items()])
def test_what_may_be_left_out_has_a_default(name: str, variable: str, default: object) -> None:
    assert getattr(Settings({}), name) == default
    assert getattr(Settings({variable: ""}), name) == default
    assert str(getattr(Settings({variable: "7"}), name)) == "7"


def test_a_number_is_a_number() -> None:
    assert Settings({"WAITERS": "3"}).waiters == 3
    with pytest.raises(ValueError, match="many"):
        _ = Settings({"WAITERS": "many"}).waiters


def test_a_value_is_read_once() -> None:
    environment = {"STAGE": "local"}
    settings = Settings(environment)
    assert settings.stage == "local"
    environment["STAGE"] = "prod"
    assert settings.stage == "local"


def test_nothing_is_read_before_it_is_needed() -> None:
    assert isinstance(Settings({}), Settings)
