"""A course folder and a server for it, as small as they can be."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

MANIFEST = """\
title: {en: Small}
languages: [en, ur]
released: 2026-11-21
skills:
  - {id: one, title: One}
  - {id: two, title: Two, prerequisites: [three]}
parts:
  - id: only
    chapters:
      - id: first
        lessons:
          - {slug: a/one, title: One}
          - {slug: two, title: Two}
          - {slug: later, title: Not written yet}
"""


def make(folder: Path) -> Path:
    """Two lessons, one translation, and a file that nobody asked for."""
    (folder / "lessons" / "a").mkdir(parents=True)
    (folder / "course.yaml").write_text(MANIFEST)
    (folder / "lessons" / "a" / "one.md").write_text("# One\n")
    (folder / "lessons" / "a" / "one.ur.md").write_text("# ایک\n")
    (folder / "lessons" / "two.md").write_text("# Two\n")
    (folder / "lessons" / "stray.md").write_text("# Stray\n")
    return folder


class CourseServer:
    """Stores what it is sent by an admin, and refuses what it is told to refuse."""

    def __init__(self) -> None:
        self.stored: dict[str, Any] = {}
        self.refusals: dict[str, tuple[int, object]] = {}

    def __call__(self, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        status, said = self._answer(method, path, environ)
        body = said if isinstance(said, bytes) else json.dumps(said).encode()
        start(f"{status} -", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]

    def _answer(self, method: str, path: str, environ: "WSGIEnvironment") -> tuple[int, object]:
        if path in self.refusals:
            return self.refusals[path]
        if method == "GET":
            if path == "/api/health":
                deep = environ["QUERY_STRING"] and environ.get("HTTP_AUTHORIZATION") != "Bearer owner"
                return (401, {}) if deep else (200, {"status": "ok"})
            slug = path.removeprefix("/api/content/lessons/")
            found = self.stored.get(f"/api/admin/courses/small/lessons/{slug}")
            return (200, found) if found else (404, {})
        if environ.get("HTTP_AUTHORIZATION") != "Bearer owner":
            return 403, {"title": "Forbidden", "detail": "the scope is missing"}
        sent = json.loads(environ["wsgi.input"].read())
        changed = self.stored.get(path) != sent
        self.stored[path] = sent
        return 200, {"version": 1, "changed": changed}
