"""What all bodies, queries and views share, and the shape of a problem."""

import re
from collections.abc import Callable
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticKnownError

from attune.domain.ids import ID_PATTERN, SLUG_PATTERN, UUID_PATTERN

Json = dict[str, Any]
Id = Annotated[str, Field(pattern=ID_PATTERN)]
LessonSlug = Annotated[str, Field(pattern=SLUG_PATTERN)]
Uuid = Annotated[str, Field(pattern=UUID_PATTERN, description="A UUID in lower case.")]
Instant = Annotated[str, Field(description="RFC 3339, UTC.", json_schema_extra={"format": "date-time"})]

# A whole number may be written as `2.0`, in a query as in a body.
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,15})(?:\.0{1,15})?")
_TRUTHS = {"true": True, "false": False}


def _whole(sent: Any) -> int:
    if isinstance(sent, str) and _WHOLE.fullmatch(sent):
        return int(sent.partition(".")[0])
    raise PydanticKnownError("int_parsing")


def _truth(sent: Any) -> bool:
    if isinstance(sent, str) and sent in _TRUTHS:
        return _TRUTHS[sent]
    raise PydanticKnownError("bool_parsing")


WHOLE: Final = BeforeValidator(_whole)
"""An integer of a query, after its bounds: no sign, zero, space or underscore more than it needs, while pydantic would
take `1_0` for 10."""
TRUTH: Final = BeforeValidator(_truth)
"""A truth of a query is `true` or `false`, while pydantic would take `on` and `y` as well."""


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
