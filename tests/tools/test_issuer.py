"""The local issuer is one that any OIDC client would accept."""

import base64
import hashlib
import json
import stat
from pathlib import Path

import jwt
import pytest

from tools.client import Client
from tools.issuer import Issuer, new_key, public_jwk


def verified(issuer: Issuer, token: str) -> dict[str, object]:
    """As a relying party does it: discovery, key set, signature, claims."""
    found = Client(issuer.url).get("/.well-known/openid-configuration").json
    assert found["issuer"] == issuer.url
    keys = jwt.PyJWKSet.from_dict(Client(issuer.url).get(found["jwks_uri"].removeprefix(issuer.url)).json)
    key = next(each for each in keys.keys if each.key_id == jwt.get_unverified_header(token)["kid"])
    claims: dict[str, object] = jwt.decode(token, key, algorithms=["ES256"], audience="attune", issuer=issuer.url)
    return claims


def test_tokens_verify_and_say_who_may_what(tmp_path: Path) -> None:
    issuer = Issuer("attune", "attune:admin", tmp_path / "key.pem")
    try:
        assert verified(issuer, issuer.account("ada", "sessions:write"))["scope"] == "openid sessions:write"
        claims = verified(issuer, issuer.admin(groups=["staff"], iat=None))
        assert (claims["sub"], claims["scope"], claims["groups"]) == ("owner", "openid attune:admin", ["staff"])
        assert "iat" not in claims
        with pytest.raises(jwt.ExpiredSignatureError):
            verified(issuer, issuer.account("ada", lifetime=-1))
        assert Client(issuer.url).send("GET", "/elsewhere").status == 404
    finally:
        issuer.close()
    again = Issuer("attune", "attune:admin", tmp_path / "key.pem")
    again.close()
    assert again._jwk == issuer._jwk
    assert stat.S_IMODE((tmp_path / "key.pem").stat().st_mode) == 0o600


def test_a_key_is_named_by_its_thumbprint() -> None:
    jwk = public_jwk(new_key())
    required = json.dumps({name: jwk[name] for name in ("crv", "kty", "x", "y")}, separators=(",", ":"))
    digest = base64.urlsafe_b64encode(hashlib.sha256(required.encode()).digest()).decode().rstrip("=")
    assert jwk["kid"] == digest
    assert "d" not in jwk
