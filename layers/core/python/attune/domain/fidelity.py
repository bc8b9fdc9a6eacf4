"""The gate: whether a written section still says what its source says, and nothing that it must not.

Every threshold is here; a change of any means a new `GATE_VERSION`.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from attune.domain import pieces
from attune.domain.audience import reduce_blocks
from attune.domain.characters import visible
from attune.domain.languages import language_of, script_share
from attune.domain.pieces import Anatomy, dissect, outside
from attune.domain.quantities import coded, in_order, quantities, spelled, values
from attune.domain.readability import grade
from attune.domain.section import SectionRequest
from attune.domain.talk import talk

LENGTH, LENGTH_OF_TRANSLATION = (0.5, 2.0), (0.35, 3.0)
NUMBERS_KEPT, NUMBERS_NEW = 0.9, 0.15
NAMES_KEPT = 0.8
PARAGRAPHS_KEPT = 2 / 3
WORDS_KEPT = 0.25
STEM, TAIL = 5, 6
"""Letters that tell one word from another, and the words at the end of which some must be left."""
SCRIPT = 0.5
LEAK = 30
NEAR = 2.0
"""Grades around the one asked for: within them a text is as easy as it should be."""
_SLACK = 80

_TAG = re.compile(r"<[A-Za-z/!?>]")
_EXPRESSION = re.compile(r"\{[^{}]*\}?")
_MODULE = re.compile(r"(?m)^[ \t]*(?:import|export)\b.*(?:['\"{=]|\b(?:default|const|let|function|class|from)\b)")
_SCHEME = re.compile(r"(?i)\b(?:javascript\s*:(?=\S)|vbscript\s*:(?=\S)|data:\w+/\w|file://)")
# Lengths are bounded, so that a text full of points costs no more than its size.
_ADDRESS = re.compile(
    r"(?i)\b(?:[a-z][a-z0-9+.-]{1,15}://[^\s<>]+|[\w.+-]{1,64}@[\w-]{1,63}\.\w"
    r"|(?:[a-z0-9-]{1,63}\.){1,4}[a-z]{2,24}/[^\s<>]*)"
)
_COMMAND = re.compile(r"(?i)\brm\s{1,9}-\w|\b(?:curl|wget)\s{1,9}\S{0,99}[./-]\w|\|\s{0,9}(?:ba|z)?sh\b")
_FOOTNOTE = re.compile(r"\[\^[^\[\]\s]{1,99}\]")
_NAME = re.compile(r"(?<![\w-])(?=[\w-]*[A-Z][\w-]*[A-Z])[A-Za-z][A-Za-z0-9-]+(?![\w-])", re.ASCII)
_WORD = re.compile(r"[^\W\d_]+")
_LONG_WORD = re.compile(r"[^\W\d_]{4,}")
_LAST_WORD = re.compile(r"[^\W\d_]+\Z")
_OPEN_END = re.compile(r"(?:^[ \t]*(?:[-*+]|\d{1,9}[.)])|[,([]|(?:^|\s)[*_]{1,3})\Z", re.MULTILINE)
_ENDING = tuple(".!?…:;)]}\"'”’»۔؟।。！？*_|>")  # noqa: RUF001
_GROUPS = (
    ("code block", pieces.CODE_BLOCK, True),
    ("piece of inline code", pieces.CODE, False),
    ("formula", pieces.MATHS + pieces.MATHS_BLOCK, False),
    ("link", pieces.LINK + pieces.URL + pieces.DEFINITION, False),
    ("picture", pieces.IMAGE, True),
    ("::: line", pieces.DIRECTIVE, True),
)
_ORDERED = pieces.CODE_BLOCK + pieces.MATHS_BLOCK + pieces.DIRECTIVE


@dataclass(frozen=True, slots=True)
class _Case:
    """A request and a written text, both taken apart; `source` is what this persona's readers get of the lesson."""

    request: SectionRequest
    source: str
    written: str
    before: Anatomy
    after: Anatomy
    definitions: str

    @property
    def translated(self) -> bool:
        return self.request.source_language != self.request.language


