"""The row of the recommendations made to a learner: what was written last, and the answers that were given since.

An answer is one write without a read: what must be true of it, that the recommendation is open and has not run out, is
the write's condition, and the row comes back whole. Whoever writes the row next counts the answers into it.
"""

import json
from datetime import datetime
from typing import Any, Final, cast

from pynamodb.expressions.update import Action

from attune.domain.principal import Principal
from attune.domain.recommendations.answer import ACCEPT, COMPLETE, Answer, counted
from attune.domain.recommendations.ledger import Ledger, OfferSet
from attune.domain.recommendations.offer import ACCEPTED, ACCEPTED_MS, PENDING, PENDING_MS
from attune.domain.recommendations.offer_ids import made_at, short
from attune.domain.recommendations.statistics import Statistics
from attune.store import keys, table
from attune.store.items import RecommendationsItem
from attune.store.packed import pack_small, unpack_small

ROOM: Final = 6
"""How many answers a row takes before it has to be written whole."""
WORDS: Final = (
    b'"main_weakness":null,"overall_rating":10,"strongest_skill":"weakest_skill":["request","preferences",'
    b'["welcome_before",{"kind":"review"["goal_prerequisite",{"goal":"["goal_skill",["format",{"format":"practical"},'
    b'["first_layers",{"layer":["preferred_difficulty",{"difficulty":["asked_difficulty",["probably_known",'
    b'["accepted",{},["begun",{},["lesson_read",{"lesson":"["due",{"recall":0.["recent_mistake",["not_checked",'
    b'"too_hard""too_easy""not_now""not_relevant""no_practice_since""en","detailed"]["simple"]["minimal"]'
    b'"answers":0,"credited":{},"declined":{},"earlier":[],"finished":{},"gains":{},"last_made":19'
    b',"practised":{},"sets":[["019","44136fa355b3678a",[1,0,0,0,0,true],19,[["'
    b',"shift":[0.0,0],"statistics":[0,0,0,0,0,0,0,0.0,0,0.0,0,0.0],"tallies":{"practise:3":[1.0,0.0]},"voice":["en",'
    b'"COMPLETED","ACCEPTED","DECLINED","EXPIRED",["resume","["assess","["learn","["review","["retry","'
    b'["next_in_course_order",{},0.["first_in_course_order",{},0.["not_tried_yet",{},0.["unlocks_skills",{"n":'
    b'["little_practised",{"n":["last_answer_wrong",{"score":0.0},0.0["repeated_mistake",{"category":"'
    b'["new_skill",{"skill":"["fits_the_time",{"free":30,"minutes":["prerequisites_met",{"n":1},0.'
    b'],1.0,[["not_mastered",{"mastery":0.","skill":"["difficulty_fit",{"p":0.},0.'
    b'[null,0],0],"PENDING"],["-8-9b-a["practise","q-",2,3,["'
)
"""What most ledgers say somewhere. Rows are packed with it: it can be replaced, but never changed."""


def of(item: RecommendationsItem) -> Ledger:
    """The ledger that a row holds, with every answer counted."""
    given = cast("list[str]", item.answers or [])
    answers = (Answer.from_json(json.loads(one)) for one in given)
    return counted(Ledger.from_json(unpack_small(item.data, WORDS)), answers)


def of_context(item: RecommendationsItem, context: str) -> Ledger | None:
    """The newest set for a context, and what is counted beside it. None without such a set, or with answers to count.

    Eight sets and sixty earlier recommendations are in a row; most requests look at one set.
    """
    if item.answers:
        return None
    plain = unpack_small(item.data, WORDS)
    row = next((row for row in plain["sets"] if OfferSet.context_in(row) == context), None)
    if row is None:
        return None
    statistics = Statistics(*plain["statistics"])
    return Ledger(sets=(OfferSet.from_json(row),), answers=plain["answers"], statistics=statistics)


def attributes(ledger: Ledger, *, watched: bool) -> dict[str, Any]:
    """What a row holds of a ledger. One that is not ready for answers names none that it would take.

    `watched`: what becomes of a recommendation counts for an experiment too, in one transaction with the answer.
    """
    known = list(ledger.offers()) if ledger.ready and not watched else []
    return {
        "data": pack_small(ledger.to_json(), WORDS),
        "pending": {short(offer.id) for offer in known if offer.status == PENDING} or None,
        "accepted": {short(offer.id): offer.expires for offer in known if offer.status == ACCEPTED},
        "answers": [],
    }


def answer(principal: Principal, course: str, id_: str, given: Answer, now: datetime) -> Ledger:
    """Take an answer, if the row is ready for it, and return the ledger after it. Raises `ConditionFailed`.

    A refusal says nothing: whether it is too late, was answered before or is unknown, reading tells.
    """
    item, name = RecommendationsItem, given.name
    open_ = item.pending.contains(name) if given.at < made_at(id_) + PENDING_MS else None
    if given.move == COMPLETE:
        accepted = item.accepted[name] > given.at
        open_ = accepted if open_ is None else open_ | accepted
    if open_ is None:
        raise table.ConditionFailed
    said = json.dumps(given.to_json(), ensure_ascii=False, separators=(",", ":"))
    actions: list[Action] = [
        item.answers.set(item.answers.append([said])),
        item.pending.delete({name}),
        item.active_on.set(now.date().isoformat()),
        item.write_id.set(table.new_write_id()),
    ]
    if given.move == ACCEPT:
        actions.append(item.accepted[name].set(given.at + ACCEPTED_MS))
    elif given.move == COMPLETE:
        actions.append(item.accepted[name].remove())
    # A row that left the index gets back to it by being written whole.
    condition = open_ & item.answers[ROOM - 1].does_not_exist() & item.index_pk.exists()
    return of(table.update(item, keys.recommendations(principal.learner, course), actions, condition))
