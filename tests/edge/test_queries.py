"""What a query writes is what the contract's JSON would write, and nothing that only pydantic takes for it."""

import json
from contextlib import suppress
from typing import Annotated, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from attune.edge.strict_json import parse
from attune.edge.views import TRUTH, WHOLE

WHOLES: TypeAdapter[int] = TypeAdapter(Annotated[int, WHOLE])
TRUTHS: TypeAdapter[bool] = TypeAdapter(Annotated[bool, TRUTH])
BOUNDED = settings(derandomize=True, database=None, deadline=None, max_examples=200)


@BOUNDED
@given(st.integers(-(10**15), 10**15), st.integers(0, 15))
def test_a_whole_number_is_read_as_in_a_body(number: int, places: int) -> None:
    for text in (str(number), f"{number}.{'0' * places}" if places else str(number)):
        assert WHOLES.validate_python(text) == parse(text) == number


@BOUNDED
@given(st.text("0123456789+-._eE \u0665,x", max_size=8))
def test_b11_what_is_no_json_is_no_number(text: str) -> None:
    read: Any = None
    with suppress(ValidationError):
        read = WHOLES.validate_python(text)
    if read is not None:
        assert read == json.loads(text)


@pytest.mark.parametrize(
    "text", ["", "+5", "05", "1_0", " 5", "5 ", "5\n", "5.5", "5.", "1e1", "0x5", "\u0665", "true", "9" * 400, "5,6"]
)
def test_b11_a_number_is_written_in_one_way(text: str) -> None:
    with pytest.raises(ValidationError):
        WHOLES.validate_python(text)


@pytest.mark.parametrize("text", ["True", "TRUE", "1", "0", "on", "yes", "y", "t", "", " true", "true,true", "null"])
def test_a_truth_is_true_or_false(text: str) -> None:
    assert TRUTHS.validate_python("true") is True
    assert TRUTHS.validate_python("false") is False
    with pytest.raises(ValidationError):
        TRUTHS.validate_python(text)
