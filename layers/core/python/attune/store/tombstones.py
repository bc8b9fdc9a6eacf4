"""That somebody was erased, and nothing else about them: a keyed hash of their id.

The key is a secret of its own, so that the table alone does not tell whether an id that somebody knows is among them.
"""

import hashlib
import hmac
from datetime import datetime

from pynamodb.transactions import TransactWrite

from attune import vault
from attune.settings import settings
from attune.store import keys, table
from attune.store.items import TombstoneItem


def key() -> str:
    """The secret, read when it is needed."""
    return vault.read(settings.tombstone_key_parameter)


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
