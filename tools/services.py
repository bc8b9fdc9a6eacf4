"""MiniStack, the embedded AWS services: one process on loopback, with the table and queues of the template in it."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from mypy_boto3_sqs import SQSClient
from mypy_boto3_ssm import SSMClient

from tools import tables
from tools.errors import OperatorError
from tools.server import HOST
from tools.template import ROOT, Template

PORT = 4566
VENV = ROOT / ".local" / "services-venv"
REGION = "us-east-1"
TABLE = "attune"

# MiniStack ends, and saves, when this end of its standard input closes: whatever happens to us, it is not left behind.
_WRAPPER = """
import os, signal, sys, threading
threading.Thread(target=lambda: (sys.stdin.read(), os.kill(os.getpid(), signal.SIGTERM)), daemon=True).start()
from ministack.app import main
sys.argv = ["ministack"]
main()
"""


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of loopback now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError):
            probe.bind((HOST, port))
            return True
    return False


def is_healthy(endpoint: str) -> bool:
    """Whether MiniStack answers there."""
    asked = HTTPConnection(urlsplit(endpoint).netloc, timeout=1)
    with contextlib.suppress(OSError, HTTPException), contextlib.closing(asked):
        asked.request("GET", "/_ministack/health")
        return asked.getresponse().status == 200
    return False


class Services:
    """Started when made. With `data` the state is loaded from that folder and saved there by `stop`."""

    def __init__(self, data: Path | None = None, port: int = 0) -> None:
        python = VENV / "bin" / "python"
        if not python.exists():
            raise OperatorError(f"The embedded services are not installed in {VENV}: `make run` installs them.")
        if port and not is_free(port):
            raise OperatorError(f"Port {port} on {HOST} is taken: end what uses it, or choose another one.")
        port = port or _free_port()
        self.endpoint = f"http://{HOST}:{port}"
        self._clients: dict[str, Any] = {}
        self._scratch = None if data else Path(tempfile.mkdtemp(prefix="attune-"))
        folder = data or self._scratch
        assert folder  # noqa: S101
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._log = folder / "services.log"
        with self._log.open("w") as log:
            # A session of its own: the terminal's Ctrl-C is for us, and we end it when the handlers are done with it.
            self._process = subprocess.Popen(
                [str(python), "-c", _WRAPPER],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env=_environment(port, folder, persistent=data is not None),
            )
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + 30
        while not is_healthy(self.endpoint):
            if self._process.poll() is not None or time.monotonic() > deadline:
                said = self._log.read_text("utf-8", "replace").strip().splitlines()
                self.stop()
                raise OperatorError(
                    f"The embedded services did not start: {said[-1] if said else 'they said nothing'}."
                )
            time.sleep(0.03)

    def client(self, service: Any, **config: Any) -> Any:
        """A boto3 client of these services, whatever the environment says; one for each service and configuration."""
        name = f"{service} {sorted(config.items())}"
        if name not in self._clients:
            self._clients[name] = boto3.Session().client(
                service,
                endpoint_url=self.endpoint,
                region_name=REGION,
                aws_access_key_id="local",
                aws_secret_access_key="local",  # noqa: S106
                config=Config(max_pool_connections=64, **config),
            )
        return self._clients[name]

    def stop(self) -> None:
        """Ends the process, which saves its state first if it keeps any."""
        while self._clients:
            self._clients.popitem()[1].close()
        if self._process.stdin:
            self._process.stdin.close()
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self._scratch:
            shutil.rmtree(self._scratch, ignore_errors=True)

    def provision(self, template: Template) -> dict[str, str]:
        """Makes the table and the queues unless they are there; gives what a reference to each is: a name, URLs."""
        name, properties = template.table
        tables.create(self.client("dynamodb"), TABLE, properties)
        return {name: TABLE, **_make_queues(self.client("sqs"), template.queues)}

    def parameter(self, name: str, value: str, *, replace: bool = True) -> str:
        """Stores a secret, or with `replace=False` finds the one that is there; gives what is stored."""
        ssm: SSMClient = self.client("ssm")
        if not replace:
            with contextlib.suppress(ssm.exceptions.ParameterNotFound):
                return ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
        ssm.put_parameter(Name=name, Value=value, Type="SecureString", Overwrite=True)
        return value


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _environment(port: int, folder: Path, *, persistent: bool) -> dict[str, str]:
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        "GATEWAY_PORT": str(port),
        "BIND_HOST": HOST,
        "PERSIST_STATE": "1" if persistent else "0",
        "STATE_DIR": str(folder / "services"),
        "TMPDIR": str(folder),
        "LOG_LEVEL": "WARNING",
        # Neither the SFTP nor the MQTT listener of the services is used here.
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
    }


def _make_queues(sqs: SQSClient, queues: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Dead-letter queues first, because the others name them."""
    urls: dict[str, str] = {}
    for name, properties in sorted(queues.items(), key=lambda each: "RedrivePolicy" in each[1]):
        attributes = {key: str(value) for key, value in properties.items() if key in _ATTRIBUTES}
        if redrive := properties.get("RedrivePolicy"):
            target = str(redrive["deadLetterTargetArn"]).removesuffix(".Arn")
            arn = sqs.get_queue_attributes(QueueUrl=urls[target], AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
            attributes["RedrivePolicy"] = json.dumps(
                {"deadLetterTargetArn": arn, "maxReceiveCount": int(redrive["maxReceiveCount"])}
            )
        known = sqs.list_queues(QueueNamePrefix=name).get("QueueUrls", [])
        url = next((each for each in known if each.endswith(f"/{name}")), None)
        if url is None:
            urls[name] = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]  # type: ignore[arg-type]
        else:
            sqs.set_queue_attributes(QueueUrl=url, Attributes=attributes)  # type: ignore[arg-type]
            urls[name] = url
    return urls


_ATTRIBUTES = {
    "VisibilityTimeout",
    "MessageRetentionPeriod",
    "MaximumMessageSize",
    "DelaySeconds",
    "ReceiveMessageWaitTimeSeconds",
}
