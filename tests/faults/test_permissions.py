"""M2: each function's policy holds the calls that it makes and no other, seen over all the ways that it can be met."""

from collections.abc import Iterator

import pytest

from attune import vault
from attune.edge import aws
from attune.settings import settings
from attune.store import tombstones
from tests.faults.conftest import FUNCTIONS, Site
from tests.faults.own_ways import OWN
from tests.faults.ways import WAYS, Trial
from tests.functions.actions import allowed


def met(trial: Trial) -> Iterator[str]:
    """Meet it in one way after the other, each from the beginning, until it was seen doing all that it may."""
    asked = () if trial.name == "make_keys" else WAYS
    for one in (*asked, *OWN.get(trial.name, ())):
        if not trial.surplus:
            return
        trial.site.reset()
        one(trial)
        yield one.__name__


@pytest.fixture(autouse=True)
def _secret(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key of the tombstones is read as it is where functions run."""
    monkeypatch.setattr(tombstones, "key", lambda: vault.read(settings.tombstone_key_parameter))
    name = settings.tombstone_key_parameter
    aws.client("ssm").put_parameter(Name=name, Value="a key", Type="SecureString", Overwrite=True)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_m2_m3_a_policy_is_the_calls_that_are_made(site: Site, name: str) -> None:
    trial = Trial(site, name)
    ways = list(met(trial))
    assert trial.used.actions <= allowed(FUNCTIONS[name].id)
    assert trial.surplus == set(), ways
