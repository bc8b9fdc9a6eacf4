"""DELETE /api/personalization/skills/{skill_id}/claims: that is taken back."""

from attune.actions import read_skill
from attune.domain.persona import language_of
from attune.edge import http
from attune.edge.clock import clock
from attune.edge.documented import answers
from attune.edge.skill import SkillHistoryView, SkillId
from attune.store import courses

app = http.api()


@app.delete(
    "/api/personalization/skills/<skill_id>/claims", tags=["practice"], responses=answers({200: SkillHistoryView})
)
def withdraw_claim(skill_id: SkillId, course: http.CourseQuery = None) -> http.Answer:
    """Take a claim back: what was measured stands as if it had never been made."""
    now = clock.now()
    found = courses.recent(http.course_or_default(course), now)
    history, settings = read_skill.withdraw(http.caller(), found, skill_id, now)
    return http.answer(SkillHistoryView.with_evidence(history, found, language_of(found, settings.answers)))


lambda_handler = http.handler(app)
