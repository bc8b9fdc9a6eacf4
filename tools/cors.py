"""CORS as an HTTP API does it: preflights never reach a function, and a function's own CORS headers do not count."""

from tools.events import Answer
from tools.template import Cors


def _allowed(cors: Cors, origin: str) -> str | None:
    if "*" in cors.origins:
        return "*"
    return origin if origin in cors.origins else None


def preflight(cors: Cors, origin: str) -> Answer:
    """204 in any case; only a listed origin learns what it may do."""
    answer = Answer(204, [("vary", "Origin")])
    if allowed := _allowed(cors, origin):
        answer.headers += [
            ("access-control-allow-origin", allowed),
            ("access-control-allow-methods", ",".join(cors.methods)),
            ("access-control-allow-headers", ",".join(cors.headers)),
        ]
        if cors.max_age is not None:
            answer.headers.append(("access-control-max-age", str(cors.max_age)))
        if cors.credentials:
            answer.headers.append(("access-control-allow-credentials", "true"))
    return answer


def decorate(cors: Cors, origin: str | None, answer: Answer) -> None:
    """Adds what a browser of a listed origin needs, to errors as well."""
    answer.headers = [each for each in answer.headers if not each[0].startswith("access-control-")]
    varies = [value for name, value in answer.headers if name == "vary"]
    answer.headers = [each for each in answer.headers if each[0] != "vary"]
    answer.headers.append(("vary", ", ".join([*varies, "Origin"])))
    if origin and (allowed := _allowed(cors, origin)):
        answer.headers.append(("access-control-allow-origin", allowed))
        if cors.exposed:
            answer.headers.append(("access-control-expose-headers", ",".join(cors.exposed)))
        if cors.credentials:
            answer.headers.append(("access-control-allow-credentials", "true"))
