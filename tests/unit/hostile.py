"""Texts that try to run, to hide or to lead away, and what finds them in Markdown and in HTML."""

import re
from html.parser import HTMLParser
from typing import Final

from markdown_it import MarkdownIt

from attune.domain.page import ELEMENTS
from attune.domain.pieces import dissect, outside

_TAGS = """
<script>alert(1)</script> | <img src=x onerror=alert(1)> | <svg onload=alert(1)> | <svg/onload=alert(1)//> | <iframe src=javascript:alert(1)>
<body onload=alert(1)> | <a href="javascript:alert(1)">x</a> | <a href="jAvAsCrIpT:alert(1)">x</a> | <details open ontoggle=alert(1)>
<math><mtext></mtext><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;"> | <noscript><p title="</noscript><img src=x onerror=alert(1)>">
<input autofocus onfocus=alert(1)> | <video><source onerror=alert(1)> | <object data=javascript:alert(1)> | <embed src=javascript:alert(1)>
<form action=javascript:alert(1)><button>x</button></form> | <base href=//evil.example> | <link rel=stylesheet href=//evil.example> | <meta http-equiv=refresh content=0>
<style>@import'//evil.example'</style> | <!--><script>alert(1)</script>--> | <![CDATA[<script>alert(1)</script>]]> | <?xml version="1.0"?> | <!DOCTYPE html>
<scr<script>ipt>alert(1)</scr</script>ipt> | <SCRIPT SRC=//evil.example></SCRIPT> | <img src="x`y" onerror=alert(1)> | <x onclick=alert(1)>y</x> | <b>x</b>
<template><s><template><s><img src=x onerror=alert(1)>@shafigullin</s></template></s></template> | <table background=javascript:alert(1)> | <marquee onstart=alert(1)>
<select><iframe></select><img src=x onerror=alert(1)> | <a xlink:href="javascript:alert(1)">x</a> | <isindex action=j&Tab;a&Tab;vas&Tab;c&Tab;r&Tab;ipt:alert(1)> | <img/src=x/onerror=alert(1)>
<Tabs><TabItem value={alert(1)}>x</TabItem></Tabs> | <></> | <Foo.Bar x={1}/> | <div style={{background: 'url(//evil.example)'}}>x</div> | </p><script>alert(1)</script>
"""  # noqa: E501
_LINKS = """
[x](javascript:alert(1)) | [x](JaVaScRiPt:alert(1)) | [x](java&#115;cript:alert(1)) | [x](javascript&colon;alert(1)) | [x](java\\script:alert(1)) | [x](&#x6A;avascript:alert(1))
[x](<javascript:alert(1)>) | [x](<java script:alert(1)>) | [x](vbscript:msgbox(1)) | [x](data:text/html;base64,PHNjcmlwdD4=) | [x](file:///etc/passwd) | [x](//evil.example)
![x](javascript:alert(1)) | ![x](data:image/svg+xml;base64,PHN2Zz4=) | ![x](//evil.example/pixel.png) | <javascript:alert(1)> | <data:text/html,x> | [x][y]
[x](%6Aavascript:alert(1)) | [x](javascript%3Aalert(1)) | [x](\\javascript:alert(1)) | [x](/\\evil.example) | [![x](javascript:a)](javascript:b) | [x](blob:https://evil.example/1)
[x](https://a.example"onmouseover="alert(1)) | [x](https://a.example 'a"onmouseover="b') | ![a"onerror="alert(1)](/x.png) | [x](<https://a.example/"><img src=x onerror=alert(1)>>)
"""  # noqa: E501
_MDX = """
{alert(1)} | {process.env.KEY} | {/* x */} | {`${alert(1)}`} | a {b} c | {{x}} | {x | } | # Title {#id} | **{x}** | [{x}](/y) | ![{x}](/y.png) | | {x} | | ~~{x}~~ | www.x.example/{y}
import Evil from "evil" | export const x = 1 | export default function X() {} | import "evil" | import {x} from 'y' | export * from 'z' | <90 MB | a < b | 1 <2 | <- | <3 | <=
"""  # noqa: E501
_MORE = [
    "[x]: javascript:alert(1)\n\n[x]",
    "[y]: data:text/html,x\n\n[x][y] ![x][y]",
    "[^1]: javascript:alert(1)\n\n[^1]",
    "> [x]: <javascript:alert(1)>\n\n[x]",
    "    <script>alert(1)</script>\n    {x}\n",
    "- a\n\n      {x} <b>\n",
    "```\n<script>{x}</script>\n```",
    "~~~{x}\n<b>\n~~~",
    '``` "><script>alert(1)</script>\nx\n```',
    "`<script>{x}</script>`",
    "`` ` <b> {x} ` ``",
    "$<img src=x onerror=alert(1)>$",
    "$$\n<img src=x onerror=alert(1)>\n$$",
    "$a$ {x} $b",
    "<div\nonclick=alert(1)\n>x</div>",
    "<img src=x\n\nonerror=alert(1)>",
    "a\\<b> \\\\<b> \\\\\\<b>",
    "| <b> | {x} |\n|--|--|\n| <script> | `{y}` |",
    ':::audience{level="new"}\n<b>x</b> {y}\n:::',
    ':::detail{title="<script>alert(1)</script>"}\nx\n:::',
    ':::detail{title="x"}\nopen',
    "text\nimport x from 'y'\nexport z",
    "imp\u200bort x from 'y'",
    "java\u200bscript: \u202eabc\u202c \U000e0041\U000e0042 \ufeffx a\u00adb \x00\x1b[31m",
    "<scr\u200bipt>alert(1)</scr\u200bipt>",
    "[x](java\u200bscript:alert(1))",
    "[x](java\tscript:alert(1)) [x](\x01javascript:alert(1))",
    "👩\u200d🔬 ❤\ufe0f می\u200cخواهم a\u200cb",
    "&lt;script&gt; &#60;script&#62; &#x3C;b&#x3E;",
    "<https://a.example/?x=<b>&y={z}>",
    "<https://a.example/?x=1&copy=2{z}> <me@a.example>",
    "# <script>alert(1)</script>\n\n## {x}\n",
    "Term\n: <b>{x}</b>",
    "[a]: /u '<script>'\n\n[a] ![a]",
    "![<b>{x}](/y.png '<i>{z}')",
    "[`<b>`](/x) [**{x}**](/y)",
    "***<b>{x}***",
    "1. import x\n2. {y}\n   <b>",
    "\ufeffimport x from 'y'",
]
CORPUS: Final = [
    *(each.strip() for line in f"{_TAGS}{_LINKS}{_MDX}".split("\n") if line for each in line.split(" | ")),
    *_MORE,
]  # fmt: skip

