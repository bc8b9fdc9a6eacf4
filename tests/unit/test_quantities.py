"""Numbers are read in any script with their units, and compared by what they mean."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune.domain.quantities import coded, in_order, quantities, spelled, values


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ("no numbers", {}),
        ("It weighs 3 kg.", {("3", "kg"): 1}),
        ("3kg and 3 kg", {("3", "kg"): 2}),
        ("9.81 m/s²", {("9.81", "m/s²"): 1}),
        ("1,500 steps", {("1500", ""): 1}),
        ("25%", {("25", "%"): 1}),
        ("007 and 7", {("7", ""): 2}),
        ("2.50 and 2.5", {("2.5", ""): 2}),
        ("0.0", {("0", ""): 1}),
        ("٣ kg", {("3", "kg"): 1}),
        ("۱۲٫۵ m", {("12.5", "m"): 1}),
        ("x2 and ROS2", {}),
        ("3 metres", {("3", ""): 1}),
        ("10 kHz, 10 Hz", {("10", "kHz"): 1, ("10", "Hz"): 1}),
        ("100 bb", {("100", "bb"): 1}),
        ("4, 5", {("4", ""): 1, ("5", ""): 1}),
        ("-40 °C, (\u22125) and 3-4", {("-40", "°C"): 1, ("-5", ""): 1, ("3", ""): 1, ("4", ""): 1}),
        ("€5 and 5 €", {("5", "€"): 2}),
        ("3.11.2 at 192.168.0.1.", {("3.11.2", ""): 1, ("192.168.0.1", ""): 1}),
        ("2024-05-01", {("2024-05-01", ""): 1}),
        ("10² m, 10⁻³ s, 1½ kg, ¼", {("10²", "m"): 1, ("10⁻³", "s"): 1, ("1½", "kg"): 1, ("¼", ""): 1}),
    ],
)
def test_numbers_are_read_with_their_units(text: str, expected: dict[tuple[str, str], int]) -> None:
    assert quantities(text) == Counter(expected)


@given(st.integers(0, 10**9), st.sampled_from(["", "%", "kg", "Hz", "ms"]))
def test_a_number_means_the_same_in_every_script(number: int, unit: str) -> None:
    western = f"about {number} {unit} here"
    for zero in "٠۰०":
        other = western.translate({ord("0") + digit: ord(zero) + digit for digit in range(10)})
        assert quantities(other) == quantities(western) == Counter({(str(number), unit): 1})


@given(st.lists(st.integers(0, 99), max_size=6))
def test_every_number_is_counted(numbers: list[int]) -> None:
    found = quantities(" and ".join(map(str, numbers)))
    assert values(found) == Counter(map(str, numbers))


def test_a_number_counts_the_same_whatever_its_unit() -> None:
    assert values(quantities("3 kg, 3 m, 4")) == Counter({"3": 2, "4": 1})


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Three wheels, three legs and one arm", "en", {"3": 2, "1": 1}),
        ("دو پہیے", "ur", {"2": 1}),
        ("two", "ur", {}),
        ("someone", "en", {}),
        ("eins zwei", "de", {}),
    ],
)
def test_small_numbers_in_words_are_read_in_their_language(text: str, language: str, expected: dict[str, int]) -> None:
    assert spelled(text, language) == Counter(expected)


def test_numbers_keep_their_order() -> None:
    assert in_order("5 kg, 3, 5 kg") == (("5", "kg"), ("3", ""), ("5", "kg"))


def test_words_that_hold_a_number() -> None:
    assert coded("Play E4 or T9s in v2, not 3D or 20ms or x.") == {"e4", "t9s", "v2"}
