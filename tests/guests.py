"""The key that signs the tokens of guests here, and what functions are told of it."""

import json

from tests.builders import GUESTS
from tools.issuer import new_key, public_jwk

PRIVATE_KEY = new_key()
KEY_PARAMETER = "/attune/guest-signing-key"
ENVIRONMENT = {
    "GUEST_ISSUER": GUESTS,
    "GUEST_KEY_PARAMETER": KEY_PARAMETER,
    "GUEST_PUBLIC_KEYS": json.dumps({"keys": [public_jwk(PRIVATE_KEY)]}),
    "GUEST_PUBLIC_KEYS_PARAMETER": "/attune/guest-public-keys",
}
