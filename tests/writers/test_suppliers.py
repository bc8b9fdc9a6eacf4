"""Who writes is configuration: each provider's address, name and key lead to the request that it expects."""

from collections.abc import Iterator

import pytest

from attune.domain.budget import Price
from attune.settings import Settings
from attune.writers import choice
from attune.writers.openai import OpenAIWriter
from attune.writers.rules import RulesWriter
from tests.doubles.model import ModelServer
from tests.writers.test_openai_writer import REQUEST, server

__all__ = ["server"]

SECRETS = {"/attune/llm-api-key": "sk-first", "/attune/second-llm-api-key": "sk-second"}


@pytest.fixture
def host(server: ModelServer) -> Iterator[str]:
    server.begin_anew()
    yield server.url.removesuffix("/v1")
    choice.close()


def settings(**more: str) -> Settings:
    return Settings(
        {
            "WRITER": "openai",
            "LLM_MODEL": "a-model",
            "LLM_KEY_PARAMETER": "/attune/llm-api-key",
            "LLM_INPUT_PRICE": "0.25",
            "LLM_OUTPUT_PRICE": "2",
            "SECOND_LLM_KEY_PARAMETER": "/attune/second-llm-api-key",
            "SECOND_LLM_INPUT_PRICE": "1",
            "SECOND_LLM_OUTPUT_PRICE": "5",
            **more,
        }
    )


@pytest.mark.parametrize(
    ("base", "model", "api", "path"),
    [
        # https://api.openai.com/v1
        ("/v1", "gpt-5-mini", "chat", "/v1/chat/completions"),
        ("/v1", "gpt-5-mini", "responses", "/v1/responses"),
        # https://NAME.openai.azure.com/openai/v1/, the model is the deployment's name
        ("/openai/v1/", "my-deployment", "chat", "/openai/v1/chat/completions"),
        ("/openai/v1/", "my-deployment", "responses", "/openai/v1/responses"),
        # https://bedrock-runtime.REGION.amazonaws.com/openai/v1
        ("/openai/v1", "openai.gpt-oss-120b-1:0", "chat", "/openai/v1/chat/completions"),
        # A gateway of one's own, or a server on this machine
        ("/some/where/v1", "llama3", "chat", "/some/where/v1/chat/completions"),
    ],
)
def test_openai_azure_bedrock_and_others_are_an_address_a_name_and_a_key(
    server: ModelServer, host: str, base: str, model: str, api: str, path: str
) -> None:
    configured = settings(LLM_BASE_URL=f"{host}{base}", LLM_MODEL=model, LLM_API=api)
    (supplier,) = choice.suppliers(configured, SECRETS.__getitem__)
    draft = supplier.writer.write(REQUEST, (), 10, 1)
    (call,) = server.calls
    assert (call.path, call.body["model"], draft.model) == (path, model, model)
    assert call.headers["authorization"] == "Bearer sk-first"
    assert call.headers["host"] == host.removeprefix("http://")
    assert ("messages" in call.body, "input" in call.body) == ((True, False) if api == "chat" else (False, True))
    assert not {name for name in call.headers if name.startswith(("api-key", "openai-"))}


def test_a_second_has_an_address_a_name_a_key_and_a_price_of_its_own(server: ModelServer, host: str) -> None:
    configured = settings(
        LLM_BASE_URL=f"{host}/first/v1",
        SECOND_LLM_BASE_URL=f"{host}/second/v1",
        SECOND_LLM_MODEL="other",
        SECOND_LLM_API="responses",
    )
    first, second = choice.suppliers(configured, SECRETS.__getitem__)
    for supplier in (first, second):
        supplier.writer.write(REQUEST, (), 10, 1)
    assert [(call.path, call.body["model"], call.headers["authorization"]) for call in server.calls] == [
        ("/first/v1/chat/completions", "a-model", "Bearer sk-first"),
        ("/second/v1/responses", "other", "Bearer sk-second"),
    ]
    assert (first.price, second.price) == (Price(0.25, 2), Price(1, 5))
    assert first.name != second.name


def test_a_supplier_keeps_its_name_until_something_about_it_changes() -> None:
    keys = dict(SECRETS)
    (first,) = choice.suppliers(settings(), keys.__getitem__)
    (again,) = choice.suppliers(settings(), keys.__getitem__)
    assert (again.name, again.writer) == (first.name, first.writer)
    keys["/attune/llm-api-key"] = "sk-new"
    others = [
        choice.suppliers(settings(), keys.__getitem__)[0],
        choice.suppliers(settings(LLM_MODEL="b-model"), SECRETS.__getitem__)[0],
        choice.suppliers(settings(LLM_BASE_URL="http://127.0.0.1:9/v1"), SECRETS.__getitem__)[0],
        choice.suppliers(settings(LLM_API="responses"), SECRETS.__getitem__)[0],
        choice.suppliers(settings(LLM_NAMES="c-model"), SECRETS.__getitem__)[0],
    ]
    assert len({each.name for each in (first, *others)}) == 6
    assert all("sk-" not in str(each.name) for each in others)
    choice.close()


def test_g21_the_rules_need_no_key_and_no_client() -> None:
    def nobody(name: str) -> str:
        raise AssertionError(name)

    (supplier,) = choice.suppliers(Settings({"WRITER": "rules"}), nobody)
    assert isinstance(supplier.writer, RulesWriter)
    assert supplier.name is None
    assert not isinstance(supplier.writer, OpenAIWriter)
