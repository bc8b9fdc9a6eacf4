"""POST /api/personalization/skills/{skill_id}/claims: what the learner says of a skill."""

from attune.actions import read_skill
from attune.domain.persona import language_of
from attune.edge import http
from attune.edge.clock import clock
from attune.edge.documented import answers
from attune.edge.skill import ClaimBody, SkillHistoryView, SkillId
from attune.store import courses

app = http.api()


@app.post(
    "/api/personalization/skills/<skill_id>/claims", tags=["practice"], responses=answers({200: SkillHistoryView})
)
def claim_skill(skill_id: SkillId, body: ClaimBody, course: http.CourseQuery = None) -> http.Answer:
    """Contest the estimate. A claim counts as weak evidence, is shown as such, and can be withdrawn."""
    now = clock.now()
    found = courses.recent(http.course_or_default(course), now)
    history, settings = read_skill.claim(http.caller(), found, skill_id, body.level, body.note, now)
    return http.answer(SkillHistoryView.with_evidence(history, found, language_of(found, settings.answers)))


lambda_handler = http.handler(app)
