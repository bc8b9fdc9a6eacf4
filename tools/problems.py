"""Every problem that the API answers with, read from the places in the source where it is raised: docs/problems.md."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from tools import generated, openapi, responses
from tools.errors import OperatorError
from tools.template import ROOT

if TYPE_CHECKING:
    from attune.domain.errors import DomainError

PAGE = ROOT / "docs" / "problems.md"
PACKAGE = ROOT / "layers" / "core" / "python"
COMPUTED: Mapping[str, tuple[str, ...]] = {
    # The authorizer's word, which is one of the codes of `attune.edge.tokens`.
    "attune/edge/auth.py": ("token_missing",),
    "attune/domain/course_rules.py": ("skill_cycle", "chapter_cycle", "lesson_cycle"),
}
"""Codes that are not written where they are raised, by the module that raises them."""
_LATER = "try again after `Retry-After` seconds."
_BEGIN = "a guest begins again with `POST /api/user/create`, an account signs in with its issuer."
_SOUND_JSON = "Send JSON that every reader understands alike."
_CYCLE = "Remove one of the prerequisites that `cycle` names, and publish again."
NEXT: Mapping[str, str] = {
    "accounts_only": "Sign in, and send the account's token with the guest's in the body.",
    "admin_only": "Use a token of the issuer that has the admin scope.",
    "chapter_cycle": _CYCLE,
    "erased": "Nothing: the learner was erased. Whoever begins anew is another learner.",
    "linked_elsewhere": "Sign in with the account that the guest was joined to.",
    "linked": "Use the account's token; what the guest had is there.",
    "content_changed": "Load the lesson again, or leave `original_content` out.",
    "course_incomplete": f"A part of the course could not be read: {_LATER} If it stays, publish the course again.",
    "duplicate_key": _SOUND_JSON,
    "experiment_closed": "Stop sending: outcomes count while an experiment runs or pauses.",
    "experiment_immutable": "Act on it by what `allowed` lists, or lay out another experiment under an id of its own.",
    "guests_only": "Renew the token with its issuer.",
    "idempotency_key_reused": "Use a new key for a new request.",
    "illegal_action": "Read `status` and do one of what `allowed` lists, if anything.",
    "integer_too_large": "Send a number within the bounds of its field: none takes a larger one.",
    "internal": "Try again; if it stays, tell the operator the `instance`, which names the line in the log.",
    "invalid": "Correct every place in `errors` (at most 20 are listed); `pointer` is a JSON pointer.",
    "issuer_unavailable": f"The issuer of accounts did not give its keys: {_LATER}",
    "layer_taken": "Take another `part` of the layer, or stop the experiments that `experiments` names.",
    "seed_taken": "Give the draft another `seed`, or leave it out: then it is the id of the experiment.",
    "lesson_cycle": _CYCLE,
    "malformed_body": "Send the body as bytes, without an encoding of its own.",
    "malformed_cursor": "Send `next_cursor` of the page before unchanged, with the same query, or begin without one.",
    "malformed_header": "Correct the header or leave it out.",
    "malformed_idempotency_key": "Send 1 to 255 visible ASCII characters, such as a UUID.",
    "malformed_json": "Send JSON in UTF-8 without a byte order mark.",
    "method_not_allowed": "Use one of the methods that `Allow` lists.",
    "needs_evidence": "Send the answer to the item of the test-out, in a session of practice.",
    "newer_than_code": "Deploy the release that wrote it, or a later one.",
    "not_finite": _SOUND_JSON,
    "not_found": "Leave the learner's id out of header, query and body, or send the caller's own.",
    "not_onboarded": "Answer the questionnaire first: `POST /api/onboarding`.",
    "nothing_to_rate": "Ask for the lesson, read it, then rate it: an original is the author's.",
    "precondition_failed": "Read the resource again, repeat the change on what it is now, and send its new `ETag`.",
    "published_meanwhile": "Look at what is current, and publish again if it is still wanted.",
    "queue_unavailable": f"The queue did not take the work: {_LATER}",
    "regenerated_today": "Wait for `Retry-After` seconds; the text that is there stays readable.",
    "secret_unavailable": f"The store of secrets did not answer: {_LATER}",
    "skill_cycle": _CYCLE,
    "step_locked": "Complete the open steps of the earlier stages first.",
    "store_busy": f"Others are changing the same row: {_LATER}",
    "store_unavailable": f"The table did not answer: {_LATER}",
    "token_algorithm": f"The token is signed in a way that is not accepted: {_BEGIN}",
    "token_audience": "The token is for somebody else: ask its issuer for one whose `aud` is this stack's audience.",
    "token_expired": f"The token is past its time (renew a guest's before that, with `POST /api/user/token`): {_BEGIN}",
    "token_invalid": f"The signature or a claim does not hold: {_BEGIN}",
    "token_issuer_unknown": "Use a token of this stack, or of the issuer that it was deployed with.",
    "token_key_unknown": f"The token names a key that its issuer does not have: {_BEGIN}",
    "token_malformed": "Send `Authorization: Bearer` and an unchanged access token (an ID token is not one).",
    "token_missing": "Send `Authorization: Bearer` and a token.",
    "token_not_yet_valid": "The token's time has not come: set the clock of its issuer right.",
    "too_many_paths": "Pause, cancel or delete one of the active paths.",
    "too_deep": "Send a flatter body.",
    "too_large": "Send less: a body has at most 256 KB, a course 5 MB.",
    "unexpected_body": "Send no body.",
    "unidentified": "Send `Authorization: Bearer` and a valid token.",
    "unknown_course": "Publish the course, or name one that is: `?course=`.",
    "unknown_erasure": "Take the id from `Location` or `receipt_id` of the erasure.",
    "unknown_report": "`GET /api/docs` names the reports; a week has one from the Monday after it on.",
    "unknown_experiment": "Take the id from `GET /api/admin/experiments`, or from `GET /api/experiments` as a learner.",
    "unknown_guest": "Nothing: the guest was erased, or never was.",
    "unknown_lesson": "Take the slug from `GET /api/content/book`.",
    "unknown_path": "Take the id from the list of the same learner and course.",
    "unknown_recommendation": "Take the id from a set or the history of the same learner and course.",
    "unknown_route": "Look the path up at `/api/docs`.",
    "unknown_skill": "Take the id from `skills` in `GET /api/content/book`.",
    "unknown_step": "Take the id from the stages of the path as it is now.",
    "unknown_user": "As 404: use `me`. As 401: the learner is gone, so begin again with `POST /api/user/create`.",
    "unknown_version": "Switch to a version that a publication answered with.",
    "unsupported_media_type": "Send `Content-Type: application/json` and no compressed body.",
    "unwanted_character": "Remove NUL characters and halves of surrogate pairs from all strings.",
    "user_exists": "Choose another id, or use the token that was given with this one.",
    "weak_idempotency_key": "Use a random key, such as a UUID.",
}
"""What a client does about each."""


@dataclass(slots=True)
class Problem:
    """One code: the statuses that it comes with, and what it says of itself."""

    code: str
    statuses: set[int] = field(default_factory=set)
    details: set[str] = field(default_factory=set)

    @property
    def status(self) -> int:
        """The one that it is listed under."""
        return min(self.statuses)

    @property
    def next(self) -> str:
        return NEXT[self.code]


def collect() -> list[Problem]:
    """All problems by status and code. Raises `OperatorError` if one has no advice or an advice has no problem."""
    found: dict[str, Problem] = {}
    for code, status, detail in _raised():
        problem = found.setdefault(code, Problem(code))
        problem.statuses.add(status)
        problem.details.add(detail)
    if missing := sorted(found.keys() - NEXT.keys()):
        raise OperatorError(f"tools/problems.py does not say what to do about: {', '.join(missing)}.")
    if superfluous := sorted(NEXT.keys() - found.keys()):
        raise OperatorError(f"tools/problems.py has advice for what is never raised: {', '.join(superfluous)}.")
    return sorted(found.values(), key=lambda problem: (problem.status, problem.code))


def by_status(problems: list[Problem]) -> dict[int, list[Problem]]:
    """The problems under the status that each is listed with."""
    return {status: [each for each in problems if each.status == status] for status in responses.STATUSES}


def _raised() -> Iterator[tuple[str, int, str]]:
    openapi.load()
    list(openapi.apps())
    from attune.domain.errors import DomainError

    errors = {kind.__name__: kind for kind in _family(DomainError)}
    computed: set[str] = set()
    for base, folder in ((PACKAGE, PACKAGE / "attune"), (ROOT, ROOT / "functions")):
        for file in sorted(folder.rglob("*.py")):
            source = _Source(file, base, errors)
            yield from source.raised()
            if source.computes:
                computed.add(source.name)
    if computed != COMPUTED.keys():
        raise OperatorError(f"COMPUTED in tools/problems.py must name exactly: {', '.join(sorted(computed))}.")


def _family(kind: "type[DomainError]") -> "Iterator[type[DomainError]]":
    yield kind
    for each in kind.__subclasses__():
        yield from _family(each)


class _Source:
    """One module, and what it raises."""

    def __init__(self, file: Path, base: Path, errors: "Mapping[str, type[DomainError]]") -> None:
        self.name = file.relative_to(base).as_posix()
        self.tree = ast.parse(file.read_text("utf-8"))
        self.errors = errors
        self.computes = False
        self.assigned = {
            node.targets[0].id: node.value
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
        }

    def raised(self) -> Iterator[tuple[str, int, str]]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Name) and node.exc.id in self.errors:
                yield from self._found(self.errors[node.exc.id], None, None)
            elif isinstance(node, ast.Call):
                yield from self._called(node)

    def _called(self, node: ast.Call) -> Iterator[tuple[str, int, str]]:
        called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        named = {keyword.arg: keyword.value for keyword in node.keywords}
        if kind := self.errors.get(called):
            # `Invalid` alone takes its flaws by position.
            placed = [] if called == "Invalid" else node.args
            code = named.get("code", placed[0] if placed else None)
            detail = named.get("detail", placed[1] if len(placed) > 1 else None)
            yield from self._found(kind, code, detail)
        elif called == "body" and len(node.args) > 2 and isinstance(node.args[1], ast.Constant):
            status = HTTPStatus[getattr(node.args[0], "attr", "")]
            yield str(node.args[1].value), int(status), self._text(node.args[2]) or ""

    def _found(
        self, kind: "type[DomainError]", code: ast.expr | None, detail: ast.expr | None
    ) -> Iterator[tuple[str, int, str]]:
        from attune.edge import problems

        said = (self._text(detail) if detail else None) or kind.detail
        codes = [kind.code] if code is None else [self._text(code) if not isinstance(code, ast.Name) else None]
        if codes == [None]:
            self.computes = True
            codes = list(COMPUTED.get(self.name, ()))
        for each in codes:
            yield str(each), int(problems.status_of(kind())), said

    def _text(self, node: ast.expr) -> str | None:
        """A text that is written in the source, with the module's own constants in it; None for any other."""
        if isinstance(node, ast.Name) and isinstance(self.assigned.get(node.id), ast.Constant | ast.JoinedStr):
            node = self.assigned[node.id]
        if isinstance(node, ast.Constant):
            return str(node.value)
        if isinstance(node, ast.Name):
            return f"`{node.id}`"
        if not isinstance(node, ast.JoinedStr):
            return None
        parts = [self._text(part.value if isinstance(part, ast.FormattedValue) else part) for part in node.values]
        return None if None in parts else "".join(map(str, parts))


def markdown(problems: list[Problem]) -> str:
    """The page of problems; its headings are the codes, so that each has an anchor of its name."""
    lines = [
        "# Problems",
        "",
        "Every refusal is `application/problem+json` (RFC 9457): `type` leads to its code at `/api/docs`, which says",
        "what stands here; `code` is stable, `detail` is for people, `instance` is the request's id, and `errors` says",
        "what is wrong in a body. This page is generated from where each is raised (`python -m tools.docs`).",
    ]
    for status, listed in by_status(problems).items():
        if listed:
            lines += ["", f"## {status} {responses.STATUSES[status][0]}"]
        for problem in listed:
            others = sorted(problem.statuses - {status})
            also = f" Also with status {', '.join(map(str, others))}." if others else ""
            lines += [
                "",
                f"### {problem.code}",
                "",
                f"{' '.join(sorted(problem.details))}{also}",
                "",
                f"**What to do:** {problem.next}",
            ]
    return "\n".join(lines) + "\n"


def files(problems: list[Problem]) -> generated.Files:
    return {PAGE: markdown(problems)}
