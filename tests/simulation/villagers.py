"""What learners of the village do, and what follows from what they are told."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from attune.domain.principal import Kind
from tests.functions.pathing import GOAL, ITEMS
from tests.simulation.village import Village, Villager

Act = Callable[[Village], None]
ACTS: Final[dict[str, tuple[int, Act]]] = {}


def act(weight: int) -> Callable[[Act], Act]:
    def register(one: Act) -> Act:
        ACTS[one.__name__] = (weight, one)
        return one

    return register


def turn(village: Village) -> str:
    """Somebody does something; what. Now and then somebody else does something in the middle of it."""
    names = list(ACTS)
    weights = [ACTS[each][0] for each in names]
    name, other = village.rng.choices(names, weights, k=2)
    village.meanwhile = (lambda: ACTS[other][1](village)) if other in AT_ONCE else None
    ACTS[name][1](village)
    village.meanwhile = None
    return name


AT_ONCE = {"chooses", "practises", "looks", "reads", "tells"}
"""What may happen while something else does."""


def gone(who: Villager, status: int) -> bool:
    """Whether an answer says that the learner is not there, as may be when they left."""
    if status == 401:
        assert who.maybe_gone or not who.here, f"{who.number} is there, and is not known"
        return True
    return False


@act(2)
def arrives(village: Village) -> None:
    who = village.newcomer(Kind.GUEST)
    told = village.once("create_user", None, {"user_id": who.principal.subject})
    if told is not None:
        assert told.status == 201, "the first who asks for an id of their own gets it"
    elif (again := village.ask("create_user", None, {"user_id": who.principal.subject})) is None:
        return
    elif again.status != 201:
        assert again.status == 409
    who.here = True


@act(1)
def signs_in(village: Village) -> None:
    if sum(one.principal.kind is Kind.ACCOUNT for one in village.villagers) < 2:
        village.newcomer(Kind.ACCOUNT)


@act(2)
def tells(village: Village) -> None:
    if (who := village.somebody()) is not None:
        answers = {"experience": "none", "hardware": False, "aims": ["build"], "language": "en"}
        told = village.ask("submit_onboarding", who.principal, answers)
        assert told is None or gone(who, told.status) or told.status in (200, 201), told


@act(5)
def chooses(village: Village) -> None:
    if (who := village.somebody()) is None:
        return
    minutes = village.rng.randint(60, 200)
    was = set(who.minutes)
    who.minutes.add(minutes)
    told = village.ask("put_preferences", who.principal, {"time_availability": minutes})
    who.minutes.add(minutes)
    if told is not None and not gone(who, told.status):
        assert told.status == 200, told
        # Unless another device chose something since, this is what holds.
        who.minutes = {minutes} | (who.minutes - was)


@act(3)
def chooses_by_an_old_tag(village: Village) -> None:
    if (who := village.somebody()) is None:
        return
    told = village.ask("put_preferences", who.principal, {"time_availability": 7}, if_match='"4711"')
    assert told is None or gone(who, told.status) or told.status == 412, "a change of what is no more"


@act(8)
def practises(village: Village) -> None:
    if (who := village.somebody()) is None:
        return
    number = len(who.attempts) + len(who.perhaps)
    ago = village.rng.choice((60, 3600, 86_400 * 2, 86_400 * 40))
    at = village.clock.now() - timedelta(seconds=ago)
    names = [f"{who.number}-{number}-{place}-{village.rng.getrandbits(20)}" for place in range(3)]
    attempts = [
        {
            "attempt_id": name,
            "item_id": village.rng.choice(ITEMS)["id"],
            "correct": village.rng.random() < 0.6,
            "at": f"{at + timedelta(seconds=place):%Y-%m-%dT%H:%M:%SZ}",
        }
        for place, name in enumerate(names)
    ]
    session = f"{village.rng.getrandbits(128):032x}"
    id_ = f"{session[:8]}-{session[8:12]}-4{session[13:16]}-8{session[17:20]}-{session[20:]}"
    body = {"session_id": id_, "started_at": f"{at:%Y-%m-%dT%H:%M:%SZ}", "attempts": attempts}
    who.perhaps.update(names)
    for _ in range(1 + village.happens(0.2)):
        told = village.ask("record_session", who.principal, body)
        if told is None or gone(who, told.status):
            return
        assert told.status in (200, 201), told
        who.attempts.update(names)
        who.perhaps.difference_update(names)


@act(5)
def looks(village: Village) -> None:
    if (who := village.somebody()) is None:
        return
    told = village.ask("list_recommendations", who.principal)
    if told is None or gone(who, told.status) or not told.json["items"]:
        return
    offered = told.json["items"][0]["id"]
    action = village.rng.choice(("accept", "decline"))
    answer = village.ask("answer_recommendation", who.principal, {"recommendation_id": offered, "action": action})
    if answer is not None and answer.status == 200:
        who.answered[offered] = action


@act(4)
def reads(village: Village) -> None:
    if (who := village.somebody()) is None:
        return
    event = {"event_id": f"e-{village.rng.getrandbits(60)}", "status": "started", "seconds": 60}
    path = f"/api/progress/{village.course.slugs[0]}"
    told = village.ask("track_lesson", who.principal, event, path=path)
    if told is not None and village.happens(0.4):
        told = village.ask("track_lesson", who.principal, event, path=path) or told
    if told is None:
        who.unsure = True
    elif not gone(who, told.status):
        assert told.status == 200, told
        who.seconds += 60


@act(3)
def plans(village: Village) -> None:
    if (who := village.somebody()) is None:
        return
    body = {"goal": GOAL, "title": who.word, "plan_duration": 365}
    key = f"{village.rng.getrandbits(128):032x}"
    first = village.ask("create_learning_path", who.principal, body, idempotency_key=key)
    again = village.ask("create_learning_path", who.principal, body, idempotency_key=key)
    made = [each for each in (first, again) if each is not None and each.status in (200, 201)]
    assert len({each.json["path_id"] for each in made}) <= 1, "one key is one path"
    who.paths.update(each.json["path_id"] for each in made)


@act(2)
def peeps(village: Village) -> None:
    """One looks for what is another's."""
    who, other = village.somebody(), village.somebody()
    if who is None or other is None or who is other or not other.paths:
        return
    theirs = sorted(other.paths)[0]
    told = village.ask("list_learning_paths", who.principal, query={"path_id": theirs})
    assert told is None or told.status in (401, 404) or other.joined_to is who, "another's path"
    told = village.ask("get_user", who.principal, path=f"/api/user/{other.principal.subject}")
    assert told is None or told.status in (401, 404), "another learner"


