"""What nobody may rewrite becomes tokens, and every text comes back as it was."""

from functools import partial

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from attune.domain.pieces import dissect
from attune.domain.placeholders import Tampered, protect, restore
from tests.calls import calls

MARKS = r"""` `` ``` ```py ~~~ $ $$ \ [ ] ( ) ]( ![ < > | |---| ::: :::audience{a="b"} <a@b.c> www.a.b ⟦ ⟧ * _ = ---"""
LINES = ["\t", "\n", "\n\n", "\r\n", "\r", "\u2028", " ", "    ", "# ", "- ", "1. ", "> ", "[a]: https://b.c"]
FRAGMENTS = st.sampled_from([*MARKS.split(), *LINES, "https://a.b/c", "⟦c1⟧", "⟦C1⟧", "a", "b c", "5", "\x00", "ا"])
MARKDOWN = st.lists(FRAGMENTS, max_size=40).map("".join) | st.text(max_size=60)


@given(MARKDOWN)
@example("```\nopen")
@example("⟦C1⟧\r`x`")
@example("> " * 30 + "⟦")
def test_every_text_comes_back(markdown: str) -> None:
    protected = protect(markdown)
    assert restore(protected.text, protected.tokens) == markdown


@given(MARKDOWN)
def test_every_bracket_left_is_a_tokens(markdown: str) -> None:
    protected = protect(markdown)
    rest = protected.text
    for token in protected.tokens:
        assert rest.count(token) == 1
        rest = rest.replace(token, "")
    assert not set(rest) & set("⟦⟧")


@given(MARKDOWN)
def test_pieces_are_in_order_and_apart(markdown: str) -> None:
    at = 0
    for piece in dissect(markdown).pieces:
        assert at <= piece.start < piece.end <= len(markdown)
        at = piece.end


@pytest.mark.parametrize(
    ("markdown", "text", "originals"),
    [
        ("Call `spin()` now.", "Call ⟦c1⟧ now.", ["`spin()`"]),
        ("A `` ` `` and ` b", "A ⟦c1⟧ and ` b", ["`` ` ``"]),
        ("```py\nx = `1`\n```\nText", "⟦C1⟧\nText", ["```py\nx = `1`\n```"]),
        ("~~~\n```\n~~~\n", "⟦C1⟧\n", ["~~~\n```\n~~~"]),
        ("Text\n\n    code\n\nText", "Text\n\n⟦C1⟧\n\nText", ["    code"]),
        ("- item\n  ```\n  a\n  ```\n- b", "- item\n⟦C1⟧\n- b", ["  ```\n  a\n  ```"]),
        ("> ```\n> a\n> ```", "⟦C1⟧", ["> ```\n> a\n> ```"]),
        ("$x^2$ and $$y$$", "⟦m1⟧ and ⟦m2⟧", ["$x^2$", "$$y$$"]),
        ("$$\na\n=\n- b\n\nc\n$$", "⟦M1⟧", ["$$\na\n=\n- b\n\nc\n$$"]),
        ("It is $5 here and $10 there, or 3 $ a piece.", "It is $5 here and $10 there, or 3 $ a piece.", []),
        (r"\$a$ and \`b\` and \[c](d)", r"\$a$ and \`b\` and \[c](d)", []),
        ("[a *b*](https://c.d/(e) 'T')!", "[a *b*](⟦l1⟧)!", ["https://c.d/(e) 'T'"]),
        ("[the `x`](<a b>)", "[the ⟦c1⟧](⟦l2⟧)", ["`x`", "<a b>"]),
        ("![an `image`](x.png) [![b](c)](d)", "⟦p1⟧ [⟦p2⟧](⟦l3⟧)", ["![an `image`](x.png)", "![b](c)", "d"]),
        ("[a][B] [b] [b][]\n\n[B]: /x", "[a][⟦l1⟧] ⟦l2⟧ ⟦l3⟧\n\n⟦R4⟧", ["B", "[b]", "[b][]", "[B]: /x"]),
        ("![a][ref]\n\n[ref]: /x", "⟦p1⟧\n\n⟦R2⟧", ["![a][ref]", "[ref]: /x"]),
        ("[no][such] [label]", "[no][such] [label]", []),
        ("<https://a.b> and <c@d.e>", "⟦u1⟧ and ⟦u2⟧", ["<https://a.b>", "<c@d.e>"]),
        ("See https://a.b/c_(d). Or (www.e.f)!", "See ⟦u1⟧. Or (⟦u2⟧)!", ["https://a.b/c_(d)", "www.e.f"]),
        (':::detail{title="T"}\nText\n:::', "⟦D1⟧\nText\n⟦D2⟧", [':::detail{title="T"}', ":::"]),
        ("```\n:::\n```", "⟦C1⟧", ["```\n:::\n```"]),
        ("Text ⟦c1⟧", "Text ⟦t1⟧c1⟦t2⟧", ["⟦", "⟧"]),
        ("| ` | ` |\n|---|---|\n| `a\\|b` | $c$ |", "| ` | ` |\n|---|---|\n| ⟦c1⟧ | ⟦m2⟧ |", ["`a\\|b`", "$c$"]),
        ("# A `b`\n\nc", "# A ⟦c1⟧\n\nc", ["`b`"]),
    ],
)  # fmt: skip
def test_what_becomes_a_token(markdown: str, text: str, originals: list[str]) -> None:
    protected = protect(markdown)
    assert protected.text == text
    assert list(protected.tokens.values()) == originals


