"""What is kept of a learner's profile from day to day: a few rounded numbers for each skill."""

from typing import Any

from attune.domain.practice.profile import Profile


def snapshot(seen: Profile) -> dict[str, Any]:
    """Overall rating, and by skill: rating, confidence, mastery, attempts."""
    return {
        "overall": round(seen.overall, 1),
        "skills": {
            name: [round(skill.rating, 1), round(skill.confidence, 4), round(skill.mastery, 4), skill.attempts]
            for name, skill in seen.skills.items()
        },
    }
