"""A learner who has told and chosen nothing is known as such."""

from attune.domain.learner import NONE, LearnerSettings


def test_nothing_told_is_nothing_known() -> None:
    assert not NONE.onboarded
    assert NONE.is_default
    assert NONE.personalization
    assert (NONE.answers_rev, NONE.preferences_rev) == (0, 0)


def test_answers_alone_are_not_onboarding() -> None:
    assert not LearnerSettings(answers={"level": "low"}).onboarded
    assert LearnerSettings(onboarded_at="2026-01-01T00:00:00Z").onboarded


def test_preferences_are_default_until_one_is_chosen() -> None:
    assert LearnerSettings(preferences={"extras": {}}).is_default
    assert not LearnerSettings(preferences={"extras": {"tool": "axe"}}).is_default
    assert not LearnerSettings(preferences={"time_availability": 30}).is_default
    assert LearnerSettings(preferences_rev=4).is_default
