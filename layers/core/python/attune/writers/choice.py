"""The writer of the deployment, made once: openai is imported only where it writes."""

from collections.abc import Callable
from functools import lru_cache

from attune.domain.section import Writer
from attune.settings import Settings
from attune.writers.rules import RulesWriter


@lru_cache(maxsize=1)
def writer(settings: Settings, secret: Callable[[str], str]) -> Writer:
    """The writer that the settings choose; `secret` reads a secret by its name."""
    if settings.writer == "rules":
        return RulesWriter()
    from attune.writers.openai import OpenAIWriter

    key = secret(settings.model_key_parameter) if settings.model_key_parameter else "none"
    made: Writer = OpenAIWriter(
        base_url=settings.model_url, api_key=key, model=settings.model or "", api=settings.model_api
    )
    return made
