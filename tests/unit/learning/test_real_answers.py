"""The learner model on real answers, if they are there: ATTUNE_DATA, or a folder shared/data beside the project."""

import os
from pathlib import Path

import pytest

from attune.domain.learning.model import LearnerModel
from tools.answer_logs import Answer, read, round_robin, split
from tools.evaluate import MOST_ECE, SHARE, run
from tools.peers import Elo
from tools.template import ROOT

DATA = Path(os.environ.get("ATTUNE_DATA", ROOT.parent / "shared" / "data"))


def students(name: str, share: float) -> list[Answer]:
    """The answers of a share of a log's students."""
    found = sorted(DATA.glob(f"{name}*.csv*")) if DATA.is_dir() else []
    if not found:
        pytest.skip(f"needs the log {name}*.csv.gz in {DATA}, or in ATTUNE_DATA: `make evaluate` says where to get it")
    return split(read(found[0]), 1, share)[0]


# Few students teach less of the items than the whole logs, on which `make evaluate` prints the bars.
@pytest.mark.parametrize(
    ("name", "share", "least"), [("assist09", 0.25, 0.77), ("statics", 0.4, 0.815), ("assist15", 0.08, 0.716)]
)
def test_it_predicts_unseen_students_well_and_better_than_elo(name: str, share: float, least: float) -> None:
    tested, train = split(students(name, share), 0, SHARE)
    test = round_robin(tested)
    (ours, _), (elo, _) = (run(model, test, train) for model in (LearnerModel(), Elo()))
    assert ours.auc >= max(least, elo.auc + 0.01)
    assert ours.log_loss <= elo.log_loss - 0.01
    assert ours.ece <= MOST_ECE
