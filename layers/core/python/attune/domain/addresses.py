"""Where links and pictures may lead: https, http, mail, and places of the site itself."""

import html
import re

_SCHEME = re.compile(r"[^/?#]*?:")
_ALLOWED = frozenset({"https:", "http:", "mailto:"})
_PICTURES = frozenset({"https:", "http:"})
_IGNORED = re.compile("[\x00-\x20\x7f-\xa0\u00ad\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]")


def harmless(address: str, *, picture: bool = False) -> bool:
    """Whether an address, as it is written in Markdown, leads to a page (or a picture) and runs nothing.

    It is judged as the most lenient browser would read it: without blanks and control characters, entities and
    percent signs decoded. Another host behind `//` says no scheme and counts as none of ours.
    """
    plain = _read(address)
    if plain.startswith(("//", "/\\", "\\")):
        return False
    scheme = _SCHEME.match(plain)
    return scheme is None or scheme[0].lower() in (_PICTURES if picture else _ALLOWED)


def _read(address: str) -> str:
    bare = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", address)
    bare = re.sub("%([01][0-9a-fA-F]|20|3[aA]|7[fF])", lambda match: chr(int(match[1], 16)), html.unescape(bare))
    return _IGNORED.sub("", bare)
