"""What reviews and the trend need of a skill: spaced successes, and a rating for each recent day."""

import pytest

from attune.domain.practice.attempt import Attempt
from attune.domain.practice.skill_record import SkillRecord, expected_by
from tests.unit.practice.attempts import DAY, HOUR, NOON, an_attempt


def practised(*attempts: Attempt) -> SkillRecord:
    record = SkillRecord()
    for place, attempt in enumerate(attempts):
        record = record.after(record.state, 1000.0 + place, attempt)
    return record


@pytest.mark.parametrize(
    ("scores", "every", "successes"),
    [
        ([1.0], DAY, 1),
        ([1.0, 1.0, 1.0], HOUR, 1),
        ([1.0, 1.0, 1.0], DAY, 3),
        ([1.0, 1.0, 0.0], DAY, 1),
        ([0.0, 0.0], DAY, 0),
        ([1.0, 0.0, 1.0], HOUR, 0),
        ([0.6, 0.59], DAY, 0),
        ([0.6, 0.6], DAY, 2),
    ],
)
def test_successes_count_once_a_day_and_a_failure_takes_one_back(
    scores: list[float], every: int, successes: int
) -> None:
    attempts = [an_attempt(NOON + place * every, score) for place, score in enumerate(scores)]
    assert practised(*attempts).successes == successes


def test_a_mistake_is_no_success_whatever_the_score() -> None:
    record = practised(an_attempt(), an_attempt(NOON + DAY, 0.9, mistake="slip"))
    assert (record.successes, record.success_at, record.at) == (0, NOON, NOON + DAY)


def test_a_day_keeps_its_last_rating_for_four_weeks() -> None:
    record = practised(*(an_attempt(NOON + place * DAY // 2) for place in range(101)))
    last = (NOON + 100 * DAY // 2) // DAY
    assert [day.day for day in record.days] == list(range(last - 27, last + 1))
    assert [day.attempts for day in record.days] == [2] * 28
    assert (record.days[-1].rating, record.attempts) == (1100.0, 101)


def test_json_holds_all_there_is() -> None:
    for record in (SkillRecord(), practised(an_attempt(), an_attempt(NOON + DAY, 0.0))):
        assert SkillRecord.from_json(record.to_json()) == record


def test_what_the_questionnaire_says_moves_the_mean_alone() -> None:
    assert expected_by(0.0) == SkillRecord()
    moved, new = expected_by(-0.5).state, SkillRecord().state
    assert moved == new._replace(mean=new.mean - 0.5)
