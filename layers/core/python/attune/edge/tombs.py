"""Where the store finds the key of the tombstones: read from its parameter when it is first needed."""

from attune import vault


def use() -> None:
    """Have secrets read from this deployment's parameters."""
    vault.read = _read


def _read(name: str) -> str:
    # Most functions never meet anybody who was erased, and then carry no client for it.
    from attune.edge import secrets

    return secrets.read(name)
