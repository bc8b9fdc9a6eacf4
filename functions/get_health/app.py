"""GET /api/health: alive; for admins also how each part is doing."""

from attune.edge import http
from attune.edge.clock import clock
from attune.edge.documented import answers
from attune.edge.health import Deep, DeepHealthView, HealthView
from attune.settings import settings

app = http.api(public=True)


@app.get("/api/health", tags=["operation"], responses=answers({200: DeepHealthView | HealthView}, 401, 403, 503))
def get_health(deep: Deep = False) -> http.Answer:
    """Say that the service runs, without asking any other part. `deep=true` asks each of them; admins only."""
    if not deep:
        return http.answer(HealthView(status="ok"))
    # Few ask for it, and a function starts sooner without what asks the parts.
    from attune.actions import check_health
    from attune.edge import probes
    from attune.edge.verifier import verifier

    http.require_admin(verifier(), clock.now())
    now = clock.now()
    table = check_health.table(now)
    sections = probes.queue(settings.section_queue, settings.section_dead_letters)
    jobs = probes.queue(settings.job_queue, settings.job_dead_letters)
    refresh, together = check_health.refresh(now), check_health.written_together(now)
    return http.answer(DeepHealthView.of(table, refresh, sections, jobs, settings.writer, together))


lambda_handler = http.handler(app)
