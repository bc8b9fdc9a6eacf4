"""GET /api/personalization/skills/{skill_id}: a skill with its evidence."""

from attune.actions import read_skill
from attune.domain.persona import language_of
from attune.edge import http
from attune.edge.clock import clock
from attune.edge.documented import answers
from attune.edge.skill import SkillHistoryView, SkillId
from attune.store import courses

app = http.api()


@app.get("/api/personalization/skills/<skill_id>", tags=["practice"], responses=answers({200: SkillHistoryView}))
def get_skill(skill_id: SkillId, course: http.CourseQuery = None) -> http.Answer:
    """One skill: the estimate and the evidence behind it, which replayed gives the number."""
    now = clock.now()
    found = courses.recent(http.course_or_default(course), now)
    history, settings = read_skill.run(http.caller(), found, skill_id, now)
    return http.answer(SkillHistoryView.with_evidence(history, found, language_of(found, settings.answers)))


lambda_handler = http.handler(app)