def check(request: SectionRequest, written: str) -> list[str]:
    """Why a written section must not be shown, as short sentences for a repair; empty when it may. Pure and stable."""
    if not written.strip():
        return ["The text is empty."]
    source = reduce_blocks(request.source, request.persona)
    definitions = "\n\n".join(term.definition or "" for term in request.glossary) if request.define_terms else ""
    if len(written) > 4 * (len(source) + len(definitions)) + 4000:
        return ["The text is much longer than the source."]
    case = _Case(request, source, written, dissect(source), dissect(written), definitions)
    return [reason for rule in _RULES for reason in rule(case)]


def leaks(written: str, secret: str, known: str = "") -> bool:
    """Whether 30 characters in a row come from a text that must not be quoted, and not from one that may."""
    said, hidden, open_ = (" ".join(text.split()).lower() for text in (written, secret, known))
    parts = {hidden[at : at + LEAK] for at in range(len(hidden) - LEAK + 1)}
    return any(
        said[at : at + LEAK] in parts and said[at : at + LEAK] not in open_ for at in range(len(said) - LEAK + 1)
    )


def _form(case: _Case) -> Iterator[str]:
    hidden = Counter(case.written) - Counter(visible(case.written))
    if any(character not in case.source for character in hidden):
        yield "The text holds control or invisible characters."
    if case.after.unclosed and not case.before.unclosed:
        yield "A code fence is not closed."
    wrapped = [piece.kind for piece in case.after.pieces] == [pieces.CODE_BLOCK] and not case.after.paragraphs
    if wrapped and case.before.paragraphs:
        yield "The whole text stands inside a code fence."


def _headings(case: _Case) -> Iterator[str]:
    expected, found = case.before.headings, case.after.headings
    if expected == found:
        return
    missing = Counter(expected) - Counter(found)
    yield from (f"The heading “{'#' * level} {text}” is missing or changed." for level, text in missing)
    if Counter(found) - Counter(expected):
        yield "There is a heading that the source does not have."
    elif not missing:
        yield "The headings are not in the order of the source."


def _pieces(case: _Case) -> Iterator[str]:
    extra = dissect(case.definitions).pieces if case.definitions else ()
    for name, kinds, counted in _GROUPS:
        expected, found, allowed = (
            Counter(
                " ".join(piece.value.split()) if not counted else piece.value for piece in some if piece.kind in kinds
            )
            for some in (case.before.pieces, case.after.pieces, extra)
        )
        if not counted:
            expected, found = Counter(set(expected)), Counter(set(found))
        if expected - found:
            yield f"A {name} of the source is missing or changed."
        if found - expected - allowed:
            yield f"There is a {name} that the source does not have."
    before, after = (
        [(piece.kind, piece.value) for piece in some.pieces if piece.kind in _ORDERED]
        for some in (case.before, case.after)
    )
    if before != after and Counter(before) == Counter(after):
        yield "The blocks are not in the order of the source."


def _footnotes(case: _Case) -> Iterator[str]:
    before, after = (
        Counter(_FOOTNOTE.findall(outside(text, some.pieces)))
        for text, some in ((case.source, case.before), (case.written, case.after))
    )
    if before != after:
        yield "The marks of footnotes are not those of the source."


def _foreign(case: _Case) -> Iterator[str]:
    source, written = (
        outside(case.source, case.before.pieces) + case.definitions,
        outside(case.written, case.after.pieces),
    )
    for pattern, reason in (
        (_TAG, "The text holds raw HTML."),
        (_EXPRESSION, "The text holds a {…} expression."),
        (_MODULE, "The text holds an import or export."),
        (_SCHEME, "The text holds an address that runs code."),
        (_ADDRESS, "There is an address that the source does not have."),
        (_COMMAND, "There is a command that the source does not have."),
    ):
        if Counter(pattern.findall(written)) - Counter(pattern.findall(source)):
            yield reason


