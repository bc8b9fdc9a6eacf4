"""The key of the tombstones, read from its parameter when it is first needed."""

from attune.edge import secrets
from attune.settings import settings
from attune.store import tombstones


def use() -> None:
    """Have the store read the key of this deployment."""
    tombstones.key = lambda: secrets.read(settings.tombstone_key_parameter)
