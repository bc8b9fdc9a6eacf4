"""The sentences that Attune itself says to learners, one table a language: a new language is a new table."""

from collections.abc import Mapping

PHRASES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "lesson_takes": "This lesson takes about {minutes} minutes.",
        "for_goal": "It serves your goal: {goals}.",
        "recap_skills": "You worked on: {skills}.",
        "recap_terms": "Terms to remember: {terms}.",
        "next_lesson": "Next: {title}, about {minutes} minutes.",
        "next_for_goal": "For your goal, go on with {title}, about {minutes} minutes.",
        "next_none": "This is the last lesson. Practise what you have learned.",
        "list_and": "{head} and {tail}",
        "week_practised": "You practised for {minutes} minutes this week (answers: {answers}).",
        "week_nothing": "You did not practise this week.",
        "week_rose": "{skill} rose by {points} points.",
        "week_fell": "{skill} fell by {points} points.",
        "week_next": "Go on with {titles}.",
    },
    "ur": {
        "lesson_takes": "اس سبق میں تقریباً {minutes} منٹ لگتے ہیں۔",
        "for_goal": "یہ آپ کے مقصد کے کام آتا ہے: {goals}۔",
        "recap_skills": "آپ نے ان پر کام کیا: {skills}۔",
        "recap_terms": "یاد رکھنے کی اصطلاحات: {terms}۔",
        "next_lesson": "اگلا سبق: {title}، تقریباً {minutes} منٹ۔",
        "next_for_goal": "اپنے مقصد کے لیے {title} سے آگے بڑھیں، تقریباً {minutes} منٹ۔",
        "next_none": "یہ آخری سبق ہے۔ جو سیکھا ہے اس کی مشق کریں۔",
        "list_and": "{head} اور {tail}",
        "week_practised": "آپ نے اس ہفتے {minutes} منٹ مشق کی (جوابات: {answers})۔",
        "week_nothing": "آپ نے اس ہفتے مشق نہیں کی۔",
        "week_rose": "{skill}: {points} پوائنٹ کا اضافہ ہوا۔",
        "week_fell": "{skill}: {points} پوائنٹ کی کمی ہوئی۔",
        "week_next": "اب {titles} سے آگے بڑھیں۔",
    },
}
FALLBACK = "en"


def phrase(name: str, language: str, **values: object) -> str:
    """A sentence in this language, or in English where the language has no table."""
    return PHRASES.get(language, PHRASES[FALLBACK])[name].format(**values)


def listed(names: list[str], language: str) -> str:
    """Names as a list in a sentence."""
    if len(names) < 2:
        return "".join(names)
    return phrase("list_and", language, head=", ".join(names[:-1]), tail=names[-1])
