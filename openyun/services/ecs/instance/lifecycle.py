"""Start, stop, reboot, delete. An operation says what is wanted; the reconciler makes it so."""

from __future__ import annotations

from collections.abc import Callable

from openyun.errors import CloudError
from openyun.operation import Call, Model, Request, Response
from openyun.services.ecs.errors import (
    ChargeTypeViolation,
    DeletionProtected,
    ExpiredOrInArrears,
    IncorrectInstanceStatus,
    InstanceInitializing,
    InstanceLocked,
    InvalidInstanceIds,
    InvalidStoppedMode,
)
from openyun.services.ecs.instance import instances
from openyun.services.ecs.records import Instance
from openyun.services.ecs.service import ecs

MOST_AT_ONCE = 100

# The four changes. Each raises IncorrectInstanceStatus where the instance is not in a status for it.


def start(one: Instance) -> None:
    if one.lock_reason == "financial":
        raise ExpiredOrInArrears
    if one.lock_reason:
        raise InstanceLocked(reason=one.lock_reason)
    _must_be(one, "Stopped")
    one.wanted, one.status, one.stopped_mode = "Running", "Starting", "Not-applicable"


def stop(one: Instance, *, force: bool, mode: str) -> None:
    """`mode` is what billing does meanwhile: KeepCharging or StopCharging."""
    if mode not in ("", "KeepCharging", "StopCharging"):
        raise InvalidStoppedMode
    _must_be(one, "Running")
    one.wanted, one.status = "Stopped", "Stopping"
    one.stop_at_once, one.stopped_mode = force, mode or "KeepCharging"


def reboot(one: Instance, *, force: bool) -> None:
    _must_be(one, "Running")
    one.status, one.stop_at_once = "Starting", force
    one.boots += 1


def delete(one: Instance, *, force: bool, force_stop: bool, terminate_subscription: bool) -> None:
    """Without force, only a stopped instance. Raises DeletionProtected, ChargeTypeViolation."""
    if one.deletion_protection:
        raise DeletionProtected(instance_id=one.id)
    if one.charge_type == "PrePaid" and not terminate_subscription and one.lock_reason != "financial":
        raise ChargeTypeViolation
    if not force and one.status == "Pending":
        raise InstanceInitializing
    if not force:
        _must_be(one, "Stopped")
    one.wanted, one.stop_at_once = "Deleted", force_stop


def _must_be(one: Instance, status: str) -> None:
    if one.status != status:
        raise IncorrectInstanceStatus


def _keep(call: Call, one: Instance) -> None:
    one.due = True
    call.state.put(one)
    call.wake()


# One instance.


class StartInstanceRequest(Request, kw_only=True):
    instance_id: str
    init_local_disk: bool = False
    dry_run: bool = False


@ecs.operation(resource="instance/{instance_id}")
def start_instance(call: Call, ask: StartInstanceRequest) -> Response:
    one = instances.find(call, ask.instance_id)
    start(one)
    _keep(call, one)
    return Response()


class StopInstanceRequest(Request, kw_only=True):
    instance_id: str
    force_stop: bool = False
    stopped_mode: str = ""
    confirm_stop: bool = False
    dry_run: bool = False


@ecs.operation(resource="instance/{instance_id}")
def stop_instance(call: Call, ask: StopInstanceRequest) -> Response:
    one = instances.find(call, ask.instance_id)
    stop(one, force=ask.force_stop, mode=ask.stopped_mode)
    _keep(call, one)
    return Response()


class RebootInstanceRequest(Request, kw_only=True):
    instance_id: str
    force_stop: bool = False
    dry_run: bool = False


@ecs.operation(resource="instance/{instance_id}")
def reboot_instance(call: Call, ask: RebootInstanceRequest) -> Response:
    one = instances.find(call, ask.instance_id)
    reboot(one, force=ask.force_stop)
    _keep(call, one)
    return Response()


class DeleteInstanceRequest(Request, kw_only=True):
    instance_id: str
    force: bool = False
    force_stop: bool = True
    terminate_subscription: bool = False
    dry_run: bool = False


@ecs.operation(resource="instance/{instance_id}")
def delete_instance(call: Call, ask: DeleteInstanceRequest) -> Response:
    _delete(call, [ask.instance_id], ask)
    return Response()


class DeleteInstancesRequest(Request, kw_only=True):
    region_id: str
    instance_id: list[str]
    force: bool = False
    force_stop: bool = True
    terminate_subscription: bool = False
    client_token: str = ""
    dry_run: bool = False


@ecs.operation(resource="instance/{instance_id}")
def delete_instances(call: Call, ask: DeleteInstancesRequest) -> Response:
    """All or none."""
    _delete(call, _checked(ask.instance_id), ask)
    return Response()


def _delete(call: Call, instance_ids: list[str], ask: DeleteInstanceRequest | DeleteInstancesRequest) -> None:
    for one in instances.find_all(call, instance_ids):
        delete(one, force=ask.force, force_stop=ask.force_stop, terminate_subscription=ask.terminate_subscription)
        _keep(call, one)


# Several instances: each has an answer of its own, or all share one fate.


class InstanceResponse(Model, kw_only=True):
    instance_id: str
    code: str = "200"
    message: str = "success"
    current_status: str
    previous_status: str


class InstanceResponses(Model):
    instance_response: list[InstanceResponse]


class SeveralRequest(Request, kw_only=True):
    region_id: str
    instance_id: list[str]
    batch_optimization: str = "AllTogether"
    """AllTogether: nothing happens unless every instance can; SuccessFirst: each by itself"""
    dry_run: bool = False


class SeveralResponse(Response, kw_only=True):
    instance_responses: InstanceResponses


class StartInstancesRequest(SeveralRequest, kw_only=True):
    pass


@ecs.operation(resource="instance/{instance_id}")
def start_instances(call: Call, ask: StartInstancesRequest) -> SeveralResponse:
    return _each(call, ask, start)


class StopInstancesRequest(SeveralRequest, kw_only=True):
    force_stop: bool = False
    stopped_mode: str = ""


@ecs.operation(resource="instance/{instance_id}")
def stop_instances(call: Call, ask: StopInstancesRequest) -> SeveralResponse:
    return _each(call, ask, lambda one: stop(one, force=ask.force_stop, mode=ask.stopped_mode))


class RebootInstancesRequest(SeveralRequest, kw_only=True):
    force_reboot: bool = False


@ecs.operation(resource="instance/{instance_id}")
def reboot_instances(call: Call, ask: RebootInstancesRequest) -> SeveralResponse:
    return _each(call, ask, lambda one: reboot(one, force=ask.force_reboot))


def _each(call: Call, ask: SeveralRequest, change: Callable[[Instance], None]) -> SeveralResponse:
    answers = []
    for one in instances.find_all(call, _checked(ask.instance_id)):
        before = one.status
        try:
            change(one)
        except CloudError as problem:
            if ask.batch_optimization != "SuccessFirst":
                raise
            answers.append(
                InstanceResponse(
                    instance_id=one.id,
                    code=problem.code,
                    message=problem.text,
                    current_status=before,
                    previous_status=before,
                )
            )
            continue
        _keep(call, one)
        answers.append(InstanceResponse(instance_id=one.id, current_status=one.status, previous_status=before))
    return SeveralResponse(instance_responses=InstanceResponses(answers))


def _checked(instance_ids: list[str]) -> list[str]:
    if not 1 <= len(instance_ids) <= MOST_AT_ONCE:
        raise InvalidInstanceIds(most=MOST_AT_ONCE)
    return instance_ids
