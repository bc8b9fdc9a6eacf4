"""Joining a guest to an account, as it is sent and answered."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from attune.domain.errors import Flaw, Invalid, Unidentified
from attune.domain.link import LINKED, Link
from attune.domain.principal import Principal
from attune.edge.auth import Verifier
from attune.edge.views import PersonalBody, View


class LinkUserBody(PersonalBody):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"guest_token": "eyJhbGciOiJFUzI1NiJ9.e30.c2lnbmF0dXJl"}]}
    )

    guest_token: Annotated[str, Field(min_length=1, max_length=8192)]


class LinkView(View):
    """`merged` counts what came over, once everything has."""

    status: Literal["linking", "linked"]
    merged: dict[str, int] | None

    @classmethod
    def of(cls, link: Link) -> "LinkView":
        done = link.state == LINKED
        return cls(status="linked" if done else "linking", merged=dict(sorted(link.merged.items())) if done else None)


def guest_of(token: str, verifier: Verifier, now: datetime) -> Principal:
    """The guest that a token stands for. Raises `Invalid` for one that does not hold."""
    try:
        return verifier.principal(f"Bearer {token}", now)
    except Unidentified as error:
        raise Invalid(Flaw("/guest_token", "The valid token of a guest of this stack.", error.code)) from None
