"""Tasks: DescribeTasks, DescribeTaskAttribute, CancelTask."""

from __future__ import annotations

from openyun.clock import iso_seconds
from openyun.operation import Call, Model, Request, Response
from openyun.services.ecs.service import ecs
from openyun.services.ecs.storage import create_image, errors
from openyun.services.ecs.storage.records import Image, Task
from openyun.services.ecs.storage.resetting import OperationProgress, OperationProgressSet, RelatedItem, RelatedItemSet
from openyun.services.paging import Paged, page_of


def find(call: Call, task_id: str) -> Task:
    found = call.state.get(Task, task_id)
    if found is None or found.account_id != call.account_id:
        raise errors.TaskNotFound(task_id=task_id)
    return found


def _cancellable(one: Task) -> bool:
    return one.status in ("Pending", "Processing")


class TaskItem(Model, kw_only=True):
    task_id: str
    task_action: str
    task_status: str
    resource_id: str
    support_cancel: str
    creation_time: str
    finished_time: str


class TaskSet(Model):
    task: list[TaskItem]


class DescribeTasksRequest(Paged, Request, kw_only=True):
    region_id: str
    task_ids: list[str] = []
    task_action: str = ""
    task_status: str = ""
    resource_ids: list[str] = []
    start_time: str = ""
    end_time: str = ""


class DescribeTasksResponse(Response, kw_only=True):
    region_id: str
    page_number: int
    page_size: int
    total_count: int
    task_set: TaskSet


@ecs.operation(resource="*")
def describe_tasks(call: Call, ask: DescribeTasksRequest) -> DescribeTasksResponse:
    wanted = {one.lower() for one in ask.task_status.split(",") if one}
    found = [
        one
        for one in call.state.find(Task, account_id=call.account_id)
        if (not ask.task_ids or one.id in ask.task_ids)
        and ask.task_action in ("", one.action)
        and (not wanted or one.status.lower() in wanted)
        and (not ask.resource_ids or one.resource_id in ask.resource_ids)
        and ask.start_time <= one.created_at
        and (not ask.end_time or one.created_at <= ask.end_time)
    ]
    found.sort(key=lambda one: (one.created_at, one.id), reverse=True)
    return DescribeTasksResponse(
        region_id=call.region.id,
        page_number=ask.page_number,
        page_size=ask.page_size,
        total_count=len(found),
        task_set=TaskSet([_item(one) for one in page_of(ask, found, most=100)]),
    )


def _item(one: Task) -> TaskItem:
    return TaskItem(
        task_id=one.id,
        task_action=one.action,
        task_status=one.status,
        resource_id=one.resource_id,
        support_cancel=str(_cancellable(one)).lower(),
        creation_time=one.created_at,
        finished_time=one.finished_at,
    )


class DescribeTaskAttributeRequest(Request, kw_only=True):
    region_id: str
    task_id: str


class DescribeTaskAttributeResponse(Response, kw_only=True):
    region_id: str
    task_id: str
    task_action: str
    task_status: str
    task_process: str
    support_cancel: str
    total_count: int
    success_count: int
    failed_count: int
    creation_time: str
    finished_time: str
    operation_progress_set: OperationProgressSet


@ecs.operation(resource="*")
def describe_task_attribute(call: Call, ask: DescribeTaskAttributeRequest) -> DescribeTaskAttributeResponse:
    one = find(call, ask.task_id)
    over = one.status == "Finished"
    return DescribeTaskAttributeResponse(
        region_id=call.region.id,
        task_id=one.id,
        task_action=one.action,
        task_status=one.status,
        task_process="100%" if over else "0%",
        support_cancel=str(_cancellable(one)).lower(),
        total_count=1,
        success_count=int(over),
        failed_count=int(one.status == "Failed"),
        creation_time=one.created_at,
        finished_time=one.finished_at,
        operation_progress_set=OperationProgressSet([_progress(one)]),
    )


def _progress(one: Task) -> OperationProgress:
    key = [RelatedItem(name="OSSObject", value=one.oss_object)] if one.action == "ExportImage" else []
    return OperationProgress(
        operation_status={"Finished": "Success"}.get(one.status, one.status),
        error_code=one.error_code,
        error_msg=one.error_info,
        related_item_set=RelatedItemSet([RelatedItem(name="ImageId", value=one.resource_id), *key]),
    )


class CancelTaskRequest(Request, kw_only=True):
    region_id: str
    task_id: str


@ecs.operation(resource="*")
def cancel_task(call: Call, ask: CancelTaskRequest) -> Response:
    """An image that was being imported is gone; an object that was being written is not."""
    one = find(call, ask.task_id)
    if not _cancellable(one):
        raise errors.TaskNotCancellable
    one.status, one.due, one.finished_at = "Deleted", False, iso_seconds(call.now)
    call.state.put(one)
    image = call.state.get(Image, one.resource_id)
    if one.action == "ImportImage" and image is not None and image.status != "Available":
        create_image.delete(call.state, image)
    return Response()
