"""Learners as they are sent and answered."""

from datetime import datetime
from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler.openapi.params import Path
from pydantic import ConfigDict

from attune.domain.ids import UUID_PATTERN
from attune.domain.instants import instant
from attune.domain.learner import NONE, LearnerSettings, User
from attune.domain.principal import Principal
from attune.edge.views import Body, Instant, PersonalBody, Uuid, View

Switch = Literal["on", "off"]


class CreateUserBody(Body):
    model_config = ConfigDict(json_schema_extra={"examples": [{}, {"user_id": "550e8400-e29b-41d4-a716-446655440000"}]})

    user_id: Uuid | None = None


class _LearnerView(View):
    id: Uuid
    kind: Literal["guest", "account"]
    created_at: Instant | None
    updated_at: Instant | None
    onboarding_completed: bool


def _fields(principal: Principal, user: User, settings: LearnerSettings) -> dict[str, Any]:
    times = [text for text in (settings.updated_at, user.updated_at and instant(user.updated_at)) if text]
    return {
        "id": user.id,
        "kind": principal.kind.value,
        "created_at": user.created_at and instant(user.created_at),
        "updated_at": max(times, default=None),
        "onboarding_completed": settings.onboarded,
    }


class UserView(_LearnerView):
    """`personalization` is off where the learner turned it off in this course."""

    personalization: Switch

    @classmethod
    def of(cls, principal: Principal, user: User, settings: LearnerSettings) -> "UserView":
        switch = "on" if settings.personalization else "off"
        return cls(**_fields(principal, user, settings), personalization=switch)


class UpdateUserBody(PersonalBody):
    model_config = ConfigDict(json_schema_extra={"examples": [{"personalization": "off"}, {"personalization": "on"}]})

    personalization: Switch


class TokenView(View):
    token: str
    token_expires_at: Instant


class NewUserView(_LearnerView):
    token: str
    token_expires_at: Instant

    @classmethod
    def with_token(cls, principal: Principal, user: User, token: str, ends: datetime) -> "NewUserView":
        return cls(**_fields(principal, user, NONE), token=token, token_expires_at=instant(ends))


UserIdPath = Annotated[str, Path(pattern=rf"^me$|{UUID_PATTERN}", description="`me`, or the caller's id.")]
