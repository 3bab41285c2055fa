"""Names of buckets: global, so they are given in the home region's state.

A bucket is made by taking its name first and writing its row second, and ends in the other order. Whoever is
interrupted in between repeats the request and finds the rest done or does it.
"""

from __future__ import annotations

import re

from openyun.services.oss.errors import BucketAlreadyExists, InvalidBucketName
from openyun.services.oss.records import BucketName
from openyun.state import Transaction

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")


def check_name(name: str) -> None:
    """Raises InvalidBucketName."""
    if not _NAME.fullmatch(name):
        raise InvalidBucketName(BucketName=name)


def region_of(home: Transaction, name: str) -> str | None:
    held = home.get(BucketName, name)
    return held.region_id if held else None


def take(home: Transaction, wanted: BucketName) -> None:
    """Repeatable for its owner in its region. Raises BucketAlreadyExists for all others."""
    held = home.get(BucketName, wanted.name)
    if held is None:
        home.insert(wanted)
    elif (held.account_id, held.region_id) != (wanted.account_id, wanted.region_id):
        raise BucketAlreadyExists(BucketName=wanted.name)


def give_back(home: Transaction, name: str, account_id: str, region_id: str) -> None:
    """Repeatable. A name that another took meanwhile stays taken."""
    held = home.get(BucketName, name)
    if held is not None and (held.account_id, held.region_id) == (account_id, region_id):
        home.delete(held)
