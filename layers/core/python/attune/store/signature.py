"""Signature Version 4 of calls to one address: what is the same for all calls of a day is made once.

How it is done is learned from a request that botocore signed; where that request would not get the very same signature
here, nothing is learned.
"""

import hmac
from datetime import datetime
from hashlib import sha256
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials

_ALGORITHM: Final = "AWS4-HMAC-SHA256"
_STAMP: Final = "%Y%m%dT%H%M%SZ"
_SCOPED: Final = 5
"""Parts of what a credential is good for: the key, the day, the region, the service and the kind of request."""


class _Key(NamedTuple):
    """What signs for a day."""

    credentials: ReadOnlyCredentials
    day: str
    secret: bytes


class Signer:
    """Signs calls that go to one address, in one region, to one service."""

    def __init__(self, url: str, region: str, service: str, kind: str, agent: str) -> None:
        self.url = url
        self._host, self._region, self._service = urlsplit(url).netloc, region, service
        self._kind = kind
        self._same = {"Content-Type": kind, "User-Agent": agent}
        self._key: _Key | None = None

    def headers(self, target: str, body: bytes, credentials: ReadOnlyCredentials, now: datetime) -> dict[str, str]:
        """All headers of a call that is made now."""
        stamp = now.strftime(_STAMP)
        headers = {
            **self._same,
            "X-Amz-Target": target,
            "X-Amz-Date": stamp,
            "Content-Length": str(len(body)),
            "Authorization": self.authorization(target, body, credentials, stamp),
        }
        if credentials.token:
            headers["X-Amz-Security-Token"] = credentials.token
        return headers

    def authorization(self, target: str, body: bytes, credentials: ReadOnlyCredentials, stamp: str) -> str:
        """The header with the signature of a call that is made at a moment."""
        day, token = stamp[:8], credentials.token
        scope = f"{day}/{self._region}/{self._service}/aws4_request"
        named, said = ("x-amz-security-token;", f"x-amz-security-token:{token}\n") if token else ("", "")
        signed = f"content-type;host;x-amz-date;{named}x-amz-target"
        canonical = (
            f"POST\n/\n\ncontent-type:{self._kind}\nhost:{self._host}\nx-amz-date:{stamp}\n{said}x-amz-target:{target}\n"
            f"\n{signed}\n{sha256(body).hexdigest()}"
        )
        text = f"{_ALGORITHM}\n{stamp}\n{scope}\n{sha256(canonical.encode()).hexdigest()}"
        signature = hmac.digest(self._secret(credentials, day), text.encode(), "sha256").hex()
        return (
            f"{_ALGORITHM} Credential={credentials.access_key}/{scope}, SignedHeaders={signed}, Signature={signature}"
        )

    def _secret(self, credentials: ReadOnlyCredentials, day: str) -> bytes:
        key = self._key
        if key is None or key.day != day or key.credentials != credentials:
            secret = f"AWS4{credentials.secret_key}".encode()
            for part in (day, self._region, self._service, "aws4_request"):
                secret = hmac.digest(secret, part.encode(), "sha256")
            key = self._key = _Key(credentials, day, secret)
        return key.secret


def learned(request: AWSRequest, credentials: ReadOnlyCredentials) -> Signer | None:
    """What signs as this request was signed; None where its signature was made in another way."""
    headers, body = request.headers, request.data
    told = str(headers.get("Authorization"))
    scope = told.partition("Credential=")[2].partition(",")[0].split("/")
    if not isinstance(body, bytes) or len(scope) != _SCOPED:
        return None
    signer = Signer(
        str(request.url), scope[2], scope[3], str(headers.get("Content-Type")), str(headers.get("User-Agent"))
    )
    again = signer.authorization(str(headers.get("X-Amz-Target")), body, credentials, str(headers.get("X-Amz-Date")))
    return signer if hmac.compare_digest(again, told) else None
