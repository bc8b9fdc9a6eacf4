"""Key pairs that sign guests' tokens, as PEM, and their public halves, as JSON Web Keys."""

from typing import cast

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from attune.edge.tokens import GUEST_ALGORITHM, thumbprint


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
