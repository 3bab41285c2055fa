"""Errors of the VPC service. Codes and their spellings are the vendor's."""

from __future__ import annotations

from openyun.errors import BadRequest, NotFound


class VpcNotFound(NotFound):
    code = "InvalidVpcID.NotFound"
    message = "Specified value of VpcID {vpc_id} is not found in our record."


class InvalidCidrBlock(BadRequest):
    code = "InvalidCidrBlock.Malformed"
    message = "Specified CIDR block {cidr_block} is not valid."


class InvalidVpcName(BadRequest):
    code = "InvalidVpcName.Malformed"
    message = "Specified VPC name is not valid."


class InvalidDescription(BadRequest):
    code = "InvalidDescription.Malformed"
    message = "Specified description is not valid: 2 to 256 characters, not beginning with http:// or https://."


class QuotaExceededVpc(BadRequest):
    code = "QuotaExceeded.Vpc"
    message = "VPC quota exceeded: an account has at most {most} in a region."


class DependencyViolationVSwitch(BadRequest):
    code = "DependencyViolation.VSwitch"
    message = "Specified object has dependent resources: vSwitch {v_switch_id}."


class DependencyViolationSecurityGroup(BadRequest):
    code = "DependencyViolation.SecurityGroup"
    message = "Specified object has dependent resources: security group {security_group_id}."


class IncorrectVpcStatus(BadRequest):
    code = "IncorrectVpcStatus"
    message = "Current VPC status does not support this operation."
