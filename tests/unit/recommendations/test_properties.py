"""What holds of every set, whoever the learner and whatever the course."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune.domain.recommendations.candidates import RULES
from attune.domain.recommendations.gate import COMPLETED, needed
from attune.domain.recommendations.outline import outline
from attune.domain.recommendations.parameters import ALGORITHMS, DEFAULT, RankingParameters
from attune.domain.recommendations.phrases import TONES, text
from attune.domain.recommendations.rank import EMPTY_REASONS, first_draws, rank
from attune.domain.recommendations.recommendation import Recommendation
from attune.domain.recommendations.situation import Request, Situation
from tests.unit.recommendations.situations import requests, situations


@st.composite
def asked(draw: st.DrawFn) -> tuple[Situation, Request, RankingParameters]:
    """A situation, a request about it, and either formula."""
    situation = draw(situations())
    return situation, draw(requests(situation)), replace(DEFAULT, algorithm=draw(st.sampled_from(ALGORITHMS)))


def unmet(situation: Situation, one: Recommendation) -> list[str]:
    """The prerequisites of a recommendation that are neither there, nor practised long enough, nor untaught."""
    view, limit = outline(situation.course), situation.course.mastery
    found = []
    for skill in one.skills:
        if situation.standings[skill].mastery >= limit:
            continue
        for need in view.needs[skill]:
            standing = situation.standings[need]
            taught = need in view.trained or any(
                situation.lessons.get(slug) != COMPLETED for slug in view.read.get(need, ())
            )
            if taught and standing.mastery < needed(standing, limit):
                found.append(need)
    return found


@given(asked())
def test_k5_nothing_is_shown_whose_prerequisites_are_not_met(
    drawn: tuple[Situation, Request, RankingParameters],
) -> None:
    situation, request, parameters = drawn
    ranked = rank(situation, request, parameters, "seed")
    blocked = {drop.item for drop in ranked.dropped if drop.rule == "prerequisite"}
    shut = [one for one in ranked.recommendations if unmet(situation, one)]
    if shut:
        # Only where needs wait for each other, and nothing else is left, is the nearest of them shown.
        assert all(unmet(situation, one) for one in ranked.recommendations)
        everything = {*situation.course.lessons, *situation.course.items_by_id}
        shown = {one.item for one in ranked.recommendations}
        assert everything - shown - blocked == {d.item for d in ranked.dropped if d.rule in ("mastered", "completed")}


@given(asked())
def test_k5_everything_is_shown_or_dropped_once(drawn: tuple[Situation, Request, RankingParameters]) -> None:
    situation, request, parameters = drawn
    ranked = rank(situation, request, parameters, "seed")
    shown = [one.item for one in ranked.recommendations]
    dropped = [drop.item for drop in ranked.dropped]
    assert sorted(shown + dropped) == sorted({*situation.course.lessons, *situation.course.items_by_id})
    assert {drop.rule for drop in ranked.dropped} <= set(RULES)
    assert ranked.due == sum(standing.due for standing in situation.standings.values())


@given(situations().flatmap(lambda one: st.tuples(st.just(one), requests(one))))
def test_the_minutes_fit_or_the_shortest_says_that_it_does_not(drawn: tuple[Situation, Request]) -> None:
    situation, request = drawn
    ranked = rank(situation, request, DEFAULT, "seed")
    total = sum(one.minutes for one in ranked.recommendations)
    assert len(ranked.recommendations) <= request.count
    if ranked.exceeds_time:
        (only,) = ranked.recommendations
        assert only.exceeds_time
        assert only.minutes > request.minutes
    else:
        assert total <= request.minutes
        assert not any(one.exceeds_time for one in ranked.recommendations)


@given(situations(), st.sampled_from(ALGORITHMS), st.sampled_from((1, 5, 60)))
def test_k5_there_is_always_something_until_all_is_done(situation: Situation, algorithm: str, minutes: int) -> None:
    ranked = rank(situation, Request(minutes=minutes), replace(DEFAULT, algorithm=algorithm), "seed")
    if not ranked.recommendations:
        assert {drop.rule for drop in ranked.dropped} <= {"mastered", "completed"}
        assert ranked.empty_reason in ("course_complete", "no_content")


@given(asked())
def test_an_empty_set_says_why(drawn: tuple[Situation, Request, RankingParameters]) -> None:
    ranked = rank(*drawn, "seed")
    assert (ranked.empty_reason is None) == bool(ranked.recommendations)
    assert ranked.empty_reason is None or ranked.empty_reason in EMPTY_REASONS


@given(asked())
def test_k5_the_same_is_answered_for_the_same_state_and_seed(
    drawn: tuple[Situation, Request, RankingParameters],
) -> None:
    assert rank(*drawn, "seed") == rank(*drawn, "seed")


@given(asked())
def test_reasons_add_up_to_the_priority_and_the_best_has_1(
    drawn: tuple[Situation, Request, RankingParameters],
) -> None:
    ranked = rank(*drawn, "seed")
    for one in ranked.recommendations:
        assert 0.0 < one.priority <= 1.0
        assert one.priority == round(one.priority, 4)
        assert all(reason.weight == round(reason.weight, 4) > 0.0 for reason in one.reasons)
        assert sum(reason.weight for reason in one.reasons) == pytest.approx(one.priority, abs=1e-9)
        assert len({reason.code for reason in one.reasons}) == len(one.reasons)


@given(asked())
def test_every_reason_is_a_whole_sentence_in_both_languages(
    drawn: tuple[Situation, Request, RankingParameters],
) -> None:
    ranked = rank(*drawn, "seed")
    for one in ranked.recommendations:
        for reason in one.reasons:
            for language in ("en", "ur", "de"):
                for tone in TONES:
                    said = text(reason, drawn[0].course, language, tone)
                    assert said
                    assert not {"{", "}"} & set(said)
                    assert "None" not in said


@given(asked())
def test_a_recommendation_survives_being_stored(drawn: tuple[Situation, Request, RankingParameters]) -> None:
    for one in rank(*drawn, "seed").recommendations:
        assert Recommendation.from_json(one.to_json()) == one


@given(situations().flatmap(lambda one: st.tuples(st.just(one), requests(one))))
def test_the_first_draw_is_a_probability_distribution(drawn: tuple[Situation, Request]) -> None:
    situation, request = drawn
    ways = first_draws(situation, request, DEFAULT)
    ranked = rank(situation, request, DEFAULT, "seed")
    assert sum(ways.values()) == (pytest.approx(1.0, abs=1e-9) if ranked.recommendations else 0)
    if ranked.recommendations:
        first = ranked.recommendations[0]
        assert first.propensity == pytest.approx(ways[first.item], abs=1e-6)
        assert all(0.0 < one.propensity <= 1.0 for one in ranked.recommendations)


@given(situations().flatmap(lambda one: st.tuples(st.just(one), requests(one))), st.data())
def test_a_style_never_decides_a_skill(drawn: tuple[Situation, Request], data: st.DataObject) -> None:
    situation, request = drawn
    weights = st.dictionaries(st.sampled_from(("visual", "practical", "theoretical", "social")), st.floats(0, 1))
    other = replace(situation, style=data.draw(weights))
    before = rank(situation, request, DEFAULT, "seed").recommendations
    after = rank(other, request, DEFAULT, "seed").recommendations
    assert [one.skills for one in before] == [one.skills for one in after]
    assert [one.minutes for one in before] == [one.minutes for one in after]


@given(situations(), st.integers(2, 8))
def test_reviews_leave_room_for_something_new(situation: Situation, count: int) -> None:
    everything = Request(count=count, minutes=240)
    ranked = rank(situation, everything, DEFAULT, "seed")
    kinds = [one.kind for one in ranked.recommendations]
    new = sum(kind != "review" for kind in kinds)
    if new:
        assert kinds.count("review") <= max(1, count // 2)
    elif kinds:
        others = rank(
            situation,
            replace(everything, kinds=frozenset({"learn", "practise", "retry", "assess", "resume"})),
            DEFAULT,
            "seed",
        )
        fitting = [one for one in others.recommendations if not one.exceeds_time and unmet(situation, one) == []]
        declined = {d.item for d in ranked.dropped if d.rule in ("declined", "recently_done", "prerequisite")}
        assert all(one.item in declined for one in fitting)
