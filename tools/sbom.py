"""`make sbom`: what is deployed, as a CycloneDX 1.6 document, from the locks of the layers.

Each component has the hashes that its lock accepts; what is locked is all that a layer can hold. The document is the
same whenever it is made from the same locks: its serial number comes from what it says, and it names no time.
"""

import hashlib
import json
import re
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.template import ROOT

LOCKS = tuple(sorted(ROOT.glob("layers/*/requirements.txt")))
OUTPUT = ROOT / ".local" / "sbom.json"
_PIN = re.compile(r"(?P<name>[A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(?P<version>[^\s;]+)(?P<rest>.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Pin:
    """A locked package: one version, and the hashes of the files that may be installed for it."""

    name: str
    version: str
    hashes: tuple[str, ...]

    @property
    def purl(self) -> str:
        """As package URLs name it: lower case, hyphens."""
        return f"pkg:pypi/{re.sub(r'[-_.]+', '-', self.name).lower()}@{self.version}"


def pins(lock: Path) -> Iterator[Pin]:
    """What a lock names."""
    text = "".join(line for line in lock.read_text("utf-8").splitlines(True) if not line.lstrip().startswith("#"))
    for one in re.split(r"\n(?=\S)", text.strip()):
        found = _PIN.match(one)
        if not found:
            raise ValueError(f"{lock} has a line that pins nothing: {one.splitlines()[0]}")
        yield Pin(found["name"], found["version"], tuple(re.findall(r"--hash=sha256:([0-9a-f]{64})", found["rest"])))


def document() -> dict[str, Any]:
    """The document; a component says which layers hold it."""
    layers: dict[Pin, list[str]] = {}
    for lock in LOCKS:
        for pin in pins(lock):
            layers.setdefault(pin, []).append(lock.parent.name)
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    version = re.findall(r'(?m)^version = "(.+)"$', project)[0]
    components = [_component(pin, layers[pin]) for pin in sorted(layers, key=lambda pin: pin.purl)]
    body = {
        "metadata": {
            "component": {"type": "application", "bom-ref": "attune", "name": "attune", "version": version},
        },
        "components": components,
        "dependencies": [{"ref": "attune", "dependsOn": [each["bom-ref"] for each in components]}],
    }
    serial = uuid.UUID(bytes=hashlib.sha256(json.dumps(body, sort_keys=True).encode()).digest()[:16], version=4)
    return {"bomFormat": "CycloneDX", "specVersion": "1.6", "serialNumber": f"urn:uuid:{serial}", "version": 1, **body}


def _component(pin: Pin, layers: list[str]) -> dict[str, Any]:
    return {
        "type": "library",
        "bom-ref": pin.purl,
        "name": pin.name,
        "version": pin.version,
        "purl": pin.purl,
        # A file of each platform; only one of them is what was installed.
        "externalReferences": [
            {
                "type": "distribution",
                "url": pin.purl,
                "hashes": [{"alg": "SHA-256", "content": each} for each in pin.hashes],
            }
        ],
        "properties": [{"name": "attune:layer", "value": layer} for layer in layers],
    }


def main() -> int:
    """Writes the document."""
    made = document()
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_text(json.dumps(made, indent=1) + "\n", "utf-8")
    print(f"  {OUTPUT.relative_to(ROOT)}: {len(made['components'])} packages in {len(LOCKS)} layers")
    return 0


if __name__ == "__main__":
    sys.exit(main())
