"""A skill with what its estimate rests on."""

from dataclasses import dataclass

from attune.domain.practice.claims import Claim
from attune.domain.practice.fold import Evidence
from attune.domain.practice.profile import SkillProfile
from attune.domain.practice.skill_record import DayRating


@dataclass(frozen=True, slots=True)
class SkillHistory:
    """`evidence` are the newest answers of the skill, oldest first; `late` the ids of answers that came too late."""

    skill: str
    profile: SkillProfile
    claim: Claim | None
    days: tuple[DayRating, ...]
    evidence: tuple[Evidence, ...]
    late: tuple[str, ...]
