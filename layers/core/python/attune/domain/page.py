"""A lesson as HTML that is safe to put into a page: made from the tokens of its Markdown, and only from known ones.

Raw HTML in the text is text. Formulas are kept as escaped text in elements of the class `math`, for a script of the
site to set. Blocks for some readers lose their fences; a detail becomes a disclosure element.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from attune.domain.addresses import harmless
from attune.domain.blocks import with_blocks
from attune.domain.pieces import maths_at

ELEMENTS: Mapping[str, frozenset[str]] = {
    **{name: frozenset() for name in ("p", "blockquote", "ul", "li", "hr", "br", "em", "strong", "table", "thead")},
    **{f"h{level}": frozenset() for level in range(1, 7)},
    **{name: frozenset({"align"}) for name in ("th", "td")},
    **{name: frozenset() for name in ("tbody", "tr", "details", "summary")},
    "ol": frozenset({"start"}),
    "a": frozenset({"href", "title", "rel"}),
    "img": frozenset({"src", "alt", "title"}),
    "pre": frozenset({"dir"}),
    "code": frozenset({"class", "dir"}),
    "div": frozenset({"class", "dir"}),
    "span": frozenset({"class", "dir"}),
}
"""Every element that a page can hold, and its attributes."""
_TITLE = re.compile(r'\btitle="([^"]*)"')
_LANGUAGE = re.compile(r"[A-Za-z0-9+#.-]{1,32}(?=\s|\Z)")
_ALIGN = re.compile(r"text-align:(left|right|center)")
_MANY = 50
_DEEPEST = 8


def page(markdown: str) -> str:
    """The HTML of some Markdown. Pure, and bounded by the length of the text."""
    return str(_parser().render(markdown, {"open": False}))


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}, renderer_cls=_Renderer).enable("table")
    with_blocks(parser)
    parser.inline.ruler.before("escape", "maths", _maths)
    parser.core.ruler.before("inline", "brackets", _brackets)
    return parser


def _maths(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != "$":
        return False
    end = maths_at(state.src, state.pos, state.posMax)
    if end is None:
        return False
    if not silent:
        state.push("maths_inline", "", 0).content = state.src[state.pos : end]
    state.pos = end
    return True


def _brackets(state: StateCore) -> None:
    """Brackets that cannot make a link are marked as text before anybody looks for their other halves.

    A parser looks at all that follows for each opening bracket, which a text of nothing else would make it regret.
    """
    for token in state.tokens:
        if token.type == "inline" and token.content.count("[") > _MANY:
            token.content = _bounded(token.content, bool(state.env.get("references")))


def _bounded(text: str, references: bool) -> str:
    marks = [match for match in re.finditer(r"\\[\s\S]|`+|[\[\]]", text) if match[0] in "[]"]
    opened: list[int] = []
    kept: set[int] = set()
    for match in marks:
        if match[0] == "[":
            opened.append(match.start())
        elif opened:
            start = opened.pop()
            if len(opened) < _DEEPEST and (references or text[match.end() : match.end() + 1] in ("(", "[")):
                kept |= {start, match.start()}
    drop = {match.start() for match in marks} - kept
    return "".join(f"\\{character}" if place in drop else character for place, character in enumerate(text))


class _Renderer(RendererHTML):
    """Renders the tokens that a page can have, with the attributes that they can have, and nothing else."""

    def render(self, tokens: Sequence[Token], options: Any, env: Any) -> str:
        opened = env.get("open", False)
        html = super().render([token for token in tokens if self._known(token)], options, env)
        return html + ("</details>\n" if env.get("open", False) and not opened else "")

    def _known(self, token: Token) -> bool:
        if token.type in ("inline", "maths", "directive"):
            return True
        return token.tag in ELEMENTS and token.type not in ("html_block", "html_inline")

    @staticmethod
    def renderAttrs(token: Token) -> str:
        """The attributes that this element may have; how a table aligns its cells is the one style among them."""
        allowed = ELEMENTS.get(token.tag, frozenset())
        found = {name: str(value) for name, value in token.attrs.items() if name in allowed}
        if align := _ALIGN.fullmatch(str(token.attrs.get("style", ""))):
            found["align"] = align[1]
        return "".join(f' {name}="{escape(value)}"' for name, value in found.items())

    def link_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        token = tokens[idx]
        if not harmless(str(token.attrs.get("href", ""))):
            token.attrs.pop("href", None)
        token.attrs["rel"] = "noopener noreferrer"
        return f"<a{self.renderAttrs(token)}>"

    def image(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        token = tokens[idx]
        description = self.renderInlineAsText(token.children or [], options, env)
        if not harmless(str(token.attrs.get("src", "")), picture=True):
            return escape(description)
        token.attrs["alt"] = description
        return f"<img{self.renderAttrs(token)}>"

    def text(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return escape(tokens[idx].content)

    def code_inline(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return f'<code dir="ltr">{escape(tokens[idx].content)}</code>'

    def code_block(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return f'<pre dir="ltr"><code>{escape(tokens[idx].content)}</code></pre>\n'

    def fence(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        language = _LANGUAGE.match(tokens[idx].info.strip())
        named = f' class="language-{escape(language[0])}"' if language else ""
        return f'<pre dir="ltr"><code{named}>{escape(tokens[idx].content)}</code></pre>\n'

    def maths(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return f'<div class="math" dir="ltr">{escape(tokens[idx].content)}</div>\n'

    def maths_inline(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return f'<span class="math" dir="ltr">{escape(tokens[idx].content)}</span>'

    def directive(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        """A detail outside of lists and quotes opens a disclosure, its end closes it; other fences are not shown."""
        line = tokens[idx].content
        if tokens[idx].level:
            return ""
        closing = "</details>\n" if env.get("open") else ""
        env["open"] = line.startswith(":::detail")
        if not env["open"]:
            return closing
        title = _TITLE.search(line)
        return f"{closing}<details>\n<summary>{escape(title[1] if title else '…')}</summary>\n"
