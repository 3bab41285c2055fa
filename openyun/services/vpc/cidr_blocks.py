"""Secondary CIDR blocks: a VPC that has run out of addresses gets more."""

from __future__ import annotations

from ipaddress import IPv4Network

from openyun.errors import BadRequest, MissingParameter
from openyun.operation import Call, Request, Response
from openyun.services.vpc import vpcs
from openyun.services.vpc.errors import DependencyViolationVSwitch, InvalidCidrBlock, VpcIdNotFound, refuse
from openyun.services.vpc.records import VSwitch
from openyun.services.vpc.service import vpc
from openyun.services.vpc.vpcs import RESERVED

MOST_BLOCKS = 5
"""secondary ones of a VPC"""


class CidrConflict(BadRequest):
    code = "OperationDenied.CidrConflictWithExistCidr"
    message = "The operation is not allowed because {cidr_block} overlaps a CIDR block of the VPC."


class QuotaExceededBlocks(BadRequest):
    code = "QuotaExceeded.SecondaryCidr"
    message = "Secondary CIDR block quota exceeded: a VPC has at most {most}."


class BlockNotFound(BadRequest):
    code = "InvalidSecondaryCidrBlock.NotFound"
    message = "The VPC has no secondary CIDR block {cidr_block}."


class AssociateVpcCidrBlockRequest(Request, kw_only=True):
    vpc_id: str
    secondary_cidr_block: str = ""
    secondary_cidr_mask: int = 0
    ip_version: str = "IPV4"
    ipam_pool_id: str = ""


class AssociateVpcCidrBlockResponse(Response, kw_only=True):
    cidr_block: str
    ip_version: str = "IPV4"


@vpc.operation(resource="vpc/{vpc_id}")
def associate_vpc_cidr_block(call: Call, ask: AssociateVpcCidrBlockRequest) -> AssociateVpcCidrBlockResponse:
    refuse(
        IpVersion=ask.ip_version.upper() != "IPV4" and ask.ip_version,
        IpamPoolId=ask.ipam_pool_id,
        SecondaryCidrMask=ask.secondary_cidr_mask,
    )
    if not ask.secondary_cidr_block:
        raise MissingParameter(parameter="SecondaryCidrBlock")
    network = vpcs.find_available(call, ask.vpc_id, VpcIdNotFound)
    try:
        block = IPv4Network(ask.secondary_cidr_block)
    except ValueError:
        raise InvalidCidrBlock(cidr_block=ask.secondary_cidr_block) from None
    if not 8 <= block.prefixlen <= 28 or any(block.overlaps(one) for one in RESERVED):
        raise InvalidCidrBlock(cidr_block=ask.secondary_cidr_block)
    if any(block.overlaps(IPv4Network(one)) for one in (network.cidr_block, *network.more_cidr_blocks)):
        raise CidrConflict(cidr_block=str(block))
    if len(network.more_cidr_blocks) >= MOST_BLOCKS:
        raise QuotaExceededBlocks(most=MOST_BLOCKS)
    network.more_cidr_blocks.append(str(block))
    call.state.put(network)
    call.wake()
    return AssociateVpcCidrBlockResponse(cidr_block=str(block))


class UnassociateVpcCidrBlockRequest(Request, kw_only=True):
    vpc_id: str
    secondary_cidr_block: str = ""


@vpc.operation(resource="vpc/{vpc_id}")
def unassociate_vpc_cidr_block(call: Call, ask: UnassociateVpcCidrBlockRequest) -> Response:
    network = vpcs.find(call, ask.vpc_id, VpcIdNotFound)
    if ask.secondary_cidr_block not in network.more_cidr_blocks:
        raise BlockNotFound(cidr_block=ask.secondary_cidr_block)
    block = IPv4Network(ask.secondary_cidr_block)
    for v_switch in call.state.find(VSwitch, vpc_id=network.id):
        if IPv4Network(v_switch.cidr_block).subnet_of(block):
            raise DependencyViolationVSwitch(v_switch_id=v_switch.id)
    network.more_cidr_blocks.remove(ask.secondary_cidr_block)
    call.state.put(network)
    call.wake()
    return Response()
