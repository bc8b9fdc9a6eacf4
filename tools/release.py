"""`make deploy` keeps the release that it replaces; `make rollback` brings the newest of those back.

A release is the template as it was deployed, which names the artefacts by hash, with the values of its parameters. It
is kept beside the artefacts, in the bucket that SAM uploads to and from which it deletes nothing: so whoever may deploy
can roll back, from any machine.
"""

import argparse
import hashlib
import json
import re
import sys
import tomllib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final

import boto3
from botocore.exceptions import BotoCoreError, ClientError, WaiterError

from tools.errors import OperatorError
from tools.template import ROOT

ARTEFACT: Final = re.compile(r"s3://([a-z0-9.-]+)/(?:([\w./-]+)/)?[0-9a-f]{32}\b")
FOLDER: Final = "releases"
MOST: Final = 50
"""Releases that are looked through, the newest first."""


@dataclass(frozen=True, slots=True)
class Release:
    """What was deployed: the template, the values of its parameters, and what CloudFormation was allowed to make."""

    template: str
    parameters: dict[str, str]
    capabilities: list[str]

    @property
    def id(self) -> str:
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:12]

    @property
    def place(self) -> tuple[str, str]:
        """The bucket and the prefix of the artefacts. Raises `OperatorError` where the template names none."""
        found = ARTEFACT.search(self.template)
        if found is None:
            raise OperatorError("The deployed template names no artefacts in a bucket: it was not deployed by SAM.")
        return found[1], f"{found[2]}/{FOLDER}/" if found[2] else f"{FOLDER}/"


class Releases:
    """The releases of a stack."""

    def __init__(self, stack: str, region: str | None = None) -> None:
        self._stack = stack
        self._cloudformation: Any = boto3.client("cloudformation", region_name=region)
        self._s3: Any = boto3.client("s3", region_name=region)

    def deployed(self) -> Release | None:
        """What is deployed now; None before the first deployment."""
        try:
            (found,) = self._cloudformation.describe_stacks(StackName=self._stack)["Stacks"]
        except ClientError as error:
            if "does not exist" in str(error):
                return None
            raise
        body = self._cloudformation.get_template(StackName=self._stack, TemplateStage="Original")["TemplateBody"]
        return Release(
            body if isinstance(body, str) else json.dumps(body),
            {each["ParameterKey"]: each["ParameterValue"] for each in found.get("Parameters", ())},
            sorted({*found.get("Capabilities", ()), "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"}),
        )

    def keep(self) -> str:
        """Keep what is deployed, before something else is; says what was done."""
        release = self.deployed()
        if release is None:
            return f"{self._stack} is not deployed yet: there is nothing to keep"
        if self.kept()[:1] == [release]:
            return f"{self._stack}: release {release.id} is kept already"
        bucket, prefix = release.place
        name = f"{prefix}{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}-{release.id}.json"
        self._s3.put_object(Bucket=bucket, Key=name, Body=json.dumps(asdict(release)).encode())
        return f"{self._stack}: kept release {release.id}"

    def kept(self) -> list[Release]:
        """The newest of those that were kept, the newest first."""
        release = self.deployed()
        if release is None:
            return []
        bucket, prefix = release.place
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        names = sorted((each["Key"] for page in pages for each in page.get("Contents", ())), reverse=True)
        names = [name for name in names if name.endswith(".json")][:MOST]
        bodies = [self._s3.get_object(Bucket=bucket, Key=name)["Body"].read() for name in names]
        return [Release(**json.loads(body)) for body in bodies]

    def rollback(self, wanted: str | None = None) -> str:
        """Deploy the newest kept release that is not the deployed one, or the one that is named; says which."""
        now = self.deployed()
        if now is None:
            raise OperatorError(f"{self._stack} is not deployed.")
        others = [each for each in self.kept() if each != now and wanted in (None, each.id)]
        if not others:
            raise OperatorError(f"No other release {wanted or ''} of {self._stack} was kept.".replace("  ", " "))
        before = others[0]
        self._deploy(before)
        return f"{self._stack}: release {before.id} is back, in the place of {now.id}"

    def _deploy(self, release: Release) -> None:
        bucket, prefix = release.place
        name = f"{prefix}{release.id}.template"
        # A template of this size is read from a bucket, not from the request.
        self._s3.put_object(Bucket=bucket, Key=name, Body=release.template.encode())
        self._cloudformation.update_stack(
            StackName=self._stack,
            TemplateURL=f"{self._s3.meta.endpoint_url}/{bucket}/{name}",
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in release.parameters.items()],
            Capabilities=release.capabilities,
        )
        try:
            self._cloudformation.get_waiter("stack_update_complete").wait(StackName=self._stack)
        except WaiterError as error:
            raise OperatorError(f"{self._stack} was not rolled back; its events say why: {error}") from error


def settings(config: str) -> dict[str, Any]:
    """What `samconfig.toml` says of a deployment. Raises `OperatorError` for one that it does not know."""
    known = tomllib.loads((ROOT / "samconfig.toml").read_text("utf-8"))
    if config not in known or config == "version":
        raise OperatorError(f"samconfig.toml has no deployment {config}.")
    return {**known[config]["global"]["parameters"], **known[config]["deploy"]["parameters"]}


def main(arguments: list[str] | None = None) -> int:
    """0 where it was done; 2, and why, where it could not be."""
    parser = argparse.ArgumentParser(prog="python -m tools.release", description=__doc__)
    parser.add_argument("what", choices=("keep", "list", "rollback"))
    parser.add_argument("--config", default="default", help="the deployment of samconfig.toml")
    parser.add_argument("--to", help="the id of a release of `list`")
    options = parser.parse_args(arguments)
    try:
        found = settings(options.config)
        releases = Releases(found["stack_name"], found.get("region"))
        does: dict[str, Callable[[], list[str]]] = {
            "keep": lambda: [releases.keep()],
            "list": lambda: [each.id for each in releases.kept()],
            "rollback": lambda: [releases.rollback(options.to)],
        }
        for line in does[options.what]():
            print(f"  {line}", flush=True)
    except OperatorError as error:
        print(f"attune: {error}", file=sys.stderr)
        return 2
    except (BotoCoreError, ClientError) as error:
        print(f"attune: AWS cannot do it: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
