"""What a good model would answer: it reads the prompt and adapts the section, always in the same way."""

import itertools
import re
from dataclasses import dataclass

_BLOCK = re.compile(r"^(LESSON-[0-9a-f]{16}) (LESSON|TERMS|TOKENS|SECTION|DEFINITIONS|END)\b.*$", re.MULTILINE)
_TOKEN = r"⟦[^⟦⟧\s]*⟧"
_KEPT_LINE = re.compile(rf"\s*(?:#{{1,6}}\s|{_TOKEN}\s*$|[|:\s-]+$|[*_-]{{3,}}\s*$|$)")
_PREFIX = re.compile(r"\A[\s>]*(?:(?:[-*+]|\d{1,9}[.)])\s+)*")
_LINK = re.compile(rf"\[((?:[^\[\]]|\[[^\[\]]*\])*)\]([(\[]{_TOKEN}[)\]])")
_NUMBER = r"[-+−]?\d[\d.,]*\d?(?:\s?(?:%|°C?|m/s²?|[kMG]?Hz|[a-zA-Z]{1,3}(?![\w/-])))?"
_ITEM = rf"{_TOKEN}|{_NUMBER}|\b(?=\w*[A-Z]\w*[A-Z])[A-Za-z][\w-]+"


@dataclass(frozen=True, slots=True)
class Tongue:
    """What prose in a language is made of: words without meaning, the end of a sentence, a link's text, a remark."""

    words: str
    end: str
    link: str
    remark: str


TONGUES = {
    "Urdu": Tongue(
        "یہ حصہ آسان لفظوں میں سمجھاتا ہے کہ یہ کام کیسے ہوتا ہے اور اس کی ضرورت کیوں "
        "پڑتی ہے جب آپ اسے خود آزمائیں گے تو بات اور بھی واضح ہو جائے گی پہلے اصول "
        "دیکھیں پھر مثال پر غور کریں اور آخر میں نتیجہ اپنے الفاظ میں بیان کریں",
        "۔",
        "یہ مضمون",
        "یہ متن اس قاری کے لیے لکھا گیا ہے ({traits})۔",
    ),
    "Hindi": Tongue(
        "यह भाग सरल शब्दों में समझाता है कि यह काम कैसे होता है और इसकी आवश्यकता क्यों पड़ती है जब आप इसे स्वयं आज़माएँगे "
        "तो बात और भी स्पष्ट हो जाएगी पहले सिद्धांत देखिए फिर उदाहरण पर विचार कीजिए और अंत में परिणाम अपने शब्दों में बताइए",
        "।",
        "यह लेख",
        "यह पाठ इस पाठक के लिए लिखा गया है ({traits})।",
    ),
    "Pashto": Tongue(
        "دا برخه په ساده کلمو تشریح کوي چې دا کار څنګه کیږي او اړتیا ورته ولې پیدا کیږي کله چې تاسو دا پخپله وازمویئ "
        "نو خبره به لا روښانه شي لومړی اصول وګورئ بیا په بېلګه فکر وکړئ او په پای کې پایله په خپلو ټکو کې بیان کړئ",
        ".",
        "دا مقاله",
        "دا متن د دې لوستونکي لپاره لیکل شوی ({traits}).",
    ),
}


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
    """The section for this persona: a sentence that names it, and all prose in the language that was asked for."""
    tongue = TONGUES.get(asked.language)
    translate = tongue is not None and asked.source_language != asked.language
    source = translated(asked.source, asked.terms, tongue) if tongue and translate else asked.source
    traits = ", ".join(f"{name} {value}" for name, value in asked.persona.items()) or "everybody"
    remark = (tongue.remark if tongue else "This text is adapted for: {traits}.").format(traits=traits)
    heading = re.search(r"^#{1,6}\s.*$", source, re.MULTILINE)
    if heading is None:
        return f"{remark}\n\n{source}"
    return f"{source[: heading.end()]}\n\n{remark}\n{source[heading.end() :]}"


def translated(source: str, terms: tuple[str, ...], tongue: Tongue) -> str:
    """Prose as fluent prose of another language; headings, tokens, numbers, terms and names stay."""
    words = itertools.cycle(tongue.words.split())
    longest_first = sorted(terms, key=len, reverse=True)
    items = re.compile(
        "|".join([_TOKEN, *(rf"(?<!\w){re.escape(term)}(?:s|es)?(?!\w)" for term in longest_first), _ITEM]), re.I
    )
    strict, known = re.compile(_ITEM), tuple(term.lower() for term in terms)

    def prose(text: str, end: str) -> str:
        links = [f"[{' '.join(kept(link[1])) or tongue.link}]{link[2]}" for link in _LINK.finditer(text)]
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
            lines.append(start + prose(line[len(start) :], tongue.end))
    return "\n".join(lines)
