"""`make cost`: dollars of each request and of an active learner's month, by a file of prices, as `make bench` counted.

Time is what a request waits for the table and what its instructions take: both rates stand in `ASSUMED`.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tools.bench import layout
from tools.errors import OperatorError
from tools.tables_of_text import aligned

PRICES = Path(__file__).with_name("prices.json")
ASSUMED = {"ms_per_trip": 5.0, "instructions_per_ms": 2_000_000, "memory_gb": 1.0, "cold_share": 0.01}
"""A trip to the table; what a processor of 1 GB (0.58 of one) does in a millisecond; the share of cold starts."""
MONTH = {
    "recommendations, unchanged": 60,
    "recommendations, recomputed": 20,
    "recommendation, accepted": 20,
    "lesson, ready": 30,
    "lesson, original": 5,
    "lesson progress": 40,
    "session of ten": 20,
    "profile": 10,
    "progress": 10,
    "preferences": 4,
    "preferences, changed": 1,
    "book": 20,
}
"""What somebody asks in a month who learns on twenty days of it."""
GB = 1024**3
Json = Mapping[str, Any]


def request(measured: Json, cold: int, prices: Json, assumed: Json = ASSUMED) -> dict[str, float]:
    """Dollars of one request, by what they are for."""
    work = (measured["again"] + cold * assumed["cold_share"]) / assumed["instructions_per_ms"]
    seconds = (measured["trips"] * assumed["ms_per_trip"] + work) / 1000
    return {
        "requests": prices["api_request"] + prices["lambda_request"],
        "compute": seconds * assumed["memory_gb"] * prices["lambda_gb_second_arm64"],
        "table": measured["read"] * prices["read_unit"] + measured["written"] * prices["write_unit"],
        "logs": measured["log"] / GB * prices["log_gb"],
    }


def of(found: Json, prices: Json) -> dict[str, dict[str, float]]:
    """Dollars of each request. A function whose cold start was not counted is taken for the dearest that was."""
    cold = {name: one["instructions"] for name, one in found["cold"].items()}
    dearest = max(cold.values())
    return {
        name: request(sides["attune"], cold.get(sides["attune"]["function"], dearest), prices)
        for name, sides in found["requests"].items()
    }


def month(costs: Mapping[str, Mapping[str, float]]) -> float:
    """Dollars of an active learner's month."""
    return sum(sum(costs[name].values()) * times for name, times in MONTH.items() if name in costs)


def rows(costs: Mapping[str, Mapping[str, float]]) -> Iterator[tuple[str, ...]]:
    """Dollars per million of each request."""
    for name, parts in costs.items():
        dollars = [f"{value * 1e6:.2f}" for value in (*parts.values(), sum(parts.values()))]
        yield (name, *dollars, str(MONTH.get(name, 0)))


HEAD = ("request", "gateway and call", "compute", "table", "logs", "a million", "in a month")


def read_prices() -> Json:
    """The file of prices."""
    found: Json = json.loads(PRICES.read_text("utf-8"))
    return found


def read_found() -> Json:
    """What `make bench` counted last. OperatorError if it never ran here."""
    kept = layout.FOLDER / "found.json"
    if not kept.exists():
        raise OperatorError("Nothing was measured here yet: run `make bench`, or `make bench args=--quick` for a part.")
    found: Json = json.loads(kept.read_text("utf-8"))
    return found


def main() -> int:
    """Print the table; 2 if there is nothing to print it from."""
    try:
        found, prices = read_found(), read_prices()
    except OperatorError as error:
        print(f"attune: {error}", file=sys.stderr)
        return 2
    costs = of(found, prices)
    print("\n".join(aligned([HEAD, *rows(costs)])))
    print(f"an active learner's month: ${month(costs):.4f} ({prices['region']}, {prices['as_of']}; {prices['source']})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
