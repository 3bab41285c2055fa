"""Binding elastic IP addresses to instances, network interfaces and NAT gateways, and taking them off."""

from __future__ import annotations

from openyun.operation import Call, Request, Response
from openyun.services.vpc.eip import eips
from openyun.services.vpc.eip.eips import Holder
from openyun.services.vpc.eip.errors import (
    AssociatedAlready,
    HasPublicAddress,
    HolderNotFound,
    IncorrectEipStatus,
    IncorrectHolderStatus,
    InstanceTypeNotSupported,
    NotAssociated,
    PrivateAddressNotFound,
)
from openyun.services.vpc.errors import refuse
from openyun.services.vpc.records import Eip
from openyun.services.vpc.service import vpc

MOST_ON_GATEWAY = 20
LACKING = ("HaVip", "SlbInstance", "IpAddress")
"""what the vendor can bind an address to, and this cloud does not have"""


class AssociateEipAddressRequest(Request, kw_only=True):
    allocation_id: str
    instance_id: str
    instance_type: str = "EcsInstance"
    private_ip_address: str = ""
    mode: str = "NAT"
    instance_region_id: str = ""
    vpc_id: str = ""
    client_token: str = ""

    def _of(self, kind: str) -> str:
        return self.instance_id if self.instance_type == kind else ""

    @property
    def on_instance(self) -> str:
        return self._of("EcsInstance")

    @property
    def on_interface(self) -> str:
        return self._of("NetworkInterface")

    @property
    def on_gateway(self) -> str:
        return self._of("Nat")


HOLDERS = ("ecs:instance/{on_instance}", "ecs:eni/{on_interface}", "natgateway/{on_gateway}")


@vpc.operation(resource="eip/{allocation_id}", also=HOLDERS)
def associate_eip_address(call: Call, ask: AssociateEipAddressRequest) -> Response:
    refuse(
        Mode=ask.mode not in ("", "NAT") and ask.mode,
        InstanceRegionId=ask.instance_region_id not in ("", call.region.id) and ask.instance_region_id,
        InstanceType=ask.instance_type in LACKING and ask.instance_type,
    )
    one = eips.find(call, ask.allocation_id)
    holder = _holder(call, ask.instance_type, ask.instance_id)
    if one.status != "Available":
        raise IncorrectEipStatus
    if not holder.ready:
        raise IncorrectHolderStatus
    if holder.public_address:
        raise HasPublicAddress
    present = [it for it in call.state.find(Eip, holder_id=holder.id) if it.status != "Available"]
    if holder.private_addresses:
        private = ask.private_ip_address or holder.private_addresses[0]
        if private not in holder.private_addresses:
            raise PrivateAddressNotFound
        if private in {it.private_address or holder.private_addresses[0] for it in present}:
            raise AssociatedAlready
        one.private_address = ask.private_ip_address
    elif len(present) >= MOST_ON_GATEWAY:
        raise AssociatedAlready
    one.holder_kind, one.holder_id, one.vpc_id = ask.instance_type, holder.id, holder.vpc_id
    one.status = "Associating"
    call.state.put(one)
    call.wake()
    return Response()


class UnassociateEipAddressRequest(Request, kw_only=True):
    allocation_id: str
    instance_id: str = ""
    instance_type: str = ""
    private_ip_address: str = ""
    force: bool = False
    """also from a NAT gateway whose entries use the address: they go with it"""
    client_token: str = ""


@vpc.operation(resource="eip/{allocation_id}")
def unassociate_eip_address(call: Call, ask: UnassociateEipAddressRequest) -> Response:
    one = eips.find(call, ask.allocation_id)
    if ask.instance_type and ask.instance_type not in (*eips.kinds, *LACKING):
        raise InstanceTypeNotSupported
    if one.status != "InUse":
        raise IncorrectEipStatus
    if ask.instance_id not in ("", one.holder_id) or ask.private_ip_address not in ("", one.private_address):
        raise NotAssociated
    if ask.force:
        for tell in eips.leaving:
            tell(call.state, one)
    for check in eips.vetoes:
        check(call.state, one)
    one.status = "Unassociating"
    call.state.put(one)
    call.wake()
    return Response()


def _holder(call: Call, kind: str, instance_id: str) -> Holder:
    """Raises InstanceTypeNotSupported, HolderNotFound."""
    if kind not in eips.kinds:
        raise InstanceTypeNotSupported
    found = eips.kinds[kind](call.state, instance_id)
    if found is None or found.account_id != call.account_id:
        raise HolderNotFound(instance_id=instance_id)
    return found
