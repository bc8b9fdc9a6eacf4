"""A course that can be published has no flaw; every flaw is found, with a pointer to where it stands."""

import graphlib
import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune.domain.course_rules import check, find_cycle
from attune.domain.errors import Invalid
from attune.domain.manifest import read
from tests.unit.conftest import SHIPPED, shipped, small

Manifest = dict[str, Any]


def _invalid(manifest: Manifest) -> Invalid:
    with pytest.raises(Invalid) as caught:
        check(read("c", 0, manifest))
    return caught.value


def _lookup(manifest: Manifest, pointer: str) -> Any:
    """What a JSON pointer (RFC 6901) leads to."""
    value: Any = manifest
    for step in pointer.split("/")[1:]:
        step = step.replace("~1", "/").replace("~0", "~")
        value = value[int(step)] if isinstance(value, list) else value[step]
    return value


def test_the_small_course_has_no_flaw() -> None:
    check(read("c", 0, small()))


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_courses_have_no_flaw(name: str) -> None:
    check(shipped(name).course)


def _lessons(manifest: Manifest, chapter: int = 0) -> list[Manifest]:
    found: list[Manifest] = manifest["parts"][0]["chapters"][chapter]["lessons"]
    return found


PLANTED: dict[str, tuple[Callable[[Manifest], object], str, str]] = {
    "language": (lambda m: m["languages"].append("xx"), "/languages/2", "unknown_language"),
    "skill twice": (lambda m: m["skills"].append({"id": "one"}), "/skills/3", "repeated"),
    "item twice": (lambda m: m["items"].append({"id": "q1", "skills": ["one"]}), "/items/2", "repeated"),
    "goal twice": (lambda m: m["goals"].append({"id": "fun"}), "/goals/2", "repeated"),
    "question twice": (
        lambda m: m["questionnaire"].append({"id": "robots", "type": "boolean"}),
        "/questionnaire/4",
        "repeated",
    ),
    "skill of a skill": (
        lambda m: m["skills"][1]["prerequisites"].append("nine"),
        "/skills/1/prerequisites/1",
        "unknown_reference",
    ),
    "chapter of a chapter": (
        lambda m: m["parts"][0]["chapters"][1]["prerequisites"].append("nine"),
        "/parts/0/chapters/1/prerequisites/1",
        "unknown_reference",
    ),
    "skill of a lesson": (
        lambda m: _lessons(m)[1]["skills"].append("nine"),
        "/parts/0/chapters/0/lessons/1/skills/1",
        "unknown_reference",
    ),
    "goal of a lesson": (
        lambda m: _lessons(m)[0]["goals"].append("nine"),
        "/parts/0/chapters/0/lessons/0/goals/1",
        "unknown_reference",
    ),
    "lesson of a lesson": (
        lambda m: _lessons(m)[1]["prerequisites"].append("nine"),
        "/parts/0/chapters/0/lessons/1/prerequisites/1",
        "unknown_reference",
    ),
    "reserved slug": (
        lambda m: _lessons(m, 1).append({"slug": "cache"}),
        "/parts/0/chapters/1/lessons/1/slug",
        "reserved_slug",
    ),
    "skill of an item": (lambda m: m["items"][0]["skills"].append("nine"), "/items/0/skills/1", "unknown_reference"),
    "lesson of an item": (lambda m: m["items"][0].update(lesson="nine"), "/items/0/lesson", "unknown_reference"),
    "phase of an item": (lambda m: m["items"][0]["phases"].append("nine"), "/items/0/phases/1", "unknown_reference"),
    "key of an item": (
        lambda m: m["items"][0]["answer"].update(choice="z"),
        "/items/0/answer/choice",
        "unknown_reference",
    ),
    "keys of an item": (
        lambda m: m["items"][1]["answer"]["choices"].append("z"),
        "/items/1/answer/choices/2",
        "unknown_reference",
    ),
    "item of a mistake": (lambda m: m["mistakes"][0]["items"].append("q9"), "/mistakes/0/items/1", "unknown_reference"),
    "phase of a mistake": (
        lambda m: m["mistakes"][0]["phases"].append("nine"),
        "/mistakes/0/phases/1",
        "unknown_reference",
    ),
    "skill of a goal": (lambda m: m["goals"][0]["skills"].append("nine"), "/goals/0/skills/1", "unknown_reference"),
    "one option": (
        lambda m: m["questionnaire"][1].update(options=[{"value": "fun"}]),
        "/questionnaire/1/options",
        "too_few",
    ),
    "option twice": (
        lambda m: m["questionnaire"][0]["options"].append({"value": "low"}),
        "/questionnaire/0/options/3",
        "repeated",
    ),
    "default": (lambda m: m["questionnaire"][3].update(default="de"), "/questionnaire/3/default", "not_offered"),
    "prior": (
        lambda m: m["questionnaire"][0]["options"][0]["priors"].update(nine=1),
        "/questionnaire/0/options/0/priors/nine",
        "unknown_reference",
    ),
    "prior of a boolean": (
        lambda m: m["questionnaire"][2]["when_true"]["priors"].update(nine=1),
        "/questionnaire/2/when_true/priors/nine",
        "unknown_reference",
    ),
    "language of the language question": (
        lambda m: m["questionnaire"][3]["options"].append({"value": "de"}),
        "/questionnaire/3/options/2",
        "unknown_reference",
    ),
    "language question": (lambda m: m.update(language_question="nine"), "/language_question", "unknown_reference"),
    "question of a persona": (lambda m: m["persona"].update(robots="nine"), "/persona/robots", "unknown_reference"),
    "persona of many values": (lambda m: m["persona"].update(robots="aims"), "/persona/robots", "open_ended"),
    "value of a persona": (
        lambda m: m["persona"]["level"]["values"].update(nine="new"),
        "/persona/level/values/nine",
        "unknown_reference",
    ),
    "who gets definitions": (
        lambda m: m["writing"]["define_terms_for"].update(nine=["true"]),
        "/writing/define_terms_for/nine",
        "unknown_reference",
    ),
    "whose instructions": (
        lambda m: m["writing"]["instructions"].update(nine={}),
        "/writing/instructions/nine",
        "unknown_reference",
    ),
    "preference": (
        lambda m: m["preferences"]["properties"].update(bad={"type": "string", "pattern": "x", "default": ""}),
        "/preferences/properties/bad",
        "unknown_keyword",
    ),
    "lesson twice": (
        lambda m: _lessons(m, 1).append({"slug": "two"}),
        "/parts/0/chapters/1/lessons/1/slug",
        "repeated",
    ),
    "chapter twice": (
        lambda m: m["parts"][1]["chapters"].append({"id": "start"}),
        "/parts/1/chapters/1/id",
        "repeated",
    ),
    "part twice": (lambda m: m["parts"].append({"id": "first"}), "/parts/2/id", "repeated"),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_flaw_is_found(name: str) -> None:
    plant, _, code = PLANTED[name]
    manifest = small()
    plant(manifest)
    assert code in {flaw.code for flaw in _invalid(manifest).flaws}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_flaw_is_alone_and_its_pointer_leads_to_it(name: str) -> None:
    plant, pointer, code = PLANTED[name]
    manifest = small()
    plant(manifest)
    (flaw,) = _invalid(manifest).flaws
    assert (flaw.pointer, flaw.code) == (pointer, code)
    _lookup(manifest, flaw.pointer)


def test_all_flaws_are_told_at_once() -> None:
    manifest = small()
    manifest["languages"].append("xx")
    manifest["items"][0]["skills"].append("nine")
    manifest["mistakes"][0]["items"].append("nine")
    assert len(_invalid(manifest).flaws) == 3


def test_a_flaw_repeats_nothing_of_what_was_sent() -> None:
    manifest = small()
    _lessons(manifest)[0]["skills"].append("<script>")
    (flaw,) = _invalid(manifest).flaws
    assert "<script>" not in flaw.detail + flaw.pointer


@pytest.mark.parametrize("id_", ["user_id", "updated_at"])
def test_a_question_may_not_be_called_like_a_field_of_the_answers(id_: str) -> None:
    manifest = small()
    manifest["questionnaire"][1]["id"] = id_
    assert _invalid(manifest).flaws


def test_who_gets_definitions_is_a_value_that_a_persona_can_have() -> None:
    manifest = small()
    manifest["writing"]["define_terms_for"] = {"robots": ["fals"]}
    assert _invalid(manifest).flaws


def test_grades_are_for_values_that_a_persona_can_have() -> None:
    manifest = small()
    manifest["writing"]["readability"] = {"level": {"new": 8, "low": 9}, "nobody": {"x": 1}}
    with pytest.raises(Invalid) as caught:
        check(read("small", 1, manifest))
    assert {flaw.pointer for flaw in caught.value.flaws} == {
        "/writing/readability/nobody",
        "/writing/readability/level/low",
    }


def test_instructions_are_for_values_that_a_persona_can_have() -> None:
    manifest = small()
    manifest["writing"]["instructions"]["level"] = {"newish": "Explain."}
    assert _invalid(manifest).flaws


CIRCLES: dict[str, tuple[Callable[[Manifest], object], str]] = {
    "three skills": (lambda m: m["skills"][0].update(prerequisites=["three"]), "skill_cycle"),
    "one skill": (lambda m: m["skills"][0].update(prerequisites=["one"]), "skill_cycle"),
    "chapters": (lambda m: m["parts"][0]["chapters"][0].update(prerequisites=["end"]), "chapter_cycle"),
    "lessons": (lambda m: _lessons(m)[0].update(prerequisites=["two"]), "lesson_cycle"),
}


@pytest.mark.parametrize("name", CIRCLES)
def test_what_waits_for_itself_is_refused_by_name(name: str) -> None:
    plant, code = CIRCLES[name]
    manifest = small()
    plant(manifest)
    error = _invalid(manifest)
    assert error.code == code
    cycle = error.extra["cycle"]
    assert isinstance(cycle, list)
    assert cycle[0] == cycle[-1]
    assert json.dumps(cycle)


def test_a_circle_is_named_in_order() -> None:
    manifest = small()
    manifest["skills"][0]["prerequisites"] = ["three"]
    assert _invalid(manifest).extra["cycle"] == ["one", "two", "three", "one"]


@given(st.dictionaries(st.sampled_from("abcdef"), st.lists(st.sampled_from("abcdefgh"), max_size=3), max_size=6))
def test_a_cycle_is_found_where_there_is_one(graph: dict[str, list[str]]) -> None:
    known = {node: [need for need in needs if need in graph] for node, needs in graph.items()}
    cycle = find_cycle(graph)
    try:
        list(graphlib.TopologicalSorter(known).static_order())
    except graphlib.CycleError:
        assert len(cycle) >= 2
        assert cycle[0] == cycle[-1]
        assert len(set(cycle)) == len(cycle) - 1
        assert all(need in graph[node] for need, node in itertools.pairwise(cycle))
    else:
        assert cycle == []


def test_a_very_long_chain_is_followed_to_its_end() -> None:
    graph = {str(n): [str(n + 1)] for n in range(3000)}
    assert find_cycle(graph) == []
    graph["2999"] = ["0"]
    assert len(find_cycle(graph)) == 3001
