"""Errors of the VPC service. Codes and their spellings are the vendor's, slips included: clients look for them."""

from __future__ import annotations

from openyun.errors import BadRequest, Forbidden, NotFound


class NotOffered(BadRequest):
    """The vendor has it and this cloud does not: better refused than silently left out."""

    code = "UnsupportedParameter"
    message = "OpenYun does not offer {parameter}."


def refuse(**given: object) -> None:
    """Raises NotOffered for the first of these parameters that a request sets."""
    for parameter, value in given.items():
        if value:
            raise NotOffered(parameter=parameter)


# VPCs


class VpcNotFound(NotFound):
    code = "InvalidVpcID.NotFound"
    message = "Specified value of VpcID {vpc_id} is not found in our record."


class VpcIdNotFound(NotFound):
    """The same, as operations on other resources spell it."""

    code = "InvalidVpcId.NotFound"
    message = "Specified VPC {vpc_id} does not exist."


class InvalidVpcCidrBlock(BadRequest):
    code = "InvalidParameter"
    message = "Specified CIDR block {cidr_block} is not valid."


class InvalidCidrBlock(BadRequest):
    code = "InvalidCidrBlock.Malformed"
    message = "Specified CIDR block {cidr_block} is not valid."


class InvalidUserCidr(BadRequest):
    code = "InvalidParameter"
    message = "Specified UserCidr invalid format."


class InvalidUserCidrQuota(BadRequest):
    code = "InvalidUserCidr.Quota"
    message = "Specified UserCidr number is greater than 3."


class InvalidUserCidrMalformed(BadRequest):
    code = "InvalidUserCidr.Malformed"
    message = "Specified UserCidr overlapping in of 100.64.0.0/10."


class InvalidVpcName(BadRequest):
    code = "InvalidVpcName.Malformed"
    message = "Specified VPC name is not valid."


class InvalidVpcDescription(BadRequest):
    code = "InvalidVpcDiscription.Malformed"
    message = "Specified VPC description is not valid."


class QuotaExceededVpc(BadRequest):
    code = "QuotaExceeded.Vpc"
    message = "VPC quota exceeded: an account has at most {most} in a region."


class IncorrectVpcStatus(BadRequest):
    code = "IncorrectVpcStatus"
    message = "Current VPC status does not support this operation."


class DependencyViolationVSwitch(BadRequest):
    code = "DependencyViolation.VSwitch"
    message = "Specified object has dependent resources: vSwitch {v_switch_id}."


class DependencyViolationSecurityGroup(BadRequest):
    code = "DependencyViolation.SecurityGroup"
    message = "Specified object has dependent resources: security group {security_group_id}."


# vSwitches


class VSwitchNotFound(NotFound):
    code = "InvalidVSwitchId.NotFound"
    message = "VSwitch {v_switch_id} not exist."


class VSwitchIDNotFound(NotFound):
    """The same, as DescribeVSwitchAttributes spells it."""

    code = "InvalidVswitchID.NotFound"
    message = "Specified VSwitch {v_switch_id} does not exist."


class ZoneNotFound(NotFound):
    code = "InvalidZoneId.NotFound"
    message = "Specified zone {zone_id} does not exist."


class InvalidVSwitchName(BadRequest):
    code = "InvalidVSwitchName.Malformed"
    message = "Specified virtual switch name is not valid."


class InvalidVSwitchDescription(BadRequest):
    code = "InvalidVSwitchDiscription.Malformed"
    message = "Specified virtual switch description is not valid."


class CidrMaskLength(BadRequest):
    code = "InvalidCirdrBlock.MaskLength"
    message = "Specified CIDR block {cidr_block} is not valid: a vSwitch's mask is 16 to 29 bits."


class CidrNotInVpc(BadRequest):
    code = "InvalidParameter"
    message = "Specified CIDR block is not valid in VPC: {cidr_block} is not within {vpc_cidr_block}."


class CidrOverlapped(BadRequest):
    code = "InvalidCidrBlock.Overlapped"
    message = "Specified CIDR block overlapped with other subnets: {cidr_block} with vSwitch {v_switch_id}."


class QuotaExceededVSwitch(BadRequest):
    code = "QuotaExceeded.VSwitch"
    message = "Virtual switch quota exceeded: a VPC has at most {most}."


class IncorrectVSwitchStatus(BadRequest):
    code = "IncorrectVSwitchStatus"
    message = "The current virtual switch status does not support this operation."


class DependencyViolation(BadRequest):
    code = "DependencyViolation"
    message = "Specified object has dependent resources."


# Tags


class InvalidTagKey(BadRequest):
    code = "InvalidTagKey"
    message = "The tag keys are not valid."


class InvalidTagValue(BadRequest):
    code = "InvalidTagValue"
    message = "The tag values are not valid."


class DuplicateTagKey(BadRequest):
    code = "Forbidden.TagKey.Duplicated"
    message = "The specified tag key already exists."


class TooManyTags(BadRequest):
    code = "SizeLimitExceeded.TagNum"
    message = "The maximum number of tags is exceeded."


class TooManyResources(BadRequest):
    code = "SizeLimitExceeded.ResourceId"
    message = "The maximum number of resource IDs is exceeded."


class QuotaExceededTags(BadRequest):
    code = "QuotaExceeded.TagNum"
    message = "Custom Tags quota exceeded."


class ResourceTypeNotFound(BadRequest):
    code = "InvalidInstanceType.NotFound"
    message = "The instance type is not found."


class ResourcesNotFound(BadRequest):
    code = "InvalidInstanceIds.NotFound"
    message = "The instanceIds are not found."


class NeitherTagsNorResources(Forbidden):
    code = "BothEmpty.TagsAndResources"
    message = "The specified Tags and ResourcesIds are not allow to both empty."
