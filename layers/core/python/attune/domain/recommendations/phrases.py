"""The sentence of each reason, in every language that learners are addressed in; a new language is a new table.

`simple` and `minimal` hold the sentences that are said differently in those tones; the rest are the same in all.
"""

from collections.abc import Mapping
from string import Formatter
from typing import Any, Final

from attune.domain.course import Course
from attune.domain.recommendations.recommendation import Reason
from attune.domain.text import Text, said

DETAILED: Final = "detailed"
SIMPLE: Final = "simple"
MINIMAL: Final = "minimal"
TONES: Final = (DETAILED, SIMPLE, MINIMAL)
FALLBACK: Final = "en"

PHRASES: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "accepted": "You accepted it and have not done it yet.",
        "asked_difficulty": "It has the difficulty that you asked for: {difficulty} of 5.",
        "available": "It is open to you.",
        "begun": "You began it and have not finished it.",
        "course_order": "It is the next in the order of the course; you turned recommendations of your own off.",
        "difficulty_fit": "Its difficulty suits you: about {p} % of such answers should be right.",
        "due": "It is time to review {skill}: you would still recall about {recall} % of it.",
        "fast_learner": "You are learning quickly: {velocity} points an hour.",
        "fills_the_time": "It takes about {minutes} minutes, as many as you have ({free}).",
        "first_in_course_order": "The course starts here.",
        "first_layers": "It belongs to the first layers of the course ({layer}).",
        "fits_the_time": "It takes about {minutes} of your {free} minutes.",
        "format": "It comes in a form that you like: {format}.",
        "goal": "It serves your goal: {goal}.",
        "goal_prerequisite": "Your goal needs {goal}, and {goal} builds on {skill}.",
        "goal_skill": "It trains {skill}, which you aim at.",
        "large_gain": "Much can be gained here.",
        "last_answer_wrong": "Your last answer scored {score} %.",
        "lesson_read": "You have opened the lesson on it: {lesson}.",
        "little_practised": "You have practised {skill} little so far: {n} answers.",
        "low_rating": "Your rating in {skill} is low, or little is known of it: {rating}.",
        "new_skill": "You have not practised {skill} here yet.",
        "next_in_course_order": "It is among the next in the course.",
        "not_checked": "You said what you know of {skill}; no answer has shown it yet.",
        "not_mastered": "There is more to learn in {skill}: mastery is at {mastery} %.",
        "not_tried_yet": "You have not tried it lately.",
        "preferred_difficulty": "It has the difficulty that you prefer: {difficulty} of 5.",
        "prerequisites_met": "You know what it builds upon ({n}).",
        "probably_known": "You may know {skill} already: a short check tells.",
        "recent_mistake": "It trains against a mistake that you made: {category}.",
        "repeated_mistake": "It trains against a mistake that you made {n} times: {category}.",
        "shortest": "It is the shortest that is open to you: {minutes} minutes.",
        "unlocks_skills": "It opens {n} further skills.",
        "weakness": "It trains against one of your weaknesses: {category}.",
        "welcome_before": "Recommendations of this kind and difficulty have suited you before.",
    },
    "ur": {
        "accepted": "آپ نے اسے قبول کیا تھا اور ابھی تک کیا نہیں۔",
        "asked_difficulty": "اس کی مشکل وہی ہے جو آپ نے مانگی: 5 میں سے {difficulty}۔",
        "available": "یہ آپ کے لیے کھلا ہے۔",
        "begun": "آپ نے اسے شروع کیا تھا اور ابھی مکمل نہیں کیا۔",
        "course_order": "کورس کی ترتیب میں اگلا یہی ہے؛ آپ نے ذاتی تجاویز بند کر رکھی ہیں۔",
        "difficulty_fit": "اس کی مشکل آپ کے لیے مناسب ہے: ایسے تقریباً {p} % جواب درست ہونے چاہییں۔",
        "due": "{skill} دہرانے کا وقت ہے: آپ کو اس کا تقریباً {recall} % اب بھی یاد ہوگا۔",
        "fast_learner": "آپ تیزی سے سیکھ رہے ہیں: فی گھنٹہ {velocity} پوائنٹ۔",
        "fills_the_time": "اس میں تقریباً {minutes} منٹ لگتے ہیں، اتنے ہی جتنے آپ کے پاس ہیں ({free})۔",
        "first_in_course_order": "کورس یہاں سے شروع ہوتا ہے۔",
        "first_layers": "یہ کورس کی ابتدائی سطحوں میں سے ہے ({layer})۔",
        "fits_the_time": "یہ آپ کے {free} منٹ میں سے تقریباً {minutes} لیتا ہے۔",
        "format": "یہ اس شکل میں ہے جو آپ کو پسند ہے: {format}۔",
        "goal": "یہ آپ کے مقصد کے کام آتا ہے: {goal}۔",
        "goal_prerequisite": "آپ کے مقصد کے لیے {goal} ضروری ہے، اور اس کی بنیاد {skill} ہے۔",
        "goal_skill": "یہ {skill} کی مشق ہے، جو آپ کا مقصد ہے۔",
        "large_gain": "یہاں بہت کچھ حاصل ہو سکتا ہے۔",
        "last_answer_wrong": "آپ کے پچھلے جواب کا اسکور {score} % تھا۔",
        "lesson_read": "آپ اس کا سبق کھول چکے ہیں: {lesson}۔",
        "little_practised": "آپ نے اب تک {skill} کی کم مشق کی ہے: {n} جواب۔",
        "low_rating": "{skill} میں آپ کی ریٹنگ کم ہے یا اس کا علم کم ہے: {rating}۔",
        "new_skill": "آپ نے یہاں ابھی تک {skill} کی مشق نہیں کی۔",
        "next_in_course_order": "یہ کورس میں آگے آنے والی چیزوں میں سے ہے۔",
        "not_checked": "آپ نے بتایا کہ {skill} کتنا آتا ہے؛ ابھی کسی جواب سے ظاہر نہیں ہوا۔",
        "not_mastered": "{skill} میں ابھی سیکھنے کو باقی ہے: مہارت {mastery} % ہے۔",
        "not_tried_yet": "آپ نے اسے حال میں نہیں آزمایا۔",
        "preferred_difficulty": "اس کی مشکل وہی ہے جو آپ کو پسند ہے: 5 میں سے {difficulty}۔",
        "prerequisites_met": "جن چیزوں پر یہ مبنی ہے وہ آپ جانتے ہیں ({n})۔",
        "probably_known": "شاید {skill} آپ کو پہلے سے آتا ہے: ایک مختصر جانچ بتا دے گی۔",
        "recent_mistake": "یہ اس غلطی کے خلاف مشق ہے جو آپ سے ہوئی: {category}۔",
        "repeated_mistake": "یہ اس غلطی کے خلاف مشق ہے جو آپ سے {n} بار ہوئی: {category}۔",
        "shortest": "جو کچھ آپ کے لیے کھلا ہے اس میں یہ سب سے مختصر ہے: {minutes} منٹ۔",
        "unlocks_skills": "اس سے مزید {n} مہارتیں کھلتی ہیں۔",
        "weakness": "یہ آپ کی ایک کمزوری کے خلاف مشق ہے: {category}۔",
        "welcome_before": "اس قسم اور مشکل کی تجاویز پہلے آپ کے کام آئی ہیں۔",
    },
}

