"""Whether the bytes of an object may be read now: archived ones only once they are restored."""

from __future__ import annotations

from openyun.operation import Call
from openyun.services.oss.bucket.switches import reads_archive
from openyun.services.oss.errors import InvalidObjectState
from openyun.services.oss.object.storage_class import is_readable
from openyun.services.oss.records import Bucket, Object


def check_readable(call: Call, one: Object) -> None:
    """Raises InvalidObjectState."""
    if is_readable(one, call.now):
        return
    if one.storage_class == "Archive":
        bucket = call.state.get(Bucket, one.bucket)
        if bucket is not None and reads_archive(call.state, bucket):
            return
    raise InvalidObjectState(ObjectName=one.name)
