"""What must hold in the village once nothing fails any more, whatever happened before."""

from collections.abc import Mapping
from typing import Any, Protocol

from attune.actions import rebuild_profile
from attune.domain.principal import Kind
from tests.simulation.village import Village, Villager


class Kept(Protocol):
    """Where the rows are."""

    def kept(self) -> Mapping[Any, Any]: ...


def check(village: Village, backend: Kept) -> None:
    """All of them."""
    rows = list(backend.kept().values())
    for who in village.villagers:
        if who.here and _is_known(village, who):
            _what_was_acknowledged_is_there(village, who)
            _the_profile_is_a_replay(village, who)
            _nothing_of_others_is_there(village, who)
        elif who.joined_to is not None and who.joined_to.here and not who.joined_to.maybe_gone:
            _is_with_the_account(village, who, rows)
        elif not who.here and who.maybe_gone and who.joined_to is None:
            _is_gone(village, who, rows)
    assert not [row for row in rows if row.get("state") == {"S": "running"}], "an erasure never ended"


def _is_known(village: Village, who: Villager) -> bool:
    """Whether the learner is there; one who may have left without hearing of it is judged by what is found."""
    told = village.once("get_user", who.principal, path="/api/user/me")
    assert told is not None
    if told.status == 401:
        assert who.maybe_gone, f"{who.number} is there, and is not known"
        return False
    assert told.status == 200
    return True


def _json(village: Village, function: str, who: Villager, **more: Any) -> Any:
    told = village.once(function, who.principal, **more)
    assert told is not None
    assert told.status == 200, (function, told)
    return told.json


def _family(village: Village, who: Villager) -> list[Villager]:
    """The learner and the guests that were joined to it."""
    return [who, *(one for one in village.villagers if one.joined_to is who)]


def _practised(village: Village, who: Villager) -> set[str]:
    found, cursor = set(), None
    while True:
        query = {"limit": "100", **({"cursor": cursor} if cursor else {})}
        page = _json(village, "list_sessions", who, query=query)
        found |= {one["attempt_id"] for session in page["items"] for one in session["attempts"]}
        if (cursor := page["next_cursor"]) is None:
            return found


def _what_was_acknowledged_is_there(village: Village, who: Villager) -> None:
    family = _family(village, who)
    acknowledged = {name for one in family for name in one.attempts}
    perhaps = {name for one in village.villagers for name in one.perhaps}
    found = _practised(village, who)
    assert acknowledged <= found, "what was acknowledged is there"
    maybe_joined = {name for one in village.villagers if one.maybe_gone for name in one.attempts}
    assert found <= acknowledged | perhaps | maybe_joined, "what is there was sent"
    unsure = who.principal.kind is Kind.ACCOUNT and any(one.maybe_gone for one in village.villagers)
    if len(family) == 1 and not who.maybe_gone and not unsure:
        minutes = _json(village, "get_preferences", who)["preferences"]["time_availability"]
        assert minutes in who.minutes, "what was chosen last is what holds"
        if not who.unsure:
            (lesson,) = _lessons(_json(village, "get_progress", who))
            assert lesson["seconds"] == who.seconds, "each event counts once"
        for id_, action in who.answered.items():
            other = "decline" if action == "accept" else "accept"
            told = village.once("answer_recommendation", who.principal, {"recommendation_id": id_, "action": other})
            assert told is not None
            assert told.status in (404, 409), "an answer that was given stands"
    found_paths = _json(village, "list_learning_paths", who, query={"limit": "100"})["items"]
    listed = {one["path_id"] for one in found_paths}
    maybe = {one.word for one in village.villagers if one.maybe_gone}
    assert {one["title"] for one in found_paths} <= {one.word for one in family} | maybe, "another's path"
    assert {id_ for one in family for id_ in one.paths} <= listed, "each path is there"


def _lessons(progress: Any) -> list[Any]:
    return [lesson for part in progress["parts"] for chapter in part["chapters"] for lesson in chapter["lessons"]]


def _the_profile_is_a_replay(village: Village, who: Villager) -> None:
    checked = rebuild_profile.check(who.principal, village.course.id, village.clock.now())
    assert checked.same, "the profile is a replay"
    assert not checked.due, "no rebuild is due"
    assert checked.attempts == len(_practised(village, who)), "each attempt counts once"


def _nothing_of_others_is_there(village: Village, who: Villager) -> None:
    own = {one.number for one in village.villagers if one in _family(village, who) or one.maybe_gone}
    text = str(_json(village, "export_user", who, path="/api/user/me/export"))
    for other in village.villagers:
        if other.number not in own:
            assert other.word not in text, "another's words"
            assert other.principal.subject not in text, "another's id"


def _is_with_the_account(village: Village, who: Villager, rows: list[Any]) -> None:
    told = village.once("get_answers", who.principal)
    assert told is not None
    assert told.status == 401, "a guest who was joined is nobody"
    left = [row["kind"]["S"] for row in rows if row["pk"]["S"] == f"USER#{who.principal.learner}"]
    assert set(left) <= {"linked"}, "nothing is left under the guest's key"


def _is_gone(village: Village, who: Villager, rows: list[Any]) -> None:
    for function in ("get_preferences", "list_recommendations", "list_sessions"):
        told = village.once(function, who.principal)
        assert told is not None
        assert told.status == 401, "who was erased is nobody"
    subject = who.principal.subject
    assert not [row for row in rows if subject in str(row)], "erased means gone"
    if who.principal.kind is Kind.GUEST:
        again = village.once("create_user", None, {"user_id": subject})
        assert again is not None
        assert again.status == 409, "an erased id is nobody's again"
