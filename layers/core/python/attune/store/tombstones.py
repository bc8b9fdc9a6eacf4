"""That somebody was erased, and nothing else about them: a keyed hash of their id.

The key is a secret of its own, so that the table alone does not tell whether an id that somebody knows is among them.
"""

import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime

from pynamodb.transactions import TransactWrite

from attune.store import keys, table
from attune.store.items import TombstoneItem


def _none() -> str:
    raise RuntimeError("nobody said where the key of the tombstones is")


key: Callable[[], str] = _none
"""Reads the secret when it is needed: whoever starts the code puts its reader here (`attune.edge.tombs`)."""


def name(learner: str) -> str:
    """What is left of a learner."""
    return hmac.new(key().encode(), learner.encode(), hashlib.sha256).hexdigest()


def find(learner: str, now: datetime) -> TombstoneItem | None:
    """The tombstone of a learner, if there is one."""
    return table.get(TombstoneItem, keys.tombstone(name(learner)), now, consistent=True)


def refuse(transaction: TransactWrite, learner: str) -> None:
    """Have a transaction fail if the learner was erased."""
    at = keys.tombstone(name(learner))
    transaction.condition_check(TombstoneItem, at.pk, at.sk, condition=TombstoneItem.pk.does_not_exist())
