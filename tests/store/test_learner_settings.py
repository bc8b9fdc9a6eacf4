"""What a learner told and chose changes in one write, and by exactly what was asked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attune.actions import change_preferences
from attune.domain.answers import Answers
from attune.domain.errors import Invalid, NotFound, PreconditionFailed, Unidentified
from attune.domain.instants import instant
from attune.domain.learner import NONE, LearnerSettings
from attune.domain.preferences import complete, flaws_of_whole
from attune.domain.principal import Principal
from attune.store import keys, learner_settings, users
from attune.store.learner_settings import Limit
from tests.backends import Backend
from tests.builders import NOW, a_course, a_guest, an_account, an_id, answers
from tests.store.regeneration import regenerated

COURSE = a_course()
FITTING = COURSE.course()
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def guest() -> Principal:
    """A guest that exists and has told nothing."""
    made = a_guest()
    users.create(made, NOW, None)
    return made


def change(who: Principal, **chosen: Any) -> LearnerSettings:
    return change_preferences.run(who, FITTING, chosen, None, NOW)


# ---- The first write


def test_who_told_nothing_has_no_settings() -> None:
    assert learner_settings.get(an_account(), COURSE.id, NOW) == NONE
    with pytest.raises(Unidentified, match="unknown_user"):
        learner_settings.get(a_guest(), COURSE.id, NOW)


def test_the_first_answers_onboard(guest: Principal) -> None:
    stored = learner_settings.submit_answers(guest, COURSE.id, answers(), NOW)
    assert (stored.answers, stored.answers_rev, stored.preferences_rev) == (answers(), 1, 0)
    assert stored.onboarded_at == stored.answered_at == stored.updated_at == instant(NOW)
    assert learner_settings.get(guest, COURSE.id, NOW) == stored


def test_the_first_preference_leaves_the_learner_without_answers(guest: Principal) -> None:
    stored = change(guest, feedback_style="simple")
    assert (stored.preferences, stored.preferences_rev) == ({"feedback_style": "simple", "extras": {}}, 1)
    assert (stored.onboarded, stored.answers_rev, stored.is_default) == (False, 0, False)
    assert learner_settings.get(guest, COURSE.id, NOW) == stored


@pytest.mark.parametrize("first", ["answers", "preferences"])
def test_a_guest_that_was_never_created_can_write_nothing(backend: Backend, first: str) -> None:
    ghost = a_guest()
    writes: dict[str, Callable[[], object]] = {
        "answers": lambda: learner_settings.submit_answers(ghost, COURSE.id, answers(), NOW),
        "preferences": lambda: change(ghost, feedback_style="simple"),
    }
    with pytest.raises(Unidentified, match="unknown_user"):
        writes[first]()
    assert backend.rows(keys.user(ghost.learner).pk) == []


@pytest.mark.parametrize("first", ["answers", "preferences"])
def test_an_account_begins_with_its_first_write_and_keeps_its_age(first: str) -> None:
    account = an_account()
    assert users.get(account, NOW) is None
    if first == "answers":
        learner_settings.submit_answers(account, COURSE.id, answers(), NOW)
    else:
        change(account, feedback_style="simple")
    began = users.get(account, NOW)
    assert began is not None
    assert (began.id, began.created_at) == (account.subject, NOW)
    learner_settings.submit_answers(account, an_id(), answers(), LATER)
    again = users.get(account, NOW)
    assert again is not None
    assert again.created_at == NOW


def test_courses_are_apart(guest: Principal) -> None:
    learner_settings.submit_answers(guest, COURSE.id, answers(), NOW)
    assert learner_settings.get(guest, an_id(), NOW) == NONE


# ---- Answers


def test_answers_sent_again_as_they_are_change_nothing(guest: Principal) -> None:
    first = learner_settings.submit_answers(guest, COURSE.id, answers(), NOW)
    assert learner_settings.submit_answers(guest, COURSE.id, answers(), LATER) == first
    assert learner_settings.change_answers(guest, COURSE.id, {"experience": "none"}, None, LATER) == first


def test_other_answers_replace_all_and_keep_when_it_began(guest: Principal) -> None:
    learner_settings.submit_answers(guest, COURSE.id, answers(extra="x"), NOW)
    stored = learner_settings.submit_answers(guest, COURSE.id, answers(experience="much"), LATER)
    assert (stored.answers, stored.answers_rev) == (answers(experience="much"), 2)
    assert (stored.onboarded_at, stored.answered_at) == (instant(NOW), instant(LATER))


def test_some_answers_change_and_the_others_stay(guest: Principal) -> None:
    learner_settings.submit_answers(guest, COURSE.id, answers(), NOW)
    stored = learner_settings.change_answers(guest, COURSE.id, {"aims": ["study"], "hardware": True}, None, LATER)
    assert stored.answers == answers(aims=["study"], hardware=True)
    assert (stored.answers_rev, stored.answered_at) == (2, instant(LATER))


@pytest.mark.parametrize("has_row", [False, True])
def test_answers_cannot_be_changed_before_onboarding(guest: Principal, has_row: bool) -> None:
    if has_row:
        change(guest, feedback_style="simple")
    was = learner_settings.get(guest, COURSE.id, NOW)
    with pytest.raises(NotFound, match="not_onboarded"):
        learner_settings.change_answers(guest, COURSE.id, {"experience": "much"}, None, NOW)
    assert learner_settings.get(guest, COURSE.id, NOW) == was


def test_preferences_chosen_before_do_not_stand_in_the_way_of_onboarding(guest: Principal) -> None:
    change(guest, feedback_style="simple")
    stored = learner_settings.submit_answers(guest, COURSE.id, answers(), NOW)
    assert (stored.onboarded, stored.answers_rev, stored.preferences_rev) == (True, 1, 1)
    assert stored.preferences == {"feedback_style": "simple", "extras": {}}


# ---- Revisions that the caller expects


@pytest.mark.parametrize(("expected", "fits"), [({1}, True), ({7, 1}, True), ({2}, False), ({0, 7}, False)])
def test_a_change_happens_only_to_an_expected_revision(guest: Principal, expected: set[int], fits: bool) -> None:
    learner_settings.submit_answers(guest, COURSE.id, answers(), NOW)
    change(guest, feedback_style="simple")
    was = learner_settings.get(guest, COURSE.id, NOW)
    calls: tuple[Callable[[], object], ...] = (
        lambda: learner_settings.change_answers(guest, COURSE.id, {"experience": "much"}, frozenset(expected), NOW),
        lambda: change_preferences.run(guest, FITTING, {"feedback_style": "minimal"}, frozenset(expected), NOW),
    )
    for call in calls:
        if fits:
            call()
        else:
            with pytest.raises(PreconditionFailed):
                call()
    after = learner_settings.get(guest, COURSE.id, NOW)
    assert (after != was) is fits
    assert (after.answers_rev, after.preferences_rev) == ((2, 2) if fits else (1, 1))


def test_a_stale_revision_is_refused_even_where_nothing_would_change(guest: Principal) -> None:
    change(guest, feedback_style="simple")
    with pytest.raises(PreconditionFailed):
        change_preferences.run(guest, FITTING, {"feedback_style": "simple"}, frozenset({5}), NOW)
    with pytest.raises(PreconditionFailed):
        change_preferences.run(guest, FITTING, {}, frozenset({5}), NOW)


def test_revision_zero_is_that_of_who_chose_nothing(guest: Principal) -> None:
    with pytest.raises(PreconditionFailed):
        change_preferences.run(guest, FITTING, {"feedback_style": "simple"}, frozenset({1}), NOW)
    stored = change_preferences.run(guest, FITTING, {"feedback_style": "simple"}, frozenset({0}), NOW)
    assert stored.preferences_rev == 1


def test_as_many_revisions_may_be_expected_as_a_header_can_hold(guest: Principal) -> None:
    """An expression holds at most 100 values in one IN; a header of 8 KB holds a thousand tags."""
    change(guest, feedback_style="simple")
    stored = change_preferences.run(guest, FITTING, {"feedback_style": "minimal"}, frozenset(range(1, 1001)), NOW)
    assert stored.preferences_rev == 2


# ---- Rules between fields


def test_the_store_itself_holds_a_session_to_the_time_of_a_day(guest: Principal) -> None:
    """The limit is judged in the write: what the caller read before does not matter."""

    def fine(_: LearnerSettings) -> None:
        raise Invalid(code="judged")

    change(guest, time_availability=40, session_length=30)
    for chosen, limit in (
        ({"session_length": 41}, Limit("time_availability", 30, at_least=41)),
        ({"time_availability": 29}, Limit("session_length", 20, at_most=29)),
    ):
        with pytest.raises(Invalid, match="judged"):
            learner_settings.change_preferences(guest, COURSE.id, chosen, [limit], None, NOW, fine)
    assert learner_settings.get(guest, COURSE.id, NOW).preferences_rev == 1


@pytest.mark.parametrize(
    ("stored", "chosen", "fits"),
    [
        ({}, {"session_length": 30}, True),
        ({}, {"session_length": 31}, False),
        ({}, {"time_availability": 20}, True),
        ({}, {"time_availability": 19}, False),
        ({"feedback_style": "simple"}, {"session_length": 31}, False),
        ({"feedback_style": "simple"}, {"session_length": 30}, True),
        ({"feedback_style": "simple"}, {"time_availability": 19}, False),
        ({"time_availability": 60}, {"session_length": 60}, True),
        ({"time_availability": 60}, {"session_length": 61}, False),
        ({"time_availability": 60, "session_length": 50}, {"time_availability": 49}, False),
        ({"time_availability": 60, "session_length": 50}, {"time_availability": 50}, True),
        ({"time_availability": 60, "session_length": 50}, {"time_availability": 10, "session_length": 10}, True),
        ({}, {"time_availability": 10, "session_length": 11}, False),
    ],
)
def test_a_session_fits_the_time_of_a_day_by_default_too(
    guest: Principal, stored: Mapping[str, int], chosen: Mapping[str, int], fits: bool
) -> None:
    was = change(guest, **stored)
    if fits:
        assert change(guest, **chosen).preferences.items() >= chosen.items()
    else:
        with pytest.raises(Invalid) as refused:
            change(guest, **chosen)
        assert [flaw.pointer for flaw in refused.value.flaws] == ["/session_length"]
        assert learner_settings.get(guest, COURSE.id, NOW) == was


def test_style_weights_sent_one_by_one_are_judged_together(guest: Principal) -> None:
    stored = change(guest, learning_style={"visual": 0.1})
    assert stored.preferences["learning_style"] == {
        "visual": 0.1,
        "practical": 0.25,
        "theoretical": 0.25,
        "social": 0.25,
    }
    with pytest.raises(Invalid):
        change(guest, learning_style={"social": 0.5})
    assert change(guest, learning_style={"social": 0.4}).preferences_rev == 2


# ---- Resetting


def test_c13_a_reset_leaves_defaults_and_a_risen_revision(guest: Principal) -> None:
    learner_settings.submit_answers(guest, COURSE.id, answers(), NOW)
    change(guest, preferred_difficulty=4, extras={"seats": 9})
    stored = learner_settings.reset_preferences(guest, COURSE.id, None, NOW)
    assert (stored.is_default, stored.preferences_rev, stored.answers_rev) == (True, 2, 1)
    assert complete(stored.preferences, FITTING)["preferred_difficulty"] is None
    assert learner_settings.reset_preferences(guest, COURSE.id, None, LATER) == stored
    assert change(guest, extras={"seats": 3}).preferences == {"extras": {"seats": 3}}


def test_c13_resetting_what_was_never_chosen_writes_nothing(backend: Backend, guest: Principal) -> None:
    assert learner_settings.reset_preferences(guest, COURSE.id, None, NOW) == NONE
    assert [row["kind"]["S"] for row in backend.rows(keys.user(guest.learner).pk)] == ["user"]


def test_a_reset_heeds_the_expected_revision(guest: Principal) -> None:
    change(guest, feedback_style="simple")
    with pytest.raises(PreconditionFailed):
        learner_settings.reset_preferences(guest, COURSE.id, frozenset({2}), NOW)
    assert learner_settings.reset_preferences(guest, COURSE.id, frozenset({1}), NOW).preferences_rev == 2


# ---- Regeneration


def test_a_regeneration_is_had_once_until_its_time_is_over(guest: Principal) -> None:
    learner_settings.submit_answers(guest, COURSE.id, answers(), NOW)
    day = timedelta(days=1)
    took = [
        regenerated(guest, COURSE.id, instant(at - day), at)
        for at in (NOW, NOW, NOW + day - timedelta(seconds=1), NOW + day, NOW + day)
    ]
    assert took == [True, False, False, True, False]
    assert learner_settings.get(guest, COURSE.id, NOW).regenerated_at == instant(NOW + day)
    assert learner_settings.get(guest, COURSE.id, NOW).answers_rev == 1


def test_who_has_no_settings_gets_them_with_the_first_new_text(guest: Principal) -> None:
    yesterday = instant(NOW - timedelta(days=1))
    assert regenerated(guest, COURSE.id, yesterday, NOW)
    told = learner_settings.get(guest, COURSE.id, NOW)
    assert (told.is_default, told.onboarded, told.regenerated_at) == (True, False, instant(NOW))
    assert not regenerated(guest, COURSE.id, yesterday, NOW)


# ---- Whatever happens, in whatever order: the store does what a dictionary would


@dataclass
class Model:
    """A learner's settings as they should be."""

    answers: dict[str, Any] = field(default_factory=dict)
    preferences: dict[str, Any] = field(default_factory=dict)
    revs: dict[str, int] = field(default_factory=lambda: {"answers": 0, "preferences": 0})
    onboarded: bool = False

    def put(self, what: str, value: dict[str, Any], changed: bool) -> None:
        setattr(self, what, value)
        self.revs[what] += changed


