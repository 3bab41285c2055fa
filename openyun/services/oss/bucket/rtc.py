"""Replication time control of a rule: a promise that copies arrive within minutes.

Here every copy is made at once, so a rule with the promise and one without differ in what they say.
"""

from __future__ import annotations

import msgspec

from openyun.operation import Call, Model
from openyun.services.oss.bucket.configuration import DocumentRequest
from openyun.services.oss.bucket.configuration_errors import NoSuchReplicationRule
from openyun.services.oss.bucket.replication import REPLICATION, TimeControl
from openyun.services.oss.documents import read
from openyun.services.oss.records import find_bucket
from openyun.services.oss.service import OssResponse, oss


class ReplicationRule(Model, kw_only=True):
    rtc: TimeControl = msgspec.field(name="RTC")
    id: str = msgspec.field(name="ID")


class PutBucketRtcRequest(DocumentRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}", action="oss:PutBucketRTC")
def put_bucket_rtc(call: Call, ask: PutBucketRtcRequest) -> OssResponse:
    wanted = read(ask.document, "ReplicationRule", ReplicationRule)
    bucket = find_bucket(call.state, ask.bucket)
    held = REPLICATION.of(call.state, bucket, wanted.id)
    if held is None or held.status == "closing":
        raise NoSuchReplicationRule
    REPLICATION.put(call, bucket.name, msgspec.structs.replace(held, rtc=wanted.rtc), wanted.id)
    return OssResponse()
