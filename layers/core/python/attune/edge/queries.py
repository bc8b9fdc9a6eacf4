"""Numbers and truths of a query, which are text there: each has the form in which the contract's JSON writes it."""

import re
from typing import Any, Final

from pydantic import BeforeValidator
from pydantic_core import PydanticKnownError

# A whole number may be written as `2.0`, in a query as in a body.
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,15})(?:\.0{1,15})?")
_TRUTHS = {"true": True, "false": False}


def _whole(sent: Any) -> int:
    if isinstance(sent, str) and _WHOLE.fullmatch(sent):
        return int(sent.partition(".")[0])
    raise PydanticKnownError("int_parsing")


def _truth(sent: Any) -> bool:
    if isinstance(sent, str) and sent in _TRUTHS:
        return _TRUTHS[sent]
    raise PydanticKnownError("bool_parsing")


WHOLE: Final = BeforeValidator(_whole)
"""No sign, zero, space or underscore more than a number needs: pydantic would take `1_0` for 10."""
TRUTH: Final = BeforeValidator(_truth)
"""`true` and `false`: pydantic would take `on` and `y` as well."""
