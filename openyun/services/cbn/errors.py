"""What the vendor says of CENs. Codes and their spellings are the vendor's, slips included."""

from __future__ import annotations

from openyun.errors import BadRequest, Conflict


class CenNotFound(BadRequest):
    code = "ParameterCenInstanceId"
    message = "The specified CEN instance {cen_id} does not exist."


class ChildInstanceNotFound(BadRequest):
    code = "ParameterInstanceId"
    message = "The specified network instance {instance_id} does not exist."


class PackageNotFound(BadRequest):
    code = "ParameterBwpInstanceId"
    message = "The specified bandwidth package {package_id} does not exist."


class IllegalParameter(BadRequest):
    """`ParameterIllegal.` and the parameter's name."""

    message = "The parameter of {parameter} is illegal."

    def __init__(self, parameter: str) -> None:
        super().__init__(parameter=parameter)
        self.code = f"ParameterIllegal.{parameter}"


class NotGranted(Conflict):
    code = "Forbbiden.AttachChildInstanceAcrossUid"
    message = "Operation is invalid because the child-instance is not authorized to CEN."


class AttachedAlready(Conflict):
    code = "InvalidOperation.ChildInstanceAlreadyAttached"
    message = "Operation is invalid because the child-instance has already been attached to another CEN."


class IncorrectChildStatus(Conflict):
    code = "InvalidOperation.ChildInstanceStatus"
    message = "Operation is invalid because the child-instance is not ready for it."


class VpcNotReady(BadRequest):
    code = "OperationFailed.InvalidVpcStatus"
    message = "Operation failed because the VPC is not available."


class QuotaExceededCen(BadRequest):
    code = "QuotaExceeded.CenCountExceeded"
    message = "CEN quota exceeded: an account has at most {most}."


class QuotaExceededChildren(BadRequest):
    code = "QuotaExceeded.ChildInstanceCountExceeded"
    message = "Network instance quota exceeded: a CEN has at most {most} in a region."


class ChildrenLeft(BadRequest):
    code = "OperationFailed.DeleteCenWithChildInstance"
    message = "Operation failed because network instances are attached to the CEN."


class PackagesLeft(BadRequest):
    code = "OperationFailed.DeleteCenWithBandwidthPackage"
    message = "Operation failed because bandwidth packages are associated with the CEN."


class PackageInUse(Conflict):
    code = "InvalidOperation.BwpInstanceStatus"
    message = "Operation is invalid because of the status of the bandwidth package."


class LimitsNotZero(Conflict):
    code = "InvalidOperation.CenBandwidthLimitsNotZero"
    message = "Operation is invalid because bandwidth of the package is given to inter-region connections."


class NotReleasable(Conflict):
    code = "Forbidden.Release"
    message = "The bandwidth package cannot be released before it expires."


class AreasCovered(Conflict):
    code = "InvalidOperation.GeographicSpanAlreadyExists"
    message = "Operation is invalid because the CEN has a bandwidth package for these areas."


class NoPackage(BadRequest):
    code = "InvalidOperation.NoBandwidthPackage"
    message = "Operation is invalid because the CEN has no bandwidth package for these regions."


class NotEnoughBandwidth(BadRequest):
    code = "InvalidOperation.BandwidthLimitExceeded"
    message = "Operation is invalid because the bandwidth package has only {left} Mbit/s left."


class RouteNotFound(BadRequest):
    code = "InvalidOperation.NotFoundRoute"
    message = "Operation is invalid because the route {cidr_block} does not exist."
