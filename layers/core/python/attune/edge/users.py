"""Learners as they are sent and answered."""

from datetime import datetime
from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.openapi.params import Path
from pydantic import ConfigDict

from attune.domain.ids import UUID_PATTERN
from attune.domain.instants import instant
from attune.domain.learner import LearnerSettings, User
from attune.domain.principal import Principal
from attune.edge.views import Body, Instant, Uuid, View


class CreateUserBody(Body):
    model_config = ConfigDict(json_schema_extra={"examples": [{}, {"user_id": "550e8400-e29b-41d4-a716-446655440000"}]})

    user_id: Uuid | None = None


class UserView(View):
    id: Uuid
    kind: Literal["guest", "account"]
    created_at: Instant | None
    updated_at: Instant | None
    onboarding_completed: bool

    @classmethod
    def of(cls, principal: Principal, user: User, settings: LearnerSettings) -> "UserView":
        times = [text for text in (settings.updated_at, user.updated_at and instant(user.updated_at)) if text]
        return cls(
            id=user.id,
            kind=principal.kind.value,
            created_at=user.created_at and instant(user.created_at),
            updated_at=max(times, default=None),
            onboarding_completed=settings.onboarded,
        )


class TokenView(View):
    token: str
    token_expires_at: Instant


class NewUserView(UserView):
    token: str
    token_expires_at: Instant

    @classmethod
    def with_token(cls, user: UserView, token: str, ends: datetime) -> "NewUserView":
        return cls(**user.model_dump(), token=token, token_expires_at=instant(ends))


UserIdPath = Annotated[str, Path(pattern=rf"^me$|{UUID_PATTERN}", description="`me`, or the caller's id.")]
