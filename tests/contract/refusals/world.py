"""The world that is asked, and how it is asked."""

import re
import uuid
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import jwt

from tests.contract.refusals.operations import ANSWERS, CANARY, COURSE, EXPERIMENT, LESSON, Json, Wrong
from tests.contract.refusals.rules import SPACING
from tests.contract.refusals.shape import Answer, faults
from tools.course import read
from tools.issuer import new_key
from tools.local import Stack
from tools.publish import publish
from tools.template import ROOT


class World:
    """A running Attune, the tokens of those who ask it, and the names that only it knows."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        owner = stack.api(stack.admin())
        publish(owner, read(ROOT / "courses" / COURSE))
        self.subjects: dict[str, str] = {"key": str(uuid.uuid4())}
        self.tokens = {"admin": stack.admin(), "account": stack.account()}
        for name in ("ada", "bob", "gone"):
            made = stack.api().post("/api/user/create", {}).json
            self.subjects[name], self.tokens[name] = made["id"], made["token"]
        stack.api().post("/api/user/create", {}, idempotency_key=self.subjects["key"])
        ada = stack.api(self.tokens["ada"])
        ada.post("/api/onboarding", ANSWERS)
        ada.put("/api/personalization/preferences", {"feedback_style": "simple"})
        ada.post("/api/personalize", {"lesson_slug": LESSON, "regenerate": True})
        recommendations = "/api/personalization/recommendations"
        self.subjects["declined"] = ada.get(recommendations).json["items"][0]["id"]
        ada.post(recommendations, {"recommendation_id": self.subjects["declined"], "action": "decline"})
        self._plan(ada)
        self._begin_experiments(owner)
        self._break_a_course(owner)
        self._remove(lambda item: item["pk"]["S"].endswith(self.subjects["gone"]))
        self._forge()

    def _begin_experiments(self, owner: Any) -> None:
        """One that runs, one that is over, one that has no room, and one that has another's seed."""
        path = "/api/admin/experiments"
        drafts: dict[str, Json] = {
            EXPERIMENT: {"part": [0.0, 0.9]},
            "over": {"part": [0.9, 1.0]},
            "rival": {},
            "twin": {"layer": "planning", "arms": [{"key": key, "weight": 0.5} for key in "AB"]},
        }
        for name, changes in drafts.items():
            owner.put(f"{path}/{name}", {**SPACING, **changes})
        for name, action in ((EXPERIMENT, "start"), ("over", "start"), ("over", "stop")):
            owner.post(f"{path}/{name}/actions", {"action": action})

    def _plan(self, ada: Any) -> None:
        """Three paths, of which one was started."""
        paths = "/api/personalization/learning-path"
        made = [ada.post(paths, {"plan_duration": 300}).json for _ in range(3)]
        self.subjects |= {"path": made[0]["path_id"], "begun": made[1]["path_id"]}
        ada.put(paths, {"path_id": made[1]["path_id"], "action": "start"})
        steps = [step for stage in made[1]["stages"] for step in stage["steps"]]
        self.subjects["locked"] = next(step["step_id"] for step in steps if step["status"] == "locked")

    def _break_a_course(self, owner: Any) -> None:
        owner.put("/api/admin/courses/broken/lessons/a", {"content": "# A\n\n## B\n\nSome text.\n"})
        owner.put(
            "/api/admin/courses/broken", {"parts": [{"id": "p", "chapters": [{"id": "c", "lessons": [{"slug": "a"}]}]}]}
        )
        self._remove(lambda item: item["pk"]["S"] == "COURSE#broken" and item["sk"]["S"].startswith("MANIFEST#"))

    def _remove(self, which: Any) -> None:
        found = [item for item in self.scan() if which(item)]
        assert found
        for item in found:
            key = {name: item[name] for name in ("pk", "sk")}
            self.stack.client("dynamodb").delete_item(TableName=self.stack.table, Key=key)

    def _forge(self) -> None:
        """The bad tokens; `Authorization` holds each as it stands, if it has a space."""
        issuer = self.stack.issuer
        good = issuer.account("ada")
        claims = jwt.decode(good, options={"verify_signature": False})
        kid = jwt.get_unverified_header(good)["kid"]
        self.tokens |= {
            "no scheme": f"{CANARY} ",
            "another scheme": f"Basic {CANARY}",
            "no token": "Bearer",
            "not a token": CANARY,
            "9 KB": CANARY + "a" * 9000,
            "no key named": jwt.encode(claims, new_key(), "ES256"),
            "an ID token": issuer.account("ada", token_use="id"),
            "expired": issuer.account("ada", lifetime=-120),
            "of the future": issuer.account("ada", nbf=claims["iat"] + 3600),
            "another audience": issuer.account("ada", aud=CANARY),
            "another issuer": issuer.account("ada", iss=f"https://{CANARY}.example"),
            "an unknown key": jwt.encode(claims, new_key(), "ES256", headers={"kid": CANARY}),
            "forged": jwt.encode(claims, new_key(), "ES256", headers={"kid": kid}),
            "unsigned": jwt.encode(claims, "", "none", headers={"kid": kid}),
        }

    def scan(self) -> list[Json]:
        """Every row of the table."""
        pages = self.stack.client("dynamodb").get_paginator("scan").paginate(TableName=self.stack.table)
        return sorted(
            (item for page in pages for item in page["Items"]), key=lambda item: (item["pk"]["S"], item["sk"]["S"])
        )

    def state(self) -> tuple[list[Json], str]:
        """All that a request could change."""
        sqs, name = self.stack.client("sqs"), "ApproximateNumberOfMessages"
        queue = sqs.get_queue_attributes(QueueUrl=self.stack.queue("SectionQueue"), AttributeNames=[name])
        return self.scan(), queue["Attributes"][name]

    def filled(self, case: Wrong) -> Wrong:
        """The case with the names that only this world knows in place of `$bob`, `$key` and so on."""

        def put(text: str) -> str:
            return re.sub(r"\$(bob|key|declined|path|begun|locked)", lambda match: self.subjects[match[1]], text)

        body = case.body
        if body is not None and re.search(rb"\$(bob|declined|path|begun|locked)", body):
            body = put(body.decode()).encode()
        headers = {name: put(value) for name, value in case.headers.items()}
        if token := self.tokens.get(case.who):
            headers["authorization"] = token if " " in token or token == "Bearer" else f"Bearer {token}"
        return replace(case, target=put(case.target), body=body, headers=headers)

    def ask(self, cases: Iterable[Wrong]) -> list[tuple[Wrong, Answer]]:
        """Every case, on a few connections at once."""
        filled = [self.filled(case) for case in cases]
        with ThreadPoolExecutor(4) as pool:
            asked = pool.map(self._ask, [filled[start::4] for start in range(4)])
            return [each for part in asked for each in part]

    def _ask(self, cases: Sequence[Wrong]) -> list[tuple[Wrong, Answer]]:
        with closing(HTTPConnection(urlsplit(self.stack.url).netloc, timeout=30)) as connection:
            return [(case, _send(connection, case)) for case in cases]

    def refuses(self, cases: Iterable[Wrong]) -> None:
        """Every case is refused as it should be, and leaves no trace."""
        before = self.state()
        asked = self.ask(cases)
        assert asked
        found = [f"{case.name}: {fault}" for case, answer in asked for fault in faults(case, answer)]
        assert not found, f"{len(found)} faults in {len(asked)} answers:\n" + "\n".join(found[:40])
        assert self.state() == before


def _send(connection: HTTPConnection, case: Wrong) -> Answer:
    """A request exactly as it is written: no client may tidy it."""
    connection.putrequest(case.method, case.target, skip_accept_encoding=True)
    for name, value in case.headers.items():
        connection.putheader(name, value.encode("latin-1"))
    if case.chunked:
        connection.putheader("transfer-encoding", "chunked")
        connection.endheaders([case.body or b""], encode_chunked=True)
    else:
        if case.body is not None:
            connection.putheader("content-length", str(len(case.body)))
        connection.endheaders(case.body)
    answer = connection.getresponse()
    return Answer(answer.status, answer.getheaders(), answer.read())