_COMMONMARK: Final = MarkdownIt("commonmark", {"html": True}).enable("table")
_BARE: Final = re.compile(r"(?<!\\)(?:\\\\)*[<{}]")
_HIDDEN: Final = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u200b\u202a-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]"
)
_SAFE: Final = re.compile(
    r"(?:https?://(?![^/]*[\"<>])|mailto:|#|/(?![/\\])|\.{0,2}/?[\w.-]+(?:[/?#][^:]*)?$)|$", re.IGNORECASE
)


def found_in_markdown(markdown: str) -> list[str]:
    """What CommonMark with raw HTML, or MDX, would obey in a text."""
    found = []
    for token in _COMMONMARK.parse(markdown):
        for each in (token, *(token.children or ())):
            if each.type in ("html_block", "html_inline"):
                found.append(f"html: {each.content!r}")
            address = each.attrs.get("href", each.attrs.get("src"))
            if address is not None and not _SAFE.match(str(address)):
                found.append(f"address: {address!r}")
    prose = outside(
        markdown,
        tuple(
            piece
            for piece in dissect(markdown).pieces
            if piece.kind != "p" and not (piece.kind == "u" and markdown[piece.start] != "<")
        ),
    )
    without_fences = re.sub(r"(?m)^:::.*$", "", prose)
    without_pictures = re.sub(r"\]\([^()]*\)", "]", without_fences)
    if bare := _BARE.search(without_pictures):
        found.append(f"mdx: {bare[0]!r}")
    if re.search(r"(?m)^(?:import|export)\b", without_fences):
        found.append("mdx: a module")
    if hidden := _HIDDEN.search(prose):
        found.append(f"hidden: {hidden[0]!r}")
    return found


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ELEMENTS:
            self.found.append(f"element: {tag}")
        for name, value in attrs:
            if name not in ELEMENTS.get(tag, ()):
                self.found.append(f"attribute: {name} of {tag}")
            if name in ("href", "src") and not _SAFE.match(value or ""):
                self.found.append(f"address: {value!r}")

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def handle_comment(self, data: str) -> None:
        self.found.append(f"comment: {data!r}")

    def handle_decl(self, decl: str) -> None:
        self.found.append(f"declaration: {decl!r}")

    def handle_pi(self, data: str) -> None:
        self.found.append(f"instruction: {data!r}")


def found_in_html(html: str) -> list[str]:
    """What is in a page beyond its known elements and their attributes."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.found
