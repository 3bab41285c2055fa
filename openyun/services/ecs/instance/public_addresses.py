"""Public addresses of a region: its part of the cloud's public range."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network
from typing import ClassVar

from openyun.config import Config
from openyun.operation import Call, Request, Response
from openyun.region import REGIONS, Region
from openyun.services.ecs.errors import AllocatedAlready, IncorrectInstanceStatus, NoPublicAddressLeft, NotOffered
from openyun.services.ecs.instance import instances
from openyun.services.ecs.service import ecs
from openyun.state import Indexes, Record, Transaction

_FIRST = 10
"""Regions that were there from the beginning have a sixteenth of the range each, later ones a 64th, so that no address
ever moved from one region to another."""
_RESERVED = 16
"""addresses at the beginning of each part, for gateways"""


class PublicAddress(Record, kw_only=True):
    """An address that is taken. Being its key, it cannot be given to two."""

    TABLE: ClassVar[str] = "public_address"
    KEY: ClassVar[tuple[str, ...]] = ("address",)
    INDEXES: ClassVar[Indexes] = (("number",),)

    address: str
    number: int
    account_id: str
    instance_id: str


def block_of(config: Config, region: Region) -> IPv4Network:
    """The part of the public range that belongs to this region."""
    whole = IPv4Network(config.public_cidr)
    place = REGIONS.index(region)
    size = whole.num_addresses // (16 if place < _FIRST else 64)
    first = int(whole.network_address) + (place if place < _FIRST else place + 3 * _FIRST) * size
    return IPv4Network((first, 32 - (size.bit_length() - 1)))


def allocate(call: Call, instance_ids: list[str]) -> list[str]:
    """An address for each of these new instances. Raises NoPublicAddressLeft."""
    numbers = _free(call, len(instance_ids))
    addresses = [str(IPv4Address(number)) for number in numbers]
    for address, number, instance_id in zip(addresses, numbers, instance_ids, strict=True):
        call.state.insert(
            PublicAddress(address=address, number=number, account_id=call.account_id, instance_id=instance_id)
        )
    return addresses


def release(state: Transaction, address: str) -> None:
    if found := state.get(PublicAddress, address):
        state.delete(found)


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
    if one.public_address:
        raise AllocatedAlready
    if one.status not in ("Running", "Stopped"):
        raise IncorrectInstanceStatus
    (one.public_address,) = allocate(call, [one.id])
    call.state.put(one)
    call.wake()
    return AllocatePublicIpAddressResponse(ip_address=one.public_address)


def _free(call: Call, count: int) -> list[int]:
    """Numbers behind the highest one in use; only when the block is used up, gaps from its beginning."""
    block = block_of(call.cloud.config, call.region)
    first = int(block.network_address) + _RESERVED
    end = int(block.broadcast_address)
    highest = call.state.scan(PublicAddress, "number", descending=True, limit=1)
    start = highest[0].number + 1 if highest else first
    if start + count <= end:
        return list(range(start, start + count))
    used = {one.number for one in call.state.find(PublicAddress)}
    gaps = [number for number in range(first, end) if number not in used][:count]
    if len(gaps) < count:
        raise NoPublicAddressLeft
    return gaps
