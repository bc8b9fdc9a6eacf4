"""Keys as CloudFormation resources: made once, kept by every update, and every request is answered.

The parameter of the guests' signing key holds the private key as PEM; what the stack sees is the JSON Web Key Set that
is published, of the key and those before it. Of a secret, the stack sees nothing.
"""

import json
import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from attune import start
from attune.edge import aws
from attune.edge.clock import clock
from attune.edge.rotation import Ring
from attune.edge.signing import new_key

ANSWER_SECONDS = 10
HASHING = "hashing"
SECRET_BYTES = 32
SIGNS = "Signs the tokens of Attune's guests; without it all of them are void"
HASHES = "Hashes the ids of erased learners; without it nobody knows that they were erased"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Key:
    """The parameter that is to hold the key, and whether it goes when the stack goes.

    A key that signs has its public half in the parameter `published`; a mere secret has none.
    """

    parameter: str
    goes_with_the_stack: bool
    published: str = ""

    @classmethod
    def of(cls, properties: Mapping[str, str]) -> "Key":
        # CloudFormation sends every value as text.
        goes = properties.get("DeleteKey") == "true"
        published = "" if properties.get("Kind") == HASHING else properties["PublicParameterName"]
        return cls(properties["ParameterName"], goes, published)

    def keep(self, ssm: Any) -> dict[str, str]:
        """Makes the key where there is none; the public halves of what signs and has signed."""
        try:
            ssm.get_parameter(Name=self.parameter, WithDecryption=True)
        except ssm.exceptions.ParameterNotFound:
            self._write(ssm, new_key() if self.published else secrets.token_hex(SECRET_BYTES))
        if not self.published:
            return {}
        keys = Ring(ssm, self.parameter, self.published).publish(clock.now())
        return {"PublicKeys": json.dumps({"keys": keys}, separators=(",", ":"))}

    def leave(self, ssm: Any) -> dict[str, str]:
        """Tokens outlive a stack that is deleted by mistake, unless the owner said that they need not."""
        if not self.goes_with_the_stack:
            return {}
        if self.published:
            Ring(ssm, self.parameter, self.published).remove()
            return {}
        try:
            ssm.delete_parameter(Name=self.parameter)
        except ssm.exceptions.ParameterNotFound:
            log.info("the key was gone already")
        return {}

    def _write(self, ssm: Any, value: str) -> None:
        try:
            ssm.put_parameter(
                Name=self.parameter,
                Description=SIGNS if self.published else HASHES,
                Value=value,
                Type="SecureString",
                Overwrite=False,
            )
        except ssm.exceptions.ParameterAlreadyExists:  # a repeated request, or our own lost answer
            log.info("the key was made already")


def handler(make_client: Callable[[str], Any] = aws.client) -> Callable[[dict[str, Any], Any], None]:
    """The Lambda handler: without an answer CloudFormation would wait for as long as it is allowed to."""

    def lambda_handler(event: dict[str, Any], context: Any) -> None:
        answer = {
            # One name for ever: a changed one would make CloudFormation delete what the old one stands for.
            "PhysicalResourceId": event["ResourceProperties"].get("ParameterName", event["LogicalResourceId"]),
            **{name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")},
        }
        try:
            key = Key.of(event["ResourceProperties"])
            act = key.leave if event["RequestType"] == "Delete" else key.keep
            answer |= {"Status": "SUCCESS", "Data": act(make_client("ssm"))}
        except Exception as error:
            log.exception("the key could not be made or left")
            answer |= {"Status": "FAILED", "Reason": f"{type(error).__name__}: see {context.log_stream_name}"}
        _put(event["ResponseURL"], json.dumps(answer).encode())

    start.end()
    return lambda_handler


def _put(url: str, body: bytes) -> None:
    target = urlsplit(url)
    # Only embedded services answer without TLS; the address is signed, and the signature covers an empty content type.
    kind = HTTPSConnection if target.scheme == "https" else HTTPConnection
    connection = kind(target.netloc, timeout=ANSWER_SECONDS)
    try:
        connection.request("PUT", f"{target.path}?{target.query}", body, {"Content-Type": ""})
        status = connection.getresponse().status
    finally:
        connection.close()
    if status >= 300:
        # Lambda runs the function again, and the key that is there by now gives the same answer.
        raise RuntimeError(f"CloudFormation did not take the answer: {status}")
