"""A text that was quoted once stands in an answer as whoever writes the answer would quote it."""

from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import to_json

from attune.domain.quoted import quoted, unquoted


@given(st.text() | st.text(st.characters(max_codepoint=127)))
def test_quoting_is_what_answers_are_written_with(text: str) -> None:
    assert quoted(text).encode() == to_json(text)
    assert unquoted(quoted(text)) == text
