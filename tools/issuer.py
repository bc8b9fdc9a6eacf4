"""A local OIDC issuer: a real key, discovery and JWKS over real HTTP, and tokens for whoever asks this process.

It makes keys by itself, as a stranger would: `make run` has the package only where its functions run.
"""

import base64
import hashlib
import json
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tools.files import write_private
from tools.server import Server

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

ALGORITHM = "ES256"


def new_key() -> str:
    """A fresh P-256 private key as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def public_jwk(pem: str) -> dict[str, str]:
    """The public half as a JWK whose `kid` is its RFC 7638 thumbprint."""
    private = cast(ec.EllipticCurvePrivateKey, serialization.load_pem_private_key(pem.encode(), None))
    jwk: dict[str, str] = jwt.algorithms.ECAlgorithm.to_jwk(private.public_key(), as_dict=True)
    required = {name: jwk[name] for name in ("crv", "kty", "x", "y")}
    digest = hashlib.sha256(json.dumps(required, sort_keys=True, separators=(",", ":")).encode()).digest()
    thumbprint = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return {**required, "kid": thumbprint, "use": "sig", "alg": ALGORITHM}


class Issuer:
    """Serves from the moment it is made. With a file, the key is kept there (mode 0600) and is the same next time."""

    def __init__(self, audience: str, admin_scope: str, key_file: Path | None = None, port: int = 0) -> None:
        if key_file and key_file.exists():
            self._pem = key_file.read_text("utf-8")
        else:
            self._pem = new_key()
            if key_file:
                write_private(key_file, self._pem)
        self._jwk = public_jwk(self._pem)
        self._audience, self._admin_scope = audience, admin_scope
        self._server = Server(self._answer, port)
        self.url = self._server.url

    def account(self, subject: str, *scopes: str, lifetime: int = 86_400, **claims: Any) -> str:
        """A token of a signed-in learner; `claims` overrides any claim, and None leaves one out."""
        now = int(time.time())
        payload = {
            "iss": self.url,
            "sub": subject,
            "aud": self._audience,
            "iat": now,
            "exp": now + lifetime,
            "scope": " ".join(("openid", *scopes)),
            **claims,
        }
        payload = {name: value for name, value in payload.items() if value is not None}
        return jwt.encode(payload, self._pem, ALGORITHM, headers={"kid": self._jwk["kid"]})

    def admin(self, subject: str = "owner", **claims: Any) -> str:
        """A token of the owner of the course."""
        return self.account(subject, self._admin_scope, **claims)

    def close(self) -> None:
        self._server.close()

    def _answer(self, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        documents: dict[str, dict[str, Any]] = {
            "/.well-known/openid-configuration": {
                "issuer": self.url,
                "jwks_uri": f"{self.url}/jwks.json",
                "authorization_endpoint": f"{self.url}/authorize",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": [ALGORITHM],
            },
            "/jwks.json": {"keys": [self._jwk]},
        }
        found = documents.get(environ["PATH_INFO"])
        status = "200 OK" if found else "404 Not Found"
        body = json.dumps(found or {"error": "not_found"}).encode()
        start(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]