PROTECTED = protect("See `a` and [b](c).\n\n```\nd\n```\n")


@pytest.mark.parametrize(
    ("written", "complaints"),
    [
        ("Look at [b](⟦l2⟧).\n\n⟦C3⟧\n", ["The token ⟦c1⟧ is missing."]),
        ("⟦c1⟧ ⟦c1⟧ [b](⟦l2⟧).\n\n⟦C3⟧\n", ["The token ⟦c1⟧ stands there 2 times, not once."]),
        ("⟦c1⟧ [b](⟦l2⟧), so: ⟦C3⟧\n", ["The token ⟦C3⟧ must stand on a line of its own."]),
        ("⟦c1⟧ [b](⟦l2⟧) ⟦c9⟧\n\n⟦C3⟧\n", ["There is a token that the source does not have."]),
        ("⟦c1⟧ [b](⟦l2⟧) ⟦ c1\n\n⟦C3⟧\n", ["There is a broken token."]),
        ("", [f"The token ⟦{name}⟧ is missing." for name in ("c1", "l2", "C3")]),
    ],
)
def test_tampering_is_told(written: str, complaints: list[str]) -> None:
    with pytest.raises(Tampered) as caught:
        restore(written, PROTECTED.tokens)
    assert list(caught.value.complaints) == complaints
    assert (caught.value.reason, caught.value.final) == ("gate_failed", False)


def test_pieces_may_move() -> None:
    assert restore("  ⟦C3⟧ \n\nIn [b](⟦l2⟧) is ⟦c1⟧.", PROTECTED.tokens) == "```\nd\n```\n\nIn [b](c) is `a`."


def test_complaints_are_few() -> None:
    with pytest.raises(Tampered) as caught:
        restore("", protect("`a` " * 100).tokens)
    assert len(caught.value.complaints) == 12


@pytest.mark.parametrize(
    "unit", ["[", "![", "$", "$$x\n", "](a '", "<a:", "`` ` ", ">", "- $$\n", "[a\n", "||", "www."]
)
def test_work_grows_with_the_length(unit: str) -> None:
    short, long = (
        calls(partial(protect, unit * (length // len(unit))), ("call", "return", "c_call", "c_return"))
        for length in (2_000, 16_000)
    )
    assert long < 12 * short + 2_000
