"""What the vendor says of route tables and route entries."""

from __future__ import annotations

from openyun.errors import BadRequest, NotFound


class RouteTableNotFound(NotFound):
    code = "InvalidRouteTableId.NotFound"
    message = "Specified value of RouteTableId {route_table_id} is not found in our record."


class InvalidRouteTableName(BadRequest):
    code = "InvalidRouteTableName.Malformed"
    message = "The specified RouteTableName is not valid."


class InvalidRouteTableDescription(BadRequest):
    code = "InvalidDescription.Malformed"
    message = "The specified Description is not valid."


class QuotaExceededRouteTable(BadRequest):
    code = "QuotaExceeded.RouteTable"
    message = "Route table quota exceeded: a VPC has at most {most} custom ones."


class SystemRouteTable(BadRequest):
    code = "OperationDenied.SystemRouteTable"
    message = "The system route table does not support this operation."


class RouteTableInUse(BadRequest):
    code = "DependencyViolation.VSwitch"
    message = "The specified route table is associated with vSwitches."


class InvalidAssociateType(BadRequest):
    code = "InvalidParameter"
    message = "The specified value of AssociateType is not valid."


class VSwitchElsewhere(BadRequest):
    code = "OperationUnsupported.VSwitchNotInVpc"
    message = "The specified vSwitch {v_switch_id} is not in the route table's VPC."


class AssociatedAlready(BadRequest):
    code = "OperationDenied.RouteTableAssociated"
    message = "The specified vSwitch is associated with a custom route table already."


class NotAssociated(BadRequest):
    code = "OperationDenied.RouteTableNotAssociated"
    message = "The specified vSwitch is not associated with the route table."


# Route entries


class MalformedCidr(BadRequest):
    code = "InvalidCidrBlock.Malformed"
    message = "Specified CIDR block {cidr_block} is not valid."


class CidrNotAllowed(BadRequest):
    code = "InvalidCIDRBlock"
    message = "The destination {cidr_block} is a part of the VPC, or of the cloud's own services."


class CidrDuplicated(BadRequest):
    code = "RouterEntryConflict.Duplicated"
    message = "The route entry already exists: {cidr_block}."


class RouteEntryNotFound(NotFound):
    code = "InvalidRouteEntry.NotFound"
    message = "Route entry not exists."


class SystemRouteEntry(BadRequest):
    code = "OperationDenied"
    message = "Specified operation is denied as route entry type is system."


class IncorrectRouteEntryStatus(BadRequest):
    code = "IncorrectRouteEntryStatus"
    message = "Some route entry status blocked this operation."


class InvalidNextHopType(BadRequest):
    code = "InvalidNextHopType.ValueNotSupported"
    message = "The specified NextHopType {next_hop_type} is not supported."


class NextHopNotFound(NotFound):
    code = "InvalidNextHopId.NotFound"
    message = "Specified next hop {next_hop_id} does not exist in the VPC."


class NextHopMissing(BadRequest):
    code = "MissingParameter"
    message = "The next hop of the route entry is missing."


class QuotaExceededRouteEntry(BadRequest):
    code = "QuotaExceeded"
    message = "Route entry quota exceeded: a route table has at most {most} custom entries."


class InvalidRouteEntryName(BadRequest):
    code = "InvalidRouteEntryName.Malformed"
    message = "The specified RouteEntryName is not valid."


class InvalidRouteEntryDescription(BadRequest):
    code = "InvalidDescription.Malformed"
    message = "The specified Description is not valid."
