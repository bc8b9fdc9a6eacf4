"""Characters that a reader does not see: which of them a text may hold, and the text without the others.

Urdu and Persian join letters with them, Indic scripts shape letters with them, Arabic script is turned round with them
and emoji are put together with them; everywhere else they hide something.
"""

import re
import unicodedata

OVERRIDES = re.compile("[\u202a-\u202e\U000e0000-\U000e007f]")
"""Characters that show a text, code above all, otherwise than it is: nobody may publish them."""
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u2028-\u202e"
    "\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0d\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
"""What no written text may hold beyond its source."""
_SOME = re.compile(f"{INVISIBLE.pattern[:-1]}\u061c\u200c-\u200f\ufe0e\ufe0f]")
_JOINING = ((0x0600, 0x0DFF), (0x0E00, 0x0FFF), (0x1780, 0x17FF), (0x1800, 0x18AF), (0xFB50, 0xFDFF), (0xFE70, 0xFEFC))
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_BREAK = re.compile("[\u2028\u2029]")
_MARKS_OF_DIRECTION = "\u061c\u200e\u200f"
_JOINERS = "\u200c\u200d"
_VARIANTS = "\ufe0e\ufe0f"


def visible(text: str) -> str:
    """The text without what hides in it; joiners and marks stay where a script needs them.

    What comes out is given back unchanged.
    """
    text = _BREAK.sub(" ", text)
    if not _SOME.search(text):
        return text
    # Once the others are gone, neighbours are real neighbours.
    text = INVISIBLE.sub("", text)
    turned = _RIGHT_TO_LEFT.search(text) is not None
    kept: list[str] = []
    for place, character in enumerate(text):
        before = kept[-1] if kept else ""
        after = text[place + 1 : place + 2]
        if character in _MARKS_OF_DIRECTION:
            keep = turned
        elif character in _JOINERS:
            keep = _joins(before) or (character == "\u200d" and _symbol(before) and _pictured(after))
        elif character in _VARIANTS:
            keep = _symbol(before) or before.isdigit() or before in ("#", "*")
        else:
            keep = True
        if keep:
            kept.append(character)
    return "".join(kept)


def _joins(character: str) -> bool:
    """Whether what follows this letter may be joined to it or kept apart."""
    return bool(character) and any(low <= ord(character) <= high for low, high in _JOINING)


def _symbol(character: str) -> bool:
    """Whether a joiner may follow it in an emoji: a picture, or the variant that chooses how it looks."""
    return _pictured(character) or (bool(character) and character in _VARIANTS)


def _pictured(character: str) -> bool:
    return bool(character) and unicodedata.category(character) in ("So", "Sk", "Sm")
