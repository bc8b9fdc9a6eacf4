"""Opaque tokens for what a writer must not touch, put in before the prompt and taken out after the answer.

`⟦C1⟧` stands on a line of its own for whole lines: a code block (C), display maths (M), a directive fence (D), a link
definition (R). `⟦c2⟧` stands in a sentence for inline code (c), maths (m), an image (p), an address (u), or for where
a link goes (l): the text of a link stays writable, as in `[the paper](⟦l3⟧)`. Brackets that look like a token's become
tokens themselves (t), so every `⟦` in a protected text is ours.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from attune.domain.budget import NOTHING_USED, Usage
from attune.domain.pieces import dissect
from attune.domain.section import WriterFault

TOKEN = re.compile(r"⟦[^⟦⟧\s]*⟧")
_WHOLE_LINE = re.compile(r"(?:(?<=[\r\n])|\A)[ \t]*(⟦[A-Z]\d+⟧)[ \t]*(?=[\r\n]|\Z)")
_MOST_REASONS = 12


@dataclass(frozen=True, slots=True)
class Protected:
    """A text whose pieces are replaced by `tokens` (token to original), in the order in which they stand."""

    text: str
    tokens: Mapping[str, str]


class Tampered(WriterFault):
    """A written text that does not hold each token exactly once; `complaints` say which, for one repair.

    What the answer cost is kept, since it was paid for.
    """

    def __init__(self, complaints: Iterable[str], *, usage: Usage = NOTHING_USED) -> None:
        super().__init__("gate_failed", final=False, usage=usage)
        self.complaints = tuple(complaints)


def protect(markdown: str) -> Protected:
    """Replace every piece by a token. `restore` gives the very text back."""
    parts: list[str] = []
    tokens: dict[str, str] = {}
    at = 0
    for number, piece in enumerate(dissect(markdown).pieces, start=1):
        token = f"⟦{piece.kind}{number}⟧"
        tokens[token] = markdown[piece.start : piece.end]
        parts += (markdown[at : piece.start], token)
        at = piece.end
    return Protected("".join([*parts, markdown[at:]]), tokens)


def restore(text: str, tokens: Mapping[str, str]) -> str:
    """Put the pieces back. Raises `Tampered` unless each token stands there exactly once, in its kind of place."""
    seen = Counter(TOKEN.findall(text))
    alone = {match[1] for match in _WHOLE_LINE.finditer(text)}
    reasons = [f"The token {token} is missing." for token in tokens if not seen[token]]
    reasons += [f"The token {token} stands there {seen[token]} times, not once." for token in tokens if seen[token] > 1]
    reasons += [
        f"The token {token} must stand on a line of its own."
        for token in tokens
        if seen[token] == 1 and token[1].isupper() and token not in alone
    ]
    if any(token not in tokens for token in seen):
        reasons.append("There is a token that the source does not have.")
    elif sum(text.count(bracket) for bracket in "⟦⟧") != 2 * sum(seen.values()):
        reasons.append("There is a broken token.")
    if reasons:
        raise Tampered(reasons[:_MOST_REASONS])
    whole = _WHOLE_LINE.sub(lambda match: match[1], text)
    return TOKEN.sub(lambda match: tokens[match[0]], whole)
