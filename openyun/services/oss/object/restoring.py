"""RestoreObject and CleanRestoredObject: an archived object becomes readable for some days.

The vendor takes a minute to two days for it, by class and tier. Here it takes seconds, and clients that wait for it
see the same states in the same order.
"""

from __future__ import annotations

import msgspec

from openyun.operation import Call
from openyun.services.oss import xml
from openyun.services.oss.errors import (
    ArchiveRestoreNotFinished,
    CannotRestore,
    InvalidArgument,
    InvalidObjectState,
    MalformedXML,
    RestoreAlreadyInProgress,
)
from openyun.services.oss.object.storage_class import ARCHIVES
from openyun.services.oss.object.versions import find_version, version_headers
from openyun.services.oss.records import find_bucket
from openyun.services.oss.service import ObjectRequest, OssResponse, oss

_SECONDS = {"Archive": 2, "ColdArchive": 3, "DeepColdArchive": 4}
_MOST_DAYS = {"Archive": 7, "ColdArchive": 365, "DeepColdArchive": 365}
_TIERS = {"ColdArchive": ("Expedited", "Standard", "Bulk"), "DeepColdArchive": ("Expedited", "Standard")}
_DAY = 24 * 3600


class RestoreObjectRequest(ObjectRequest, kw_only=True):
    version_id: str = msgspec.field(default="", name="versionId")
    document: bytes = b""


@oss.operation(resource="{bucket}/{key}")
def restore_object(call: Call, ask: RestoreObjectRequest) -> OssResponse:
    """202 when it begins; 200 when it only makes the restored object stay for longer."""
    bucket = find_bucket(call.state, ask.bucket)
    found = find_version(call.state, ask.bucket, ask.key, ask.version_id)
    if found.storage_class not in ARCHIVES or found.type == "Symlink":
        raise CannotRestore(Resource=ask.key)
    days, tier = _read(ask.document)
    if not 1 <= days <= _MOST_DAYS[found.storage_class]:
        raise MalformedXML
    if tier and found.storage_class == "Archive":
        raise MalformedXML
    if tier and tier not in _TIERS[found.storage_class]:
        raise InvalidArgument(reason="The restore tier is not valid.", ArgumentName="Tier", ArgumentValue=tier)
    now = int(call.now.timestamp())
    if now < found.thawed_at:
        raise RestoreAlreadyInProgress(Key=ask.key)
    again = now < found.frozen_at
    if not again:
        found.thawed_at = now + _SECONDS[found.storage_class]
    found.frozen_at = (now if again else found.thawed_at) + days * _DAY
    call.state.put(found)
    headers = version_headers(bucket, found)
    if found.storage_class != "Archive":
        headers["x-oss-object-restore-priority"] = tier or "Standard"
    return OssResponse(status=200 if again else 202, headers=headers)


def _read(body: bytes) -> tuple[int, str]:
    """Days and tier. Raises MalformedXML."""
    if not body:
        return 1, ""
    root = xml.parse(body)
    days = xml.text_of(root, "Days", "1").strip()
    if root.tag != "RestoreRequest" or not (days.isascii() and days.isdigit() and len(days) < 6):
        raise MalformedXML
    return int(days), xml.text_of(root, "JobParameters/Tier").strip()


class CleanRestoredObjectRequest(ObjectRequest, kw_only=True):
    version_id: str = msgspec.field(default="", name="versionId")


@oss.operation(resource="{bucket}/{key}")
def clean_restored_object(call: Call, ask: CleanRestoredObjectRequest) -> OssResponse:
    """End the restored state before its time."""
    bucket = find_bucket(call.state, ask.bucket)
    found = find_version(call.state, ask.bucket, ask.key, ask.version_id)
    now = call.now.timestamp()
    if found.storage_class not in ("ColdArchive", "DeepColdArchive") or now >= found.frozen_at:
        raise InvalidObjectState(ObjectName=ask.key)
    if now < found.thawed_at:
        raise ArchiveRestoreNotFinished(Key=ask.key)
    found.thawed_at = found.frozen_at = 0
    call.state.put(found)
    return OssResponse(headers=version_headers(bucket, found))
