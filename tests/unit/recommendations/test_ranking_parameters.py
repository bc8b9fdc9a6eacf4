"""What an experiment may vary, and how far."""

import pytest

from attune.domain.recommendations.parameters import BASELINE, DEFAULT, RANGES, RankingParameters


def test_parameters_are_read_by_name() -> None:
    assert RankingParameters.from_json({}) == DEFAULT
    assert RankingParameters.from_json({"algorithm": BASELINE, "target": 0.6}) == RankingParameters(BASELINE, 0.6)
    with pytest.raises(ValueError, match="unknown: targets"):
        RankingParameters.from_json({"targets": 1})


def test_everything_has_a_range() -> None:
    with pytest.raises(ValueError, match="algorithm"):
        RankingParameters(algorithm="other")
    for name, (least, largest) in RANGES.items():
        for value in (least, largest):
            RankingParameters.from_json({name: value})
        for value in (least - 0.001, largest + 0.001):
            with pytest.raises(ValueError, match=name):
                RankingParameters.from_json({name: value})
