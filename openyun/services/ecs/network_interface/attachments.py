"""Attaching interfaces to instances and detaching them, also while the instance runs."""

from __future__ import annotations

from openyun.operation import Call, Request, Response
from openyun.services.ecs import errors
from openyun.services.ecs.instance import instances
from openyun.services.ecs.instance_type.catalogue import find_instance_type
from openyun.services.ecs.network_interface import interfaces
from openyun.services.ecs.network_interface.errors import (
    DetachPrimary,
    InOtherVpc,
    InOtherZone,
    NotAttachedTo,
    TooManyAddresses,
    TooManyOnInstance,
    WrongInstanceState,
    WrongInterfaceState,
)
from openyun.services.ecs.records import Instance, NetworkInterface
from openyun.services.ecs.service import ecs


class AttachNetworkInterfaceRequest(Request, kw_only=True):
    region_id: str
    network_interface_id: str
    instance_id: str
    trunk_network_instance_id: str = ""
    network_card_index: int = 0
    wait_for_network_configuration_ready: bool = False


@ecs.operation(resource=("eni/{network_interface_id}", "instance/{instance_id}"))
def attach_network_interface(call: Call, ask: AttachNetworkInterfaceRequest) -> Response:
    _refuse_trunks(ask.trunk_network_instance_id, ask.network_card_index)
    one = interfaces.find(call, ask.network_interface_id)
    instance = instances.find(call, ask.instance_id)
    if one.status != "Available":
        raise WrongInterfaceState(status=one.status)
    _must_be_settled(instance)
    attach(call, one, instance)
    interfaces.plug_again(call, instance.id)
    return Response()


def attach(call: Call, one: NetworkInterface, instance: Instance) -> None:
    """At the instance's lowest free index. Raises what speaks against it."""
    if one.vpc_id != instance.vpc_id:
        raise InOtherVpc
    if one.zone_id != instance.zone_id:
        raise InOtherZone
    kind = find_instance_type(instance.instance_type)
    present = call.state.find(NetworkInterface, instance_id=instance.id)
    if kind is not None and len(present) >= kind.enis:
        raise TooManyOnInstance(instance_type=kind.id, most=kind.enis)
    if kind is not None and kind.addresses is not None and len(interfaces.addresses(one)) > kind.addresses:
        raise TooManyAddresses(most=kind.addresses)
    taken = {other.device_index for other in present}
    one.instance_id = instance.id
    one.device_index = next(index for index in range(len(taken) + 1) if index not in taken)
    one.status = "Attaching"
    call.state.put(one)


class DetachNetworkInterfaceRequest(Request, kw_only=True):
    region_id: str
    network_interface_id: str
    instance_id: str
    trunk_network_instance_id: str = ""


@ecs.operation(resource=("eni/{network_interface_id}", "instance/{instance_id}"))
def detach_network_interface(call: Call, ask: DetachNetworkInterfaceRequest) -> Response:
    _refuse_trunks(ask.trunk_network_instance_id, 0)
    one = interfaces.find(call, ask.network_interface_id)
    instance = instances.find(call, ask.instance_id)
    if one.type == "Primary":
        raise DetachPrimary
    if one.status != "InUse":
        raise WrongInterfaceState(status=one.status)
    if one.instance_id != instance.id:
        raise NotAttachedTo(instance_id=instance.id)
    _must_be_settled(instance)
    one.status = "Detaching"
    call.state.put(one)
    interfaces.plug_again(call, instance.id)
    return Response()


def _must_be_settled(instance: Instance) -> None:
    if instance.status not in ("Running", "Stopped"):
        raise WrongInstanceState(status=instance.status)


def _refuse_trunks(trunk: str, card: int) -> None:
    if trunk:
        raise errors.NotOffered(parameter="TrunkNetworkInstanceId")
    if card:
        raise errors.NotOffered(parameter="NetworkCardIndex other than 0")
