"""Edits of a section that change how it says something and nothing of what it says: paraphrases made by script."""

import random
import re
import textwrap
from collections.abc import Callable, Mapping
from typing import Final

from attune.domain.placeholders import TOKEN, protect, restore

Edit = Callable[[str, random.Random], str | None]
"""The edited text, or None where there is nothing to edit in this way."""

_PAIRS: Final = """
because/since big/large must/has-to only/just shows/makes-clear use/make-use-of uses/makes-use-of often/frequently
many/a-lot-of small/little quickly/fast begins/starts begin/start needs/requires need/require about/roughly however/but
therefore/so also/too different/other important/essential every/each between/among gives/provides give/provide
changes/alters change/alter keeps/holds keep/hold enough/sufficient usually/as-a-rule always/at-all-times reads/takes-in
sends/passes-on same/identical whole/entire wrong/mistaken hard/difficult easy/simple help/assist without/lacking
through/by-way-of stops/halts after/following before/ahead-of choose/pick bigger/larger get/obtain
""".split()  # noqa: SIM905
SYNONYMS: Final[Mapping[str, str]] = {old: new.replace("-", " ") for old, new in (pair.split("/") for pair in _PAIRS)}
_CONTRACTIONS: Final = {
    "do not": "don't",
    "does not": "doesn't",
    "is not": "isn't",
    "are not": "aren't",
    "cannot": "can't",
    "it is": "it's",
    "that is": "that's",
    "you are": "you're",
    "will not": "won't",
}
_ANALOGIES: Final = (
    "Think of how a child learns to ride a bicycle.",
    "It is a little like cooking: the order of the steps matters as much as the steps.",
    "Picture a letter box that somebody empties too seldom.",
    "Compare it with a conversation in a noisy room, where you have to ask again now and then.",
)
_EXPLANATIONS: Final = (
    "In other words, nothing here happens by itself, and each part has a reason.",
    "Do not worry if this is new to you: the rest of this part takes it apart step by step.",
    "Put simply, what comes first decides what can come later.",
    "This is worth reading slowly, since the next part builds on it.",
)
_SENTENCE: Final = re.compile(r"(?<=[a-z⟧)][.!?]) +(?=[A-Z⟦])")
_KEPT: Final = re.compile(r"\s*(?:#|\||>|[-*+] |\d+[.)] |⟦[A-Z]\d+⟧|:::|\[|!\[|$|[ \t]{4}|[-=_*]{3,}\s*$|<)")


def _paragraphs(text: str, change: Callable[[str], str]) -> str | None:
    """Change each paragraph of plain prose, whose code, formulas and links are tokens meanwhile."""
    protected = protect(text)
    blocks = re.split(r"(\n[ \t]*\n)", protected.text)
    edited = [block if any(map(_KEPT.match, block.split("\n"))) else change(block) for block in blocks]
    written = restore("".join(edited), protected.tokens)
    return written if written != text else None


def _words(text: str, pairs: Mapping[str, str], rng: random.Random, share: float) -> str | None:
    pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(pairs, key=len, reverse=True)))})\b")

    def change(match: re.Match[str]) -> str:
        return pairs[match[0]] if rng.random() < share else match[0]

    return _paragraphs(text, lambda block: pattern.sub(change, block))


def unchanged(text: str, rng: random.Random) -> str:
    return text


def synonyms(text: str, rng: random.Random) -> str | None:
    return _words(text, SYNONYMS, rng, 0.9)


def contractions(text: str, rng: random.Random) -> str | None:
    return _words(text, _CONTRACTIONS, rng, 1.0)


def fewer_fillers(text: str, rng: random.Random) -> str | None:
    return _paragraphs(
        text, lambda block: re.sub(r" (?:very|really|simply|just|also|quite|even|still|already|then)(?= )", "", block)
    )


def turned_clauses(text: str, rng: random.Random) -> str | None:
    """If this, that. becomes That if this."""

    def turn(match: re.Match[str]) -> str:
        return f"{match['then'][0].upper()}{match['then'][1:]} {match['word'].lower()} {match['clause']}."

    pattern = re.compile(
        r"(?:(?<=[.!?] )|\A)(?P<word>If|When|While|Because|Since|Although|Once) (?P<clause>[^,.:;!?()\[\]*_]{5,120}), "
        r"(?P<then>[a-z][^.:;!?()\[\]*_]{5,160})\.(?= |\Z)"
    )
    return _paragraphs(text, lambda block: pattern.sub(turn, block.replace("\n", " ")))


def split_sentences(text: str, rng: random.Random) -> str | None:
    return _paragraphs(text, lambda block: re.sub(r"(?:;|, (?:and|but|so)) (?=[a-z]+ [a-z]+ [a-z]+)", _stopped, block))


