"""Replication rules: which objects of a bucket are copied to another bucket, also of another region.

Whatever changes in a bucket with rules is noted in the same transaction; `replicating` works the notes off.
"""

from __future__ import annotations

from typing import ClassVar, Literal

import msgspec

from openyun.clock import random_text
from openyun.operation import Call, Model
from openyun.region import REGIONS, find_region
from openyun.services.oss.bucket.configuration import DocumentRequest, Kind
from openyun.services.oss.bucket.configuration_errors import (
    BucketReplicationAlreadyExist,
    InvalidReplication,
    NoSuchReplicationConfiguration,
    NoSuchReplicationRule,
)
from openyun.services.oss.documents import read
from openyun.services.oss.errors import MalformedXML
from openyun.services.oss.records import Bucket, find_bucket
from openyun.services.oss.service import OssRequest, OssResponse, oss
from openyun.services.oss.times import iso
from openyun.state import Record

_ACTIONS = {"ALL", "PUT", "DELETE", "ABORT"}
_MOST_RULES = 100
_MOST_PREFIXES = 10


class Destination(Model, kw_only=True):
    bucket: str
    location: str
    transfer_type: Literal["internal", "oss_acc"] | None = None


class PrefixSet(Model, kw_only=True):
    prefix: list[str] = []


class TimeControl(Model, kw_only=True):
    status: Literal["enabled", "disabled"]


class KmsObjects(Model, kw_only=True):
    status: Literal["Enabled", "Disabled"]


class SourceSelection(Model, kw_only=True):
    sse_kms_encrypted_objects: KmsObjects | None = None


class ReplicaEncryption(Model, kw_only=True):
    replica_kms_key_id: str | None = msgspec.field(name="ReplicaKmsKeyID", default=None)


class Rule(Model, kw_only=True):
    id: str = msgspec.field(name="ID", default="")
    rtc: TimeControl | None = msgspec.field(name="RTC", default=None)
    prefix_set: PrefixSet | None = None
    action: str = "ALL"
    destination: Destination
    status: str = "starting"
    historical_object_replication: Literal["enabled", "disabled"] = "enabled"
    sync_role: str | None = None
    source_selection_criteria: SourceSelection | None = None
    encryption_configuration: ReplicaEncryption | None = None

    def copies(self, encryption: str) -> bool:
        """What a KMS key encrypts is copied only where the rule says so."""
        criteria = self.source_selection_criteria
        objects = criteria.sse_kms_encrypted_objects if criteria else None
        return encryption != "KMS" or (objects is not None and objects.status == "Enabled")

    def is_about(self, name: str) -> bool:
        prefixes = self.prefix_set.prefix if self.prefix_set else []
        return not prefixes or any(name.startswith(one) for one in prefixes)


class Rules(Model, kw_only=True):
    rule: list[Rule]


class RuleIds(Model, kw_only=True):
    id: list[str] = msgspec.field(name="ID", default_factory=list)


REPLICATION = Kind("replication", "ReplicationConfiguration", Rule, NoSuchReplicationConfiguration)


class Change(Record, kw_only=True):
    """A name whose object is not yet at a rule's destination as it is here."""

    TABLE: ClassVar[str] = "oss_replication_change"
    KEY: ClassVar[tuple[str, ...]] = ("bucket", "rule_id", "name")

    bucket: str
    rule_id: str
    name: str
    mark: str
    """another one for each change"""
    since: int


class Progress(Record, kw_only=True):
    """How far the objects that were there before the rule are noted."""

    TABLE: ClassVar[str] = "oss_replication_progress"
    KEY: ClassVar[tuple[str, ...]] = ("bucket", "rule_id")

    bucket: str
    rule_id: str
    total: int = 0
    noted_up_to: str = ""
    all_noted: bool = False
    since: int = 0
    """when the rule began, or began to end"""


def note(call: Call, bucket: Bucket, name: str) -> None:
    """To be called in the transaction that changes what a name stands for."""
    if REPLICATION.name not in bucket.configured:
        return
    for rule_id, rule in REPLICATION.all(call.state, bucket):
        if rule.status != "closing" and rule.is_about(name):
            now = int(call.now.timestamp())
            call.state.put(Change(bucket=bucket.name, rule_id=rule_id, name=name, mark=random_text(12), since=now))
            call.wake()


