"""Changing the type and the bandwidth of an instance that exists."""

from __future__ import annotations

import msgspec

from openyun.errors import CloudError, MissingParameter
from openyun.operation import Call, Model, Request, Response
from openyun.services.ecs import errors
from openyun.services.ecs.errors import ChargeTypeViolation, IncorrectInstanceStatus
from openyun.services.ecs.instance import instances, launch, public_addresses
from openyun.services.ecs.instance.orders import new_order_id
from openyun.services.ecs.instance_type.catalogue import InstanceType, find_instance_type
from openyun.services.ecs.network_interface import interfaces
from openyun.services.ecs.network_interface.errors import TooManyAddresses, TooManyOnInstance
from openyun.services.ecs.records import Instance
from openyun.services.ecs.service import ecs
from openyun.services.ecs.storage import images
from openyun.services.ecs.storage.records import Image


class ChangedSystemDisk(Model, kw_only=True):
    category: str = ""


class ChangedDisk(Model, kw_only=True):
    category: str = ""
    performance_level: str = ""
    disk_id: str = ""


class Temporary(Model, kw_only=True):
    start_time: str = ""
    end_time: str = ""
    internet_max_bandwidth_out: int | None = None


class ModifyInstanceSpecRequest(Request, kw_only=True):
    instance_id: str
    instance_type: str = ""
    internet_max_bandwidth_in: int | None = None
    internet_max_bandwidth_out: int | None = None
    allow_migrate_across_zone: bool = False
    system_disk: ChangedSystemDisk = msgspec.field(default_factory=ChangedSystemDisk)
    disk: list[ChangedDisk] = []
    temporary: Temporary = msgspec.field(default_factory=Temporary)
    modify_mode: str = ""
    client_token: str = ""
    dry_run: bool = False


@ecs.operation(resource="instance/{instance_id}")
def modify_instance_spec(call: Call, ask: ModifyInstanceSpecRequest) -> Response:
    """Of a pay-as-you-go instance: its type while it is stopped, its bandwidth at any time."""
    one = instances.find(call, ask.instance_id)
    if one.charge_type != "PostPaid":
        raise ChargeTypeViolation
    if ask.temporary.start_time or ask.temporary.end_time:
        raise errors.NotOffered(parameter="Temporary")
    _refuse_disks(ask.system_disk, ask.disk)
    if ask.instance_type:
        if one.status != "Stopped":
            raise IncorrectInstanceStatus
        become(call, one, ask.instance_type)
    set_bandwidth(one, ask.internet_max_bandwidth_in, ask.internet_max_bandwidth_out)
    call.state.put(one)
    return Response()


class ModifyPrepayInstanceSpecRequest(Request, kw_only=True):
    region_id: str
    instance_id: str
    instance_type: str
    operator_type: str = ""
    reboot_when_finished: bool = False
    reboot_time: str = ""
    end_time: str = ""
    auto_pay: bool = True
    migrate_across_zone: bool = False
    system_disk: ChangedSystemDisk = msgspec.field(default_factory=ChangedSystemDisk)
    disk: list[ChangedDisk] = []
    modify_mode: str = ""
    client_token: str = ""


class ModifyPrepayInstanceSpecResponse(Response, kw_only=True):
    order_id: str


@ecs.operation(resource="instance/{instance_id}")
def modify_prepay_instance_spec(call: Call, ask: ModifyPrepayInstanceSpecRequest) -> ModifyPrepayInstanceSpecResponse:
    """Of a subscription: also while it runs, and then in force from its next start."""
    one = instances.find(call, ask.instance_id)
    if one.charge_type != "PrePaid":
        raise ChargeTypeViolation
    if ask.reboot_time or ask.end_time:
        raise errors.NotOffered(parameter="RebootTime")
    _refuse_disks(ask.system_disk, ask.disk)
    if one.status not in ("Running", "Stopped"):
        raise IncorrectInstanceStatus
    before = one.cpu, one.memory
    become(call, one, ask.instance_type)
    if ask.operator_type == "upgrade" and (one.cpu, one.memory) < before:
        raise errors.InvalidOperatorType
    if ask.operator_type == "downgrade" and (one.cpu, one.memory) > before:
        raise errors.InvalidOperatorType
    if ask.reboot_when_finished and one.status == "Running":
        one.status, one.due = "Starting", True
        one.boots += 1
        call.wake()
    call.state.put(one)
    return ModifyPrepayInstanceSpecResponse(order_id=new_order_id(call))


