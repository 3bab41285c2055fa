"""What the vendor says of network ACLs."""

from __future__ import annotations

from openyun.errors import BadRequest, NotFound


class NetworkAclNotFound(NotFound):
    code = "InvalidNetworkAcl.NotFound"
    message = "The specified network ACL {network_acl_id} is not found."


class InvalidNetworkAclName(BadRequest):
    code = "InvalidNetworkAclName.Malformed"
    message = "The specified NetworkAclName is not valid."


class InvalidNetworkAclDescription(BadRequest):
    code = "InvalidDescription.Malformed"
    message = "The specified Description is not valid."


class QuotaExceededNetworkAcl(BadRequest):
    code = "QuotaExceeded.NetworkAcl"
    message = "Network ACL quota exceeded: a VPC has at most {most}."


class QuotaExceededEntries(BadRequest):
    code = "QuotaExceeded.NetworkAclEntry"
    message = "Network ACL entry quota exceeded: at most {most} in a direction."


class InvalidEntry(BadRequest):
    code = "InvalidParameter"
    message = "The specified {parameter} {value} of a network ACL entry is not valid."


class NetworkAclInUse(BadRequest):
    code = "NetworkAclExistBinding"
    message = "The network ACL is associated with vSwitches."


class ResourceElsewhere(BadRequest):
    code = "OperationUnsupported.ResourceNotInVpc"
    message = "The vSwitch {v_switch_id} is not in the network ACL's VPC."


class AssociatedAlready(BadRequest):
    code = "ResourceAssociatedAcl"
    message = "The vSwitch {v_switch_id} is associated with a network ACL already."


class NotAssociated(BadRequest):
    code = "ResourceNotAssociatedAcl"
    message = "The vSwitch {v_switch_id} is not associated with the network ACL."
