"""What keeps one version of an object from being deleted: a retention until a date, and a legal hold.

In compliance mode a retention only grows; in governance mode whoever has the right, and says so, may shorten it. A
legal hold has no date: it is taken off as it was put on.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

import msgspec

from openyun.errors import BadRequest, NotFound
from openyun.operation import Call, Model
from openyun.services.oss.bucket.configuration_errors import FileImmutable
from openyun.services.oss.bucket.object_worm import ObjectWormDisabled, has_object_worm, is_retained_until
from openyun.services.oss.documents import read
from openyun.services.oss.errors import InvalidArgument, MalformedXML
from openyun.services.oss.object.versions import find_version, version_headers
from openyun.services.oss.records import Bucket, Lock, Object, find_bucket
from openyun.services.oss.service import ObjectRequest, OssResponse, oss
from openyun.services.oss.times import iso

_MODES = ("GOVERNANCE", "COMPLIANCE")


class NoSuchRetention(NotFound):
    code = "NoSuchObjectRetention"
    message = "The object has no retention."


class NoSuchLegalHold(NotFound):
    code = "NoSuchObjectLegalHold"
    message = "The object has no legal hold."


class AppendableNotRetained(BadRequest):
    code = "OperationNotSupported"
    message = "An appendable object cannot be retained."


class Retention(Model, kw_only=True):
    mode: Literal["GOVERNANCE", "COMPLIANCE"] | None = None
    retain_until_date: str | None = None


class LegalHold(Model, kw_only=True):
    status: Literal["ON", "OFF"]


class PutObjectRetentionRequest(ObjectRequest, kw_only=True):
    version_id: str = msgspec.field(default="", name="versionId")
    bypass: bool = msgspec.field(default=False, name="x-oss-bypass-governance-retention")
    document: bytes = b""


@oss.operation(resource="{bucket}/{key}")
def put_object_retention(call: Call, ask: PutObjectRetentionRequest) -> OssResponse:
    wanted = read(ask.document, "Retention", Retention)
    if (wanted.mode is None) != (wanted.retain_until_date is None):
        raise MalformedXML
    bucket, found = _find(call, ask.bucket, ask.key, ask.version_id)
    until = _read_date(call, wanted.retain_until_date) if wanted.retain_until_date else 0
    held = found.lock or Lock()
    if is_retained_until(call, held):
        loosens = until < held.until or (wanted.mode != held.mode and wanted.mode != "COMPLIANCE")
        if loosens and not (ask.bypass and held.mode == "GOVERNANCE"):
            raise FileImmutable(ObjectName=found.name)
    found.lock = msgspec.structs.replace(held, mode=wanted.mode or "", until=until)
    call.state.put(found)
    return OssResponse(headers=version_headers(bucket, found))


class GetObjectRetentionRequest(ObjectRequest, kw_only=True):
    version_id: str = msgspec.field(default="", name="versionId")


@oss.operation(resource="{bucket}/{key}")
def get_object_retention(call: Call, ask: GetObjectRetentionRequest) -> OssResponse:
    bucket, found = _find(call, ask.bucket, ask.key, ask.version_id)
    lock = found.lock
    if lock is None or lock.mode == "":
        raise NoSuchRetention(Key=ask.key)
    shown = Retention(mode=lock.mode, retain_until_date=iso(lock.until))
    return OssResponse(root="Retention", document=shown, headers=version_headers(bucket, found))


class PutObjectLegalHoldRequest(ObjectRequest, kw_only=True):
    version_id: str = msgspec.field(default="", name="versionId")
    document: bytes = b""


@oss.operation(resource="{bucket}/{key}")
def put_object_legal_hold(call: Call, ask: PutObjectLegalHoldRequest) -> OssResponse:
    wanted = read(ask.document, "LegalHold", LegalHold)
    bucket, found = _find(call, ask.bucket, ask.key, ask.version_id)
    found.lock = msgspec.structs.replace(found.lock or Lock(), hold=wanted.status)
    call.state.put(found)
    return OssResponse(headers=version_headers(bucket, found))


class GetObjectLegalHoldRequest(ObjectRequest, kw_only=True):
    version_id: str = msgspec.field(default="", name="versionId")


@oss.operation(resource="{bucket}/{key}")
def get_object_legal_hold(call: Call, ask: GetObjectLegalHoldRequest) -> OssResponse:
    bucket, found = _find(call, ask.bucket, ask.key, ask.version_id)
    if found.lock is None or found.lock.hold == "":
        raise NoSuchLegalHold(Key=ask.key)
    shown = LegalHold(status=found.lock.hold)
    return OssResponse(root="LegalHold", document=shown, headers=version_headers(bucket, found))


def _find(call: Call, bucket_name: str, name: str, version_id: str) -> tuple[Bucket, Object]:
    """Raises NoSuchBucket, ObjectWormDisabled, AppendableNotRetained, and what find_version raises."""
    bucket = find_bucket(call.state, bucket_name)
    if not has_object_worm(bucket):
        raise ObjectWormDisabled
    found = find_version(call.state, bucket_name, name, version_id)
    if found.type == "Appendable":
        raise AppendableNotRetained
    return bucket, found


def read_lock(call: Call, bucket: Bucket, mode: str, until: str, hold: str) -> Lock | None:
    """What an upload's headers ask for; None where they ask for nothing. Raises InvalidArgument, ObjectWormDisabled."""
    if not (mode or until or hold):
        return None
    if not has_object_worm(bucket):
        raise ObjectWormDisabled
    for name, value, allowed in (
        ("x-oss-object-worm-mode", mode, _MODES),
        ("x-oss-object-worm-legal-hold", hold, ("ON", "OFF")),
    ):
        if value and value not in allowed:
            raise _invalid(name, value)
    if bool(mode) != bool(until):
        missing = "x-oss-object-worm-retain-until-date" if mode else "x-oss-object-worm-mode"
        raise _invalid(missing, "")
    return msgspec.convert({"mode": mode, "until": _read_date(call, until) if until else 0, "hold": hold}, Lock)


def _read_date(call: Call, text: str) -> int:
    """Seconds since the epoch, rounded up. Raises InvalidArgument for what is no date, or past."""
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        raise _invalid("RetainUntilDate", text) from None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    if at <= call.now:
        raise _invalid("RetainUntilDate", text)
    return -int(-at.timestamp() // 1)


def _invalid(name: str, value: str) -> InvalidArgument:
    return InvalidArgument(reason=f"The value of {name} is invalid.", ArgumentName=name, ArgumentValue=value)


def lock_headers(one: Object) -> dict[str, str]:
    if one.lock is None:
        return {}
    headers: dict[str, str] = {}
    if one.lock.mode:
        headers["x-oss-object-worm-mode"] = one.lock.mode
        headers["x-oss-object-worm-retain-until-date"] = iso(one.lock.until)
    if one.lock.hold:
        headers["x-oss-object-worm-legal-hold"] = one.lock.hold
    return headers
