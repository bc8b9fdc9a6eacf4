"""`make bench`: cold starts, requests and growth, counted on the built artefact, beside peers. It ends by itself."""

import argparse
import sys

from tools.bench import measure
from tools.errors import OperatorError


def main(arguments: list[str] | None = None) -> int:
    """0 where all was measured; 2, and why, where it could not be."""
    parser = argparse.ArgumentParser(prog="python -m tools.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="four functions, three requests, one peer; writes no page")
    options = parser.parse_args(arguments)
    try:
        measure.run(quick=options.quick)
    except OperatorError as error:
        print(f"attune: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
