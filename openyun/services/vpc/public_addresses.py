"""Public addresses of a region: its part of the cloud's public range, shared by instances and elastic IP addresses."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network
from typing import ClassVar

import msgspec

from openyun.config import Config
from openyun.errors import CloudError
from openyun.operation import Call
from openyun.region import REGIONS, Region
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
    holder_id: str = msgspec.field(name="instance_id")
    """an instance, or an elastic IP address"""


def block_of(config: Config, region: Region) -> IPv4Network:
    """The part of the public range that belongs to this region."""
    whole = IPv4Network(config.public_cidr)
    place = REGIONS.index(region)
    size = whole.num_addresses // (16 if place < _FIRST else 64)
    first = int(whole.network_address) + (place if place < _FIRST else place + 3 * _FIRST) * size
    return IPv4Network((first, 32 - (size.bit_length() - 1)))


def allocate(call: Call, holder_ids: Sequence[str], none_left: type[CloudError]) -> list[str]:
    """An address for each of these. Raises `none_left`."""
    numbers = _free(call, len(holder_ids))
    if len(numbers) < len(holder_ids):
        raise none_left
    return [_take(call, number, holder_id) for number, holder_id in zip(numbers, holder_ids, strict=True)]


def allocate_this(call: Call, address: str, holder_id: str, taken: type[CloudError]) -> str:
    """This very address. Raises `taken` if somebody has it, or the region does not."""
    try:
        number = int(IPv4Address(address))
    except ValueError:
        raise taken from None
    if number not in _assignable(call) or call.state.get(PublicAddress, address):
        raise taken
    return _take(call, number, holder_id)


def release(state: Transaction, address: str) -> None:
    if found := state.get(PublicAddress, address):
        state.delete(found)


def _take(call: Call, number: int, holder_id: str) -> str:
    address = str(IPv4Address(number))
    call.state.insert(PublicAddress(address=address, number=number, account_id=call.account_id, holder_id=holder_id))
    return address


def _assignable(call: Call) -> range:
    block = block_of(call.cloud.config, call.region)
    return range(int(block.network_address) + _RESERVED, int(block.broadcast_address))


def _free(call: Call, count: int) -> list[int]:
    """Numbers behind the highest one in use; only when the block is used up, gaps from its beginning."""
    assignable = _assignable(call)
    highest = call.state.scan(PublicAddress, "number", descending=True, limit=1)
    start = highest[0].number + 1 if highest else assignable.start
    if start + count <= assignable.stop:
        return list(range(start, start + count))
    used = {one.number for one in call.state.find(PublicAddress)}
    return [number for number in assignable if number not in used][:count]
