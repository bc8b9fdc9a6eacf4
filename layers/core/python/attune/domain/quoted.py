"""A text as JSON quotes it: who only passes it on never has to read it and quote it again."""

import json


def quoted(text: str) -> str:
    """The text as it stands in JSON, without what only ASCII would need."""
    return json.dumps(text, ensure_ascii=False)


def unquoted(text: str) -> str:
    """What `quoted` was given."""
    found: str = json.loads(text)
    return found
