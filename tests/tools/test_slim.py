"""What is cut from the layer is nothing that functions use: models of the SDK, imports, fields for checkers."""

import gzip
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import botocore
import botocore.session
import pydantic_core
import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel

from tests.contract.declared import FUNCTIONS
from tools.build import lazy, slim, typed_dicts

WHOLE = Path(botocore.__file__).parent / "data"
SERVICES = sorted(slim.OPERATIONS)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data of the layer, made from that of the installed SDK."""
    folder = tmp_path_factory.mktemp("slim") / "data"
    folder.mkdir()
    for found in WHOLE.iterdir():
        if found.name in {*SERVICES, "ec2"}:
            shutil.copytree(found, folder / found.name)
        elif found.is_file():
            shutil.copy(found, folder / found.name)
    slim.main(folder)
    return folder


def client(data: Path, service: str, region: str) -> Any:
    session = botocore.session.Session()
    session.register_component(
        "data_loader", Loader(extra_search_paths=[str(data)], include_default_search_paths=False)
    )
    keys: Any = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
    return session.create_client(service, region_name=region, **keys)


def test_every_call_that_a_policy_allows_is_still_there() -> None:
    allowed = set()
    for function in FUNCTIONS.values():
        for policy in function.get("Policies", []):
            for statement in policy["Statement"]:
                actions = statement["Action"]
                allowed |= set(actions if isinstance(actions, list) else [actions])
    # What IAM alone speaks of; its calls are batches and transactions.
    allowed -= {"dynamodb:ConditionCheckItem"}
    assert len(allowed) > 10
    assert allowed <= {f"{service}:{name}" for service, names in slim.OPERATIONS.items() for name in names} | {
        # Asked for by the mapping of a queue, not by a function.
        *("sqs:ReceiveMessage", "sqs:DeleteMessage"),
    }


@pytest.mark.parametrize("service", SERVICES)
def test_what_stays_is_as_it_was(data: Path, service: str) -> None:
    (version,) = (data / service).iterdir()
    whole = json.loads(gzip.decompress((WHOLE / service / version.name / "service-2.json.gz").read_bytes()))
    cut = json.loads((version / "service-2.json").read_bytes())
    one, other = ServiceModel(whole, service), ServiceModel(cut, service)
    assert set(other.operation_names) == slim.OPERATIONS[service]
    assert cut["metadata"] == whole["metadata"]
    for name in other.operation_names:
        for side in ("input_shape", "output_shape", "error_shapes"):
            shapes = getattr(one.operation_model(name), side), getattr(other.operation_model(name), side)
            assert str(shapes[0]) == str(shapes[1])
    for name, shape in cut["shapes"].items():
        assert shape == slim._undocumented(whole["shapes"][name])
    assert '"documentation":"' not in (version / "service-2.json").read_text("utf-8")


@pytest.mark.parametrize("region", ["eu-central-1", "us-gov-west-1", "cn-north-1"])
@pytest.mark.parametrize("service", SERVICES)
def test_endpoints_are_those_of_the_whole_data(data: Path, service: str, region: str) -> None:
    one, other = client(WHOLE, service, region), client(data, service, region)
    assert one.meta.endpoint_url == other.meta.endpoint_url
    assert one.meta.config.signature_version == other.meta.config.signature_version
    assert one._request_signer.region_name == other._request_signer.region_name


def test_all_else_is_gone(data: Path) -> None:
    assert {each.name for each in data.iterdir()} == {*SERVICES, *slim.SHARED, "endpoints.json"}
    assert sum(file.stat().st_size for file in data.rglob("*") if file.is_file()) < 200_000


PACKAGE = '''
"""Offers much."""
import sys
from pathlib import Path

from offered.heavy import Heavy as Great, light
from .near import NEAR
from offered.used import VALUE
from offered.star import *

__all__ = ["Great", "light"]
DOUBLED = VALUE * 2
'''


@pytest.fixture
def offered(tmp_path: Path) -> Path:
    package = tmp_path / "offered"
    package.mkdir()
    (package / "__init__.py").write_text(PACKAGE, "utf-8")
    (package / "heavy.py").write_text("Heavy, light = 1, 2\n", "utf-8")
    (package / "near.py").write_text("NEAR = 3\n", "utf-8")
    (package / "used.py").write_text("VALUE = 4\n", "utf-8")
    (package / "star.py").write_text("SHINING = 5\n", "utf-8")
    lazy.main(tmp_path, ["offered"])
    return tmp_path


def said(folder: Path, script: str) -> str:
    return subprocess.check_output([sys.executable, "-c", script], cwd=folder, text=True).strip()


def test_a_name_is_imported_when_it_is_asked_for(offered: Path) -> None:
    script = (
        "import sys, offered; print('offered.heavy' in sys.modules, offered.DOUBLED, offered.SHINING);"
        "from offered import Great, light, NEAR; print(Great, light, NEAR, 'offered.heavy' in sys.modules)"
    )
    assert said(offered, script).splitlines() == ["False 8 5", "1 2 3 True"]


def test_a_name_that_is_not_offered_is_none(offered: Path) -> None:
    script = "import offered; print(hasattr(offered, 'nothing'), 'Great' in dir(offered), offered.__doc__)"
    assert said(offered, script) == "False True Offers much."


@pytest.fixture(scope="module")
def without_fields(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """pydantic_core as the layer holds it."""
    folder = tmp_path_factory.mktemp("typed")
    shutil.copytree(Path(pydantic_core.__file__).parent, folder / "pydantic_core")
    typed_dicts.main([folder / "pydantic_core" / "core_schema.py"])
    return folder


USE = """
import json
from typing import Annotated, Literal
from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from pydantic_core import core_schema
class Inner(BaseModel, extra="forbid"):
    kind: Literal["a", "b"]
    share: Annotated[float, Field(ge=0, le=1)] = 0.5
class Outer(BaseModel):
    inner: list[Inner] | None
    by: dict[str, tuple[int, ...]]
found = [Outer.model_validate({"inner": [{"kind": "a"}], "by": {"x": [1, 2]}}).model_dump_json()]
try:
    Outer.model_validate({"inner": [{"kind": "c", "share": 2, "more": 1}], "by": 3})
except ValidationError as error:
    found.append(json.loads(error.json()))
found += [Outer.model_json_schema(), TypeAdapter(set[int]).validate_json("[1, 1]") == {1}]
found += [core_schema.str_schema(max_length=3), sorted(name for name in vars(core_schema) if name[0] != "_")]
print(json.dumps([len(core_schema.StringSchema.__annotations__), found]))
"""


def test_pydantic_without_the_fields_of_its_typed_dictionaries_is_the_same(
    without_fields: Path, tmp_path: Path
) -> None:
    (cut, ours), (whole, theirs) = (json.loads(said(folder, USE)) for folder in (without_fields, tmp_path))
    assert (cut, whole > 3) == (0, True)
    assert ours == theirs


def test_a_module_without_typed_dictionaries_is_told() -> None:
    with pytest.raises(SystemExit, match="no typed dictionaries"):
        typed_dicts.rewritten("class A:\n    x: int\n")