def become(call: Call, one: Instance, instance_type: str) -> None:
    """Give the record another type. Raises what speaks against it."""
    kind = find_instance_type(instance_type)
    if kind is None:
        raise errors.InstanceTypeNotSupported(instance_type=instance_type)
    reason = why_not(call, one, kind)
    if reason is not None:
        raise reason
    one.instance_type, one.cpu, one.memory = kind.id, kind.vcpus, int(kind.memory * 1024)


def why_not(call: Call, one: Instance, kind: InstanceType) -> CloudError | None:
    """What keeps the instance from having this type."""
    image = images.known(one.image_id) or call.state.get(Image, one.image_id)
    if image is not None and not images.supports(image, kind):
        return errors.ImageNotSupportInstanceType(image_id=one.image_id, instance_type=kind.id)
    if one.system_disk_category not in kind.disks:
        return errors.DiskCategoryNotOfType(category=one.system_disk_category, instance_type=kind.id)
    several = interfaces.of_instance(call.state, one.id)
    if len(several) > kind.enis:
        return TooManyOnInstance(instance_type=kind.id, most=kind.enis)
    if kind.addresses is not None and any(len(interfaces.addresses(it)) > kind.addresses for it in several):
        return TooManyAddresses(most=kind.addresses)
    return None


def set_bandwidth(one: Instance, inward: int | None, outward: int | None) -> None:
    """Raises InvalidBandwidthIn, InvalidBandwidthOut."""
    launch.check_bandwidth(inward, outward)
    if inward is not None:
        one.internet_max_bandwidth_in = inward
    if outward is not None:
        one.internet_max_bandwidth_out = outward


def _refuse_disks(system_disk: ChangedSystemDisk, disks: list[ChangedDisk]) -> None:
    if system_disk.category or disks:
        raise errors.NotOffered(parameter="SystemDisk.Category")


class ModifyInstanceNetworkSpecRequest(Request, kw_only=True):
    instance_id: str
    internet_max_bandwidth_in: int | None = None
    internet_max_bandwidth_out: int | None = None
    network_charge_type: str = ""
    allocate_public_ip: bool = False
    auto_pay: bool = True
    start_time: str = ""
    end_time: str = ""
    isp: str = msgspec.field(name="ISP", default="")
    client_token: str = ""


class ModifyInstanceNetworkSpecResponse(Response, kw_only=True):
    order_id: str = ""


@ecs.operation(resource="instance/{instance_id}")
def modify_instance_network_spec(
    call: Call, ask: ModifyInstanceNetworkSpecRequest
) -> ModifyInstanceNetworkSpecResponse:
    one = instances.find(call, ask.instance_id)
    if ask.start_time or ask.end_time:
        raise errors.NotOffered(parameter="StartTime")
    if ask.internet_max_bandwidth_in is None and ask.internet_max_bandwidth_out is None and not ask.network_charge_type:
        raise MissingParameter(parameter="InternetMaxBandwidthOut")
    if one.status not in ("Running", "Stopped"):
        raise IncorrectInstanceStatus
    set_bandwidth(one, ask.internet_max_bandwidth_in, ask.internet_max_bandwidth_out)
    if ask.network_charge_type:
        if ask.network_charge_type not in ("PayByTraffic", "PayByBandwidth"):
            raise errors.InvalidInternetChargeType
        one.internet_charge_type = ask.network_charge_type
    if ask.allocate_public_ip and not one.public_address and one.internet_max_bandwidth_out > 0:
        (one.public_address,) = public_addresses.allocate(call, [one.id])
        call.wake()
    call.state.put(one)
    return ModifyInstanceNetworkSpecResponse(order_id=new_order_id(call) if one.charge_type == "PrePaid" else "")