def _talk(case: _Case) -> Iterator[str]:
    if talk(case.written) - talk(case.source):
        yield "The text talks to whoever asked for it instead of to the reader."
    brackets = [sum(piece.kind == pieces.BRACKET for piece in some.pieces) for some in (case.before, case.after)]
    if brackets[1] > brackets[0]:
        yield "A ⟦token⟧ was left in the text."
    secret = "\n".join(case.request.instructions)
    if leaks(case.written, secret, f"{case.source}\n{case.definitions}"):
        yield "The text repeats its instructions."


def _length(case: _Case) -> Iterator[str]:
    low, high = LENGTH_OF_TRANSLATION if case.translated else LENGTH
    before, after = (len(" ".join(anatomy.prose.split())) for anatomy in (case.before, case.after))
    if after < low * before - _SLACK:
        yield "The text is much shorter than the source."
    elif after > high * before + _SLACK + len(case.definitions):
        yield "The text is much longer than the source."
    elif len(case.after.paragraphs) < PARAGRAPHS_KEPT * len(case.before.paragraphs) - 0.01:
        yield "Paragraphs or list items of the source are missing."


def _end(case: _Case) -> Iterator[str]:
    """A text that was cut ends in the middle of something, or without a trace of what its source ends with."""
    last, given = case.written.rstrip(), case.source.rstrip()
    ends_with_piece = case.after.pieces and case.after.pieces[-1].end >= len(last)
    if not ends_with_piece and not last.endswith(_ENDING):
        known = set(_WORD.findall(case.source.lower()))
        word = _LAST_WORD.search(last.lower())
        torn = word and word[0] not in known and any(each.startswith(word[0]) for each in known)
        if given.endswith(_ENDING) or (torn and not case.translated):
            yield "The text stops in the middle of a sentence."
            return
    if _OPEN_END.search(last) and not _OPEN_END.search(given):
        yield "The text stops in the middle of a sentence."
    elif not case.translated:
        stems = [word[:STEM] for word in _LONG_WORD.findall(case.before.prose.lower())]
        own = set(stems[-TAIL:]) - set(stems[:-TAIL])
        if len(own) >= TAIL / 2 and not own & _stems(case.after.prose):
            yield "The end of the source is missing."


def _numbers(case: _Case) -> Iterator[str]:
    before, after = quantities(case.before.prose), quantities(case.after.prose)
    words_before = spelled(case.before.prose, case.request.source_language)
    words_after = spelled(case.after.prose, case.request.language)
    old, new = values(before), values(after)
    bare = {value for value, unit in after if not unit} | set(words_after)
    kept = sum(pair in after or pair[0] in bare or (not pair[1] and pair[0] in new) for pair in before)
    added = set(new) - set(old) - set(values(quantities(case.definitions))) - set(words_before)
    # A number that stands there less often while another does more often is a changed one, unless words took its place.
    fewer = any((old - new)[value] > (words_after - words_before)[value] for value in old - new)
    more = added or any(
        (new - old)[value] > (words_before - words_after)[value] for value in (new - old) if value in old
    )
    other_unit = {value for value, unit in before - after if unit} & {value for value, unit in after - before if unit}
    if kept < NUMBERS_KEPT * len(before) or (fewer and more) or other_unit or _said_otherwise(case, old, new):
        yield "A number or a unit of the source is missing or changed."
    elif len(added) > max(1, NUMBERS_NEW * len(new)):
        yield "There are numbers that the source does not have."


def _said_otherwise(case: _Case, old: Counter[str], new: Counter[str]) -> bool:
    """Whether a number that is said in words, or a word that holds one, has gone and another has come.

    Words for one and none say more than numbers, and in another language some say something else altogether.
    """
    before, after = coded(case.before.prose), coded(case.after.prose)
    if before - after and after - coded(case.source + case.definitions):
        return True
    if case.translated:
        return False
    words_before, words_after = (spelled(some.prose, case.request.language) for some in (case.before, case.after))
    gone = {value for value in words_before - words_after if value not in words_after and new[value] <= old[value]}
    come = {value for value in words_after - words_before if value not in words_before and new[value] >= old[value]}
    return bool(gone - {"0", "1"} and come - {"0", "1"})


