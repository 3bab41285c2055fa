"""Async fetch: the store itself gets an object from a URL, in the background.

The task is a row; `fetching` works it off, and what became of it can be asked for some days.
"""

from __future__ import annotations

import base64
import binascii
from typing import ClassVar, Literal

import msgspec

from openyun.clock import random_text
from openyun.errors import BadRequest, NotFound
from openyun.operation import Call, Model
from openyun.services.oss.bucket.configuration import DocumentRequest
from openyun.services.oss.documents import read
from openyun.services.oss.errors import InvalidArgument, InvalidDigest
from openyun.services.oss.object import callback
from openyun.services.oss.object.objects import check_object_name
from openyun.services.oss.records import Object, find_bucket
from openyun.services.oss.service import OssRequest, OssResponse, oss
from openyun.state import Record, Transaction

State = Literal["Running", "Retry", "Success", "Failed", "FetchSuccessCallbackFailed"]


class NoSuchAsyncFetchTask(NotFound):
    code = "NoSuchAsyncFetchTask"
    message = "The specified async fetch task does not exist."


class ObjectAlreadyExists(BadRequest):
    code = "ObjectAlreadyExists"
    message = "The object already exists."


class FetchTask(Record, kw_only=True):
    TABLE: ClassVar[str] = "oss_fetch_task"
    KEY: ClassVar[tuple[str, ...]] = ("bucket", "task_id")
    INDEXES: ClassVar[tuple[tuple[str, ...], ...]] = (("open", "bucket"),)

    bucket: str
    task_id: str
    open: bool = True
    """there is work to do"""
    fetched: bool = False
    """the object is there; what is left is the callback"""
    state: State = "Running"
    error: str = ""
    url: str
    object: str
    host: str = ""
    content_md5: str = ""
    callback: str = ""
    ignore_same_key: bool = True
    callback_when_failed: bool = False
    storage_class: str = ""
    requester: str
    """the account"""
    made_at: int


class FetchConfiguration(Model, kw_only=True):
    url: str
    object: str
    host: str = ""
    content_md5: str = msgspec.field(default="", name="ContentMD5")
    callback: str = ""
    ignore_same_key: bool = True
    callback_when_failed: bool = False
    storage_class: str = ""


class PutAsyncFetchTaskRequest(DocumentRequest, kw_only=True):
    pass


class AsyncFetchTaskResult(Model, kw_only=True):
    task_id: str


@oss.operation(resource="{bucket}")
def put_async_fetch_task(call: Call, ask: PutAsyncFetchTaskRequest) -> OssResponse:
    bucket = find_bucket(call.state, ask.bucket)
    wanted = read(ask.document, "AsyncFetchTaskConfiguration", FetchConfiguration)
    check_object_name(wanted.object)
    if not wanted.url.startswith(("http://", "https://")):
        raise InvalidArgument(reason="The Url is invalid.", ArgumentName="Url", ArgumentValue=wanted.url)
    if wanted.content_md5:
        _check_digest(wanted.content_md5)
    if wanted.callback:
        callback.read(wanted.callback, "")
    # The name says it the other way round: what is there is neither ignored nor replaced.
    if wanted.ignore_same_key and call.state.get(Object, bucket.name, wanted.object) is not None:
        raise ObjectAlreadyExists(Key=wanted.object)
    made = FetchTask(
        bucket=bucket.name,
        task_id=random_text(32),
        requester=call.account_id,
        made_at=int(call.now.timestamp()),
        **msgspec.structs.asdict(wanted),
    )
    call.state.insert(made)
    call.wake()
    return OssResponse(root="AsyncFetchTaskResult", document=AsyncFetchTaskResult(task_id=made.task_id))


class GetAsyncFetchTaskRequest(OssRequest, kw_only=True):
    task_id: str = msgspec.field(default="", name="x-oss-task-id")


class AsyncFetchTaskInfo(Model, kw_only=True):
    task_id: str
    state: str
    error_msg: str
    task_info: FetchConfiguration


@oss.operation(resource="{bucket}")
def get_async_fetch_task(call: Call, ask: GetAsyncFetchTaskRequest) -> OssResponse:
    find_bucket(call.state, ask.bucket)
    found = call.state.get(FetchTask, ask.bucket, ask.task_id)
    if found is None:
        raise NoSuchAsyncFetchTask(TaskId=ask.task_id)
    shown = FetchConfiguration(
        **{name: getattr(found, name) for name in FetchConfiguration.__struct_fields__},
    )
    info = AsyncFetchTaskInfo(task_id=found.task_id, state=found.state, error_msg=found.error, task_info=shown)
    return OssResponse(root="AsyncFetchTaskInfo", document=info)


def forget_fetches(state: Transaction, bucket: str) -> None:
    """With the bucket."""
    for one in state.find(FetchTask, bucket=bucket):
        state.delete(one)


def _check_digest(text: str) -> None:
    try:
        whole = len(base64.b64decode(text, validate=True)) == 16
    except (binascii.Error, ValueError):
        whole = False
    if not whole:
        raise InvalidDigest(ContentMD5=text)