@act(1)
def leaves(village: Village) -> None:
    who = village.somebody()
    if who is None or len(village.villagers) < 4 or who.joined_to is not None:
        return
    who.maybe_gone = True
    # Some close the page before there is an answer, and the process may have ended before it sent a message.
    village.fragile = 0.6
    told = village.once("erase_user", who.principal, path="/api/user/me")
    village.fragile = 0.08
    if told is not None and told.status == 202:
        who.here = False
        for one in village.villagers:
            if one.joined_to is who:
                one.here = False


@act(2)
def comes_again(village: Village) -> None:
    """Somebody who was erased asks for their id again."""
    left = [one for one in village.villagers if one.maybe_gone and not one.here and one.principal.kind is Kind.GUEST]
    if left:
        subject = village.rng.choice(left).principal.subject
        told = village.ask("create_user", None, {"user_id": subject})
        assert told is None or told.status == 409, "an erased id is nobody's again"


@act(2)
def joins(village: Village) -> None:
    guests = [one for one in village.villagers if one.here and one.principal.kind is Kind.GUEST and not one.maybe_gone]
    accounts = [one for one in village.villagers if one.here and one.principal.kind is Kind.ACCOUNT]
    if not guests or not accounts or accounts[0].maybe_gone:
        return
    guest, account = village.rng.choice(guests), accounts[0]
    guest.maybe_gone = True
    told = village.ask("link_user", account.principal, {"guest_token": village.token(guest)})
    if told is not None and told.status in (200, 202):
        guest.here, guest.joined_to = False, account


@act(14)
def works(village: Village) -> None:
    village.deliver()


@act(3)
def waits(village: Village) -> None:
    village.clock.advance(village.rng.choice((1, 30, 500, 4000)))


@act(1)
def night(village: Village) -> None:
    village.night()
