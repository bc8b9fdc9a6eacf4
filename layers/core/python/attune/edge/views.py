"""What all bodies and views share, and the shape of a problem."""

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from attune.domain.ids import ID_PATTERN, SLUG_PATTERN, UUID_PATTERN

Json = dict[str, Any]
Id = Annotated[str, Field(pattern=ID_PATTERN)]
LessonSlug = Annotated[str, Field(pattern=SLUG_PATTERN)]
Uuid = Annotated[str, Field(pattern=UUID_PATTERN, description="A UUID in lower case.")]
Instant = Annotated[str, Field(description="RFC 3339, UTC.", json_schema_extra={"format": "date-time"})]


class Body(BaseModel):
    """What is sent: no unknown field, no coercion, nothing that is not finite."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False, defer_build=True)


class PersonalBody(Body):
    """A body that may name the caller, as the earlier systems' bodies did."""

    user_id: Uuid | None = Field(default=None, description="Must be the caller, if sent at all.")


def partial(*examples: Json) -> Callable[[Json], None]:
    """The schema of a body of which any part may be left out and then stays as it is: it publishes no defaults."""

    def change(schema: Json) -> None:
        for rule in schema.get("properties", {}).values():
            rule.pop("default", None)
        if examples:
            schema["examples"] = list(examples)

    return change


class View(BaseModel):
    """What is answered."""

    model_config = ConfigDict(extra="forbid", defer_build=True)


class FlawView(View):
    """One thing wrong, with a JSON pointer into the body (or `/query/...`, `/path/...`, `/header/...`)."""

    pointer: str
    detail: str
    code: str


class Problem(BaseModel):
    """A refusal (RFC 9457). `code` is stable; `type` leads to its explanation; `instance` is the request's id."""

    model_config = ConfigDict(extra="allow", defer_build=True)

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    errors: list[FlawView] | None = None
