"""What the vendor says of DHCP options sets."""

from __future__ import annotations

from openyun.errors import BadRequest, NotFound


class DhcpOptionsSetNotFound(NotFound):
    code = "InvalidDhcpOptionsSetId.NotFound"
    message = "The specified DHCP options set {dhcp_options_set_id} does not exist."


class InvalidDhcpOption(BadRequest):
    code = "InvalidParameter"
    message = "The specified {parameter} is not valid."


class QuotaExceededDhcpOptionsSet(BadRequest):
    code = "QuotaExceeded.DhcpOptionsSet"
    message = "DHCP options set quota exceeded: an account has at most {most} in a region."


class DhcpOptionsSetInUse(BadRequest):
    code = "DependencyViolation.VpcAttachment"
    message = "The DHCP options set is attached to VPCs."


class AttachedAlready(BadRequest):
    code = "OperationDenied.VpcAttached"
    message = "The VPC has a DHCP options set already."


class NotAttached(BadRequest):
    code = "OperationDenied.VpcNotAttached"
    message = "The DHCP options set is not attached to the VPC."
