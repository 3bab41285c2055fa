"""What the vendor says of elastic IP addresses."""

from __future__ import annotations

from openyun.errors import BadRequest, NotFound


class EipNotFound(NotFound):
    code = "InvalidAllocationId.NotFound"
    message = "Specified allocation ID {allocation_id} is not found."


class IncorrectEipStatus(BadRequest):
    code = "IncorrectEipStatus"
    message = "Current elastic IP status does not support this operation."


class InvalidBandwidth(BadRequest):
    code = "InvalidParameter"
    message = "The specified value of Bandwidth is not valid: 1 to {most} Mbit/s."


class InvalidChargeType(BadRequest):
    code = "InvalidParameter"
    message = "The specified value of {parameter} is not valid."


class InvalidEipName(BadRequest):
    code = "InvalidName.Malformed"
    message = "The specified Name is not valid: 1 to 128 characters."


class InvalidEipDescription(BadRequest):
    code = "InvalidDescription.Malformed"
    message = "The specified Description is not valid: 2 to 256 characters."


class QuotaExceededEip(BadRequest):
    code = "QuotaExceeded.Eip"
    message = "Elastic IP address quota exceeded: an account has at most {most} in a region."


class NoAddressLeft(BadRequest):
    code = "OperationFailed.EipResourceNotEnough"
    message = "There are no more public addresses in this region."


class AddressNotAvailable(BadRequest):
    code = "InvalidEipAddress.NotAvailable"
    message = "The specified IP address can not be allocated."


class ChargeTypeIsPrepaid(BadRequest):
    code = "Forbidden.ChargeTypeIsPrepaid"
    message = "It's forbidden to release a prepaid EIP"


class DeletionProtected(BadRequest):
    code = "InvalidOperation.DeletionProtection"
    message = "The instance cannnot delete because of deletion protecion."


class HolderNotFound(NotFound):
    code = "InvalidInstanceId.NotFound"
    message = "Specified instance {instance_id} does not exist."


class InstanceTypeNotSupported(BadRequest):
    code = "InvalidInstanceType.ValueNotSupported"
    message = "The specified value of InstanceType is not supported."


class IncorrectHolderStatus(BadRequest):
    code = "IncorrectInstanceStatus"
    message = "Current instance status does not support this operation."


class AssociatedAlready(BadRequest):
    code = "InvalidAssociation.Duplicated"
    message = "Specified instance already is associated."


class HasPublicAddress(BadRequest):
    code = "InvalidStatus.InstanceHasBandWidth"
    message = "The specified instance has a public IP address of its own."


class PrivateAddressNotFound(BadRequest):
    code = "InvalidPrivateIpAddress.NotFound"
    message = "The specified PrivateIpAddress is not one of the network interface's."


class NotAssociated(BadRequest):
    code = "InvalidAssociation.NotFound"
    message = "The specified EIP is not associated with the specified instance."


class UsedByEntries(BadRequest):
    """An SNAT or a DNAT entry of its NAT gateway has the address."""

    code = "IncorrectStatus.EipInUse"
    message = "The EIP {address} is used by an SNAT or DNAT entry of the NAT gateway; delete that or use Force."
