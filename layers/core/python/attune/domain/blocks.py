"""The blocks that our Markdown has and CommonMark has not: display maths and the lines of `:::` containers."""

import bisect

from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock


def with_blocks(parser: MarkdownIt) -> MarkdownIt:
    """A parser that knows display maths and `:::` lines too, as tokens `maths` and `directive`."""
    interrupts: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    parser.block.ruler.before("blockquote", "directive", _directive, interrupts)
    parser.block.ruler.before("blockquote", "maths", _maths, interrupts)
    return parser


def _maths(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A block rule for `$$` on lines of their own, whose inside would else be read as lists and headings."""
    text = _line(state, start)
    if state.is_code_block(start) or not text.startswith("$$"):
        return False
    closing = start
    if len(text) < 4 or not text.endswith("$$"):
        if "$$" in text[2:]:
            return False
        if "closings" not in state.env:
            state.env["closings"] = [n for n in range(len(state.eMarks) - 1) if _line(state, n).endswith("$$")]
        closings = state.env["closings"]
        place = bisect.bisect_right(closings, start)
        if place == len(closings) or closings[place] >= end:
            return False
        closing = closings[place]
        if any(state.sCount[n] < state.blkIndent and not state.isEmpty(n) for n in range(start, closing + 1)):
            return False
    if not silent:
        _push(state, "maths", start, closing + 1)
    return True


def _directive(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A block rule for the lines that open and close a `:::` container."""
    if state.is_code_block(start) or not _line(state, start).startswith(":::"):
        return False
    if not silent:
        _push(state, "directive", start, start + 1)
    return True


def _line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]].rstrip()


def _push(state: StateBlock, kind: str, start: int, end: int) -> None:
    state.line = end
    token = state.push(kind, "", 0)
    token.content = "\n".join(_line(state, number) for number in range(start, end))
    token.map = [start, end]
