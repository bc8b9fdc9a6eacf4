"""What a lesson's text cannot hold, unless its author wrote it: HTML, code that runs, addresses, commands."""

import re
from collections import Counter
from collections.abc import Iterator

from attune.domain.fidelity.case import Case
from attune.domain.pieces import outside

_TAG = re.compile(r"<[A-Za-z/!?>]")
_EXPRESSION = re.compile(r"\{[^{}]*\}?")
_MODULE = re.compile(r"(?m)^[ \t]*(?:import|export)\b.*(?:['\"{=]|\b(?:default|const|let|function|class|from)\b)")
_SCHEME = re.compile(r"(?i)\b(?:javascript\s*:(?=\S)|vbscript\s*:(?=\S)|data:\w+/\w|file://)")
# Lengths are bounded, so that a text full of points costs no more than its size.
_ADDRESS = re.compile(
    r"(?i)\b(?:[a-z][a-z0-9+.-]{1,15}://[^\s<>]+|[\w.+-]{1,64}@[\w-]{1,63}\.\w"
    r"|(?:[a-z0-9-]{1,63}\.){1,4}[a-z]{2,24}/[^\s<>]*)"
)
_COMMAND = re.compile(r"(?i)\brm\s{1,9}-\w|\b(?:curl|wget)\s{1,9}\S{0,99}[./-]\w|\|\s{0,9}(?:ba|z)?sh\b")


def faults(case: Case) -> Iterator[str]:
    source, written = (
        outside(case.source, case.before.pieces) + case.definitions,
        outside(case.written, case.after.pieces),
    )
    for pattern, reason in (
        (_TAG, "The text holds raw HTML."),
        (_EXPRESSION, "The text holds a {…} expression."),
        (_MODULE, "The text holds an import or export."),
        (_SCHEME, "The text holds an address that runs code."),
        (_ADDRESS, "There is an address that the source does not have."),
        (_COMMAND, "There is a command that the source does not have."),
    ):
        if Counter(pattern.findall(written)) - Counter(pattern.findall(source)):
            yield reason
