"""The hash, the ranges and the namespaces on GrowthBook's public vectors, if they are there."""

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from attune.domain.experiments.buckets import bucket, place, place_in_layer
from attune.domain.experiments.ranges import Range, arm_ranges, choose
from tools.template import ROOT

DATA = Path(os.environ.get("ATTUNE_DATA", ROOT.parent / "shared" / "data"))
FILE = "growthbook_cases.json"


@cache
def vectors() -> dict[str, list[Any]]:
    file = DATA / FILE
    if not file.exists():
        pytest.skip(f"needs GrowthBook's test cases as {FILE} in {DATA}, or in the folder that ATTUNE_DATA names")
    found: dict[str, list[Any]] = json.loads(file.read_text("utf-8"))
    return found


def test_b36_all_57_vectors_of_the_hash_pass() -> None:
    passed = 0
    for seed, value, version, wanted in vectors()["hash"]:
        assert bucket(seed, value, version) == wanted
        passed += 1
    for name, (count, coverage, weights), wanted in vectors()["getBucketRange"]:
        found = arm_ranges(weights if weights and len(weights) == count else [1 / count] * count, coverage)
        assert [(round(one.start, 9), round(one.end, 9)) for one in found] == [tuple(each) for each in wanted], name
        passed += 1
    for name, where, ranges, wanted in vectors()["chooseVariation"]:
        number = choose(where, [Range(*each) for each in ranges])
        assert (-1 if number is None else number) == wanted, name
        passed += 1
    for name, user, (namespace, start, end), wanted in vectors()["inNamespace"]:
        assert Range(start, end).holds(place_in_layer(namespace, user)) is wanted, name
        passed += 1
    assert passed == 57


def test_the_hash_without_the_vectors() -> None:
    """Some of them, so that a machine without the file notices a change."""
    assert (place("seed", "a"), place("foo", "def")) == (0.0505, 0.2019)
    assert bucket("ef", "d", 1) == 0.652
    assert bucket("abc", "def", 99) is None
