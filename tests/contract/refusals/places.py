"""What a request is about: parameters of the path and the query that name nothing."""

from collections.abc import Iterator

from tests.contract.refusals.operations import CANARY, LESSON, NOBODY, SKILL, Operation, Wrong, wrong

BAD_IDS = {
    "#": "a%23b",
    "# alone": "%23",
    "..": "..",
    ".. encoded": "%2e%2e",
    "encoded twice": "a%252Fb",
    "upper case": "A",
    "upper case inside": "aB",
    "space": "a%20b",
    "NUL": "%00",
    "new line": "a%0A",
    "CRLF": f"a%0D%0Ax-injected:%20{CANARY}",
    "key syntax": "USER%23x",
    "hyphen first": "-a",
    "dot first": ".a",
    "65 characters": "a" * 65,
    "2 KB": "a" * 2048,
    "composed": "caf%C3%A9",
    "decomposed": "cafe%CC%81",
    "full width": "%EF%BD%81",
    "backslash": "a%5Cb",
    "not UTF-8": "%FF",
    "bidi": "a%E2%80%AEb",
}
BAD_SLUGS = {
    **BAD_IDS,
    "climbing": "a/../b",
    "five segments": "a/b/c/d/e",
    "empty segment": "a//b",
    "open end": "a/",
    "65 characters below": f"a/{'b' * 65}",
    "upper case below": "a/B",
}
BAD_USERS = {
    **BAD_IDS,
    "no UUID": "you",
    "upper case UUID": "550E8400-E29B-41D4-A716-446655440000",
    "braces": "%7B550e8400-e29b-41d4-a716-446655440000%7D",
    "urn": "urn:uuid:550e8400-e29b-41d4-a716-446655440000",
    "no hyphens": "550e8400e29b41d4a716446655440000",
    "me with a line end": "me%0A",
    "a line end": f"{NOBODY}%0A",
}
BAD_PARAMETERS = {
    "course_id": BAD_IDS,
    "slug": BAD_SLUGS,
    "user_id": BAD_USERS,
    "skill_id": BAD_IDS,
    "experiment_id": BAD_IDS,
    "receipt_id": BAD_USERS,
    "report": BAD_IDS,
    "date": {**BAD_IDS, "no day": "2026-02-30", "long ago": "0001-01-01", "no number": "2026-W4-1"},
    "iso_week": {**BAD_IDS, "no week": "2026-W60", "other digits": "2026-W%D9%A0%D9%A4", "a day": "2026-11-22"},
}
BAD_QUERIES: dict[str, tuple[str, ...]] = {
    "deep": ("maybe", "2", "1", "on", "True", "", "true&deep=true", CANARY),
    "limit": ("0", "101", "-1", "1.5", "", "1e1", "+5", "05", "1_0", "%205", "%D9%A5", "9" * 30, "1&limit=2", CANARY),
    "count": ("0", "21", "-1", "1.5", "1_0", "", CANARY),
    "time_available": ("0", "1441", "", "half", CANARY),
    "difficulty": ("0", "6", "3.5", "", CANARY),
    "focus_areas": ("", ",", f"{SKILL},", f"{SKILL},,{SKILL}", CANARY, f"{SKILL},{CANARY}", "A", "a%20b", "a" * 1001),
    "exclude": ("", ",", "q1,", "A", "a%20b", "a%00", "a%0A", "%FF", "a" * 1001),
    "goals": ("", CANARY, f"{SKILL},{CANARY}", "A"),
    "kinds": ("", "Learn", "learn,", f"learn,{CANARY}", CANARY),
    "explain": ("", "Full", "true", CANARY),
    "refresh": ("maybe", "2", "1", "y", "", CANARY),
    "status": ("", "pending", "OPEN", CANARY),
    "agenda": ("maybe", "2", "yes", "", CANARY),
    "from": ("", "0001-01-01", "%D9%A2026-01-01", "2026-02-30", "2026-1-1", "yesterday", CANARY),
    "to": ("", "0001-01-01", "2026-02-30", "2026-1-1", "today", CANARY),
    "week": ("", "202%D9%A6-W47", "2026-W60", "2026-47", "2026-w47", CANARY),
    "by": ("", "Kind", "weather", CANARY),
}
BAD_CURSORS = ("", "a", "e30", "W10", "bnVsbA", "%00", "%FF", "caf%C3%A9", "W1tbW1tbW1tbW1tb", "W" * 600, CANARY)


def places_named(op: Operation) -> Iterator[Wrong]:
    """Path parameters and the query that name nothing, or cannot name anything."""
    for parameter in op.parameters:
        for name, value in BAD_PARAMETERS[parameter].items():
            yield wrong(
                op,
                f"{parameter}: {name}",
                422,
                "invalid",
                target=op.target(**{parameter: value}),
                pointer=f"/path/{parameter}",
            )
    if "slug" in op.parameters and not op.admin:
        for slug in ("no/such", "a%2Fb", f"{LESSON}/{CANARY}"):
            yield wrong(op, f"no lesson {slug}", 404, "unknown_lesson", target=op.target(slug=slug))
    if "user_id" in op.parameters:
        for subject in (NOBODY, "ffffffff-ffff-ffff-ffff-ffffffffffff", "$bob"):
            yield wrong(op, f"learner {subject}", 404, "unknown_user", target=op.target(user_id=subject))
    if "course" in op.queries:
        for name, value in {**BAD_IDS, "empty": "", "path": "a/b", "list": "a&course=a"}.items():
            target = op.asking(f"course={value}")
            yield wrong(op, f"course: {name}", 422, "invalid", target=target, pointer="/query/course")
        if code := UNKNOWN_COURSE.get(op.id, "unknown_course"):
            yield wrong(op, "no course", 404, code, target=op.asking(f"course={CANARY}"))
    for query in op.queries & BAD_QUERIES.keys():
        for value in BAD_QUERIES[query]:
            target = op.asking(f"{query}={value}")
            yield wrong(op, f"{query}: {value[:40]}", 422, "invalid", target=target, pointer=f"/query/{query}")
    if "cursor" in op.queries:
        for value in BAD_CURSORS:
            target = op.asking(f"cursor={value}")
            yield wrong(op, f"cursor: {value[:40]}", 400, "malformed_cursor", target=target)
    if "skill_id" in op.parameters:
        yield wrong(op, "no skill", 404, "unknown_skill", target=op.target(skill_id=CANARY))


UNKNOWN_COURSE = {
    # Nothing is kept of a course that is not there, so that there is nothing to clear.
    "clear_personalized": None,
    "get_answers": "not_onboarded",
    "get_report": "unknown_report",
}
