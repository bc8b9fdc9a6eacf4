"""The town's provider takes batches: made, worked on and lost as chance has it, answered by the town's model."""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from attune.domain.batch import Answers, Seen, line_id
from attune.domain.budget import Usage
from attune.domain.section import Draft, SectionRequest, Style, WriterFault
from attune.writers.rules import RulesWriter
from tests.doubles.clock import Clock


@dataclass
class Made:
    """One batch: its lines by name, how it is, and what was answered."""

    seen: Seen
    lines: Sequence[str]
    answers: dict[str, bytes | WriterFault] = field(default_factory=dict)


@dataclass
class Bulk:
    """All batches; `asked` is told of each section that is answered, and what that is charged at."""

    rng: random.Random
    clock: Clock
    style: Style
    ill: float = 0.0
    faulty: bool = True
    made: list[Made] = field(default_factory=list)
    answered: list[tuple[str, Usage]] = field(default_factory=list)
    _asked: dict[str, SectionRequest] = field(default_factory=dict)

    def line(self, request: SectionRequest) -> bytes:
        self._asked[line_id(request)] = request
        return line_id(request).encode() + b"\n"

    def send(self, name: str, lines: Sequence[bytes]) -> Seen:
        self._fail(0.1)
        seen = Seen(f"b{len(self.made)}", "validating", name, self.clock.timestamp(), f"f{len(self.made)}")
        self.made.append(Made(seen, [line.decode().strip() for line in lines]))
        self._fail(0.1)
        return seen

    def find(self, name: str, since: float) -> Sequence[Seen]:
        self._fail(0.05)
        return [each.seen for each in reversed(self.made) if each.seen.name == name]

    def look(self, id: str) -> Seen:
        self._fail(0.05)
        return self._made(id).seen

    def cancel(self, id: str) -> None:
        raise AssertionError("no batch was made twice")

    def answers(self, seen: Seen) -> Answers:
        self._fail(0.05)
        return self._made(seen.id).answers

    def usage(self, body: bytes) -> Usage:
        told = json.loads(body)
        return Usage(told["in"], told["out"])

    def read(self, request: SectionRequest, body: bytes) -> Draft:
        used, how = self.usage(body), json.loads(body)["how"]
        if how == "refused":
            raise WriterFault("refused", final=True, usage=used)
        text = "I'm sorry, I cannot help with that." if how == "nonsense" else RulesWriter().write(request).text
        return Draft(text, "m-1", used.input_tokens, used.output_tokens)

    def forget(self, files: Sequence[str]) -> None:
        self._fail(0.05)

    def work(self) -> None:
        """The day of every open batch ends, one way or another."""
        for made in self.made:
            if not made.seen.ended:
                ends = ("completed", "completed", "completed", "expired", "cancelled", "failed")
                status = self.rng.choice(ends) if self.faulty else "completed"
                count = len(made.lines) if status == "completed" else self.rng.randint(0, len(made.lines))
                for line in made.lines[: 0 if status == "failed" else count]:
                    made.answers[line] = self._answer(line)
                made.seen = Seen(made.seen.id, status, made.seen.name, made.seen.created_at, made.seen.input_file)

    def _answer(self, line: str) -> bytes | WriterFault:
        if self.rng.random() < self.ill / 2:
            return WriterFault("provider_error", final=False)
        usage = Usage(self.rng.randint(10, 60), self.rng.randint(10, 40))
        self.answered.append((self._asked[line].key, usage))
        how = self.rng.choice(("refused", "nonsense")) if self.rng.random() < self.ill / 2 else "well"
        return json.dumps({"in": usage.input_tokens, "out": usage.output_tokens, "how": how}).encode()

    def _made(self, id: str) -> Made:
        return next(each for each in self.made if each.seen.id == id)

    def _fail(self, share: float) -> None:
        if self.faulty and self.rng.random() < share:
            raise WriterFault(self.rng.choice(("timeout", "provider_error", "overloaded")), final=False)
