"""Buckets: where they are, what they are like, what they hold."""

from __future__ import annotations

import msgspec

from openyun.operation import Call, Model
from openyun.services.oss import xml
from openyun.services.oss.acl import AccessControlList, bucket_acl
from openyun.services.oss.errors import (
    BucketAlreadyExists,
    BucketNotEmpty,
    InvalidArgument,
    MalformedXML,
)
from openyun.services.oss.paging import MOST, after_all_with, check_page
from openyun.services.oss.records import Bucket, BucketName, Object, find_bucket
from openyun.services.oss.service import OssRequest, OssResponse, Owner, oss
from openyun.services.oss.storage_class import check_storage_class
from openyun.services.oss.times import iso


def endpoint(region_id: str, *, internal: bool = False) -> str:
    return f"oss-{region_id}{'-internal' if internal else ''}.aliyuncs.com"


def location(region_id: str) -> str:
    return f"oss-{region_id}"


class ListBucketsRequest(OssRequest, kw_only=True):
    prefix: str = ""
    marker: str = ""
    max_keys: int = 100


class ListedBucket(Model, kw_only=True):
    creation_date: str
    extranet_endpoint: str
    intranet_endpoint: str
    location: str
    name: str
    region: str
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
    held = call.state.scan(
        BucketName,
        "name",
        start=ask.prefix or None,
        after=ask.marker or None,
        before=after_all_with(ask.prefix),
        limit=ask.max_keys + 1,
        account_id=call.account_id,
    )
    shown = held[: ask.max_keys]
    result = ListAllMyBucketsResult(
        owner=Owner(id=call.account_id, display_name=call.account_id),
        buckets=ListedBuckets(bucket=[_listed(one) for one in shown]),
    )
    if len(held) > len(shown):
        # The vendor tells of pages only where there are several.
        result.prefix, result.marker, result.max_keys = ask.prefix, ask.marker, ask.max_keys
        result.is_truncated, result.next_marker = True, shown[-1].name
    return OssResponse(root="ListAllMyBucketsResult", document=result)


def _listed(one: BucketName) -> ListedBucket:
    return ListedBucket(
        creation_date=iso(one.created_at),
        extranet_endpoint=endpoint(one.region_id),
        intranet_endpoint=endpoint(one.region_id, internal=True),
        location=location(one.region_id),
        name=one.name,
        region=one.region_id,
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
    call.state.put(bucket)
    return OssResponse(headers={"Location": f"/{ask.bucket}"})


class DeleteBucketRequest(OssRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def delete_bucket(call: Call, ask: DeleteBucketRequest) -> OssResponse:
    bucket = find_bucket(call.state, ask.bucket)
    if call.state.scan(Object, "name", limit=1, bucket=bucket.name):
        raise BucketNotEmpty(BucketName=bucket.name)
    call.state.delete(bucket)
    return OssResponse(status=204)


class GetBucketLocationRequest(OssRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def get_bucket_location(call: Call, ask: GetBucketLocationRequest) -> OssResponse:
    find_bucket(call.state, ask.bucket)
    return OssResponse(root="LocationConstraint", document=location(call.region.id))


class GetBucketInfoRequest(OssRequest, kw_only=True):
    pass


class EncryptionRule(Model, kw_only=True):
    sse_algorithm: str = msgspec.field(default="None", name="SSEAlgorithm")


class DescribedBucket(Model, kw_only=True):
    access_monitor: str = "Disabled"
    block_public_access: bool = False
    comment: str = ""
    creation_date: str
    cross_region_replication: str = "Disabled"
    data_redundancy_type: str
    extranet_endpoint: str
    intranet_endpoint: str
    location: str
    name: str
    storage_class: str
    transfer_acceleration: str = "Disabled"
    owner: Owner
    access_control_list: AccessControlList
    server_side_encryption_rule: EncryptionRule


class BucketInfo(Model, kw_only=True):
    bucket: DescribedBucket


@oss.operation(resource="{bucket}")
def get_bucket_info(call: Call, ask: GetBucketInfoRequest) -> OssResponse:
    bucket = find_bucket(call.state, ask.bucket)
    region_id = call.region.id
    info = BucketInfo(
        bucket=DescribedBucket(
            creation_date=iso(bucket.created_at),
            data_redundancy_type=bucket.data_redundancy_type,
            extranet_endpoint=endpoint(region_id),
            intranet_endpoint=endpoint(region_id, internal=True),
            location=location(region_id),
            name=bucket.name,
            storage_class=bucket.storage_class,
            owner=Owner(id=bucket.account_id, display_name=bucket.account_id),
            access_control_list=AccessControlList(grant=bucket.acl),
            server_side_encryption_rule=EncryptionRule(),
        )
    )
    return OssResponse(root="BucketInfo", document=info)


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
    """Counts as it is asked, so it is exact; the vendor's is an hour old."""
    bucket = find_bucket(call.state, ask.bucket)
    stat = BucketStat(last_modified_time=int(call.now.timestamp()))
    page = call.state.scan(Object, "name", limit=MOST, bucket=bucket.name)
    while page:
        for one in page:
            stat.object_count += 1
            stat.storage += one.size
            if one.storage_class == "IA":
                stat.infrequent_access_object_count += 1
                stat.infrequent_access_real_storage += one.size
        page = call.state.scan(Object, "name", after=page[-1].name, limit=MOST, bucket=bucket.name)
    stat.infrequent_access_storage = stat.infrequent_access_real_storage
    stat.standard_storage = stat.storage - stat.infrequent_access_storage
    stat.standard_object_count = stat.object_count - stat.infrequent_access_object_count
    return OssResponse(root="BucketStat", document=stat)
