"""Block Public Access, for a bucket or for all buckets of an account: grants to the public are neither made nor heeded.

An account's block is kept at home, and copied to every region in use by a worker, so that a region cut off from home
still knows it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from openyun.cloud import Cloud, RegionState
from openyun.operation import Call, Model
from openyun.services.oss.bucket.configuration import DocumentRequest, Kind
from openyun.services.oss.bucket.configuration_errors import PublicAccessBlocked
from openyun.services.oss.documents import read
from openyun.services.oss.records import Bucket
from openyun.services.oss.service import OssRequest, OssResponse, oss
from openyun.state import Record, Transaction

_ROOT = "PublicAccessBlockConfiguration"


class AccountBlock(Record, kw_only=True):
    """There is one for each account that blocks public access."""

    TABLE: ClassVar[str] = "oss_account_block"
    KEY: ClassVar[tuple[str, ...]] = ("account_id",)

    account_id: str


class PublicAccessBlock(Model, kw_only=True):
    block_public_access: bool = False


BLOCK = Kind("public-access-block", _ROOT, PublicAccessBlock)


class PutBucketPublicAccessBlockRequest(DocumentRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def put_bucket_public_access_block(call: Call, ask: PutBucketPublicAccessBlockRequest) -> OssResponse:
    BLOCK.put(call, ask.bucket, BLOCK.read(ask.document))
    return OssResponse()


class GetBucketPublicAccessBlockRequest(OssRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def get_bucket_public_access_block(call: Call, ask: GetBucketPublicAccessBlockRequest) -> OssResponse:
    return BLOCK.answer(BLOCK.find(call, ask.bucket))


class DeleteBucketPublicAccessBlockRequest(OssRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def delete_bucket_public_access_block(call: Call, ask: DeleteBucketPublicAccessBlockRequest) -> OssResponse:
    BLOCK.delete(call, ask.bucket)
    return OssResponse(status=204)


class PutPublicAccessBlockRequest(DocumentRequest, kw_only=True):
    pass


@oss.operation()
def put_public_access_block(call: Call, ask: PutPublicAccessBlockRequest) -> OssResponse:
    _set(call, blocked=read(ask.document, _ROOT, PublicAccessBlock).block_public_access)
    return OssResponse()


class GetPublicAccessBlockRequest(OssRequest, kw_only=True):
    pass


@oss.operation()
def get_public_access_block(call: Call, ask: GetPublicAccessBlockRequest) -> OssResponse:
    blocked = call.state.get(AccountBlock, call.account_id) is not None
    return BLOCK.answer(PublicAccessBlock(block_public_access=blocked))


class DeletePublicAccessBlockRequest(OssRequest, kw_only=True):
    pass


@oss.operation()
def delete_public_access_block(call: Call, ask: DeletePublicAccessBlockRequest) -> OssResponse:
    _set(call, blocked=False)
    return OssResponse(status=204)


def _set(call: Call, *, blocked: bool) -> None:
    held = call.state.get(AccountBlock, call.account_id)
    if blocked:
        call.state.put(AccountBlock(account_id=call.account_id))
    elif held is not None:
        call.state.delete(held)
    for region in call.cloud.regions_in_use():
        call.state.after_commit(region.woken.set)


def is_blocked(state: Transaction, bucket: Bucket) -> bool:
    """Whether grants to the public do not count for this bucket."""
    own = BLOCK.of(state, bucket)
    return (own is not None and own.block_public_access) or state.get(AccountBlock, bucket.account_id) is not None


def refuse_public(state: Transaction, bucket: Bucket, what: str) -> None:
    """Raises PublicAccessBlocked where the block forbids to make `what` public."""
    if is_blocked(state, bucket):
        raise PublicAccessBlocked(what=what)


class BlockCopy:
    """Keeps a region's copy of the accounts' blocks."""

    def __init__(self, cloud: Cloud, at: RegionState) -> None:
        self._cloud = cloud
        self._at = at

    def survey(self) -> None:
        pass

    def due(self) -> list[tuple[str, Callable[[], None]]]:
        home = self._cloud.home
        if home is self._at:
            return []
        wanted = home.store.read(_accounts)
        if wanted != self._at.store.read(_accounts):
            self._at.store.write(lambda state: _become(state, wanted))
        return []


def _accounts(state: Transaction) -> set[str]:
    return {one.account_id for one in state.find(AccountBlock)}


def _become(state: Transaction, wanted: set[str]) -> None:
    for one in state.find(AccountBlock):
        if one.account_id not in wanted:
            state.delete(one)
    for account_id in wanted:
        state.put(AccountBlock(account_id=account_id))
