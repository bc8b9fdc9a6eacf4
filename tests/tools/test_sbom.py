"""The bill of materials says what the locks say, in the shape that its readers know."""

import re
import uuid

from tests.contract.test_locks import pins
from tools import sbom
from tools.template import ROOT, Template


def test_m9_every_locked_package_of_a_layer_is_a_component() -> None:
    made = sbom.document()
    named = {(each["name"], each["version"]) for each in made["components"]}
    locked = {
        (re.sub(r"\[.*\]", "", name), pin.partition("==")[2].split()[0])
        for lock in sbom.LOCKS
        for name, pin in pins(str(lock.relative_to(ROOT))).items()
    }
    assert named == locked
    assert {"pydantic", "botocore", "openai", "cryptography"} <= {name for name, _ in named}
    # A layer without a lock holds code of our own alone.
    layers = {"core", *(lock.parent.name for lock in sbom.LOCKS)}
    assert {f"layers/{name}/" for name in layers} == {
        each["Properties"]["ContentUri"]
        for each in Template()._resources.values()
        if each["Type"] == "AWS::Serverless::LayerVersion"
    }


def test_m9_the_document_has_the_shape_of_cyclonedx() -> None:
    made = sbom.document()
    assert (made["bomFormat"], made["specVersion"], made["version"]) == ("CycloneDX", "1.6", 1)
    assert uuid.UUID(made["serialNumber"].removeprefix("urn:uuid:")).version == 4
    for each in made["components"]:
        assert each["type"] == "library"
        assert re.fullmatch(r"pkg:pypi/[a-z0-9-]+@[^@\s]+", each["purl"])
        (files,) = each["externalReferences"]
        assert files["type"] == "distribution"
        assert files["hashes"]
        assert all(re.fullmatch(r"[0-9a-f]{64}", one["content"]) for one in files["hashes"])
        assert each["properties"]
    refs = [each["bom-ref"] for each in made["components"]]
    assert len(set(refs)) == len(refs)
    assert made["dependencies"] == [{"ref": made["metadata"]["component"]["bom-ref"], "dependsOn": refs}]


def test_the_same_locks_give_the_same_document() -> None:
    assert sbom.document() == sbom.document()
