"""`make audit`: what checkov and bandit say of what is deployed.

checkov sees the template twice, with its conditions worked out: as it is by default, and with all that has a price
switched on. What it is told to pass over must be needed, and be needed no more where it is paid for.
"""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools import intrinsics
from tools.errors import OperatorError
from tools.files import LOCAL
from tools.template import ROOT

BIN = LOCAL / "audit-venv" / "bin"
CONFIG = ROOT / ".checkov.yaml"
CODE = ("layers", "functions", "tools")
# What the template makes of a parameter that has a monthly price; the first is what it is otherwise.
PAID = {"CustomerKey": "yes", "Alarms": "yes", "Dashboard": "yes", "RouteMetrics": "yes"}
# Checks that a key of one's own answers.
OF_THE_KEY = frozenset({"CKV_AWS_27", "CKV_AWS_119", "CKV_AWS_158", "CKV_AWS_173"})


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A check that a resource fails. `resource` is its logical id."""

    check: str
    resource: str

    def __str__(self) -> str:
        return f"{self.check} {self.resource}"


def main() -> int:
    """0 where nothing was found; 1, and what, where something was; 2 where nothing could be looked at."""
    try:
        wrong = [*template(), *code()]
    except OperatorError as error:
        print(f"attune: {error}", file=sys.stderr)
        return 2
    print("\n".join(wrong) or "  nothing found")
    return 1 if wrong else 0


def template() -> list[str]:
    """What checkov finds in the template and nothing says why it is so, and what is excused without need."""
    free, paid = (document(parameters) for parameters in ({}, PAID))
    found = _checkov({"free": free, "paid": paid})
    allowed = excused(free)
    print(f"  template: {len(free['Resources'])} resources, {len({each.check for each in allowed})} checks passed over")
    return judged(found["free"], allowed) + judged(
        found["paid"], {each for each in excused(paid) if each.check not in OF_THE_KEY}
    )


def judged(found: Iterable[Finding], allowed: Iterable[Finding]) -> list[str]:
    """The findings that are not allowed, and the allowances without a finding."""
    unsaid, unneeded = set(found) - set(allowed), set(allowed) - set(found)
    return [f"{each} fails" for each in sorted(unsaid)] + [
        f"{each} is passed over without need" for each in sorted(unneeded)
    ]


def document(parameters: Mapping[str, str]) -> dict[str, Any]:
    """The template as it is with these parameters, without the resources that they leave out."""
    whole = intrinsics.load(ROOT / "template.yaml", parameters)
    conditions = whole.get("Conditions", {})
    kept = {
        name: resource
        for name, resource in whole["Resources"].items()
        if conditions.get(resource.get("Condition"), True)
    }
    return {"Transform": whole["Transform"], "Globals": whole["Globals"], "Resources": kept}


def excused(whole: Mapping[str, Any]) -> set[Finding]:
    """What checkov is told to pass over: for one resource in its Metadata, for each function in `.checkov.yaml`."""
    resources = whole["Resources"]
    own = {
        Finding(skip["id"], name)
        for name, resource in resources.items()
        for skip in resource.get("Metadata", {}).get("checkov", {}).get("skip", ())
    }
    functions = {name: each for name, each in resources.items() if each["Type"] == "AWS::Serverless::Function"}
    common = {Finding(check, name) for check in reasons() for name in functions}
    with_dead_letters = {name for name, each in functions.items() if "DeadLetterQueue" in each["Properties"]}
    return own | {each for each in common if each.check != "CKV_AWS_116" or each.resource not in with_dead_letters}


def reasons() -> dict[str, str]:
    """Why each check of `.checkov.yaml` is passed over."""
    return {check: reason for reason, check in re.findall(r"  # (.+)\n  - (\w+)", CONFIG.read_text("utf-8"))}


def _checkov(documents: Mapping[str, Mapping[str, Any]]) -> dict[str, set[Finding]]:
    """What fails in each document, whatever it says of passing over."""
    with tempfile.TemporaryDirectory() as folder:
        for name, whole in documents.items():
            Path(folder, f"{name}.json").write_text(json.dumps(_bare(whole)), "utf-8")
        # In that folder no .checkov.yaml is found.
        said = _run(folder, "checkov", "-d", ".", "--framework", "cloudformation", "--skip-download", "-o", "json")
    report = json.loads(said)
    if report["summary"]["parsing_errors"]:
        raise OperatorError(f"checkov cannot read the template: {report['results']['parsing_errors']}")
    found: dict[str, set[Finding]] = {name: set() for name in documents}
    for failed in report["results"]["failed_checks"]:
        name = Path(failed["file_path"]).stem
        found[name].add(Finding(failed["check_id"], failed["resource"].rpartition(".")[2]))
    return found


def _bare(whole: Mapping[str, Any]) -> dict[str, Any]:
    """Without what tells checkov to look away, and without conditions, which are worked out."""
    resources = {
        name: {key: value for key, value in resource.items() if key not in {"Metadata", "Condition"}}
        for name, resource in whole["Resources"].items()
    }
    return {**whole, "Resources": resources}


def code() -> list[str]:
    """What bandit finds of medium or high severity in what is shipped and in the tools."""
    report = json.loads(_run(ROOT, "bandit", "-q", "-r", "-ll", "-f", "json", *CODE))
    if report["errors"]:
        raise OperatorError(f"bandit could not read everything: {report['errors']}")
    print(f"  code: {report['metrics']['_totals']['loc']} lines")
    return [
        f"{each['filename']}:{each['line_number']} {each['test_id']} {each['issue_text']}" for each in report["results"]
    ]


def _run(folder: Path | str, program: str, *arguments: str) -> str:
    """What a program of the audit's environment says; both end with 1 when they found something."""
    if not (BIN / program).exists():
        raise OperatorError(f"{program} is not installed: run `make audit`, which installs it.")
    done = subprocess.run([BIN / program, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise OperatorError(f"{program} failed:\n{done.stderr.strip()[-2000:]}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
