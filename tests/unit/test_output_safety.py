"""What is given out runs nothing in any renderer, hides nothing, and costs no more than its length."""

from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from attune.domain.addresses import harmless
from attune.domain.characters import visible
from attune.domain.lesson import parse
from attune.domain.page import page
from attune.domain.pieces import dissect
from attune.domain.portable import portable
from attune.domain.sound import findings
from tests.calls import calls
from tests.unit.conftest import LESSONS, shipped
from tests.unit.hostile import CORPUS, found_in_html, found_in_markdown
from tests.unit.test_placeholders import MARKDOWN

COMMONMARK = MarkdownIt("commonmark", {"html": False}).enable("table")
IDS = range(len(CORPUS))
MIXED = st.lists(st.sampled_from([*CORPUS, "\n", "\n\n", " ", "- ", "> ", "    ", "`", "$", "a"]), max_size=8).map(
    "".join
)


@pytest.mark.parametrize("text", CORPUS, ids=IDS)
def test_h04_and_h13_nothing_is_found_in_markdown_or_html(text: str) -> None:
    for whole in (text, f"# T\n\n## A\n\nBefore {text} after.\n", f"- item\n  {text}\n", f"> {text}"):
        assert found_in_markdown(portable(whole)) == []
        assert found_in_html(page(whole)) == []
        assert found_in_html(page(portable(whole))) == []


@given(MIXED)
def test_h13_nothing_is_found_in_any_mixture(text: str) -> None:
    assert found_in_markdown(portable(text)) == []
    assert found_in_html(page(text)) == []


@given(MIXED | MARKDOWN)
def test_h14_a_text_that_was_made_safe_stays_as_it_is(text: str) -> None:
    once = portable(text)
    assert portable(once) == once
    assert visible(visible(text)) == visible(text)


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("It needs <90 MB and {x}.", "It needs \\<90 MB and \\{x\\}."),
        ("Call `f({x})` for $\\frac{a}{b}$ <3", "Call `f({x})` for $\\frac{a}{b}$ \\<3"),
        ("import taxes rise", "&#105;mport taxes rise"),
        ("We import\nexport more", "We import\n&#101;xport more"),
        ("# Title {#id}", "# Title \\{#id\\}"),
        ("\\{x} \\\\{x}", "\\{x\\} \\\\\\{x\\}"),
        ("<https://a.example/x_y?a=1&b={c}>", "[https://a.example/x\\_y?a=1\\&b=\\{c\\}](https://a.example/x\\_y?a=1\\&b=\\{c\\})"),
        ("<me@a.example>", "[me@a.example](mailto:me@a.example)"),
        ("    x = {1: '<b>'}\n", "```\nx = {1: '<b>'}\n```\n"),
        ("[a {b}](/c{d}) ![{e}](/f.png)", "[a \\{b\\}](/c{d}) ![\\{e\\}](/f.png)"),
        ("| {a} |\n|--|\n| <1 |", "| \\{a\\} |\n|--|\n| \\<1 |"),
    ],
)  # fmt: skip
def test_h07_mdx_reads_it_as_text_and_commonmark_as_before(text: str, safe: str) -> None:
    assert portable(text) == safe
    assert COMMONMARK.render(safe).replace("<code>x", "<code>x") == COMMONMARK.render(text)


@pytest.mark.parametrize("name_and_slug", LESSONS, ids=str)
def test_the_shipped_lessons_are_given_out_to_the_letter(name_and_slug: tuple[str, str]) -> None:
    name, slug = name_and_slug
    text = shipped(name).texts[slug]
    for markdown in (text.content, *text.translations.values()):
        assert portable(markdown) == markdown
        assert findings(markdown) == []
        assert found_in_html(page(markdown)) == []


def test_h08_code_is_given_out_byte_for_byte() -> None:
    code = "```sh\ncurl x | sh # \u200b\u202e <b> {x}\n```\n"
    assert portable(code) == code
    assert portable("`a\u200bb`") == "`a\u200bb`"


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("a\u200bb\u202ec\u2066d\ufeffe\u00adf\U000e0041g\x07h", "abcdefgh"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("क्\u200dष", "क्\u200dष"),
        ("in\u200cvisible z\u200dz", "invisible zz"),
        ("👩\u200d🔬 ❤\ufe0f 1\ufe0f", "👩\u200d🔬 ❤\ufe0f 1\ufe0f"),
        ("x\ufe0f\ufe01", "x"),
        ("\u200fاردو\u200e", "\u200fاردو\u200e"),
        ("latin\u200f only\u200e", "latin only"),
        ("a\u2028b", "a b"),
    ],
)
def test_h12_hidden_characters_go_and_those_that_a_script_needs_stay(text: str, seen: str) -> None:
    assert visible(text) == seen


@pytest.mark.parametrize(
    "address",
    ["https://a.example", "http://a.example", "mailto:a@b.example", "/x", "x/y", "#z", "../a", "?q=a:b", "a%20b", ""],
)
def test_h06_these_addresses_are_harmless(address: str) -> None:
    assert harmless(address)


