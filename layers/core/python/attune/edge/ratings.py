"""Ratings of personalized lessons as they are sent and answered."""

from typing import Annotated

from pydantic import ConfigDict, Field

from attune.domain.ratings import HIGHEST, LOWEST, Rating
from attune.edge.views import Instant, Json, LessonSlug, PersonalBody, View

_EXAMPLE: Json = {"lesson_slug": "foundations/embodiment-hypothesis", "rating": 2, "reason": "The example is wrong."}


class RateBody(PersonalBody):
    """`reason` is for the owner alone: it is stored as it is and goes into no text."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    lesson_slug: LessonSlug
    rating: Annotated[int, Field(ge=LOWEST, le=HIGHEST)]
    reason: Annotated[str, Field(max_length=500)] | None = None


class RatingView(View):
    lesson_slug: str
    rating: int
    reason: str | None
    rated_at: Instant

    @classmethod
    def of(cls, slug: str, rating: Rating) -> "RatingView":
        return cls(lesson_slug=slug, rating=rating.stars, reason=rating.reason, rated_at=rating.at)
