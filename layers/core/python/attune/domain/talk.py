"""What a model says to whoever asked it, where only the reader should be spoken to: preambles, offers, refusals."""

import re

_PATTERNS = (
    r"^\W*(?:sure|certainly|absolutely|of course|okay|ok|great)\b\s*[,!.:-]+\s*(?:here\b|below|i'll|i will|i can)",
    r"^\W*(?:here(?:'s| is| are)|below is) (?:the|your|an?) .{0,60}(?:version|rewrit|adapt|translat|markdown|section)",
    r"\bas an ai\b",
    r"\b(?:language|ai) (?:model|assistant)\b.{0,40}\b(?:i|can't|cannot|unable)\b",
    r"\bi(?:'m| am) (?:sorry|afraid)\b|\bi apologi[sz]e\b",
    r"\bi (?:can(?:not|'t| not)|won't|will not) (?:help|assist|comply|fulfil|provide|rewrite|translate|continue)",
    r"\bi(?:'m| am) (?:unable|not able) to\b|\bunable to (?:assist|comply|fulfil|rewrite|translate)",
    r"\blet me know (?:if|whether)\b|\bhope (?:this|that) helps\b|\bfeel free to ask\b|\bwould you like me to\b",
    r"\bas you requested\b|\bmy (?:system prompt|instructions)\b|\bignore (?:all )?(?:previous|prior) instructions",
    r"میں (?:اس میں )?مدد نہیں کر",
    r"^\W*(?:معذرت|یہ رہا|یہ رہی|ضرور[،,!])",
)
_TALK = re.compile("|".join(_PATTERNS), re.IGNORECASE | re.MULTILINE)


def talk(text: str) -> set[str]:
    """The phrases of this kind in a text, in lower case."""
    return {match[0].strip().lower() for match in _TALK.finditer(text.replace("\u2019", "'"))}
