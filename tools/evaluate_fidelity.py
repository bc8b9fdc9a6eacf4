"""`make evaluate-fidelity [MARKDOWN=folder]`: what the gate lets pass and what it stops, on lessons edited by script.

The corpus are the sections of the shipped lessons, or of every Markdown file below a folder. Each is edited once in
every harmless way, which must pass, and once in every harmful way, which must be stopped. The same seed and texts
print the same bytes.
"""

import argparse
import random
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from attune.domain.audience import Unbalanced, reduce_blocks
from attune.domain.fidelity.gate import check
from attune.domain.lesson import MAX_SECTION_CHARACTERS, parse
from attune.domain.section import GATE_VERSION, SectionRequest, Style, Term
from attune.domain.section_requests import occurs
from tools import course as folder
from tools.errors import OperatorError
from tools.harmful_edits import HARMFUL
from tools.harmless_edits import HARMLESS
from tools.template import ROOT

PASSED: Final = 0.95
"""The share of harmless edits that must pass, all kinds together."""
SHORTEST: Final = 150
SHIPPED: Final = ("physical-ai", "poker")


@dataclass(frozen=True, slots=True)
class Sample:
    """A section as a writer gets it, and where it is from."""

    name: str
    request: SectionRequest


@dataclass(frozen=True, slots=True)
class Rate:
    """How many of how many edits of one kind ended as they should."""

    name: str
    right: int
    of: int
    bar: float
    failed: tuple[str, ...] = ()

    @property
    def share(self) -> float:
        return self.right / self.of if self.of else 1.0

    @property
    def met(self) -> bool:
        return self.share >= self.bar

    def __str__(self) -> str:
        counts = f"{self.right:6} of {self.of:<6}"
        if not self.of:
            return f"{self.name:22}{counts}      -   nothing to edit in this way"
        said = "met" if self.met else "MISSED"
        margin = f"at least {self.bar:.2f}, margin {self.share - self.bar:+.4f}"
        return f"{self.name:22}{counts}{self.share:8.4f}   {margin}: {said}"


def shipped() -> Iterator[Sample]:
    """The sections of the courses in the repository."""
    for name in SHIPPED:
        found = folder.read(ROOT / "courses" / name)
        entries = found.manifest.get("glossary", ())
        terms = [str(entry if isinstance(entry, str) else entry["term"]) for entry in entries]
        for lesson in found.lessons:
            yield from samples(f"{name}/{lesson.slug}", lesson.content, terms)


def below(path: Path) -> Iterator[Sample]:
    """The sections of all Markdown files below a folder. Raises `OperatorError` if there are none."""
    files = sorted(file for file in path.rglob("*") if file.suffix in (".md", ".mdx") and file.is_file())
    if not files:
        raise OperatorError(f"{path} holds no Markdown.")
    for file in files:
        yield from samples(str(file.relative_to(path)), file.read_text("utf-8", errors="replace"), ())


def samples(name: str, markdown: str, terms: Sequence[str]) -> Iterator[Sample]:
    """The sections of one text that are long enough to be edited and short enough to be published."""
    lesson = parse(markdown)
    for section in lesson.sections:
        try:
            text = reduce_blocks(section.text, {})
        except Unbalanced:
            continue
        if SHORTEST < len(text) <= MAX_SECTION_CHARACTERS:
            yield Sample(
                f"{name}#{section.id}",
                SectionRequest(
                    lesson_title=lesson.title,
                    title=section.title,
                    outline=lesson.outline,
                    source=text,
                    source_language="en",
                    language="en",
                    persona={},
                    instructions=(),
                    glossary=tuple(Term(term) for term in terms if occurs(term, text)),
                    define_terms=False,
                    style=Style("openai", "script", "chat", "0"),
                ),
            )


def harmless(corpus: Sequence[Sample], seed: int) -> list[Rate]:
    """Each kind, and all of them together."""
    rates = []
    for edit in HARMLESS:
        outcomes = []
        for sample in corpus:
            written = edit(sample.request.source, _rng(seed, edit.__name__, sample.name))
            if written is not None:
                reasons = check(sample.request, written)
                outcomes.append((sample.name, not reasons, reasons))
        rates.append(_rate(edit.__name__, outcomes, PASSED))
    total = [sum(rate.right for rate in rates), sum(rate.of for rate in rates)]
    return [*rates, Rate("all harmless", total[0], total[1], PASSED)]


def harmful(corpus: Sequence[Sample], seed: int) -> list[Rate]:
    """Each kind for itself: a gate that catches one well must not hide that it misses another."""
    texts = [sample.request.source for sample in corpus]
    rates = []
    for harm, bar in HARMFUL.items():
        outcomes = []
        for sample in corpus:
            source = sample.request.source
            written = harm(source, _rng(seed, harm.__name__, sample.name), texts)
            if written is not None and written.split() != source.split():
                outcomes.append((sample.name, bool(check(sample.request, written)), ["It passes."]))
        rates.append(_rate(harm.__name__, outcomes, bar))
    return rates


def _rng(seed: int, edit: str, sample: str) -> random.Random:
    return random.Random(f"{seed}:{edit}:{sample}")  # noqa: S311


def _rate(name: str, outcomes: Iterable[tuple[str, bool, list[str]]], bar: float) -> Rate:
    found = list(outcomes)
    failed = tuple(f"{sample}: {' '.join(reasons)}" for sample, right, reasons in found if not right)
    return Rate(name.replace("_", " "), len(found) - len(failed), len(found), bar, failed)


def report(corpus: Sequence[Sample], seed: int, explain: bool = False) -> tuple[list[str], bool]:
    """The lines of the report, and whether every bar is met."""
    passed, caught = harmless(corpus, seed), harmful(corpus, seed)
    characters = sum(len(sample.request.source) for sample in corpus)
    lines = [f"gate {GATE_VERSION}, seed {seed}: {len(corpus)} sections, {characters} characters", ""]
    for head, rates in (("harmless edits that pass", passed), ("harmful edits that are caught", caught)):
        lines.append(head)
        for rate in rates:
            lines.append(f"  {rate}")
            lines += [f"      {line}" for line in rate.failed] if explain else []
        lines.append("")
    # A kind of harmless edit may be rare and unlucky: the bar is for all of them together.
    met = passed[-1].met and all(rate.met for rate in caught)
    return [*lines, "Every bar is met." if met else "A bar is MISSED."], met


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the report; 1 if a bar is missed, 2 where there is nothing to evaluate on."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.evaluate_fidelity", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument(
        "markdown", type=Path, nargs="?", help="a folder with Markdown; the shipped lessons if left out"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the edits")
    parser.add_argument("--explain", action="store_true", help="every edit that ended otherwise than it should")
    chosen = parser.parse_args(arguments)
    try:
        corpus = list(below(chosen.markdown) if chosen.markdown else shipped())
    except OperatorError as error:
        print(f"attune: {error}", file=sys.stderr)
        return 2
    lines, met = report(corpus, chosen.seed, chosen.explain)
    print("\n".join(lines))
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
