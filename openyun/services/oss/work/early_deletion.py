"""What is deleted, or overwritten, before its storage class's shortest time is paid for until then."""

from __future__ import annotations

from openyun import usage
from openyun.operation import Call
from openyun.services.oss.records import Object, find_bucket
from openyun.services.oss.tally import SMALLEST_CHARGED
from openyun.usage import Usage

_DAY = 86400
SHORTEST = {"IA": 30 * _DAY, "Archive": 60 * _DAY, "ColdArchive": 180 * _DAY, "DeepColdArchive": 180 * _DAY}
"""seconds that an object is charged for at least"""


def note_early_deletion(call: Call, gone: Object) -> None:
    """In byte-hours: what would have been stored, for the hours that are left."""
    shortest = SHORTEST.get(gone.storage_class, 0)
    if not shortest:
        return
    now = call.now.timestamp()
    left = shortest - (now - gone.modified)
    hours = -(-int(left) // usage.HOUR)
    if hours <= 0:
        return
    usage.add(
        call.state,
        Usage(
            hour=usage.hour_of(now),
            service="oss",
            account_id=find_bucket(call.state, gone.bucket).account_id,
            region_id=call.region.id,
            resource=gone.bucket,
            meter=f"EarlyDeletion.{gone.storage_class}",
            quantity=max(gone.size, SMALLEST_CHARGED) * hours,
        ),
    )