def _tables(case: _Case) -> Iterator[str]:
    """What a row says in numbers stays in its place, whatever is said around it."""
    before, after = (
        [found for row in some.rows if (found := [value for value, _ in in_order(row)])]
        for some in (case.before, case.after)
    )
    if before and (len(before) != len(after) or not all(map(_is_part, before, after))):
        yield "The numbers of a table are changed, or not in their places."


def _is_part(numbers: list[str], row: list[str]) -> bool:
    """Whether these stand in a row in this order, perhaps among others."""
    left = iter(row)
    return all(number in left for number in numbers)


def _names(case: _Case) -> Iterator[str]:
    source, written = case.before.prose, case.after.prose
    endings = language_of(case.request.language).endings
    terms = {term.term for term in case.request.glossary if _occurs(term.term, source)}
    names = set(_NAME.findall(source)) - terms
    lost_terms, lost_names = (
        sorted(name for name in some if not _occurs(name, written, endings)) for some in (terms, names)
    )
    few = (1 - NAMES_KEPT) + 1e-9
    if len(lost_terms) > few * len(terms) or len(lost_names) > max(1, few * len(names)):
        yield f"Terms of the source are missing: {', '.join([*lost_terms, *lost_names][:8])}."


def _language(case: _Case) -> Iterator[str]:
    language = language_of(case.request.language)
    prose = case.after.prose
    if not language.is_latin:
        for name in sorted({term.term for term in case.request.glossary}, key=len, reverse=True):
            prose = re.sub(re.escape(name), " ", prose, flags=re.IGNORECASE)
        prose = _NAME.sub(" ", prose)
    if script_share(prose, language.code) < SCRIPT:
        yield f"The text is not in {language.name}."
    elif not case.translated:
        yield from _substance(case)


def _substance(case: _Case) -> Iterator[str]:
    """In one language, words tell whether the subject is the same, and whether a paragraph has left no trace."""
    after = _stems(case.after.prose)
    paragraphs = [_stems(paragraph) for paragraph in case.before.paragraphs]
    often = Counter(stem for stems in paragraphs for stem in stems)
    if len(often) >= 12 and len(often.keys() & after) < WORDS_KEPT * len(often):
        yield "The text is about something else than the source."
        return
    for stems in paragraphs:
        own = {stem for stem in stems if often[stem] == 1}
        if len(own) >= 5 and not own & after:
            yield "A paragraph of the source is missing."
            return


def _stems(text: str) -> set[str]:
    return {word[:STEM] for word in _LONG_WORD.findall(text.lower())}


def _occurs(term: str, text: str, endings: str = "s|es") -> bool:
    """Whether a term or a name stands in a text, with what a language may add to it."""
    words = r"\s+".join(map(re.escape, term.split()))
    return re.search(rf"(?<![A-Za-z0-9]){words}(?:{endings})?(?![A-Za-z0-9])", text, re.IGNORECASE) is not None


def _readability(case: _Case) -> Iterator[str]:
    """The text moves towards the grade that its readers ask for, unless it is near it.

    Only a model can move it: what the rules leave out or put in is the author's own.
    """
    wanted, language = case.request.readability, language_of(case.request.language)
    if wanted is None or case.translated or not language.graded or case.request.style.writer == "rules":
        return
    before, after = grade(case.before.paragraphs), grade(case.after.paragraphs)
    if before is None or after is None or abs(after - wanted) <= NEAR or abs(after - wanted) < abs(before - wanted):
        return
    yield f"The text is no {'easier' if after > wanted else 'denser'} to read than the source, and should be."


_RULES: tuple[Callable[[_Case], Iterator[str]], ...] = (
    _form,
    _headings,
    _pieces,
    _footnotes,
    _foreign,
    _talk,
    _length,
    _end,
    _numbers,
    _tables,
    _names,
    _language,
    _readability,
)
