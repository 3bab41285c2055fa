"""Buckets: where they are, what they are like, what they hold."""

from __future__ import annotations

import msgspec

from openyun.operation import Call, Model
from openyun.services.oss import tally, xml
from openyun.services.oss.bucket.access_points import AccessPoint, BucketHasAccessPoints
from openyun.services.oss.bucket.acl import bucket_acl
from openyun.services.oss.bucket.cname import forget_domains
from openyun.services.oss.bucket.configuration import forget
from openyun.services.oss.bucket.encryption import ENCRYPTION, EncryptionDefault, checked
from openyun.services.oss.bucket.object_worm import OBJECT_WORM, ObjectWorm
from openyun.services.oss.bucket.redundancy import forget_transitions
from openyun.services.oss.bucket.switches import RESOURCE_GROUP, ResourceGroup
from openyun.services.oss.errors import (
    BucketAlreadyExists,
    BucketNotEmpty,
    InvalidArgument,
    MalformedXML,
)
from openyun.services.oss.live_channels import forget_channels
from openyun.services.oss.object.async_fetch import forget_fetches
from openyun.services.oss.object.labels import labels_of
from openyun.services.oss.object.storage_class import check_storage_class
from openyun.services.oss.paging import after_all_with, check_page
from openyun.services.oss.records import Bucket, BucketName, Object, Upload, Version, find_bucket
from openyun.services.oss.service import OssRequest, OssResponse, Owner, oss
from openyun.services.oss.times import iso
from openyun.services.oss.work.usage_writing import forget_minutes


def endpoint(region_id: str, *, internal: bool = False) -> str:
    return f"oss-{region_id}{'-internal' if internal else ''}.aliyuncs.com"


def location(region_id: str) -> str:
    return f"oss-{region_id}"


class ListBucketsRequest(OssRequest, kw_only=True):
    prefix: str = ""
    marker: str = ""
    max_keys: int = 100
    tag_key: str = ""
    tag_value: str = ""
    tagging: str = ""
    """the two in one, each in quotes and with a colon between them"""
    resource_group_id: str = msgspec.field(default="", name="x-oss-resource-group-id")


class ListedBucket(Model, kw_only=True):
    creation_date: str
    extranet_endpoint: str
    intranet_endpoint: str
    location: str
    name: str
    region: str
    resource_group_id: str
    storage_class: str


class ListedBuckets(Model, kw_only=True):
    bucket: list[ListedBucket]


class ListAllMyBucketsResult(Model, kw_only=True):
    owner: Owner
    prefix: str | None = None
    marker: str | None = None
    max_keys: int | None = None
    is_truncated: bool | None = None
    next_marker: str | None = None
    buckets: ListedBuckets


@oss.operation()
def list_buckets(call: Call, ask: ListBucketsRequest) -> OssResponse:
    """Runs on the home region's state, where the names are."""
    check_page(ask.max_keys)
    tag_key, tag_value = ask.tag_key, ask.tag_value
    if ask.tagging:
        tag_key, _, tag_value = (part.strip().strip('"') for part in ask.tagging.partition(":"))
    wished = bool(tag_key or ask.resource_group_id)
    held = call.state.scan(
        BucketName,
        "name",
        start=ask.prefix or None,
        after=ask.marker or None,
        before=after_all_with(ask.prefix),
        limit=None if wished else ask.max_keys + 1,
        account_id=call.account_id,
    )
    labels = labels_of(call, held)
    if wished:
        held = [one for one in held if labels[one.name].suit(tag_key, tag_value, ask.resource_group_id)]
        held = held[: ask.max_keys + 1]
    shown = held[: ask.max_keys]
    result = ListAllMyBucketsResult(
        owner=Owner(id=call.account_id, display_name=call.account_id),
        buckets=ListedBuckets(bucket=[_listed(one, labels[one.name].resource_group_id) for one in shown]),
    )
    if len(held) > len(shown):
        # The vendor tells of pages only where there are several.
        result.prefix, result.marker, result.max_keys = ask.prefix, ask.marker, ask.max_keys
        result.is_truncated, result.next_marker = True, shown[-1].name
    return OssResponse(root="ListAllMyBucketsResult", document=result)


def _listed(one: BucketName, resource_group_id: str) -> ListedBucket:
    return ListedBucket(
        creation_date=iso(one.created_at),
        extranet_endpoint=endpoint(one.region_id),
        intranet_endpoint=endpoint(one.region_id, internal=True),
        location=location(one.region_id),
        name=one.name,
        region=one.region_id,
        resource_group_id=resource_group_id,
        storage_class=one.storage_class,
    )


class Wish(msgspec.Struct, kw_only=True):
    """What the body of PutBucket asks for."""

    region_id: str = ""
    storage_class: str = "Standard"
    data_redundancy_type: str = "LRS"


def read_wish(body: bytes) -> Wish:
    """Raises MalformedXML, InvalidArgument."""
    if not body:
        return Wish()
    root = xml.parse(body)
    if root.tag != "CreateBucketConfiguration":
        raise MalformedXML
    storage_class = check_storage_class(xml.text_of(root, "StorageClass") or "Standard", "StorageClass")
    redundancy = xml.text_of(root, "DataRedundancyType") or "LRS"
    if redundancy not in ("LRS", "ZRS"):
        raise InvalidArgument(
            reason="DataRedundancyType must be LRS or ZRS.", ArgumentName="DataRedundancyType", ArgumentValue=redundancy
        )
    return Wish(
        region_id=xml.text_of(root, "LocationConstraint").strip().removeprefix("oss-"),
        storage_class=storage_class,
        data_redundancy_type=redundancy,
    )


