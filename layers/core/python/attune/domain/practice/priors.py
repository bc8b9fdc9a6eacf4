"""What a learner's answers to the questionnaire let expect of their skills, before there is any evidence."""

from dataclasses import replace

from attune.domain.answers import Answers
from attune.domain.course import Course
from attune.domain.practice.profile import Practice


def priors(course: Course, answers: Answers) -> dict[str, float]:
    """Logits by skill: the sum over all answers given of what the author says of them."""
    found: dict[str, float] = {}
    for question in course.questionnaire:
        given = answers.get(question.id)
        for option in question.options:
            if option.value == given or (isinstance(given, list | tuple) and option.value in given):
                for skill, logits in option.priors.items():
                    found[skill] = found.get(skill, 0.0) + logits
    return found


def begun(practice: Practice, course: Course, answers: Answers) -> Practice:
    """The practice as it stands; as long as nothing was practised, with what the answers let expect now."""
    if practice.gist.attempts:
        return practice
    return replace(practice, gist=replace(practice.gist, priors=priors(course, answers)))
