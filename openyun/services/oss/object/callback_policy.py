"""Callback policies: callbacks that a bucket keeps under a name, so that uploads need only name one."""

from __future__ import annotations

from openyun.errors import NotFound
from openyun.operation import Call, Model
from openyun.services.oss.bucket.configuration import DocumentRequest, Kind
from openyun.services.oss.documents import read
from openyun.services.oss.object import callback
from openyun.services.oss.records import Bucket
from openyun.services.oss.service import OssRequest, OssResponse, oss
from openyun.state import Transaction


class BucketCallbackPolicyNotExist(NotFound):
    code = "BucketCallbackPolicyNotExist"
    message = "The bucket callback policy does not exist."


class PolicyItem(Model, kw_only=True):
    policy_name: str
    callback: str
    callback_var: str = ""


class BucketCallbackPolicy(Model, kw_only=True):
    policy_item: list[PolicyItem] = []


POLICIES = Kind("callback", "BucketCallbackPolicy", BucketCallbackPolicy, BucketCallbackPolicyNotExist)


class PutBucketCallbackPolicyRequest(DocumentRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def put_bucket_callback_policy(call: Call, ask: PutBucketCallbackPolicyRequest) -> OssResponse:
    wanted = read(ask.document, "BucketCallbackPolicy", BucketCallbackPolicy)
    for one in wanted.policy_item:
        callback.read(one.callback, one.callback_var)
    POLICIES.put(call, ask.bucket, wanted)
    return OssResponse()


class GetBucketCallbackPolicyRequest(OssRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def get_bucket_callback_policy(call: Call, ask: GetBucketCallbackPolicyRequest) -> OssResponse:
    return POLICIES.answer(POLICIES.find(call, ask.bucket))


class DeleteBucketCallbackPolicyRequest(OssRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def delete_bucket_callback_policy(call: Call, ask: DeleteBucketCallbackPolicyRequest) -> OssResponse:
    POLICIES.delete(call, ask.bucket)
    return OssResponse(status=204)


def callback_of(state: Transaction, bucket: Bucket, name: str) -> PolicyItem | None:
    """What a name stands for in this bucket."""
    found = POLICIES.of(state, bucket)
    return next((one for one in found.policy_item if one.policy_name == name), None) if found else None
