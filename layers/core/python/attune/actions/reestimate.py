"""Look after a course's shared parameters once a run is complete, in two steps that lie at least a night apart.

1. When enough was gathered under the version in force, a candidate is made of it and stored beside that version.
2. In the runs that follow, both predict the answers of the learners who are held out: answers that were not given yet
   when the candidate was made, of learners whom it never saw. Once there are enough of them, the candidate becomes the
   next version if it did better, and is refused if not.

Nothing has to be kept of any answer but sums, and a run costs the same whether or not a candidate is being compared.
"""

from datetime import date, datetime, timedelta
from typing import Final

from attune.domain.learning import estimation
from attune.domain.learning.estimation import ENOUGH
from attune.domain.learning.parameters import Parameters
from attune.domain.practice.gathering import Candidate, Gathered
from attune.store import estimates, parameters

EVIDENCE: Final = 1_000
"""Answers of which a candidate is made."""
RUNS: Final = 28
"""How many runs back evidence is looked for: their rows are kept a little longer."""
REST: Final = timedelta(days=7)
"""How long after a version or a candidate the next candidate is made."""


def run(course: str, run: str, now: datetime) -> str:
    """Propose a candidate, or decide about the one there is; says what was done."""
    versions = parameters.load(course, now)
    current, candidate = versions.newest, estimates.candidate(course, now)
    if candidate and not candidate.refused and candidate.parameters.version == current.version + 1:
        return _decide(course, current, candidate, run, now)
    since = [datetime.fromtimestamp(versions.since[-1] / 1000, now.tzinfo).date()] if versions.since else []
    if candidate:
        since.append(date.fromisoformat(candidate.run))
    if since and date.fromisoformat(run) < max(since) + REST:
        return "too soon"
    gathered = _together(course, _days(run, RUNS), current, None, now)
    if gathered.sums.attempts < EVIDENCE:
        return "too little evidence"
    made = estimation.reestimate(current, gathered.sums, current.version + 1)
    estimates.propose(course, Candidate(run, made), now)
    return f"proposed {made.version}"


def _decide(course: str, current: Parameters, candidate: Candidate, run: str, now: datetime) -> str:
    waited = (date.fromisoformat(run) - date.fromisoformat(candidate.run)).days
    gathered = _together(course, _days(run, min(waited, RUNS)), current, candidate.run, now)
    if gathered.current.attempts < ENOUGH:
        return "too few held-out answers"
    if not estimation.better(gathered.current, gathered.candidate):
        estimates.refuse(course, candidate, run)
        return f"refused {candidate.parameters.version}"
    parameters.put(course, candidate.parameters, now)
    return f"published {candidate.parameters.version}"


def _days(run: str, count: int) -> list[str]:
    """The last runs, this one included."""
    last = date.fromisoformat(run)
    return [(last - timedelta(days=back)).isoformat() for back in range(count)]


def _together(course: str, days: list[str], current: Parameters, against: str | None, now: datetime) -> Gathered:
    """What runs gathered under the version in force, and, if a candidate is named, against it."""
    whole = Gathered(current.version, against=against)
    for one in estimates.of_runs(days, course, now):
        if one.version == current.version and (against is None or one.against == against):
            whole = whole.plus(one if against else Gathered(one.version, one.sums))
    return whole
