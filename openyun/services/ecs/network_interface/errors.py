"""Errors of network interfaces. Codes, spellings and statuses are the vendor's."""

from __future__ import annotations

from openyun.errors import BadRequest, Forbidden, NotFound


class InterfaceNotFound(NotFound):
    code = "InvalidEniId.NotFound"
    message = "The specified network interface {network_interface_id} does not exist."


class TooManyInterfaces(Forbidden):
    code = "MaxEniCountExceeded"
    message = "The maximum number of eni per account is exceeded: {most}."


class TooManyOnInstance(Forbidden):
    code = "EniPerInstanceLimitExceeded"
    message = "The maximum number of eni in an instance of the type {instance_type} is exceeded: {most}."


class TooManyAddresses(Forbidden):
    code = "MaxEniIpCountExceeded"
    message = "The maximum number of private IP addresses of a network interface is exceeded: {most}."


class WrongInterfaceState(Forbidden):
    code = "InvalidOperation.InvalidEniState"
    message = "The operation is not allowed in the current status {status} of the network interface."


class WrongInstanceState(Forbidden):
    code = "InvalidOperation.InvalidEcsState"
    message = "The operation is not allowed in the current status {status} of the instance."


class WrongInterfaceType(Forbidden):
    code = "InvalidOperation.InvalidEniType"
    message = "The operation is not allowed on a network interface of the type {type}."


class DetachPrimary(Forbidden):
    code = "InvalidOperation.DetachPrimaryEniNotAllowed"
    message = "The primary network interface of an instance can not be detached."


class InOtherZone(Forbidden):
    code = "InvalidOperation.AvailabilityZoneMismatch"
    message = "The network interface and the instance are not in the same zone."


class InOtherVpc(Forbidden):
    code = "InvalidOperation.VpcMismatch"
    message = "The network interface and the instance are not in the same VPC."


class NotAttachedTo(NotFound):
    code = "InvalidAttachment.NotFound"
    message = "The network interface is not attached to the instance {instance_id}."


class AddressNotAssigned(Forbidden):
    code = "InvalidIp.IpUnassigned"
    message = "The private IP address {address} is not a secondary one of the network interface."


class AddressesAndCount(BadRequest):
    code = "InvalidParameter.Conflict"
    message = "PrivateIpAddress.N and SecondaryPrivateIpAddressCount can not both be specified."


class AddressRepeated(Forbidden):
    code = "InvalidIp.IpRepeated"
    message = "The private IP address {address} is given twice."


class InvalidName(BadRequest):
    code = "InvalidNetworkInterfaceName.Malformed"
    message = 'The specified parameter "NetworkInterfaceName" is not valid.'
