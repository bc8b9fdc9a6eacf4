"""Keys as CloudFormation resources: made once, never rotated, and every request is answered.

The parameter of the guests' signing key holds the private key as PEM; what the stack sees is the JSON Web Key Set of
its public half. Of a secret, the stack sees nothing.
"""

import json
import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPSConnection
from typing import Any, cast
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from attune import start
from attune.edge import aws
from attune.edge.tokens import GUEST_ALGORITHM, thumbprint

ANSWER_SECONDS = 10
HASHING = "hashing"
SECRET_BYTES = 32
SIGNS = "Signs the tokens of Attune's guests; without it all of them are void"
HASHES = "Hashes the ids of erased learners; without it nobody knows that they were erased"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Key:
    """The parameter that is to hold the key, and whether it goes when the stack goes. It signs, or is a mere secret."""

    parameter: str
    goes_with_the_stack: bool
    signs: bool = True

    @classmethod
    def of(cls, properties: Mapping[str, str]) -> "Key":
        # CloudFormation sends every value as text.
        goes, signs = properties.get("DeleteKey") == "true", properties.get("Kind") != HASHING
        return cls(properties["ParameterName"], goes, signs)

    def keep(self, ssm: Any) -> dict[str, str]:
        """The public half, if it has one, of the key that is there, or of a new one where there is none."""
        try:
            held = self._read(ssm)
        except ssm.exceptions.ParameterNotFound:
            held = self._write(ssm, new_key() if self.signs else secrets.token_hex(SECRET_BYTES))
        return {"PublicKeys": json.dumps({"keys": [public_jwk(held)]})} if self.signs else {}

    def leave(self, ssm: Any) -> dict[str, str]:
        """Tokens outlive a stack that is deleted by mistake, unless the owner said that they need not."""
        if self.goes_with_the_stack:
            try:
                ssm.delete_parameter(Name=self.parameter)
            except ssm.exceptions.ParameterNotFound:
                log.info("the key was gone already")
        return {}

    def _read(self, ssm: Any) -> str:
        return str(ssm.get_parameter(Name=self.parameter, WithDecryption=True)["Parameter"]["Value"])

    def _write(self, ssm: Any, pem: str) -> str:
        try:
            ssm.put_parameter(
                Name=self.parameter,
                Description=SIGNS if self.signs else HASHES,
                Value=pem,
                Type="SecureString",
                Overwrite=False,
            )
        except ssm.exceptions.ParameterAlreadyExists:  # a repeated request, or our own lost answer
            return self._read(ssm)
        return pem


def new_key() -> str:
    """A fresh P-256 private key as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def public_jwk(pem: str) -> dict[str, str]:
    """The public half as a JSON Web Key with the name that tokens call it by."""
    private = cast(ec.EllipticCurvePrivateKey, serialization.load_pem_private_key(pem.encode(), None))
    public = private.public_key()
    jwk: dict[str, str] = ECAlgorithm.to_jwk(public, as_dict=True)
    return {**jwk, "kid": thumbprint(public), "use": "sig", "alg": GUEST_ALGORITHM}


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
