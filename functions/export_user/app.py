"""GET /api/user/{user_id}/export: everything that is held about the caller."""

from attune.domain.errors import NotFound
from attune.edge import cursor as cursors
from attune.edge import export, http
from attune.edge.clock import clock
from attune.edge.cursor import CursorQuery, Limit
from attune.edge.documented import answers
from attune.edge.users import UserIdPath
from attune.store import holdings

app = http.api()


@app.get("/api/user/<user_id>/export", tags=["identity"], responses=answers({200: export.ExportView}, 400))
def export_user(user_id: UserIdPath, limit: Limit = 100, cursor: CursorQuery = None) -> http.Answer:
    """Read everything that is held about the caller, in all courses; what does not fit into a page follows in the next.

    Texts written for a persona are shared and nobody's own: `pointers` name those that the caller was shown.
    """
    caller, now = http.caller(), clock.now()
    if user_id not in ("me", caller.subject):
        raise NotFound("unknown_user", "There is no such learner.")
    after = cursors.decode(cursor, caller, "export")
    rows, on = export.page(holdings.every(caller, now, after), limit)
    following = None if on is None else cursors.encode(on, caller, "export")
    return http.answer(export.ExportView.of(caller, rows, following, now))


lambda_handler = http.handler(app)
