"""What scanners say of the template and the code, and what they are told to pass over."""

import re

import pytest

from tests.contract.declared import RESOURCES
from tools import scan
from tools.scan import Finding
from tools.template import ROOT

SECURITY = (ROOT / "SECURITY.md").read_text("utf-8")


def test_m6_everything_passed_over_has_its_reason_and_is_told() -> None:
    assert scan.reasons().keys() == set(re.findall(r"(?m)^  - (\w+)", scan.CONFIG.read_text("utf-8")))
    skips = [
        skip
        for resource in RESOURCES.values()
        for skip in resource.get("Metadata", {}).get("checkov", {}).get("skip", ())
    ]
    assert all(len(reason) > 40 for reason in [*scan.reasons().values(), *(skip["comment"] for skip in skips)])
    passed_over = {each.check for each in scan.excused(scan.document(scan.PAID))}
    assert {skip["id"] for skip in skips} | scan.reasons().keys() <= passed_over
    assert set(re.findall(r"CKV\w+", SECURITY)) == passed_over


def test_m6_what_is_not_needed_is_a_finding_too() -> None:
    queue, table = Finding("CKV_AWS_27", "Queue"), Finding("CKV_AWS_119", "Table")
    assert scan.judged([queue, table], [queue, table]) == []
    assert scan.judged([queue, table], [queue]) == ["CKV_AWS_119 Table fails"]
    assert scan.judged([queue], [queue, table]) == ["CKV_AWS_119 Table is passed over without need"]


def test_a_function_with_dead_letters_is_not_excused_for_having_none() -> None:
    excused = scan.excused(scan.document({}))
    assert Finding("CKV_AWS_116", "GetHealth") in excused
    assert Finding("CKV_AWS_116", "PlanRefresh") not in excused


@pytest.mark.soak
def test_m6_and_m12_checkov_and_bandit_find_nothing() -> None:
    if not (scan.BIN / "checkov").exists():
        pytest.skip("the audit's environment is not installed (make audit installs it)")
    assert [*scan.template(), *scan.code()] == []
