"""Which writer the deployment has: what its texts are keyed by, and, in the worker alone, the writer itself."""

from attune.domain.section import Style
from attune.settings import Settings
from attune.writers.prompts import PROMPT_VERSION
from attune.writers.rules import RULES_VERSION


def current(settings: Settings) -> Style:
    """The style of the deployment; every function that computes a section's key has the same settings."""
    if settings.writer == "rules":
        return Style("rules", None, None, RULES_VERSION)
    return Style("openai", settings.model, settings.model_api, PROMPT_VERSION)
