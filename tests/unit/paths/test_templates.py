"""An author's path leads to lessons and items of the course, each once and after what it builds upon."""

from typing import Any

import pytest

from attune.domain.course_rules import check
from attune.domain.errors import Invalid
from attune.domain.manifest import read
from attune.domain.paths.goal import ADAPTIVITY
from attune.edge.publishing import CourseBody
from tests.unit.conftest import SHIPPED, shipped


def _manifest(*steps: str, **more: Any) -> dict[str, Any]:
    lessons = [{"slug": "a"}, {"slug": "b", "prerequisites": ["a"]}]
    return {
        "skills": [{"id": "s"}],
        "items": [{"id": "i", "skills": ["s"]}],
        "parts": [{"id": "p", "chapters": [{"lessons": lessons}]}],
        "templates": [{"id": "t", "steps": list(steps), **more}],
    }


def test_a_template_is_read_as_it_was_sent() -> None:
    body = CourseBody.model_validate(_manifest("a", "b", "i", title={"en": "First"}, adaptivity="off"))
    course = read("c", 1, body.manifest())
    check(course)
    (template,) = course.templates
    assert (template.id, template.steps, template.adaptivity) == ("t", ("a", "b", "i"), "off")
    assert template.title == {"en": "First"}
    assert read("c", 1, _manifest("a")).templates[0].adaptivity == "full"


@pytest.mark.parametrize(
    ("steps", "pointer", "code"),
    [
        (("a", "nine"), "/templates/0/steps/1", "unknown_reference"),
        (("a", "i", "a"), "/templates/0/steps/2", "repeated"),
        (("b", "a"), "/templates/0/steps/0", "before_prerequisite"),
    ],
)
def test_every_flaw_of_a_template_is_found(steps: tuple[str, ...], pointer: str, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        check(read("c", 1, _manifest(*steps)))
    assert [(flaw.pointer, flaw.code) for flaw in caught.value.flaws] == [(pointer, code)]


def test_two_templates_have_two_names() -> None:
    manifest = _manifest("a")
    manifest["templates"] *= 2
    with pytest.raises(Invalid) as caught:
        check(read("c", 1, manifest))
    assert [flaw.pointer for flaw in caught.value.flaws] == ["/templates/1"]


def test_the_shipped_courses_have_templates_of_every_adaptivity() -> None:
    templates = [template for name in SHIPPED for template in shipped(name).course.templates]
    assert {template.adaptivity for template in templates} == set(ADAPTIVITY)
    assert all(shipped(name).course.templates for name in SHIPPED)
