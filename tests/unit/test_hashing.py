"""A text is named by its bytes."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from attune.domain.hashing import content_hash


def test_the_name_says_how_it_was_made() -> None:
    assert content_hash("") == "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@given(st.text(), st.text())
def test_two_texts_share_a_name_only_if_they_are_one_text(one: str, other: str) -> None:
    assert content_hash(one) == "sha256:" + hashlib.sha256(one.encode("utf-8")).hexdigest()
    assert (content_hash(one) == content_hash(other)) == (one == other)


def test_a_change_that_nobody_sees_is_a_change() -> None:
    assert content_hash("é") != content_hash("e\u0301")
    assert content_hash("a\n") != content_hash("a\r\n")
