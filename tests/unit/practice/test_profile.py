"""A profile says what was measured, how sure that is, where it comes from, and why something is missing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attune.domain.course import Course
from attune.domain.learning.parameters import START
from attune.domain.manifest import read
from attune.domain.practice.attempt import Attempt
from attune.domain.practice.claims import LEVELS, Claim
from attune.domain.practice.gist import Gist
from attune.domain.practice.priors import begun, priors
from attune.domain.practice.profile import Practice, Profile, profile, standing
from attune.domain.practice.state import PracticeState
from tests.unit.conftest import SHIPPED, shipped, small, small_course
from tests.unit.practice.attempts import DAY, NOON, an_attempt, folded, some_attempts

COURSE = small_course()


def seen(practice: Practice, now: int = NOON, course: Course = COURSE) -> Profile:
    return profile(course, START, practice, now)


def after(*attempts: Attempt) -> Practice:
    return Practice(Gist.of(folded(attempts)), rev=len(attempts))


def test_before_anything_there_are_priors_and_reasons() -> None:
    found = seen(Practice())
    assert set(found.skills) == {"one", "two", "three"}
    assert {skill.source for skill in found.skills.values()} == {"prior"}
    assert found.overall == 1000.0
    assert (found.strengths, found.weaknesses) == ((), ())
    assert found.why == {
        "learning_velocity": "too_few_attempts",
        "consistency": "too_few_attempts",
        "adaptability": "too_few_items",
        "retention": "no_repeats_after_gaps",
    }
    one = found.skills["one"]
    assert (one.rating, one.confidence, one.attempts, one.trend) == (1000.0, 0.0, 0, None)
    assert (one.last_practised, one.due, one.recall) == (None, None, None)


def test_the_questionnaire_moves_what_is_expected_until_practice_begins() -> None:
    assert priors(COURSE, {"level": "low", "robots": True}) == {"one": 0.0}
    assert priors(COURSE, {"level": "low", "robots": False, "aims": ["work"]}) == {"one": -0.5}
    assert priors(COURSE, {}) == {}
    told = begun(Practice(), COURSE, {"level": "low"})
    assert seen(told).skills["one"].rating < 1000.0
    assert seen(told).skills["one"].source == "prior"
    assert seen(told).skills["one"].confidence == 0.0
    practised = after(an_attempt())
    assert begun(practised, COURSE, {"level": "low"}) is practised


def test_answers_that_are_no_words_say_nothing() -> None:
    assert priors(COURSE, {"level": "other", "robots": "true", "aims": [], "unknown": "low"}) == {}


@pytest.mark.parametrize(("successes", "days"), [(1, 1), (2, 2), (3, 4), (5, 16), (8, 128), (9, 180), (12, 180)])
def test_a_review_is_due_when_recall_falls_under_nine_tenths(successes: int, days: float) -> None:
    practice = after(*(an_attempt(NOON + place * DAY) for place in range(successes)))
    last = NOON + (successes - 1) * DAY
    one = seen(practice, last).skills["one"]
    # The half-life doubles with each success: 2^successes days, which is `2 * days`, at most 180.
    half_life = min(180.0, 2.0**successes)
    due = last + int(half_life * 0.15200309344504995 * DAY)
    assert (one.due, one.recall) == (due, 1.0)
    assert seen(practice, due + 2).skills["one"].recall == pytest.approx(0.9)
    assert (seen(practice, due - 1000).skills["one"].recall or 0) > 0.9
    assert seen(practice, last + int(half_life * DAY)).skills["one"].recall == pytest.approx(0.5)


def test_what_was_never_right_has_nothing_to_review() -> None:
    one = seen(after(an_attempt(score=0.0))).skills["one"]
    assert (one.due, one.recall, one.last_practised, one.source) == (None, None, NOON, "evidence")


def test_confidence_halves_in_ninety_idle_days() -> None:
    practice = after(*(an_attempt(NOON + place) for place in range(20)))
    now, later = seen(practice).skills["one"], seen(practice, NOON + 19 + 90 * DAY).skills["one"]
    assert later.confidence == pytest.approx(now.confidence / 2)
    assert (later.rating, later.interval) == (now.rating, now.interval)


def test_levels_rise_with_right_answers_and_fall_with_wrong_ones() -> None:
    names = []
    state = PracticeState()
    for place in range(40):
        state = folded([an_attempt(NOON + place)], state)
        names.append(seen(Practice(Gist.of(state))).skills["one"].level)
    assert list(dict.fromkeys(names)) == ["developing", "proficient", "mastered"]
    assert seen(after(*(an_attempt(NOON + place, 0.0) for place in range(9)))).skills["one"].level == "novice"


def test_overall_is_the_mean_by_weight_and_confidence() -> None:
    manifest = small()
    manifest["skills"][0]["weight"], manifest["skills"][1]["weight"] = 3.0, 1.0
    course = read("small", 1, manifest)
    found = seen(after(an_attempt(), an_attempt(NOON + 1, 0.0, skills=("two",))), course=course)
    one, two = found.skills["one"], found.skills["two"]
    weights = 3.0 * one.confidence, 1.0 * two.confidence
    assert found.overall == pytest.approx((weights[0] * one.rating + weights[1] * two.rating) / sum(weights))


def test_strengths_are_shown_by_evidence_best_first() -> None:
    answers = [an_attempt(NOON + place, skills=("two",)) for place in range(30)]
    answers += [an_attempt(NOON + 100 + place) for place in range(20)]
    found = seen(after(*answers))
    assert found.strengths == tuple(sorted(("one", "two"), key=lambda name: -found.skills[name].rating))
    assert seen(after(*answers[:4])).strengths == ()
    claimed = Practice(claims={"one": Claim("expert", None, NOON)})
    assert seen(claimed).strengths == ()


def test_weaknesses_are_of_the_course_that_is_there_the_gravest_first() -> None:
    manifest = small()
    manifest["mistakes"] = [{"id": name, "items": ["q1"]} for name in ("slip", "trip")]
    course = read("small", 1, manifest)
    made = [("slip", 1.0), ("trip", 0.1), ("gone", 1.0)] * 3
    answers = [
        an_attempt(NOON + place, 0.95, id=f"a{place}", mistake=name, loss=loss, phase="late")
        for place, (name, loss) in enumerate(made)
    ]
    practice = after(*answers)
    (slip,) = seen(practice, course=course).weaknesses[:1]
    assert (slip.category, slip.phase, slip.count, slip.frequency) == ("slip", "late", 3, 1.0)
    assert slip.evidence == ("a0", "a3", "a6")
    assert {weakness.category for weakness in seen(practice, course=course).weaknesses} <= {"slip", "trip"}
    assert [weakness.category for weakness in seen(practice).weaknesses] == ["slip"]
    assert seen(practice, NOON + 400 * DAY, course).weaknesses == ()


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("answered", [0, 1, 5])
def test_a_claim_is_weaker_than_one_answer_and_leaves_what_was_measured(level: str, answered: int) -> None:
    measured = folded([an_attempt(NOON + place, place % 2) for place in range(answered)])
    practice = Practice(Gist.of(measured))
    plain, state = seen(practice), practice.gist.skill("one").state
    with_claim = Practice(practice.gist, {"one": Claim(level, "really", NOON)})
    told, found = seen(with_claim).skills["one"], standing(START, with_claim, "one")[1]
    answer = folded([an_attempt(NOON + 9, LEVELS[level])], measured).skills["one"].state
    moved, by_an_answer = abs(found.mean - state.mean), abs(answer.mean - state.mean)
    assert 0 < moved < by_an_answer or moved == by_an_answer == 0
    assert answer.variance < found.variance < state.variance
    assert found.count == state.count
    assert (told.source, told.attempts) == ("claim", answered)
    was = plain.skills["one"]
    assert (told.last_practised, told.due, told.trend) == (was.last_practised, was.due, was.trend)
    assert seen(Practice(with_claim.gist)) == plain
    assert {name for name, skill in seen(with_claim).skills.items() if skill != plain.skills[name]} == {"one"}


def test_claims_are_ordered_as_their_words_are() -> None:
    ratings = [seen(Practice(claims={"one": Claim(level, None, NOON)})).skills["one"].rating for level in LEVELS]
    assert ratings == sorted(ratings)
    assert ratings[0] < 1000.0 < ratings[-1]


@settings(max_examples=20)
@given(seed=st.integers(0, 10_000), count=st.integers(0, 120), name=st.sampled_from(SHIPPED))
def test_k6_every_figure_is_one_and_every_null_has_its_reason(seed: int, count: int, name: str) -> None:
    course = shipped(name).course
    names = [skill.id for skill in course.skills]
    attempts = some_attempts(seed, count)
    state = folded(
        [
            Attempt.from_json(
                [*one.to_json()[:5], [names[int(skill[6:]) % len(names)] for skill in one.skills], *one.to_json()[6:]]
            )
            for one in attempts
        ]
    )
    found = seen(Practice(Gist.of(state)), NOON + 41 * DAY, course)
    for skill in found.skills.values():
        low, high = skill.interval
        assert 0.0 <= low <= skill.rating <= high <= 2000.0
        assert 0.0 <= skill.confidence <= 1.0
        assert 0.0 <= skill.mastery <= 1.0
        assert (skill.source == "evidence") == (skill.attempts > 0) == (skill.last_practised is not None)
        assert skill.due is None or skill.due > (skill.last_practised or 0) - 41 * DAY
    values = {
        "learning_velocity": found.velocity,
        "consistency": found.consistency,
        "adaptability": found.adaptability,
        "retention": found.retention,
    }
    assert {name for name, value in values.items() if value is None} == found.why.keys()
    assert 0.0 <= found.overall <= 2000.0
