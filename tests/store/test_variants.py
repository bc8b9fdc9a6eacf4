"""A variant is planned by one of those who ask, its messages sent again by one, and assembled once."""

import json
import zlib
from dataclasses import asdict, replace
from datetime import timedelta

from attune.domain.instants import instant
from attune.domain.quoted import quoted, unquoted
from attune.store import keys, retention, variants
from attune.store.variants import Assembled, Plan
from tests.backends import Backend
from tests.builders import NOW, a_key, a_slug, an_id
from tools.services import TABLE

DUE = NOW.timestamp() + 75


def a_plan() -> Plan:
    return Plan(
        course=an_id(),
        version=1,
        slug=a_slug(),
        text_id=a_key(),
        content_hash="sha256:" + a_key(),
        persona={"level": "new", "hardware": "false"},
        language="ur",
        style={"writer": "rules", "model": None, "api": None, "prompt_version": "1"},
        edition=0,
        sections=[a_key(), a_key()],
    )


LESSON = Assembled(
    quoted=quoted('# سبق\n\nText with "quotes" and\t\u0001 more, {},\n"content":"nothing" }\n'),
    sections=[{"id": "text", "title": "Text", "state": "written", "reason": None}],
    terms=["Sensor"],
    provenance={"writer": "rules", "model": None, "prompt_version": "1", "gate": "1"},
    generated_at="2031-05-05T12:00:00Z",
)


def queued(plan: Plan | None = None) -> str:
    key = a_key()
    assert variants.enqueue(key, plan or a_plan(), DUE, NOW)
    return key


def read(key: str) -> variants.Variant:
    found = variants.get(key, NOW, consistent=True)
    assert found is not None
    return found


def test_only_the_first_to_plan_sends_the_messages() -> None:
    plan = a_plan()
    key = queued(plan)
    assert not variants.enqueue(key, a_plan(), DUE + 9, NOW)
    assert read(key) == variants.Variant(key, plan, None, DUE, None, instant(NOW))
    assert variants.get(a_key(), NOW) is None


def test_a_faded_variant_is_planned_anew() -> None:
    key, gone = queued(), NOW + retention.TEXTS
    assert variants.get(key, gone - timedelta(seconds=1)) is not None
    assert variants.get(key, gone) is None
    assert variants.enqueue(key, a_plan(), DUE, gone)


def test_messages_are_sent_again_by_one_of_those_who_saw_them_due() -> None:
    key = queued()
    seen = read(key)
    assert variants.take_requeue(seen, DUE + 75, NOW)
    assert not variants.take_requeue(seen, DUE + 80, NOW)
    assert read(key).requeue_at == DUE + 75
    assert variants.take_requeue(read(key), DUE + 90, NOW)


def test_an_assembled_lesson_is_read_as_it_was_stored() -> None:
    key = queued()
    variants.assemble(key, LESSON, None, NOW)
    found = read(key)
    assert (found.assembled, found.retry_at) == (LESSON, None)
    assert not variants.enqueue(key, a_plan(), DUE, NOW)


def test_a_lesson_of_an_earlier_release_is_read_too(backend: Backend) -> None:
    """And an earlier release reads what this one writes: one object of JSON."""
    key = queued()
    variants.assemble(key, LESSON, None, NOW)
    rest = {name: value for name, value in asdict(LESSON).items() if name != "quoted"}
    plain = {"content": unquoted(LESSON.quoted), **rest}
    (row,) = backend.rows(keys.variant(key).pk)
    stored = row["data"]["B"]
    assert json.loads(zlib.decompress(getattr(stored, "value", stored))) == plain
    before = zlib.compress(json.dumps(plain, ensure_ascii=False).encode(), 9)
    backend.raw.put_item(TableName=TABLE, Item={**row, "data": {"B": before}})
    assert read(key).assembled == LESSON


def test_the_first_assembly_stands() -> None:
    key = queued()
    variants.assemble(key, LESSON, None, NOW)
    variants.assemble(key, replace(LESSON, quoted='"other"'), None, NOW)
    assert read(key).assembled == LESSON


def test_a_lesson_with_originals_for_a_while_is_assembled_again() -> None:
    key, better = queued(), replace(LESSON, quoted='"better"')
    variants.assemble(key, LESSON, DUE, NOW)
    assert read(key).retry_at == DUE
    variants.assemble(key, better, None, NOW)
    found = read(key)
    assert (found.assembled, found.retry_at) == (better, None)


def test_what_nobody_planned_is_not_assembled(backend: Backend) -> None:
    key = a_key()
    variants.assemble(key, LESSON, None, NOW)
    assert backend.rows(keys.variant(key).pk) == []