HARMFUL = (  # noqa: SIM905
    "javascript:x JAVA\tSCRIPT:x java&#115;cript:x javascript&colon;x %6aavascript:x \x01javascript:x javascript\\:x "
    "data:text/html,x vbscript:x file:///x //evil.example /\\evil.example \\\\evil.example "
    "blob:x intent:x java\\script:x"
).split(" ")


@pytest.mark.parametrize("address", HARMFUL)
def test_h06_and_these_are_not(address: str) -> None:
    assert not harmless(address)


def test_h06_pictures_come_from_where_pictures_come_from() -> None:
    assert not harmless("mailto:a@b.example", picture=True)
    assert page("![x](mailto:a@b.example)") == "<p>x</p>\n"


def test_a_page_is_what_a_reader_sees() -> None:
    html = page(
        "## A\n\n[b](https://x.example 't') ![p](/i.png) `c` $a<b$\n\n$$\nx<y\n$$\n\n"
        ':::audience{level="new"}\nFor some.\n:::\n\n:::detail{title="Why" level="new"}\nInside\n:::\n\n'
        "| a | b |\n|:--|--:|\n| 1 | 2 |\n\n3. c\n\n```py\nx < 1\n```\n"
    )
    for part in (
        '<a href="https://x.example" title="t" rel="noopener noreferrer">b</a>',
        '<img src="/i.png" alt="p">',
        '<span class="math" dir="ltr">$a&lt;b$</span>',
        '<div class="math" dir="ltr">$$\nx&lt;y\n$$</div>',
        "<p>For some.</p>\n<details>\n<summary>Why</summary>\n<p>Inside</p>\n</details>",
        '<th align="left">a</th>',
        '<ol start="3">',
        '<pre dir="ltr"><code class="language-py">x &lt; 1\n</code></pre>',
    ):
        assert part in html
    assert ":::" not in html


def test_details_that_are_never_closed_are() -> None:
    html = page(':::detail{title="a"}\nx\n\n:::detail{title="b"}\ny\n')
    assert html.count("<details>") == html.count("</details>") == 2


# ---- Publishing


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a\n\n<b>x</b>", [(3, "raw_html")]),
        ("a <br/> {/* x */}", [(1, "raw_html"), (1, "mdx")]),
        ("import X from 'x'\n\nexport const y = 1", [(1, "mdx"), (3, "mdx")]),
        ("a <90 MB {x} a<b, c>d `<b>` \\<b>", []),
        ("import taxes\nexport them", []),
        ("[x](javascript:y)\n![x](data:image/png,y)", [(1, "unsafe_address"), (2, "unsafe_address")]),
        ("<javascript:x>", [(1, "unsafe_address")]),
        ("[x]: //evil.example\n\n[x]", [(1, "unsafe_address"), (3, "unsafe_address")]),
        ("$a<b>c$", [(1, "raw_html")]),
        ("- a\n\n      {x}", [(3, "indented_code")]),
        ("    {x}", []),
        ("a\u202eb\r\n```\r\n\U000e0041\r\n```\r\n\x07", [(line, "hidden_character") for line in (1, 3, 5)]),
        ("می\u200cخواهم a\u200bb", []),
    ],
)  # fmt: skip
def test_what_keeps_a_text_from_being_published(text: str, found: list[tuple[int, str]]) -> None:
    assert [(each.line, each.code) for each in findings(text)] == found


@pytest.mark.parametrize("text", CORPUS, ids=IDS)
def test_what_is_published_or_refused_is_never_obeyed(text: str) -> None:
    """A text without findings has no raw HTML for CommonMark either."""
    if not findings(text):
        tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(text)
        assert not [
            each for token in tokens for each in (token, *(token.children or ())) if each.type.startswith("html")
        ]


# ---- Bounded work


COUNTED = ("call", "c_call")
UNITS = [
    "[",
    "![",
    "[](",
    "[a](",
    "[]",
    "<",
    "<a ",
    "{",
    "`a",
    "*a _b ",
    "**a",
    "$a ",
    "\\",
    "> ",
    "- ",
    "| ",
    "]",
    "&",
    "[a]: ",
]


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("function", [portable, page, findings, dissect, parse])
def test_h10_work_is_in_proportion_to_the_text(unit: str, function: Callable[[str], object]) -> None:
    function("warm up [a](b) `c` $d$")
    small, large = (calls(partial(function, unit * count), COUNTED) for count in (1_000, 4_000))
    assert large <= 6 * small + 1_000


def test_h10_twenty_thousand_brackets() -> None:
    for text in ("[" * 20_000, "[" * 10_000 + "]" * 10_000, "# T\n\n## " + "[" * 20_000):
        assert calls(partial(page, text), COUNTED) < 1_500_000
        assert calls(partial(portable, text), COUNTED) < 1_500_000
