"""Public addresses of instances: given with an instance, or to it later."""

from __future__ import annotations

from openyun.operation import Call, Request, Response
from openyun.services.ecs.errors import AllocatedAlready, IncorrectInstanceStatus, NoPublicAddressLeft, NotOffered
from openyun.services.ecs.instance import instances
from openyun.services.ecs.service import ecs
from openyun.services.vpc import eips, public_addresses


def allocate(call: Call, instance_ids: list[str]) -> list[str]:
    """An address for each of these new instances. Raises NoPublicAddressLeft."""
    return public_addresses.allocate(call, instance_ids, NoPublicAddressLeft)


# AllocatePublicIpAddress


class AllocatePublicIpAddressRequest(Request, kw_only=True):
    instance_id: str
    ip_address: str = ""


class AllocatePublicIpAddressResponse(Response, kw_only=True):
    ip_address: str


@ecs.operation(resource="instance/{instance_id}")
def allocate_public_ip_address(call: Call, ask: AllocatePublicIpAddressRequest) -> AllocatePublicIpAddressResponse:
    """For an instance that was made without one. It works at once, also while the instance runs."""
    if ask.ip_address:
        raise NotOffered(parameter="IpAddress")
    one = instances.find(call, ask.instance_id)
    if one.public_address or eips.held_by(call.state, [one.id]):
        raise AllocatedAlready
    if one.status not in ("Running", "Stopped"):
        raise IncorrectInstanceStatus
    (one.public_address,) = allocate(call, [one.id])
    call.state.put(one)
    call.wake()
    return AllocatePublicIpAddressResponse(ip_address=one.public_address)
