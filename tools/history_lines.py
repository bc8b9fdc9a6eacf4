"""One line of a history: a session or a piece of one, as it would be sent to the API, and whose it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from attune.domain.errors import Malformed, pointer
from attune.domain.practice.intake import Sent
from attune.domain.practice.session import Session
from attune.domain.principal import Kind, Principal, account_subject
from attune.edge import strict_json
from attune.edge.practice import SessionBody
from attune.edge.views import Body, Id


class AccountBody(Body):
    """An account as its issuer knows it."""

    issuer: Annotated[str, Field(min_length=1, max_length=2048)]
    subject: Annotated[str, Field(min_length=1, max_length=2048)]


class LineBody(SessionBody):
    """The body of a session with the learner whose it is: an id that the API gave, or an account of an issuer."""

    account: AccountBody | None = None
    course: Id | None = None

    @model_validator(mode="after")
    def _somebodys(self) -> "LineBody":
        if (self.user_id is None) == (self.account is None):
            raise ValueError("of one learner, named by user_id or by account")
        return self

    def principal(self) -> Principal:
        """The learner."""
        if self.account is not None:
            issuer = self.account.issuer
            return Principal(Kind.ACCOUNT, account_subject(issuer, self.account.subject), issuer)
        return Principal.named(str(self.user_id), issuer="")


class WrongLine(Exception):
    """The line cannot be used: for each flaw a JSON pointer and a sentence."""

    def __init__(self, *flaws: tuple[str, str]) -> None:
        self.flaws = flaws
        super().__init__(*flaws)


@dataclass(frozen=True, slots=True)
class Piece:
    """What a line says; `course` is None where it names none."""

    principal: Principal
    course: str | None
    session: Session
    answers: tuple[Sent, ...]


def read(line: bytes) -> Piece:
    """The piece that a line holds. Raises `WrongLine`."""
    try:
        plain = strict_json.parse(line.decode("utf-8"))
        body = LineBody.model_validate(plain)
    except UnicodeDecodeError as error:
        raise WrongLine(("", f"not UTF-8: byte {error.start} is not")) from None
    except Malformed:
        raise WrongLine(("", "not one JSON object")) from None
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        raise WrongLine(*((_place(plain, one["loc"], one["type"]), _said(one)) for one in found)) from None
    return Piece(body.principal(), body.course, body.session(), tuple(one.sent() for one in body.attempts))


def _said(found: ErrorDetails) -> str:
    told_by_us = found.get("ctx", {}).get("error") if found["type"] == "value_error" else None
    return f"Must be {told_by_us}" if told_by_us else found["msg"]


def _place(plain: Any, path: Sequence[str | int], kind: str) -> str:
    """The way to a flaw as far as it leads through the line: pydantic also names the kinds that it tried."""
    steps: list[str | int] = []
    here = plain
    for step in path:
        inside = step in here if isinstance(here, dict) else isinstance(here, list) and isinstance(step, int)
        if inside:
            steps.append(step)
            here = here[step]
    return pointer("", *steps, *path[-1:] if kind == "missing" else ())
