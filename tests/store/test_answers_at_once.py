"""Many answers at once, on an engine that is atomic: one move wins, each counts once, and nothing is lost."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from attune.domain.errors import Conflict
from attune.domain.practice.recorded import Recorded
from attune.domain.recommendations.ledger import Ledger
from attune.domain.recommendations.offer import ACCEPTED, COMPLETED, DECLINED, Offer
from tests import backends
from tests.store.practice import a_sitting
from tests.store.test_concurrency import at_once
from tests.store.test_ledgers import NOW_MS, Learner

WRITERS = 8

backend = backends.ministack_alone(autouse=True)


def counts(ledger: Ledger) -> tuple[int, int, int]:
    found = ledger.statistics
    return found.accepted, found.declined, found.completed


@pytest.mark.parametrize("move", ["accept", "decline", "complete"])
def test_one_answer_eight_times_at_once_has_one_effect(move: str) -> None:
    learner = Learner()
    (one, *_) = learner.look()
    learner.practise()
    act: Callable[[Offer], tuple[Offer, Ledger]] = getattr(learner, move)
    told = at_once(WRITERS, lambda _: act(one))
    assert all(isinstance(each, tuple) for each in told), told
    answers = {each[0].status: each[0].effect for each in told if isinstance(each, tuple)}
    status = {"accept": ACCEPTED, "decline": DECLINED, "complete": COMPLETED}[move]
    assert set(answers) == {status}
    assert counts(learner.ledger) == {"accept": (1, 0, 0), "decline": (0, 1, 0), "complete": (1, 0, 1)}[move]
    assert learner.ledger.answers == 1
    assert [offer.status for offer in learner.listed().values()] == [status]


def test_of_an_acceptance_and_a_refusal_at_once_one_wins() -> None:
    for _ in range(4):
        learner = Learner()
        (one, *_) = learner.look()
        moves = (learner.accept, learner.decline)
        told = at_once(WRITERS, lambda number, one=one, moves=moves: moves[number % 2](one))  # type: ignore[misc]
        statuses = [each[0].status for each in told if isinstance(each, tuple)]
        refused = [each for each in told if isinstance(each, Conflict)]
        assert (len(statuses), len(refused), len(set(statuses))) == (WRITERS // 2, WRITERS // 2, 1)
        wanted = (1, 0, 0) if statuses[0] == ACCEPTED else (0, 1, 0)
        assert counts(learner.ledger) == wanted
        allowed = ["complete"] if statuses[0] == ACCEPTED else []
        assert all(error.extra == {"allowed": allowed, "current": statuses[0]} for error in refused)


def test_all_answers_count_while_sets_are_made_and_sessions_come_in() -> None:
    learner = Learner()
    offers = [offer for context in range(2) for offer in learner.look(context)][:6]
    moves = (learner.accept, learner.decline, learner.complete)

    def act(number: int) -> object:
        if number < 6:
            return moves[number % 3](offers[number])
        return learner.look(7) if number == 6 else learner.practise(number)

    told = at_once(WRITERS, act)
    assert not [each for each in told if isinstance(each, Exception)], told
    assert counts(learner.ledger) == (4, 2, 2)
    expected = Counter({ACCEPTED: 2, DECLINED: 2, COMPLETED: 2})
    assert Counter(offer.status for offer in learner.listed().values()) == expected
    learner.practise(9)
    assert Counter(offer.status for offer in learner.listed().values()) == expected


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("move", ["accept", "decline", "complete"])
def test_an_answer_and_the_session_that_closes_it_at_once(move: str, seed: int) -> None:
    learner = Learner()
    (one, *_) = learner.look()
    sitting = a_sitting(6, NOW_MS, seed=seed, step=1000)
    session = replace(sitting.session, subject=one.recommendation.item, recommendation=one.id)

    def act(number: int) -> object:
        return (
            getattr(learner, move)(one) if number else learner.site.send(learner.who, replace(sitting, session=session))
        )

    recorded, answered = at_once(2, act)
    assert isinstance(recorded, Recorded)
    (found,) = learner.listed().values()
    if move == "decline":
        assert found.status == (COMPLETED if isinstance(answered, Conflict) else DECLINED)
        assert (recorded.closed is None) == (found.status == DECLINED)
    else:
        assert found.status == COMPLETED
    assert counts(learner.ledger) == ((0, 1, 0) if found.status == DECLINED else (1, 0, 1))
    measured = int(found.effect is not None and found.effect.observed is not None)
    assert learner.ledger.statistics.measured == len(learner.ledger.credited) == measured


def test_completions_at_once_share_no_answer() -> None:
    """Of all that train one skill, the first to be closed has the effect."""
    learner = Learner()
    offers = [offer for context in range(2) for offer in learner.look(context)]
    learner.practise()
    told = at_once(len(offers), lambda number: learner.complete(offers[number]))
    assert all(isinstance(each, tuple) for each in told), told
    effects = [each[0].effect for each in told if isinstance(each, tuple)]
    measured = [effect.skill for effect in effects if effect and effect.observed is not None]
    assert len(measured) == len(set(measured)) == learner.ledger.statistics.measured
    assert set(measured) == set(learner.ledger.credited)
    gained = sum(effect.observed for effect in effects if effect and effect.observed is not None)
    assert learner.ledger.statistics.gain == pytest.approx(gained)
    assert {offer.effect for offer in learner.listed().values()} == set(effects)
