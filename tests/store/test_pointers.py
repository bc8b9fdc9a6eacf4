"""A pointer is one learner's for one lesson, and goes when it is told to."""

from dataclasses import replace
from datetime import timedelta

import pytest

from attune.domain.principal import Principal
from attune.store import keys, pointers, retention, table
from attune.store.items import PointerItem
from tests.backends import Backend
from tests.builders import NOW, a_key, a_slug, an_account, an_id


def a_pointer() -> pointers.Pointer:
    return pointers.Pointer(a_key(), course_version=3, answers_rev=2, style=a_key(), edition=1, cached=True)


def held(who: Principal, course: str, slug: str) -> pointers.Pointer | None:
    return pointers.of(table.get(PointerItem, keys.pointer(who.learner, course, slug), NOW))


def test_a_pointer_is_read_as_it_was_put_and_the_last_one_counts() -> None:
    who, course, slug = an_account(), an_id(), a_slug()
    assert held(who, course, slug) is None
    for pointer in (a_pointer(), replace(a_pointer(), cached=False, edition=0)):
        pointers.put(who, course, slug, pointer, NOW)
        assert held(who, course, slug) == pointer


@pytest.mark.parametrize("changed", ["course_version", "answers_rev", "style"])
def test_a_pointer_stands_until_anything_it_was_chosen_by_changes(changed: str) -> None:
    pointer = a_pointer()
    now = {name: getattr(pointer, name) for name in ("course_version", "answers_rev", "style")}
    assert pointer.stands_for(**now)
    assert not pointer.stands_for(**{**now, changed: "other" if changed == "style" else 9})


@pytest.mark.parametrize("count", [0, 1, 25, 26, 60])
def test_clearing_removes_every_one_of_the_learners_and_nobody_elses(backend: Backend, count: int) -> None:
    who, other, course = an_account(), an_account(), an_id()
    slugs = [f"lesson-{n}" for n in range(count)]
    for slug in slugs:
        pointers.put(who, course, slug, a_pointer(), NOW)
    pointers.put(other, course, "lesson-0", a_pointer(), NOW)
    pointers.put(who, course + "x", "lesson-0", a_pointer(), NOW)
    assert pointers.clear(who, course, NOW) == count
    left = [row["sk"]["S"] for row in backend.rows(keys.user(who.learner).pk)]
    assert left == [f"POINTER#{course}x#lesson-0", "USER"]
    assert held(other, course, "lesson-0") is not None
    assert pointers.clear(who, course, NOW) == 0


def test_a_pointer_fades_after_half_a_year() -> None:
    who, course = an_account(), an_id()
    pointers.put(who, course, "old", a_pointer(), NOW - retention.TEXTS)
    pointers.put(who, course, "new", a_pointer(), NOW - retention.TEXTS + timedelta(seconds=1))
    assert held(who, course, "old") is None
    assert held(who, course, "new") is not None
    assert pointers.clear(who, course, NOW) == 1
