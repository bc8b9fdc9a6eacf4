"""The writer of the deployment, made once: openai is imported only where it writes."""

import threading
from collections.abc import Callable

from attune.domain.section import Writer
from attune.settings import Settings
from attune.writers.rules import RulesWriter

_lock = threading.Lock()
_made: list[Writer] = []


def writer(settings: Settings, secret: Callable[[str], str]) -> Writer:
    """The writer that the settings choose; `secret` reads a secret by its name."""
    with _lock:
        if not _made:
            _made.append(_make(settings, secret))
        return _made[0]


def close() -> None:
    """Give the writer's connections back; the next use makes another writer."""
    with _lock:
        while _made:
            getattr(_made.pop(), "close", lambda: None)()


def _make(settings: Settings, secret: Callable[[str], str]) -> Writer:
    if settings.writer == "rules":
        return RulesWriter()
    from attune.writers.openai import OpenAIWriter

    key = secret(settings.model_key_parameter) if settings.model_key_parameter else ""
    return OpenAIWriter(base_url=settings.model_url, api_key=key, model=settings.model or "", api=settings.model_api)
