"""GET /api/admin/experiments: all experiments of a course."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from attune.edge import cursor as cursors
from attune.edge import http
from attune.edge.clock import clock
from attune.edge.cursor import CursorQuery, Limit
from attune.edge.documented import answers
from attune.edge.experiments import ExperimentsView, ExperimentView, Status
from attune.store import courses, experiments

app = http.api(admin=True)


@app.get("/api/admin/experiments", tags=["administration"], responses=answers({200: ExperimentsView}, 400, 404))
def list_all_experiments(
    status: Annotated[Status | None, Query(description="Only these.")] = None,
    limit: Limit = 20,
    cursor: CursorQuery = None,
    course: http.CourseQuery = None,
) -> http.Answer:
    """List experiments by their ids, whatever their status or of one status."""
    now, caller = clock.now(), http.caller()
    found = courses.recent(http.course_or_default(course), now)
    after = cursors.decode(cursor, caller, "experiments", found.id, status) or ""
    every = experiments.every(found.id, now).experiments
    left = [one for id_, one in sorted(every.items()) if id_ > after and status in (None, one.status)]
    page = left[:limit]
    following = cursors.encode(page[-1].id, caller, "experiments", found.id, status) if len(left) > limit else None
    return http.answer(ExperimentsView(items=[ExperimentView.of(one) for one in page], next_cursor=following))


lambda_handler = http.handler(app)
