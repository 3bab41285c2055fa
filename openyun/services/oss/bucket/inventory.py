"""Inventories: lists of a bucket's objects, written into a bucket on a schedule. `inventory_writing` writes them."""

from __future__ import annotations

import re
from typing import ClassVar, Literal

import msgspec

from openyun.operation import Call, Model
from openyun.services.oss.bucket.configuration import DocumentRequest, Kind
from openyun.services.oss.bucket.configuration_errors import (
    InventoryAlreadyExist,
    InventoryExceedLimit,
    NoSuchInventory,
)
from openyun.services.oss.errors import InvalidArgument, MalformedXML
from openyun.services.oss.records import find_bucket
from openyun.services.oss.service import OssRequest, OssResponse, oss
from openyun.state import Record

_MOST = 1000
_PAGE = 100
_FIRST = 15
"""seconds until the first report, so that who configures one by mistake can still take it back"""
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_BUCKET = "acs:oss:::"

FIELDS = (
    "Size",
    "StorageClass",
    "LastModifiedDate",
    "ETag",
    "IsMultipartUploaded",
    "EncryptionStatus",
    "ObjectAcl",
    "TaggingCount",
    "ObjectType",
    "Crc64",
)


class InventoryFilter(Model, kw_only=True):
    prefix: str | None = None
    last_modify_begin_time_stamp: int | None = None
    last_modify_end_time_stamp: int | None = None
    lower_size_bound: int | None = None
    upper_size_bound: int | None = None
    storage_class: str | None = None


class Schedule(Model, kw_only=True):
    frequency: Literal["Daily", "Weekly"]


class OptionalFields(Model, kw_only=True):
    field: list[str] = []


class KmsKey(Model, kw_only=True):
    key_id: str


class ReportEncryption(Model, kw_only=True):
    sse_kms: KmsKey | None = msgspec.field(name="SSE-KMS", default=None)
    sse_oss: str | None = msgspec.field(name="SSE-OSS", default=None)


class BucketDestination(Model, kw_only=True):
    format: Literal["CSV"]
    account_id: str
    role_arn: str
    bucket: str
    prefix: str | None = None
    encryption: ReportEncryption | None = None


class Destination(Model, kw_only=True):
    oss_bucket_destination: BucketDestination = msgspec.field(name="OSSBucketDestination")


class Inventory(Model, kw_only=True):
    id: str
    is_enabled: bool
    filter: InventoryFilter | None = None
    destination: Destination
    schedule: Schedule
    included_object_versions: Literal["All", "Current"]
    optional_fields: OptionalFields | None = None

    @property
    def target(self) -> str:
        """The bucket that gets the reports."""
        return self.destination.oss_bucket_destination.bucket.removeprefix(_BUCKET)

    @property
    def fields(self) -> list[str]:
        return self.optional_fields.field if self.optional_fields else []


class NextReport(Record, kw_only=True):
    """When the next report of an inventory is due."""

    TABLE: ClassVar[str] = "oss_inventory_next_report"
    KEY: ClassVar[tuple[str, ...]] = ("bucket", "inventory_id")

    bucket: str
    inventory_id: str
    at: int


INVENTORY = Kind("inventory", "InventoryConfiguration", Inventory, NoSuchInventory)


class PutBucketInventoryRequest(DocumentRequest, kw_only=True):
    inventory_id: str = msgspec.field(default="", name="inventoryId")


@oss.operation(resource="{bucket}")
def put_bucket_inventory(call: Call, ask: PutBucketInventoryRequest) -> OssResponse:
    wanted = INVENTORY.read(ask.document)
    if wanted.id != ask.inventory_id or not _ID.fullmatch(wanted.id):
        raise InvalidArgument(reason="Invalid inventory id.", ArgumentName="Id", ArgumentValue=wanted.id)
    if not wanted.destination.oss_bucket_destination.bucket.startswith(_BUCKET):
        raise InvalidArgument(
            reason=f"The bucket of the destination must begin with {_BUCKET}",
            ArgumentName="Bucket",
            ArgumentValue=wanted.destination.oss_bucket_destination.bucket,
        )
    if any(field not in FIELDS for field in wanted.fields):
        raise MalformedXML
    if wanted.filter and wanted.filter.storage_class:
        wanted.filter.storage_class = ",".join(sorted(wanted.filter.storage_class.split(",")))
    held = INVENTORY.all(call.state, find_bucket(call.state, ask.bucket))
    if any(name == wanted.id for name, _ in held):
        raise InventoryAlreadyExist(InventoryId=wanted.id)
    if len(held) >= _MOST:
        raise InventoryExceedLimit(most=_MOST)
    INVENTORY.put(call, ask.bucket, wanted, wanted.id)
    first = int(call.now.timestamp()) + _FIRST
    call.state.put(NextReport(bucket=ask.bucket, inventory_id=wanted.id, at=first))
    return OssResponse()


class GetBucketInventoryRequest(OssRequest, kw_only=True):
    inventory_id: str = msgspec.field(default="", name="inventoryId")


@oss.operation(resource="{bucket}")
def get_bucket_inventory(call: Call, ask: GetBucketInventoryRequest) -> OssResponse:
    return INVENTORY.answer(INVENTORY.find(call, ask.bucket, ask.inventory_id))


class ListBucketInventoryRequest(OssRequest, kw_only=True):
    continuation_token: str = ""


class ListInventoryConfigurationsResult(Model, kw_only=True):
    inventory_configuration: list[Inventory]
    is_truncated: bool
    continuation_token: str | None = None
    next_continuation_token: str | None = None


@oss.operation(resource="{bucket}", action="oss:GetBucketInventory")
def list_bucket_inventory(call: Call, ask: ListBucketInventoryRequest) -> OssResponse:
    held = INVENTORY.all(call.state, find_bucket(call.state, ask.bucket))
    if not held:
        raise NoSuchInventory(BucketName=ask.bucket)
    held = [one for one in held if one[0] > ask.continuation_token]
    shown = held[:_PAGE]
    more = len(held) > len(shown)
    result = ListInventoryConfigurationsResult(
        inventory_configuration=[one for _, one in shown],
        is_truncated=more,
        continuation_token=ask.continuation_token or None,
        next_continuation_token=shown[-1][0] if more else None,
    )
    return OssResponse(root="ListInventoryConfigurationsResult", document=result)


class DeleteBucketInventoryRequest(OssRequest, kw_only=True):
    inventory_id: str = msgspec.field(default="", name="inventoryId")


@oss.operation(resource="{bucket}")
def delete_bucket_inventory(call: Call, ask: DeleteBucketInventoryRequest) -> OssResponse:
    INVENTORY.delete(call, ask.bucket, ask.inventory_id)
    return OssResponse(status=204)