some_answers = st.fixed_dictionaries(
    {},
    optional={
        "experience": st.sampled_from(["none", "some", "much"]),
        "hardware": st.booleans(),
        "aims": st.sampled_from([["build"], ["study"], ["build", "study"]]),
        "language": st.sampled_from(["en", "ur"]),
    },
)
some_preferences = st.fixed_dictionaries(
    {},
    optional={
        "learning_goals": st.sampled_from([[], ["build"], ["build", "act"]]),
        "preferred_difficulty": st.none() | st.integers(1, 5),
        "time_availability": st.sampled_from([10, 20, 30, 60]),
        "session_length": st.sampled_from([10, 20, 30, 60]),
        "challenge_level": st.sampled_from([0.1, 0.5, 1 / 3, 1, 0]),
        "training_reminders": st.booleans(),
        "time_zone": st.sampled_from(["UTC", "Asia/Karachi"]),
        "extras": st.fixed_dictionaries(
            {},
            optional={
                "seats": st.integers(2, 4),
                "stakes": st.sampled_from([[], ["low"], ["low", "high"]]),
                "table.name": st.sampled_from(["", "میز", "a#b"]),
            },
        ),
    },
)
expectations = st.none() | st.sets(st.integers(0, 3), min_size=1, max_size=3).map(frozenset)
steps: st.SearchStrategy[tuple[str, dict[str, Any], frozenset[int] | None]] = st.one_of(
    st.tuples(st.just("submit"), some_answers.map(lambda some: answers(**some)), st.none()),
    st.tuples(st.just("answers"), some_answers.filter(bool), expectations),
    st.tuples(st.just("preferences"), some_preferences, expectations),
    st.tuples(st.just("reset"), st.just({}), expectations),
)


