"""Whether a text quotes another one."""

LEAK = 30


def leaks(written: str, secret: str, known: str = "") -> bool:
    """Whether 30 characters in a row come from a text that must not be quoted, and not from one that may."""
    said, hidden, open_ = (" ".join(text.split()).lower() for text in (written, secret, known))
    parts = {hidden[at : at + LEAK] for at in range(len(hidden) - LEAK + 1)}
    return any(
        said[at : at + LEAK] in parts and said[at : at + LEAK] not in open_ for at in range(len(said) - LEAK + 1)
    )
