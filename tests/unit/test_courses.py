"""The shipped courses hold what is promised of them, and their lessons all that personalization is tried on."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from attune.domain.audience import blocks
from attune.domain.course import LessonEntry
from attune.domain.lesson import misaligned, parse
from attune.domain.pieces import CODE, CODE_BLOCK, IMAGE, LINK, MATHS, MATHS_BLOCK, dissect
from attune.domain.section_requests import terms_in
from tests.unit.conftest import LESSONS, SHIPPED, shipped

TABLE = re.compile(r"(?m)^\|(?:\s*:?-+:?\s*\|)+\s*$")


def test_physical_ai_has_the_shape_that_is_promised() -> None:
    course = shipped("physical-ai").course
    assert [(part.number, part.tier, part.weeks) for part in course.parts] == [
        (1, "A2", (1, 2)),
        (2, "B1", (3, 5)),
        (3, "B2", (6, 7)),
        (4, "C1", (8, 10)),
        (5, "C2", (11, 12)),
        (6, "C2", (13, 13)),
    ]
    assert [chapter.number for chapter in course.chapters()] == list(range(1, 19))
    needs = {chapter.number: chapter.prerequisites for chapter in course.chapters()}
    numbers = {chapter.id: chapter.number for chapter in course.chapters()}
    assert {numbers[id_] for id_ in needs[7]} == {5, 6}
    assert {numbers[id_] for id_ in needs[18]} == {14, 17}
    assert len(course.lessons) == 12
    assert [Counter(entry.kind for entry in chapter.lessons) for chapter in course.chapters() if chapter.lessons] == [
        Counter(lesson=3, lab=1)
    ] * 3
    assert course.languages == ("en", "ur")


def test_a_chapter_needs_earlier_chapters_only() -> None:
    for name in SHIPPED:
        course = shipped(name).course
        numbers = {chapter.id: chapter.number for chapter in course.chapters()}
        for chapter in course.chapters():
            assert all(numbers[id_] < chapter.number for id_ in chapter.prerequisites)
            assert chapter.transition


def test_every_chapter_but_the_first_of_physical_ai_needs_another() -> None:
    assert [c.number for c in shipped("physical-ai").course.chapters() if not c.prerequisites] == [1]


def test_physical_ai_keeps_the_terms_of_the_earlier_system_in_english() -> None:
    kept = (
        "ROS 2, Gazebo, Isaac Sim, URDF, SDF, SLAM, Python, node, topic, service, action, joint, link, sensor, "
        "actuator, IMU, neural network, LLM, transformer"
    )
    assert set(kept.split(", ")) <= {entry.term for entry in shipped("physical-ai").course.glossary}


def test_physical_ai_asks_the_six_questions_of_the_earlier_system() -> None:
    asked = {
        question.id: [option.value for option in question.options]
        for question in shipped("physical-ai").course.questionnaire
    }
    assert {name: len(values) for name, values in asked.items()} == {
        "education_level": 4,
        "programming_experience": 4,
        "robotics_background": 2,
        "ai_ml_experience": 4,
        "learning_goals": 5,
        "preferred_language": 2,
    }


def test_education_goals_and_ai_experience_reach_no_writer() -> None:
    course = shipped("physical-ai").course
    assert {dimension.question for dimension in course.persona} == {
        "programming_experience",
        "robotics_background",
        "preferred_language",
    }


def test_poker_has_six_skills_of_the_given_weights() -> None:
    assert {skill.id: skill.weight for skill in shipped("poker").course.skills} == {
        "preflop": 0.20,
        "postflop": 0.25,
        "psychology": 0.15,
        "mathematics": 0.15,
        "bankroll": 0.15,
        "tournament": 0.10,
    }


def test_poker_has_the_eight_scenarios() -> None:
    found = {
        item.id: (list(item.skills), item.difficulty, item.minutes, list(item.formats))
        for item in shipped("poker").course.items
        if item.kind == "scenario"
    }
    assert found == {
        "preflop-ranges": (["preflop"], 2, 20, ["visual", "theoretical"]),
        "position-play": (["preflop", "psychology"], 3, 25, ["visual", "practical"]),
        "pot-odds": (["mathematics", "postflop"], 3, 30, ["theoretical", "practical"]),
        "value-betting": (["postflop", "mathematics"], 4, 35, ["practical", "visual"]),
        "bluffing": (["psychology", "postflop"], 4, 40, ["practical", "social"]),
        "hand-reading": (["psychology", "postflop"], 5, 45, ["visual", "social"]),
        "tournament-play": (["tournament", "mathematics"], 5, 50, ["theoretical", "practical"]),
        "bankroll-management": (["bankroll", "mathematics"], 3, 25, ["theoretical"]),
    }


def test_every_scenario_has_a_lesson_as_long_as_itself() -> None:
    course = shipped("poker").course
    for item in course.items:
        if item.kind == "scenario":
            assert item.lesson is not None
            lesson = course.lessons[item.lesson]
            assert (lesson.minutes, lesson.difficulty, lesson.skills) == (item.minutes, item.difficulty, item.skills)
    assert len(course.lessons) == 8


MISTAKES: Mapping[str, set[str]] = {
    "over-conservative": {"value-betting", "position-play"},
    "over-aggressive": {"bankroll-management", "pot-odds"},
    "missed-value": {"value-betting", "hand-reading"},
    "oversized-bets": {"pot-odds", "value-betting"},
    "opening-range-errors": {"preflop-ranges", "position-play"},
    "river-errors": {"hand-reading", "value-betting"},
    "major-blunders": {"pot-odds", "hand-reading"},
    "bad-timing": {"bluffing", "position-play"},
    "unknown": {"pot-odds"},
}


def test_every_category_of_mistakes_leads_to_its_scenarios() -> None:
    course = shipped("poker").course
    scenarios = {item.id for item in course.items if item.kind == "scenario"}
    found = {mistake["id"]: set(mistake["items"]) & scenarios for mistake in course.manifest["mistakes"]}
    assert found == MISTAKES
    assert {m["id"]: m["phases"] for m in course.manifest["mistakes"]}["river-errors"] == ["river"]
    assert all(mistake["phases"] and mistake["advice"] for mistake in course.manifest["mistakes"])


def test_every_skill_is_practised_by_its_scenarios() -> None:
    found: dict[str, set[str]] = {}
    for item in shipped("poker").course.items:
        if item.kind == "scenario":
            for skill in item.skills:
                found.setdefault(skill, set()).add(item.id)
    assert {"preflop-ranges", "position-play"} <= found["preflop"]
    assert {"pot-odds", "value-betting", "bluffing", "hand-reading"} <= found["postflop"]
    assert {"bluffing", "hand-reading"} <= found["psychology"]
    assert {"pot-odds", "value-betting", "bankroll-management"} <= found["mathematics"]
    assert found["bankroll"] == {"bankroll-management"}
    assert found["tournament"] == {"tournament-play"}


@pytest.mark.parametrize("name", SHIPPED)
def test_weights_add_up_to_one(name: str) -> None:
    assert sum(skill.weight for skill in shipped(name).course.skills) == pytest.approx(1)


@pytest.mark.parametrize("name", SHIPPED)
def test_every_lesson_has_a_text_and_every_text_is_a_lesson(name: str) -> None:
    found = shipped(name)
    assert list(found.texts) == list(found.course.lessons)


@pytest.mark.parametrize("name", SHIPPED)
def test_every_lesson_has_questions_and_every_skill_items_or_no_lesson_yet(name: str) -> None:
    course = shipped(name).course
    asked = Counter(item.lesson for item in course.items)
    assert all(asked[slug] >= 3 for slug in course.lessons)
    taught = {skill for lesson in course.lessons.values() for skill in lesson.skills}
    practised = {skill for item in course.items for skill in item.skills}
    assert taught <= practised


@pytest.mark.parametrize("name", SHIPPED)
def test_every_question_has_a_key_that_is_one_of_its_choices(name: str) -> None:
    for item in shipped(name).course.manifest["items"]:
        if item["kind"] != "question":
            continue
        answer = item["answer"]
        assert len(set(answer) & {"choice", "choices", "number", "text"}) == 1
        assert item["explanation"]
        if "choice" in answer:
            assert answer["choice"] in item["choices"]
            assert len(item["choices"]) >= 2


def _texts(value: Any, place: str = "") -> Iterator[tuple[str, Mapping[str, str]]]:
    """Every text of a manifest that is given by language."""
    if isinstance(value, dict):
        if set(value) & {"en", "ur"} and all(isinstance(text, str) for text in value.values()):
            yield place, value
        for name, each in value.items():
            yield from _texts(each, f"{place}/{name}")
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _texts(each, f"{place}/{number}")


@pytest.mark.parametrize("name", SHIPPED)
def test_what_every_learner_reads_is_said_in_both_languages(name: str) -> None:
    manifest = shipped(name).course.manifest
    read_by_all = {part: manifest[part] for part in ("title", "skills", "goals", "questionnaire", "glossary")}
    for _, text in _texts(read_by_all):
        assert set(text) == {"en", "ur"}
        assert all(text.values())


@pytest.mark.parametrize("name", SHIPPED)
def test_every_persona_value_has_an_instruction_and_every_instruction_a_value(name: str) -> None:
    course = shipped(name).course
    for dimension in course.persona:
        question = course.question(dimension.question)
        assert question is not None
        values = [str(option.value).lower() for option in question.options]
        possible = {dimension.values.get(value, value) for value in values}
        assert set(course.instructions.get(dimension.name, {})) in (possible, set())


def _entry(name: str, slug: str) -> LessonEntry:
    return shipped(name).course.lessons[slug]


@pytest.mark.parametrize(("name", "slug"), LESSONS)
def test_a_lesson_is_a_good_read_of_its_length(name: str, slug: str) -> None:
    content = shipped(name).texts[slug].content
    words = len("\n".join(dissect(content).paragraphs).split())
    assert 700 <= words <= 1_900
    sections = parse(content).sections
    assert 4 <= len(sections) <= 12
    for section in sections:
        assert len(dissect(section.text).prose.split()) <= 450


@pytest.mark.parametrize(("name", "slug"), LESSONS)
def test_a_lesson_has_everything_that_personalization_is_tried_on(name: str, slug: str) -> None:
    content = shipped(name).texts[slug].content
    kinds = {piece.kind for piece in dissect(content).pieces}
    assert {CODE_BLOCK, LINK, IMAGE} <= kinds
    assert {MATHS, MATHS_BLOCK} & kinds
    assert TABLE.search(content)
    assert "audience" in {block.name for block in blocks(content)}


@pytest.mark.parametrize(("name", "slug"), LESSONS)
def test_a_lesson_points_nowhere_unsafe(name: str, slug: str) -> None:
    for markdown in (shipped(name).texts[slug].content, *shipped(name).texts[slug].translations.values()):
        for piece in dissect(markdown).pieces:
            if piece.kind == LINK:
                assert piece.value.startswith(("https://", "#", "/", "../", "./")) or re.match(r"[a-z0-9]", piece.value)
                assert not piece.value.startswith("http://")
            if piece.kind == IMAGE:
                assert not piece.value.startswith(("http://", "data:", "//"))


@pytest.mark.parametrize(("name", "slug"), LESSONS)
def test_every_kind_of_reader_finds_something_of_their_own(name: str, slug: str) -> None:
    course = shipped(name).course
    attributes = {
        attribute
        for block in blocks(shipped(name).texts[slug].content)
        for attribute in block.attributes
        if attribute != "title"
    }
    assert attributes >= {dimension.name for dimension in course.persona} - {"language"}


@pytest.mark.parametrize(("name", "slug"), LESSONS)
def test_a_lesson_uses_terms_of_the_glossary(name: str, slug: str) -> None:
    course = shipped(name).course
    used = list(terms_in(course, shipped(name).texts[slug]))
    assert len(used) >= 3
    assert set(used) <= {entry.term for entry in course.glossary if entry.definition}


@pytest.mark.parametrize(("name", "slug"), [(n, s) for n, s in LESSONS if shipped(n).texts[s].translations])
def test_a_translation_has_the_headings_the_pieces_and_the_blocks_of_the_original(name: str, slug: str) -> None:
    text = shipped(name).texts[slug]
    original = parse(text.content)
    for language, markdown in text.translations.items():
        assert language in shipped(name).course.languages
        translated = parse(markdown)
        assert not misaligned(original, translated)
        for one, other in zip(original.sections, translated.sections, strict=True):
            for kind in (CODE_BLOCK, MATHS_BLOCK):
                assert [p.value for p in dissect(one.text).pieces if p.kind == kind] == [
                    p.value for p in dissect(other.text).pieces if p.kind == kind
                ]
            for kind in (CODE, MATHS, LINK, IMAGE):
                assert {p.value for p in dissect(one.text).pieces if p.kind == kind} == {
                    p.value for p in dissect(other.text).pieces if p.kind == kind
                }
            shapes = [
                [(b.name, {k: v for k, v in b.attributes.items() if k != "title"}) for b in blocks(section.text)]
                for section in (one, other)
            ]
            assert shapes[0] == shapes[1]


@pytest.mark.parametrize("name", SHIPPED)
def test_a_course_in_two_languages_has_lessons_in_both(name: str) -> None:
    assert any("ur" in text.translations for text in shipped(name).texts.values())


@pytest.mark.parametrize(("name", "slug"), LESSONS)
def test_a_lesson_is_titled_as_the_course_says(name: str, slug: str) -> None:
    title = _entry(name, slug).title
    assert isinstance(title, Mapping)
    assert parse(shipped(name).texts[slug].content).title == title["en"]
