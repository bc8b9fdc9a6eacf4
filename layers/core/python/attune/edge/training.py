"""Recommendations under the names of the earlier training system."""

from attune.domain.course import Course
from attune.domain.recommendations.recommended import Recommended
from attune.edge.recommendations import shown
from attune.edge.views import Uuid, View


class TrainingRecommendationView(View):
    """A recommendation in the words of the earlier training system."""

    id: Uuid
    scenario: str
    title: str
    difficulty: int
    estimated_time: int
    expected_improvement: float | None
    reasoning: str
    skill_focus: list[str]
    priority: float


class TrainingRecommendationsView(View):
    """The set of `GET /api/personalization/recommendations`, under the names that were used before."""

    recommendations: list[TrainingRecommendationView]

    @classmethod
    def of(cls, found: Recommended, course: Course, now: int) -> "TrainingRecommendationsView":
        return cls(
            recommendations=[
                TrainingRecommendationView(
                    id=one["id"],
                    scenario=one["item"],
                    title=one["title"],
                    difficulty=one["difficulty"],
                    estimated_time=one["estimated_time"],
                    expected_improvement=one["expected_improvement"]["points"],
                    reasoning=" ".join(reason["text"] for reason in one["reasons"]),
                    skill_focus=one["skill_focus"],
                    priority=one["priority"],
                )
                for one in shown(found, course, now)["items"]
            ]
        )