@settings(max_examples=20, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(kind=st.sampled_from(["guest", "account"]), story=st.lists(steps, min_size=1, max_size=10))
def test_any_story_ends_as_it_should(kind: str, story: list[tuple[str, dict[str, Any], frozenset[int] | None]]) -> None:
    who = a_guest() if kind == "guest" else an_account()
    if kind == "guest":
        users.create(who, NOW, None)
    model = Model()
    for name, given_, expected in story:
        stale = expected is not None and model.revs["answers" if name == "answers" else "preferences"] not in expected
        try:
            _do(name, who, given_, expected)
        except PreconditionFailed:
            assert stale
        except NotFound:
            assert name == "answers"
            assert not model.onboarded
        except Invalid:
            assert name == "preferences"
            assert flaws_of_whole(complete(_merged(model.preferences, given_), FITTING))
        else:
            assert not stale
            _follow(model, name, given_)
        stored = learner_settings.get(who, COURSE.id, NOW)
        assert (stored.answers, stored.onboarded) == (model.answers, model.onboarded)
        assert {**stored.preferences, "extras": {}} == {**model.preferences, "extras": {}}
        assert stored.preferences.get("extras", {}) == model.preferences.get("extras", {})
        assert {"answers": stored.answers_rev, "preferences": stored.preferences_rev} == model.revs


def _do(name: str, who: Principal, given_: Answers, expected: frozenset[int] | None) -> None:
    if name == "submit":
        learner_settings.submit_answers(who, COURSE.id, given_, NOW)
    elif name == "answers":
        learner_settings.change_answers(who, COURSE.id, given_, expected, NOW)
    elif name == "preferences":
        change_preferences.run(who, FITTING, given_, expected, NOW)
    else:
        learner_settings.reset_preferences(who, COURSE.id, expected, NOW)


def _follow(model: Model, name: str, given_: dict[str, Any]) -> None:
    if name == "submit":
        model.put("answers", given_, not model.onboarded or model.answers != given_)
        model.onboarded = True
    elif name == "answers":
        whole = {**model.answers, **given_}
        model.put("answers", whole, whole != model.answers)
    elif name == "preferences":
        whole = _merged(model.preferences, given_)
        assert not flaws_of_whole(complete(whole, FITTING))
        sent = {key: value for key, value in given_.items() if value != {}}
        model.put(
            "preferences", whole if sent else model.preferences, bool(sent) and whole != _merged(model.preferences, {})
        )
    else:
        chosen = {key: value for key, value in model.preferences.items() if value != {}}
        model.put("preferences", {}, bool(chosen))


def _merged(was: Mapping[str, Any], chosen: Mapping[str, Any]) -> dict[str, Any]:
    extras = {**was.get("extras", {}), **chosen.get("extras", {})}
    return {**was, **chosen, "extras": extras}
