"""Everything that a request can be refused for.

DomainError
├── Malformed        the request cannot be read
├── Invalid          it can be read and is wrong, with the places
├── Unidentified     nobody that we know is calling
├── Forbidden        the caller may not
├── NotFound         there is no such thing for this caller
├── Conflict         it contradicts what is stored
│   └── PreconditionFailed   it was changed by somebody else meanwhile
├── TooLarge
├── Unsupported      a media type that we do not speak
├── TooMany          later, please
└── Unavailable      a part that we stand on is down

Every error has a stable `code`; what a leaf means is told by its code and detail. Status codes are the edge's business.
"""

from dataclasses import dataclass

MAX_NAME = 64


def pointer(*steps: object) -> str:
    """A JSON pointer (RFC 6901): the first step is a pointer already, the others are names or places below it.

    Names that were sent are cut to a length that can be shown.
    """
    base, *names = steps
    return "/".join([str(base), *(str(name)[: MAX_NAME // 2].replace("~", "~0").replace("/", "~1") for name in names)])


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing wrong with a body: a JSON pointer to the place, a stable code, and a sentence that echoes no value."""

    pointer: str
    detail: str
    code: str = "invalid"


class DomainError(Exception):
    """The base of all refusals; `code` is stable, `detail` is for people and holds nothing that was sent."""

    code = "refused"
    detail = "The request was refused."

    def __init__(self, code: str | None = None, detail: str | None = None, **extra: object) -> None:
        self.code = code or type(self).code
        self.detail = detail or type(self).detail
        self.extra = extra
        super().__init__(self.code)


class Malformed(DomainError):
    code = "malformed"
    detail = "The request cannot be read."


class Invalid(DomainError):
    code = "invalid"
    detail = "The request is well-formed and wrong; `errors` lists the places."

    def __init__(self, *flaws: Flaw, code: str | None = None, detail: str | None = None, **extra: object) -> None:
        super().__init__(code, detail, **extra)
        self.flaws = flaws


class Unidentified(DomainError):
    code = "unidentified"
    detail = "A valid bearer token is needed."


class Forbidden(DomainError):
    code = "forbidden"
    detail = "The token does not allow this."


class NotFound(DomainError):
    code = "not_found"
    detail = "There is no such resource."


class Conflict(DomainError):
    code = "conflict"
    detail = "The request contradicts what is stored."


class PreconditionFailed(Conflict):
    code = "precondition_failed"
    detail = "The resource was changed meanwhile; read it again."


class TooLarge(DomainError):
    code = "too_large"
    detail = "The request is larger than this route accepts."


class Unsupported(DomainError):
    code = "unsupported_media_type"
    detail = "This route takes application/json in UTF-8."


class TooMany(DomainError):
    code = "too_many_requests"
    detail = "Too many requests; try again later."


class Unavailable(DomainError):
    code = "unavailable"
    detail = "A part of the service does not answer; try again shortly."
