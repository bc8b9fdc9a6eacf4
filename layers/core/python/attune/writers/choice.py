"""The writer of the deployment, made once for each key: openai is imported only where it writes."""

import threading
from collections.abc import Callable

from attune.domain.section import Writer
from attune.settings import Settings
from attune.writers.rules import RulesWriter

_lock = threading.Lock()
_made: dict[str, Writer] = {}


def writer(settings: Settings, secret: Callable[[str], str]) -> Writer:
    """The writer that the settings choose; `secret` reads a secret by its name, and a new one makes a new writer."""
    key = secret(settings.model_key_parameter) if settings.writer != "rules" and settings.model_key_parameter else ""
    with _lock:
        if key not in _made:
            _made[key] = _make(settings, key)
        return _made[key]


def close() -> None:
    """Give the writers' connections back; the next use makes another writer."""
    with _lock:
        while _made:
            getattr(_made.popitem()[1], "close", lambda: None)()


def _make(settings: Settings, key: str) -> Writer:
    if settings.writer == "rules":
        return RulesWriter()
    from attune.writers.openai import OpenAIWriter

    return OpenAIWriter(base_url=settings.model_url, api_key=key, model=settings.model or "", api=settings.model_api)