class PutBucketReplicationRequest(DocumentRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def put_bucket_replication(call: Call, ask: PutBucketReplicationRequest) -> OssResponse:
    wanted = read(ask.document, "ReplicationConfiguration", Rules)
    bucket = find_bucket(call.state, ask.bucket)
    if len(wanted.rule) != 1:
        raise MalformedXML
    rule = wanted.rule[0]
    rule.id = rule.id or f"{random_text(8)}-{random_text(4)}-{random_text(4)}-{random_text(12)}"
    rule.status = "starting"
    _drop_unused(rule)
    held = REPLICATION.all(call.state, bucket)
    if any(name == rule.id or one.destination.bucket == rule.destination.bucket for name, one in held):
        raise BucketReplicationAlreadyExist
    _check(rule, bucket.name, len(held))
    REPLICATION.put(call, bucket.name, rule, rule.id)
    call.state.put(
        Progress(
            bucket=bucket.name,
            rule_id=rule.id,
            all_noted=rule.historical_object_replication != "enabled",
            since=int(call.now.timestamp()),
        )
    )
    call.wake()
    return OssResponse(headers={"x-oss-replication-rule-id": rule.id})


def _drop_unused(rule: Rule) -> None:
    """As the vendor does: without a role nothing encrypted by KMS is copied, and without that no key is needed."""
    if not rule.sync_role:
        rule.source_selection_criteria = None
    criteria = rule.source_selection_criteria
    objects = criteria.sse_kms_encrypted_objects if criteria else None
    if objects is None or objects.status != "Enabled":
        rule.encryption_configuration = None


def _check(rule: Rule, bucket: str, held: int) -> None:
    region_id = rule.destination.location.removeprefix("oss-")
    prefixes = rule.prefix_set.prefix if rule.prefix_set else []
    problems = {
        "Location": find_region(region_id) is None and rule.destination.location,
        "Bucket": rule.destination.bucket == bucket and bucket,
        "Action": not set(rule.action.split(",")) <= _ACTIONS and rule.action,
        "PrefixSet": len(prefixes) > _MOST_PREFIXES and str(len(prefixes)),
        "Rule": held >= _MOST_RULES and str(held),
    }
    for name, value in problems.items():
        if value:
            raise InvalidReplication(reason=f"{name} is invalid.", ArgumentName=name, ArgumentValue=value)


class GetBucketReplicationRequest(OssRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def get_bucket_replication(call: Call, ask: GetBucketReplicationRequest) -> OssResponse:
    held = REPLICATION.all(call.state, find_bucket(call.state, ask.bucket))
    if not held:
        raise NoSuchReplicationConfiguration(BucketName=ask.bucket)
    return OssResponse(root=REPLICATION.root, document=Rules(rule=[one for _, one in held]))


class DeleteBucketReplicationRequest(DocumentRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def delete_bucket_replication(call: Call, ask: DeleteBucketReplicationRequest) -> OssResponse:
    bucket = find_bucket(call.state, ask.bucket)
    for rule_id in read(ask.document, "ReplicationRules", RuleIds).id:
        rule = REPLICATION.of(call.state, bucket, rule_id)
        if rule is None:
            raise NoSuchReplicationRule
        REPLICATION.put(call, bucket.name, msgspec.structs.replace(rule, status="closing"), rule_id)
        progress = call.state.get(Progress, bucket.name, rule_id)
        if progress is not None:
            progress.since = int(call.now.timestamp())
            call.state.put(progress)
    return OssResponse()


def forget_rule(call: Call, bucket: str, rule_id: str) -> None:
    REPLICATION.delete(call, bucket, rule_id)
    progress = call.state.get(Progress, bucket, rule_id)
    if progress is not None:
        call.state.delete(progress)
    for one in call.state.find(Change, bucket=bucket, rule_id=rule_id):
        call.state.delete(one)


class GetBucketReplicationLocationRequest(OssRequest, kw_only=True):
    pass


class TransferTypes(Model, kw_only=True):
    type: list[str]


class LocationTransferType(Model, kw_only=True):
    location: str
    transfer_types: TransferTypes


class LocationTransferTypes(Model, kw_only=True):
    location_transfer_type: list[LocationTransferType]


class Locations(Model, kw_only=True):
    location: list[str]
    location_transfer_type_constraint: LocationTransferTypes


@oss.operation(resource="{bucket}")
def get_bucket_replication_location(call: Call, ask: GetBucketReplicationLocationRequest) -> OssResponse:
    find_bucket(call.state, ask.bucket)
    places = [f"oss-{one.id}" for one in REGIONS if one.id != call.region.id]
    kinds = TransferTypes(type=["oss_acc"])
    constraint = LocationTransferTypes(
        location_transfer_type=[LocationTransferType(location=one, transfer_types=kinds) for one in places]
    )
    return OssResponse(
        root="ReplicationLocation",
        document=Locations(location=places, location_transfer_type_constraint=constraint),
    )


class GetBucketReplicationProgressRequest(OssRequest, kw_only=True):
    rule_id: str = ""


class ShownProgress(Model, kw_only=True):
    historical_object: str | None
    new_object: str | None


class RuleProgress(Model, kw_only=True):
    id: str = msgspec.field(name="ID")
    prefix_set: PrefixSet | None
    action: str
    destination: Destination
    status: str
    historical_object_replication: str
    progress: ShownProgress


class ReplicationProgress(Model, kw_only=True):
    rule: list[RuleProgress]


@oss.operation(resource="{bucket}")
def get_bucket_replication_progress(call: Call, ask: GetBucketReplicationProgressRequest) -> OssResponse:
    bucket = find_bucket(call.state, ask.bucket)
    rule = REPLICATION.of(call.state, bucket, ask.rule_id)
    if rule is None:
        raise NoSuchReplicationRule
    return OssResponse(root="ReplicationProgress", document=ReplicationProgress(rule=[_progress(call, bucket, rule)]))


def _progress(call: Call, bucket: Bucket, rule: Rule) -> RuleProgress:
    left = call.state.find(Change, bucket=bucket.name, rule_id=rule.id)
    noted = call.state.get(Progress, bucket.name, rule.id)
    total = noted.total if noted else 0
    if rule.status == "starting":
        return _shown(rule, "0", None)
    share = None
    if rule.historical_object_replication == "enabled":
        share = 1.0 if not left and noted and noted.all_noted else max(0.0, 1 - len(left) / max(total, len(left) + 1))
    oldest = min((one.since for one in left), default=int(call.now.timestamp()))
    return _shown(rule, None if share is None else f"{share:.2f}", iso(oldest))


def _shown(rule: Rule, historical: str | None, new: str | None) -> RuleProgress:
    return RuleProgress(
        id=rule.id,
        prefix_set=rule.prefix_set,
        action=rule.action,
        destination=rule.destination,
        status=rule.status,
        historical_object_replication=rule.historical_object_replication,
        progress=ShownProgress(historical_object=historical, new_object=new),
    )
