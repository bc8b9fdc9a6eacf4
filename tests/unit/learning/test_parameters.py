"""The shared parameters: what stands in for an estimate, and that they survive being written."""

import json

from hypothesis import given
from hypothesis import strategies as st

from attune.domain.learning.parameters import (
    NEW_ITEM,
    NEW_SKILL_PARAMETERS,
    START,
    Belief,
    ItemParameters,
    Parameters,
    SkillParameters,
    authored,
)

numbers = st.floats(-10, 10)
beliefs = st.builds(Belief, numbers, numbers)
situations = st.dictionaries(st.integers(1, 31), beliefs, max_size=4)
names = st.text(max_size=8)
parameters = st.builds(
    Parameters,
    st.integers(0, 10**6),
    numbers,
    numbers,
    st.dictionaries(names, st.builds(ItemParameters, numbers, numbers, numbers, numbers), max_size=4),
    st.dictionaries(names, st.builds(SkillParameters, numbers, numbers, numbers, numbers, situations), max_size=4),
    situations,
)


@given(parameters)
def test_what_is_written_is_read_again(given_: Parameters) -> None:
    assert Parameters.from_json(json.loads(json.dumps(given_.to_json()))) == given_


def test_an_author_is_believed_until_there_are_answers() -> None:
    assert [round(authored(difficulty).easiness, 2) for difficulty in (1, 2, 3, 4, 5)] == [1.1, 0.55, 0.0, -0.55, -1.1]
    estimated = ItemParameters(0.3, 0.1)
    known = Parameters(1, 0.0, 0.1, {"a": estimated})
    assert known.item("a", 5) == estimated
    assert known.item("b", 5) == authored(5)
    assert START.item("b") == NEW_ITEM == authored(3)
    assert START.skill("any") == NEW_SKILL_PARAMETERS
