"""The suppliers of the deployment, made once for each key: openai is imported only where it writes."""

import threading
from collections.abc import Callable, Iterator
from typing import Final

from attune.domain.batch import Batches
from attune.domain.budget import Price
from attune.domain.section import Writer, digest
from attune.domain.supplier import Supplier
from attune.settings import Settings
from attune.writers.rules import RulesWriter

Secret = Callable[[str], str]
FREE: Final = Price(0, 0)
_lock = threading.Lock()
_made: dict[str, Writer] = {}


def suppliers(settings: Settings, secret: Secret) -> list[Supplier]:
    """Who writes, in the order in which they are asked; `secret` reads a secret by its name."""
    if settings.writer == "rules":
        return [Supplier(None, RulesWriter(), FREE)]
    return list(_models(settings, secret))


def batches(settings: Settings, secret: Secret) -> tuple[Supplier, Batches] | None:
    """The first model and its batches, if the deployment writes nights in them."""
    if not settings.batches:
        return None
    from attune.writers.batches import OpenAIBatches
    from attune.writers.openai import OpenAIWriter

    first = next(_models(settings, secret))
    assert isinstance(first.writer, OpenAIWriter)  # noqa: S101  there is no other that has a model
    return first, OpenAIBatches(first.writer)


def _models(settings: Settings, secret: Secret) -> Iterator[Supplier]:
    yield _supplier(
        settings,
        settings.model_url,
        settings.model or "",
        settings.model_api,
        secret(settings.model_key_parameter) if settings.model_key_parameter else "",
        settings.price,
    )
    if settings.second_model:
        yield _supplier(
            settings,
            settings.second_model_url,
            settings.second_model,
            settings.second_model_api,
            secret(settings.second_model_key_parameter) if settings.second_model_key_parameter else "",
            settings.second_price,
        )


def _supplier(settings: Settings, url: str | None, model: str, api: str, key: str, price: Price) -> Supplier:
    """A new key, as anything else that an owner may change to mend it, makes a new writer under a new name."""
    names = settings.model_names
    name = digest([url, model, api, key, sorted(names)])[:16]
    with _lock:
        if name not in _made:
            from attune.writers.openai import OpenAIWriter

            _made[name] = OpenAIWriter(base_url=url, api_key=key, model=model, api=api, models=names or None)
        return Supplier(name, _made[name], price, model)


def close() -> None:
    """Give the writers' connections back; the next use makes another writer."""
    with _lock:
        while _made:
            getattr(_made.popitem()[1], "close", lambda: None)()
