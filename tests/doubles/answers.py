"""What a good model would answer: it reads the prompt and adapts the section, always in the same way."""

import itertools
import re
from dataclasses import dataclass

_BLOCK = re.compile(r"^(LESSON-[0-9a-f]{16}) (LESSON|TERMS|TOKENS|SECTION|END)\b.*$", re.MULTILINE)
_TOKEN = r"⟦[^⟦⟧\s]*⟧"
_KEPT_LINE = re.compile(rf"\s*(?:#{{1,6}}\s|{_TOKEN}\s*$|[|:\s-]+$|[*_-]{{3,}}\s*$|$)")
_PREFIX = re.compile(r"\A[\s>]*(?:(?:[-*+]|\d{1,9}[.)])\s+)*")
_LINK = re.compile(rf"\[((?:[^\[\]]|\[[^\[\]]*\])*)\]([(\[]{_TOKEN}[)\]])")
_NUMBER = r"[-+−]?\d[\d.,]*\d?(?:\s?(?:%|°C?|m/s²?|[kMG]?Hz|[a-zA-Z]{1,3}(?![\w/-])))?"
_ITEM = rf"{_TOKEN}|{_NUMBER}|\b(?=\w*[A-Z]\w*[A-Z])[A-Za-z][\w-]+"
_URDU = (  # noqa: SIM905  a text reads better than a list of words
    "یہ حصہ آسان لفظوں میں سمجھاتا ہے کہ یہ کام کیسے ہوتا ہے اور اس کی ضرورت کیوں پڑتی ہے جب آپ اسے خود آزمائیں گے تو "
    "بات اور بھی واضح ہو جائے گی پہلے اصول دیکھیں پھر مثال پر غور کریں اور آخر میں نتیجہ اپنے الفاظ میں بیان کریں"
).split()
_END = "۔"


@dataclass(frozen=True, slots=True)
class Asked:
    """A prompt as the model reads it."""

    lesson: str
    source: str
    source_language: str
    terms: tuple[str, ...]
    language: str
    persona: dict[str, str]
    complaints: tuple[str, ...]

    @property
    def title(self) -> str:
        """The section's first heading, or an empty string."""
        heading = re.search(r"^#{1,6}\s+(.*)$", self.source, re.MULTILINE)
        return heading[1].strip() if heading else ""


def read(user: str) -> Asked:
    """Take a prompt apart. What is not there is empty: a stranger's prompt is answered too."""
    blocks: dict[str, str] = {}
    marks = list(_BLOCK.finditer(user))
    for mark, following in itertools.pairwise(marks):
        blocks[mark[2]] = user[mark.end() + 1 : following.start() - 1]
    rest = user[marks[-1].end() :] if marks else user
    persona = dict(re.findall(r"^- ([\w.-]+): (.*)$", rest.partition("What this asks")[0], re.MULTILINE))
    language = re.search(r"^Write in (\w+)\.", rest, re.MULTILINE)
    written = re.search(r"^LESSON-\w+ SECTION in (\w+)$", user, re.MULTILINE)
    return Asked(
        lesson=blocks.get("LESSON", "").partition("\n")[0],
        source=blocks.get("SECTION", user if not marks else ""),
        source_language=written[1] if written else "English",
        terms=tuple(re.findall(r"^- (.*)$", blocks.get("TERMS", ""), re.MULTILINE)),
        language=language[1] if language else "English",
        persona=persona,
        complaints=tuple(re.findall(r"^- (.*)$", rest.partition("was refused")[2], re.MULTILINE)),
    )


def adapted(asked: Asked) -> str:
    """The section for this persona: a sentence that names the persona, and in Urdu all prose in Urdu."""
    urdu = asked.language == "Urdu"
    translate = urdu and asked.source_language != "Urdu"
    source = in_urdu(asked.source, asked.terms) if translate else asked.source
    traits = ", ".join(f"{name} {value}" for name, value in asked.persona.items()) or "everybody"
    remark = f"یہ متن اس قاری کے لیے لکھا گیا ہے ({traits}){_END}" if urdu else f"This text is adapted for: {traits}."
    heading = re.search(r"^#{1,6}\s.*$", source, re.MULTILINE)
    if heading is None:
        return f"{remark}\n\n{source}"
    return f"{source[: heading.end()]}\n\n{remark}\n{source[heading.end() :]}"


def in_urdu(source: str, terms: tuple[str, ...]) -> str:
    """Prose as fluent Urdu of the same length; headings, tokens, numbers, terms and names stay."""
    words = itertools.cycle(_URDU)
    longest_first = sorted(terms, key=len, reverse=True)
    items = re.compile(
        "|".join([_TOKEN, *(rf"(?<!\w){re.escape(term)}(?:s|es)?(?!\w)" for term in longest_first), _ITEM]), re.I
    )
    strict, known = re.compile(_ITEM), tuple(term.lower() for term in terms)

    def prose(text: str, end: str) -> str:
        links = [f"[{' '.join(kept(link[1])) or 'یہ مضمون'}]{link[2]}" for link in _LINK.finditer(text)]
        left = _LINK.sub(" ", text)
        filler: list[str] = []
        while sum(map(len, filler)) + len(filler) < 0.8 * len(left) - 4 or not (filler or links or kept(left)):
            filler.append(next(words))
        return " ".join([*filler, *kept(left), *links]) + end

    def kept(text: str) -> list[str]:
        found = [match[0] for match in items.finditer(text)]
        return [item for item in found if strict.fullmatch(item) or item.lower().startswith(known)]

    lines = []
    for line in source.split("\n"):
        if _KEPT_LINE.match(line):
            lines.append(line)
        elif line.lstrip().startswith("|"):
            cells = re.split(r"(?<!\\)\|", line.strip().strip("|"))
            lines.append("| " + " | ".join(prose(cell, "") if cell.strip() else "" for cell in cells) + " |")
        else:
            prefix = _PREFIX.match(line)
            start = prefix[0] if prefix else ""
            lines.append(start + prose(line[len(start) :], _END))
    return "\n".join(lines)
