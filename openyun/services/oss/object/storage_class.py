"""Storage classes. What is archived must be restored before it can be read."""

from __future__ import annotations

from datetime import datetime

from openyun.services.oss.errors import InvalidArgument
from openyun.services.oss.records import Object
from openyun.services.oss.times import http_date

STORAGE_CLASSES = ("Standard", "IA", "Archive", "ColdArchive", "DeepColdArchive")
ARCHIVES = STORAGE_CLASSES[2:]


def check_storage_class(name: str, parameter: str) -> str:
    """Raises InvalidArgument for all but these and nothing."""
    if name and name not in STORAGE_CLASSES:
        raise InvalidArgument(
            reason="The storage class you specified is not valid.", ArgumentName=parameter, ArgumentValue=name
        )
    return name


def is_readable(one: Object, now: datetime) -> bool:
    return one.storage_class not in ARCHIVES or one.thawed_at <= now.timestamp() < one.frozen_at


def restore_headers(one: Object, now: datetime) -> dict[str, str]:
    """How far the restoration of an archived object is; nothing once it is over."""
    at = now.timestamp()
    if at < one.thawed_at:
        return {"x-oss-restore": 'ongoing-request="true"'}
    if at < one.frozen_at:
        return {"x-oss-restore": f'ongoing-request="false", expiry-date="{http_date(one.frozen_at)}"'}
    return {}