def _stopped(match: re.Match[str]) -> str:
    word = match[0].strip("; ,")
    return f". {word.capitalize()} " if word else ". That is, "


def merged_sentences(text: str, rng: random.Random) -> str | None:
    return _paragraphs(
        text,
        lambda block: re.sub(r"(?<=[a-z])\. (?=(?:It|This|The|They|A|That) )", "; ", block, count=2).replace(
            "; It ", "; it "
        ),
    )


def swapped_sentences(text: str, rng: random.Random) -> str | None:
    def change(block: str) -> str:
        sentences = _SENTENCE.split(block.replace("\n", " "))
        if len(sentences) > 2:
            at = rng.randrange(1, len(sentences) - 1)
            sentences[at], sentences[at + 1] = sentences[at + 1], sentences[at]
        return " ".join(sentences)

    return _paragraphs(text, change)


def analogy(text: str, rng: random.Random) -> str | None:
    return _put(text, rng.choice(_ANALOGIES), rng)


def explanation(text: str, rng: random.Random) -> str | None:
    return _put(text, rng.choice(_EXPLANATIONS), rng)


def _put(text: str, sentence: str, rng: random.Random) -> str | None:
    """A sentence more at the end of one of the paragraphs."""
    places: list[str] = []

    def note(block: str) -> str:
        places.append(block)
        return block

    _paragraphs(text, note)
    if not places:
        return None
    chosen = rng.choice(places)
    return _paragraphs(text, lambda block: f"{block.rstrip()} {sentence}" if block == chosen else block)


def emphasis(text: str, rng: random.Random) -> str | None:
    return _paragraphs(text, lambda block: re.sub(r"\A([A-Z][a-z]{4,}) ", r"**\1** ", block))


def spoken_to(text: str, rng: random.Random) -> str | None:
    return _paragraphs(
        text,
        lambda block: (
            re.sub(r"\A(?=(?:A|The|An|This) )", "As you will see, ", block)
            .replace("see, The ", "see, the ")
            .replace("see, A ", "see, a ")
            .replace("see, An ", "see, an ")
            .replace("see, This ", "see, this ")
        ),
    )


def wrapped_otherwise(text: str, rng: random.Random) -> str | None:
    width = rng.choice([60, 88, 120])

    def change(block: str) -> str:
        if re.search(r"  \n|\\\n", block):
            return block
        return "\n".join(textwrap.wrap(block, width, break_long_words=False, break_on_hyphens=False)) or block

    return _paragraphs(text, lambda block: block if _ambiguous(change(block)) else change(block))


def _ambiguous(block: str) -> bool:
    """Whether a line begins with what would make it a list or a heading."""
    return any(_KEPT.match(line) for line in block.split("\n"))


def link_texts(text: str, rng: random.Random) -> str | None:
    protected = protect(text)
    edited = re.sub(r"\[(?:the |a )?([a-z][a-z ]{2,60})\](?=\(⟦l\d+⟧\))", r"[this \1]", protected.text)
    return None if edited == protected.text else restore(edited, protected.tokens)


def spelled_numbers(text: str, rng: random.Random) -> str | None:
    words = "two three four five six seven eight nine ten".split()  # noqa: SIM905
    counted = r"(?<![A-Z0-9] )(?<![\w.,$€£/–-])(?:[2-9]|10)(?= [a-z]{4,})"  # noqa: RUF001
    pattern = re.compile(rf"{counted}(?! (?:percent|times|degrees|bits?|bytes?))")
    return _paragraphs(text, lambda block: pattern.sub(lambda match: words[int(match[0]) - 2], block))


def other_bullets(text: str, rng: random.Random) -> str | None:
    if TOKEN.search(text):
        return None
    protected = protect(text)
    edited = re.sub(r"(?m)^- (?=\S)", "* ", protected.text)
    return None if edited == protected.text else restore(edited, protected.tokens)


def several(text: str, rng: random.Random) -> str | None:
    """Three of the others, one after the other."""
    written = text
    for edit in rng.sample(SINGLE, 3):
        written = edit(written, rng) or written
    return written if written != text else None


SINGLE: Final[tuple[Edit, ...]] = (
    synonyms,
    contractions,
    fewer_fillers,
    turned_clauses,
    split_sentences,
    merged_sentences,
    swapped_sentences,
    analogy,
    explanation,
    emphasis,
    spoken_to,
    wrapped_otherwise,
    link_texts,
    spelled_numbers,
    other_bullets,
)
HARMLESS: Final[tuple[Edit, ...]] = (unchanged, *SINGLE, several)
