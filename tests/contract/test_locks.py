"""What is installed is what was locked, and what is deployed is what SAM's settings say."""

import re
import tomllib

import pytest

from tests.contract.declared import DOCUMENT
from tools.template import ROOT


def pins(file: str) -> dict[str, str]:
    """Each requirement by its name, with its version, marker and hashes."""
    text = "".join(line for line in (ROOT / file).read_text("utf-8").splitlines(True) if not line.startswith("#"))
    return {each.partition("==")[0]: each for each in re.split(r"\n(?=\S)", text.strip())}


@pytest.mark.parametrize("name", ["tokens", "writer"])
def test_a_layer_holds_what_was_tested_and_nothing_twice(name: str) -> None:
    tested, shared, layer = (
        pins(file)
        for file in (
            "requirements/dev.txt",
            "layers/dependencies/requirements.txt",
            f"layers/{name}/requirements.txt",
        )
    )
    assert shared.items() <= tested.items()
    assert layer.items() <= tested.items()
    assert not layer.keys() & shared.keys()


@pytest.mark.parametrize(
    "file",
    sorted(str(each.relative_to(ROOT)) for each in [*ROOT.glob("layers/*/*.txt"), *ROOT.glob("requirements/*.txt")]),
)
def test_every_pin_has_a_hash_and_no_lock_names_an_index(file: str) -> None:
    assert [name for name, pin in pins(file).items() if "--hash=sha256:" not in pin] == []
    assert "://" not in (ROOT / file).read_text("utf-8")


def test_samconfig_names_parameters_that_exist() -> None:
    config = tomllib.loads((ROOT / "samconfig.toml").read_text("utf-8"))
    declared = DOCUMENT["Parameters"]
    for name in ("default", "dev", "prod"):
        build, deploy = config[name]["build"]["parameters"], config[name]["deploy"]["parameters"]
        assert build == {"cached": True, "parallel": True}
        assert deploy["capabilities"] == "CAPABILITY_IAM"
        assert deploy["resolve_s3"] is True
        for pair in deploy.get("parameter_overrides", "").split():
            parameter, _, value = pair.partition("=")
            assert value in [str(each) for each in declared[parameter].get("AllowedValues", [value])]
            assert re.fullmatch(declared[parameter].get("AllowedPattern", ".*"), value)
