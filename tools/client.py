"""The HTTP API from the outside: JSON in, JSON out, and errors that say what the server said."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import urllib3


def connections(timeout: float = 30) -> urllib3.PoolManager:
    """Connections that clients may share; `clear` closes them."""
    return urllib3.PoolManager(maxsize=128, timeout=timeout, retries=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer of the API."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON; None where there is none."""
        return json.loads(self.body) if self.body else None


class Refused(Exception):
    """The API answered with an error."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply
        try:
            self.problem = reply.json if isinstance(reply.json, dict) else {}
        except ValueError:
            self.problem = {}
        said = self.problem.get("detail") or self.problem.get("title") or self.problem.get("message")
        super().__init__(f"{reply.status} {said or reply.body[:200].decode('utf-8', 'replace')}")


class Client:
    """Sends as whoever holds the token. Paths are relative to the base address."""

    def __init__(self, url: str, token: str | None = None, pool: urllib3.PoolManager | None = None) -> None:
        self._url = url.rstrip("/")
        self._headers = {"authorization": f"Bearer {token}"} if token else {}
        self._pool = pool or connections()

    def send(self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None) -> Reply:
        """Any request, any answer; only an unreachable server raises (`urllib3.exceptions.HTTPError`)."""
        sent = {**self._headers, **(headers or {})}
        data = None
        if body is not None:
            data = json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
            sent.setdefault("content-type", "application/json")
        answer = self._pool.request(method, self._url + path, body=data, headers=sent)
        return Reply(answer.status, answer.headers, answer.data)

    def _wanted(self, method: str, path: str, body: object, headers: Mapping[str, str]) -> Reply:
        reply = self.send(method, path, body, headers)
        if reply.status >= 400:
            raise Refused(reply)
        return reply

    def get(self, path: str, **headers: str) -> Reply:
        return self._wanted("GET", path, None, _named(headers))

    def put(self, path: str, body: object, **headers: str) -> Reply:
        return self._wanted("PUT", path, body, _named(headers))

    def post(self, path: str, body: object, **headers: str) -> Reply:
        return self._wanted("POST", path, body, _named(headers))

    def delete(self, path: str, **headers: str) -> Reply:
        return self._wanted("DELETE", path, None, _named(headers))


def _named(headers: Mapping[str, str]) -> dict[str, str]:
    """`if_match` is the keyword for `if-match`."""
    return {name.replace("_", "-"): value for name, value in headers.items()}
