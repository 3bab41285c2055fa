"""What the vendor says of NAT gateways and their entries."""

from __future__ import annotations

from openyun.errors import BadRequest, NotFound


class NatGatewayNotFound(NotFound):
    code = "InvalidNatGatewayId.NotFound"
    message = "The specified NatGatewayId {nat_gateway_id} does not exist in our records."


class IncorrectNatGatewayStatus(BadRequest):
    code = "IncorrectStatus.NATGW"
    message = "The status of the NAT gateway does not support this operation."


class InvalidNatType(BadRequest):
    code = "InvalidParameter"
    message = "The specified value of {parameter} is not valid."


class InvalidNatGatewayName(BadRequest):
    code = "InvalidName.Malformed"
    message = "The specified Name is not valid."


class InvalidNatGatewayDescription(BadRequest):
    code = "InvalidDescription.Malformed"
    message = "The specified Description is not valid."


class QuotaExceededNat(BadRequest):
    code = "QuotaExceeded.NatGateway"
    message = "NAT gateway quota exceeded: a VPC has at most {most}."


class VSwitchElsewhere(BadRequest):
    code = "OperationUnsupported.VSwitchNotInVpc"
    message = "The specified vSwitch {v_switch_id} is not in the VPC."


class NoAddressLeft(BadRequest):
    code = "InvalidVSwitchId.IpNotEnough"
    message = "There are no more private IP addresses in vSwitch {v_switch_id}."


class HasEips(BadRequest):
    code = "DependencyViolation.EIPS"
    message = "The NAT gateway is associated with EIPs."


class HasSnatEntries(BadRequest):
    code = "DependencyViolation.SnatEntry"
    message = "The NAT gateway has SNAT entries."


class HasForwardEntries(BadRequest):
    code = "DependencyViolation.ForwardEntry"
    message = "The NAT gateway has DNAT entries."


class HasRouteEntries(BadRequest):
    code = "DependencyViolation.RouteEntry"
    message = "A route entry leads to the NAT gateway."


class DeletionProtected(BadRequest):
    code = "InvalidOperation.DeletionProtection"
    message = "The instance cannnot delete because of deletion protecion."


class EipNotInGateway(BadRequest):
    code = "EIP_NOT_IN_GATEWAY"
    message = "The EIP {address} is not associated with the NAT gateway."


class MalformedEntryName(BadRequest):
    code = "InvalidName.Malformed"
    message = "The specified entry name is not valid."


# SNAT entries


class SnatTableNotFound(NotFound):
    code = "InvalidSnatTableId.NotFound"
    message = "Specified SNAT table {table_id} does not exist."


class SnatEntryNotFound(NotFound):
    code = "InvalidSnatEntryId.NotFound"
    message = "Specified SNAT entry {entry_id} does not exist."


class MalformedSourceCidr(BadRequest):
    code = "InvalidSourceCIDR.Malformed"
    message = "The specified SourceCIDR {cidr} is not valid."


class SourceTaken(BadRequest):
    code = "Forbidden.SourceVSwitchId.Duplicated"
    message = "The specified source {cidr} is in another SNAT entry."


class QuotaExceededSnat(BadRequest):
    code = "QuotaExceeded.SnatEntry"
    message = "SNAT entry quota exceeded: a NAT gateway has at most {most}."


# DNAT entries


class ForwardTableNotFound(NotFound):
    code = "InvalidForwardTableId.NotFound"
    message = "Specified forward table {table_id} does not exist."


class ForwardEntryNotFound(NotFound):
    code = "InvalidForwardEntryId.NotFound"
    message = "Specified forward entry {entry_id} does not exist."


class MalformedExternalIp(BadRequest):
    code = "InvalidExternalIp.Malformed"
    message = "The specified ExternalIp is not a valid IP address."


class MalformedInternalIp(BadRequest):
    code = "InvalidInternalIp.Malformed"
    message = "The specified InternalIp is not a valid IP address."


class MalformedExternalPort(BadRequest):
    code = "InvalidExternalPort.Malformed"
    message = "The specified ExternalPort is not a valid port."


class MalformedInternalPort(BadRequest):
    code = "InvalidInternalPort.Malformed"
    message = "The specified InternalPort is not a valid port."


class InternalIpOutside(BadRequest):
    code = "Forbidden.DestnationIpOutOfVpcCIDR"
    message = "The specified Internal Ip is Out of VPC CIDR."


class ProtocolNotSupported(BadRequest):
    code = "InvalidProtocal.ValueNotSupported"
    message = "The specified IpProtocol does not support."


class ForwardTaken(BadRequest):
    code = "OperationUnsupported.ForwardEntry"
    message = "Duplicated destination ip port is unsupported."


class QuotaExceededForward(BadRequest):
    code = "QuotaExceeded.ForwardEntry"
    message = "DNAT entry quota exceeded: a NAT gateway has at most {most}."
