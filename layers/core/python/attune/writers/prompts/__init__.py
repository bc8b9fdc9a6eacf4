"""The prompts, as files; their version is a hash of their bytes, so that no change of words can go unnoticed."""

import hashlib
from importlib.resources import files


def text(name: str) -> str:
    """A prompt by its name."""
    return (files(__name__) / f"{name}.md").read_text("utf-8")


def _version() -> str:
    found = sorted(file.name for file in files(__name__).iterdir() if file.name.endswith(".md"))
    whole = hashlib.sha256()
    for name in found:
        whole.update(f"{name}\0{(files(__name__) / name).read_text('utf-8')}\0".encode())
    return whole.hexdigest()[:12]


PROMPT_VERSION = _version()