VARIANTS: Final[Mapping[str, Mapping[str, Mapping[str, str]]]] = {
    SIMPLE: {
        "en": {
            "difficulty_fit": "It is neither too easy nor too hard for you.",
            "due": "It is time to review {skill}.",
            "last_answer_wrong": "Your last answer was not right yet.",
            "little_practised": "You have practised {skill} little so far.",
            "low_rating": "{skill} needs practice.",
            "not_mastered": "There is more to learn in {skill}.",
            "prerequisites_met": "You know what it builds upon.",
        },
        "ur": {
            "difficulty_fit": "یہ آپ کے لیے نہ بہت آسان ہے نہ بہت مشکل۔",
            "due": "{skill} دہرانے کا وقت ہے۔",
            "last_answer_wrong": "آپ کا پچھلا جواب ابھی درست نہیں تھا۔",
            "little_practised": "آپ نے اب تک {skill} کی کم مشق کی ہے۔",
            "low_rating": "{skill} کو مشق کی ضرورت ہے۔",
            "not_mastered": "{skill} میں ابھی سیکھنے کو باقی ہے۔",
            "prerequisites_met": "جن چیزوں پر یہ مبنی ہے وہ آپ جانتے ہیں۔",
        },
    },
    MINIMAL: {
        "en": {
            "asked_difficulty": "Difficulty {difficulty}.",
            "course_order": "Next in the course.",
            "difficulty_fit": "Fits your level.",
            "due": "Review: {skill}.",
            "fits_the_time": "{minutes} minutes.",
            "first_in_course_order": "Start.",
            "goal": "Goal: {goal}.",
            "goal_skill": "Goal: {skill}.",
            "last_answer_wrong": "Try again.",
            "little_practised": "Little practised: {skill}.",
            "low_rating": "To practise: {skill}.",
            "new_skill": "New: {skill}.",
            "next_in_course_order": "Next.",
            "not_mastered": "To learn: {skill}.",
            "prerequisites_met": "You are ready.",
            "repeated_mistake": "Mistake: {category} ({n}).",
            "unlocks_skills": "Opens {n}.",
        },
        "ur": {
            "asked_difficulty": "مشکل {difficulty}۔",
            "course_order": "کورس میں اگلا۔",
            "difficulty_fit": "آپ کی سطح کے مطابق۔",
            "due": "دہرائی: {skill}۔",
            "fits_the_time": "{minutes} منٹ۔",
            "first_in_course_order": "آغاز۔",
            "goal": "مقصد: {goal}۔",
            "goal_skill": "مقصد: {skill}۔",
            "last_answer_wrong": "دوبارہ کوشش کریں۔",
            "little_practised": "کم مشق: {skill}۔",
            "low_rating": "مشق کریں: {skill}۔",
            "new_skill": "نیا: {skill}۔",
            "next_in_course_order": "اگلا۔",
            "not_mastered": "سیکھنا ہے: {skill}۔",
            "prerequisites_met": "آپ تیار ہیں۔",
            "repeated_mistake": "غلطی: {category} ({n})۔",
            "unlocks_skills": "{n} کھلتی ہیں۔",
        },
    },
}

