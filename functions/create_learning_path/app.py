"""POST /api/personalization/learning-path: plan a way to a goal, in days that fit."""

from attune.actions import create_path
from attune.domain.paths.changed import Changed
from attune.edge import http, idempotency
from attune.edge.clock import clock
from attune.edge.documented import answers
from attune.edge.path_views import PathView
from attune.edge.paths import LearningPathBody
from attune.store import courses

app = http.api()


@app.post("/api/personalization/learning-path", tags=["paths"], responses=answers({201: PathView}, 409))
def create_learning_path(
    body: LearningPathBody, course: http.CourseQuery = None, idempotency_key: http.IdempotencyKey = None
) -> http.Answer:
    """Plan everything that a goal rests on and that is not there yet, in an order that builds.

    Days hold no more than their minutes, reviews included. What does not fit is said to be so, and the path is the best
    part that does. At most three paths are active. Under an `Idempotency-Key` a request is answered again as it was.
    """
    now = clock.now()
    found = courses.recent(http.course_or_default(course), now)
    asked = body.asked()
    repetition = idempotency.own("create_learning_path", idempotency_key, [found.id, asked.to_json()])

    def tell(made: Changed) -> str:
        return PathView.of_changed(made, found, now).model_dump_json()

    text, replayed = create_path.run(http.caller(), found, asked, repetition, tell, now)
    return http.answer_text(text, 201, headers={"Idempotency-Replayed": "true"} if replayed else {})


lambda_handler = http.handler(app)