class PutBucketRequest(OssRequest, kw_only=True):
    acl: str = msgspec.field(default="", name="x-oss-acl")
    encryption: str = msgspec.field(default="", name="x-oss-server-side-encryption")
    encryption_key_id: str = msgspec.field(default="", name="x-oss-server-side-encryption-key-id")
    data_encryption: str = msgspec.field(default="", name="x-oss-server-side-data-encryption")
    resource_group_id: str = msgspec.field(default="", name="x-oss-resource-group-id")
    object_worm: bool = msgspec.field(default=False, name="x-oss-bucket-object-worm-enabled")
    """Of S3's CreateBucket, which makes a bucket for locked objects in one step."""
    document: bytes = b""


@oss.operation(resource="{bucket}")
def put_bucket(call: Call, ask: PutBucketRequest) -> OssResponse:
    """Its name was taken before. Repeatable for the owner, whose ACL header then counts."""
    wish = read_wish(ask.document)
    bucket = call.state.get(Bucket, ask.bucket)
    if bucket is None:
        bucket = Bucket(
            name=ask.bucket,
            account_id=call.account_id,
            storage_class=wish.storage_class,
            data_redundancy_type=wish.data_redundancy_type,
            created_at=int(call.now.timestamp()),
        )
    elif bucket.account_id != call.account_id:
        raise BucketAlreadyExists(BucketName=ask.bucket)
    if ask.acl:
        bucket.acl = bucket_acl(ask.acl)
    if ask.object_worm:
        bucket.versioning = "Enabled"
    call.state.put(bucket)
    if ask.object_worm:
        OBJECT_WORM.put(call, bucket.name, ObjectWorm())
    if ask.encryption:
        wanted = EncryptionDefault(
            sse_algorithm=ask.encryption,
            kms_master_key_id=ask.encryption_key_id or None,
            kms_data_encryption=ask.data_encryption or None,
        )
        ENCRYPTION.put(call, bucket.name, checked(wanted))
    if ask.resource_group_id:
        RESOURCE_GROUP.put(call, bucket.name, ResourceGroup(resource_group_id=ask.resource_group_id))
    return OssResponse(headers={"Location": f"/{ask.bucket}"})


class DeleteBucketRequest(OssRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def delete_bucket(call: Call, ask: DeleteBucketRequest) -> OssResponse:
    bucket = find_bucket(call.state, ask.bucket)
    for kind in (Object, Version, Upload):
        if call.state.scan(kind, "name", limit=1, bucket=bucket.name):
            raise BucketNotEmpty(BucketName=bucket.name)
    if call.state.find(AccessPoint, bucket=bucket.name):
        raise BucketHasAccessPoints(BucketName=bucket.name)
    tally.forget(call.state, bucket.name)
    forget_minutes(call.state, bucket.name)
    forget(call, bucket)
    forget_domains(call, bucket.name)
    forget_channels(call.state, bucket.name)
    forget_fetches(call.state, bucket.name)
    forget_transitions(call.state, bucket.name)
    call.state.delete(bucket)
    return OssResponse(status=204)


class GetBucketLocationRequest(OssRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def get_bucket_location(call: Call, ask: GetBucketLocationRequest) -> OssResponse:
    find_bucket(call.state, ask.bucket)
    return OssResponse(root="LocationConstraint", document=location(call.region.id))


class GetBucketStatRequest(OssRequest, kw_only=True):
    pass


class BucketStat(Model, kw_only=True):
    storage: int = 0
    object_count: int = 0
    multipart_upload_count: int = 0
    live_channel_count: int = 0
    last_modified_time: int = 0
    standard_storage: int = 0
    standard_object_count: int = 0
    infrequent_access_storage: int = 0
    infrequent_access_real_storage: int = 0
    infrequent_access_object_count: int = 0
    archive_storage: int = 0
    archive_real_storage: int = 0
    archive_object_count: int = 0
    cold_archive_storage: int = 0
    cold_archive_real_storage: int = 0
    cold_archive_object_count: int = 0
    deep_cold_archive_storage: int = 0
    deep_cold_archive_real_storage: int = 0
    deep_cold_archive_object_count: int = 0
    multipart_part_count: int = 0
    delete_marker_count: int = 0


@oss.operation(resource="{bucket}")
def get_bucket_stat(call: Call, ask: GetBucketStatRequest) -> OssResponse:
    """Kept as objects come and go, so it is exact; the vendor's is an hour old. Storage counts parts, too."""
    bucket = find_bucket(call.state, ask.bucket)
    whole = tally.total(call.state, bucket)
    sizes, numbers, charged = whole.stored.get, whole.objects.get, whole.charged.get
    stat = BucketStat(
        storage=sum(whole.stored.values()) + whole.part_bytes,
        object_count=sum(whole.objects.values()),
        multipart_upload_count=call.state.count(Upload, bucket=bucket.name),
        last_modified_time=int(call.now.timestamp()),
        standard_storage=sizes("Standard", 0),
        standard_object_count=numbers("Standard", 0),
        infrequent_access_storage=charged("IA", 0),
        infrequent_access_real_storage=sizes("IA", 0),
        infrequent_access_object_count=numbers("IA", 0),
        archive_storage=charged("Archive", 0),
        archive_real_storage=sizes("Archive", 0),
        archive_object_count=numbers("Archive", 0),
        cold_archive_storage=charged("ColdArchive", 0),
        cold_archive_real_storage=sizes("ColdArchive", 0),
        cold_archive_object_count=numbers("ColdArchive", 0),
        deep_cold_archive_storage=charged("DeepColdArchive", 0),
        deep_cold_archive_real_storage=sizes("DeepColdArchive", 0),
        deep_cold_archive_object_count=numbers("DeepColdArchive", 0),
        multipart_part_count=whole.parts,
        delete_marker_count=whole.delete_markers,
    )
    return OssResponse(root="BucketStat", document=stat)
