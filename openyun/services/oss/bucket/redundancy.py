"""Redundancy transitions: a bucket's objects come to lie in several zones instead of one. A task a bucket.

Behind the zones of this cloud is one machine, so nothing is moved: what changes is what the bucket says of itself, in
the vendor's steps.
"""

from __future__ import annotations

from functools import partial
from typing import ClassVar, Literal

import msgspec

from openyun.clock import random_text
from openyun.errors import Conflict, NotFound
from openyun.operation import Call, Model
from openyun.services.oss.bucket.qos import PagedRequest
from openyun.services.oss.errors import InvalidArgument
from openyun.services.oss.paging import check_page
from openyun.services.oss.records import find_bucket
from openyun.services.oss.service import OssRequest, OssResponse, oss
from openyun.services.oss.times import iso
from openyun.state import Record, Transaction


class NoSuchTransition(NotFound):
    """Fact: TaskId."""

    code = "NoSuchBucketDataRedundancyTransitionTask"
    message = "The redundancy transition task does not exist."


class TransitionExists(Conflict):
    code = "BucketDataRedundancyTransitionTaskAlreadyExist"
    message = "The bucket has a redundancy transition task already."


class Transition(Record, kw_only=True):
    TABLE: ClassVar[str] = "oss_redundancy_transition"
    KEY: ClassVar[tuple[str, ...]] = ("task_id",)
    INDEXES: ClassVar[tuple[tuple[str, ...], ...]] = (("bucket",), ("account_id", "task_id"), ("status",))

    task_id: str
    bucket: str
    account_id: str
    status: Literal["Queueing", "Processing", "Finished"] = "Queueing"
    target: str
    created_at: int
    started_at: int = 0
    ended_at: int = 0


class ShownTransition(Model, kw_only=True):
    bucket: str
    task_id: str
    status: str
    create_time: str
    start_time: str | None = None
    end_time: str | None = None
    estimated_remaining_time: int | None = None
    """hours"""
    process_percentage: int | None = None


class CreateBucketDataRedundancyTransitionRequest(OssRequest, kw_only=True):
    IN_QUERY = frozenset({"x-oss-target-redundancy-type"})

    target: str = msgspec.field(default="", name="x-oss-target-redundancy-type")


class CreatedTransition(Model, kw_only=True):
    task_id: str


@oss.operation(resource="{bucket}")
def create_bucket_data_redundancy_transition(
    call: Call, ask: CreateBucketDataRedundancyTransitionRequest
) -> OssResponse:
    bucket = find_bucket(call.state, ask.bucket)
    if ask.target != "ZRS" or bucket.data_redundancy_type == ask.target:
        raise InvalidArgument(
            reason="A bucket can only go from LRS to ZRS.",
            ArgumentName="x-oss-target-redundancy-type",
            ArgumentValue=ask.target,
        )
    if any(one.status != "Finished" for one in call.state.find(Transition, bucket=bucket.name)):
        raise TransitionExists(BucketName=bucket.name)
    made = Transition(
        task_id=random_text(32),
        bucket=bucket.name,
        account_id=bucket.account_id,
        target=ask.target,
        created_at=int(call.now.timestamp()),
    )
    call.state.insert(made)
    return OssResponse(root="BucketDataRedundancyTransition", document=CreatedTransition(task_id=made.task_id))


class TransitionRequest(OssRequest, kw_only=True):
    IN_QUERY = frozenset({"x-oss-redundancy-transition-taskid"})

    task_id: str = msgspec.field(default="", name="x-oss-redundancy-transition-taskid")


class GetBucketDataRedundancyTransitionRequest(TransitionRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def get_bucket_data_redundancy_transition(call: Call, ask: GetBucketDataRedundancyTransitionRequest) -> OssResponse:
    return OssResponse(root="BucketDataRedundancyTransition", document=_shown(_find(call, ask)))


class DeleteBucketDataRedundancyTransitionRequest(TransitionRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def delete_bucket_data_redundancy_transition(
    call: Call, ask: DeleteBucketDataRedundancyTransitionRequest
) -> OssResponse:
    call.state.delete(_find(call, ask))
    return OssResponse(status=204)


class ListBucketDataRedundancyTransitionRequest(OssRequest, kw_only=True):
    pass


class ListedTransitions(Model, kw_only=True):
    is_truncated: bool | None = None
    next_continuation_token: str | None = None
    bucket_data_redundancy_transition: list[ShownTransition]


@oss.operation(resource="{bucket}")
def list_bucket_data_redundancy_transition(call: Call, ask: ListBucketDataRedundancyTransitionRequest) -> OssResponse:
    bucket = find_bucket(call.state, ask.bucket)
    held = call.state.find(Transition, bucket=bucket.name)
    listed = ListedTransitions(bucket_data_redundancy_transition=[_shown(one) for one in held])
    return OssResponse(root="ListBucketDataRedundancyTransition", document=listed)


class ListUserDataRedundancyTransitionRequest(PagedRequest, kw_only=True):
    pass


@oss.operation()
def list_user_data_redundancy_transition(call: Call, ask: ListUserDataRedundancyTransitionRequest) -> OssResponse:
    """Those of all regions, the task that was made last first."""
    check_page(ask.max_keys)
    work = partial(_of_account, call.account_id)
    held = [
        one
        for at in call.cloud.regions_in_use()
        for one in (work(call.state) if at is call.at else at.store.read(work))
    ]
    held.sort(key=_token, reverse=True)
    if ask.continuation_token:
        held = [one for one in held if _token(one) < ask.continuation_token]
    page = held[: ask.max_keys]
    truncated = len(held) > len(page)
    listed = ListedTransitions(
        is_truncated=truncated,
        next_continuation_token=_token(page[-1]) if truncated else "",
        bucket_data_redundancy_transition=[_shown(one) for one in page],
    )
    return OssResponse(root="ListBucketDataRedundancyTransition", document=listed)


def _of_account(account_id: str, state: Transaction) -> list[Transition]:
    return state.find(Transition, account_id=account_id)


def _token(one: Transition) -> str:
    return f"{one.created_at:012}-{one.task_id}"


def _find(call: Call, ask: TransitionRequest) -> Transition:
    find_bucket(call.state, ask.bucket)
    found = call.state.get(Transition, ask.task_id)
    if found is None or found.bucket != ask.bucket:
        raise NoSuchTransition(TaskId=ask.task_id)
    return found


def _shown(one: Transition) -> ShownTransition:
    shown = ShownTransition(bucket=one.bucket, task_id=one.task_id, status=one.status, create_time=iso(one.created_at))
    if one.started_at:
        shown.start_time = iso(one.started_at)
        shown.estimated_remaining_time = 0 if one.ended_at else 1
        shown.process_percentage = 100 if one.ended_at else 0
    if one.ended_at:
        shown.end_time = iso(one.ended_at)
    return shown


def forget_transitions(state: Transaction, bucket: str) -> None:
    """They go with the bucket."""
    for one in state.find(Transition, bucket=bucket):
        state.delete(one)