FORMATS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {"visual": "visual", "practical": "practical", "theoretical": "theoretical", "social": "social"},
    "ur": {"visual": "بصری", "practical": "عملی", "theoretical": "نظری", "social": "سماجی"},
}
ONE: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "little_practised": "You have practised {skill} little so far: 1 answer.",
        "unlocks_skills": "It opens 1 further skill.",
    },
    "ur": {"unlocks_skills": "اس سے مزید 1 مہارت کھلتی ہے۔"},
}
"""What is said of a single one, in the detailed and the simple tone."""
_SHARES: Final = frozenset({"mastery", "p", "recall", "score"})


def text(reason: Reason, course: Course, language: str, tone: str = DETAILED) -> str:
    """The sentence of a reason, with the titles that the course gives its skills, goals, mistakes and lessons."""
    chosen = language if language in PHRASES else FALLBACK
    sentence = VARIANTS.get(tone, {}).get(chosen, {}).get(reason.code)
    if sentence is None:
        single = ONE[chosen].get(reason.code) if reason.params.get("n") == 1 else None
        sentence = single or PHRASES[chosen][reason.code]
    values = {name: _said(name, value, course, chosen) for name, value in reason.params.items()}
    return sentence.format(**values)


def params_of(sentence: str) -> frozenset[str]:
    """The names that a sentence leaves open."""
    return frozenset(name for _, name, _, _ in Formatter().parse(sentence) if name)


def _said(name: str, value: Any, course: Course, language: str) -> str:
    if name in _SHARES:
        return f"{100 * value:.0f}"
    if name == "format":
        return FORMATS[language].get(value, value)
    title = _title(name, value, course)
    return str(value) if title is None else said(title, language, course.default_language)


def _title(name: str, value: Any, course: Course) -> Text | None:
    """What the course calls the thing that a figure names. A goal may be a skill."""
    if name in ("skill", "goal"):
        if name == "goal" and (goal := next((goal for goal in course.goals if goal.id == value), None)):
            return goal.title
        return next((skill.title for skill in course.skills if skill.id == value), None)
    if name == "category":
        return next((mistake.title for mistake in course.mistakes if mistake.id == value), None)
    if name == "lesson" and value in course.lessons:
        return course.lessons[value].title
    return None
