"""Errors about security groups and their rules. Codes are the vendor's, slips included: clients look for them."""

from __future__ import annotations

from openyun.errors import BadRequest, Forbidden, NotFound

# Groups


class VpcNotFound(NotFound):
    code = "InvalidVpcId.NotFound"
    message = "Specified VPC {vpc_id} does not exist."


class VpcIdMissing(Forbidden):
    code = "InvalidVpcId.NotFound"
    message = "vpc id must not empty when only support vpc vm."


class InvalidSecurityGroupName(BadRequest):
    code = "InvalidSecurityGroupName.Malformed"
    message = "Specified security group name is not valid."


class InvalidSecurityGroupDescription(BadRequest):
    code = "InvalidSecurityGroupDiscription.Malformed"
    message = "Specified security group description is not valid."


class QuotaExceedSecurityGroup(Forbidden):
    code = "QuotaExceed.SecurityGroup"
    message = "The maximum number of security groups is reached."


class HasInstances(Forbidden):
    code = "DependencyViolation"
    message = "There is still instance(s) in the specified security group."


class IsReferenced(Forbidden):
    code = "DependencyViolation"
    message = "The specified security group has been authorized in another one: {security_group_id}."


class InvalidPolicy(BadRequest):
    code = "InvalidPolicy.Malformed"
    message = 'The specified parameter "Policy" is not valid.'


# Rules


class ProtocolNotSupported(BadRequest):
    code = "InvalidIpProtocol.ValueNotSupported"
    message = "The parameter IpProtocol must be specified with case insensitive TCP, UDP, ICMP, ICMPv6, GRE or All."


class InvalidPortRange(BadRequest):
    code = "InvalidIpProtocol.Malformed"
    message = 'The specified parameter "PortRange" is not valid.'


class InvalidPortRangeToRevoke(BadRequest):
    code = "InvalidIpPortRange.Malformed"
    message = 'The specified parameter "PortRange" is not valid.'


class InvalidSourcePortRange(BadRequest):
    code = "InvalidSourcePortRange.Malformed"
    message = 'The specified parameter "SourcePortRange" is not valid.'


class ProtocolAndPortsMismatch(BadRequest):
    code = "OperationDenied"
    message = "The specified IpProtocol does not exist or IpProtocol and PortRange do not match."


class InvalidNicType(BadRequest):
    code = "InvalidNicType.ValueNotSupported"
    message = "The specified NicType does not exist."


class PriorityMalformed(BadRequest):
    code = "InvalidPriority.Malformed"
    message = "The parameter Priority is invalid."


class PriorityNotSupported(BadRequest):
    code = "InvalidPriority.ValueNotSupported"
    message = "The parameter Priority is invalid: it is 1 to 100."


class InvalidSourceCidrIp(BadRequest):
    code = "InvalidSourceCidrIp.Malformed"
    message = 'The specified parameter "SourceCidrIp" is not valid.'


class InvalidDestCidrIp(BadRequest):
    code = "InvalidDestCidrIp.Malformed"
    message = 'The specified parameter "DestCidrIp" is not valid.'


class InvalidIpv6SourceCidrIp(BadRequest):
    code = "InvalidParam.Ipv6SourceCidrIp"
    message = 'The specified parameter "Ipv6SourceCidrIp" is not valid.'


class InvalidIpv6DestCidrIp(BadRequest):
    code = "InvalidParam.Ipv6DestCidrIp"
    message = 'The specified parameter "Ipv6DestCidrIp" is not valid.'


class Ipv4ProtocolWithIpv6Address(BadRequest):
    code = "InvalidParam.Ipv4ProtocolConflictWithIpv6Address"
    message = "ICMP goes with IPv4 addresses; ICMPv6 with IPv6 addresses."


class Ipv6ProtocolWithIpv4Address(BadRequest):
    code = "InvalidParam.Ipv6ProtocolConflictWithIpv4Address"
    message = "ICMPv6 goes with IPv6 addresses; ICMP with IPv4 addresses."


class MissingSource(BadRequest):
    code = "MissingParameter.Source"
    message = "One of the parameters SourceCidrIp, SourceGroupId or SourcePrefixListId must be specified."


class MissingDest(BadRequest):
    code = "MissingParameter.Dest"
    message = "One of the parameters DestCidrIp, DestGroupId or DestPrefixListId must be specified."


class SourceGroupNotFound(NotFound):
    code = "InvalidSourceGroupId.NotFound"
    message = "The SourceGroupId {security_group_id} provided does not exist in our records."


class DestGroupNotFound(NotFound):
    code = "InvalidDestGroupId.NotFound"
    message = "The DestGroupId {security_group_id} provided does not exist in our records."


class SourceGroupInOtherVpc(BadRequest):
    code = "InvalidSourceGroupId.Mismatch"
    message = "Specified security group and source group {security_group_id} are not in the same VPC."


class DestGroupInOtherVpc(BadRequest):
    code = "InvalidDestGroupId.Mismatch"
    message = "Specified security group and destination group {security_group_id} are not in the same VPC."


class SameSourceGroup(Forbidden):
    code = "InvalidParamter.Conflict"
    message = "The specified SecurityGroupId should be different from the SourceGroupId."


class SameDestGroup(Forbidden):
    code = "InvalidSecurityGroup.IsSame"
    message = "The authorized SecurityGroupId should be different from the DestGroupId."


class SourceIsDest(BadRequest):
    code = "InvalidParamter.Conflict"
    message = "The specified SourceCidrIp should be different from the DestCidrIp."


class GroupInEnterpriseRule(BadRequest):
    code = "OperationDenied"
    message = "The rules of an enterprise security group cannot refer to security groups."


class PrefixListNotFound(NotFound):
    code = "InvalidPrefixListId.NotFound"
    message = "The specified prefix list was not found."


class InvalidRuleDescription(BadRequest):
    code = "InvalidSecurityGroupDiscription.Malformed"
    message = "The specified security group rule description is not valid."


class AuthorizationLimitExceed(Forbidden):
    code = "AuthorizationLimitExceed"
    message = "The limit of authorization records in the security group reaches: {most}."


class RuleNotFound(NotFound):
    code = "SecurityGroupRule.NotFound"
    message = "The target security group rule not exist."


# Members


class InstanceInOtherVpc(BadRequest):
    code = "InvalidInstanceId.Mismatch"
    message = "Specified instance and security group are not in the same VPC."


class AlreadyInGroup(Forbidden):
    code = "InvalidInstanceId.AlreadyExists"
    message = "The specified instance already exists in the specified security group."


class InstanceInTooManyGroups(Forbidden):
    code = "InstanceSecurityGroupLimitExceeded"
    message = "Exceeding the allowed amount of security groups that an instance can be in: {most}."


class LastGroup(Forbidden):
    code = "InstanceLastSecurityGroup"
    message = "The specified security group is the last security group for the instance."


class NotInGroup(Forbidden):
    code = "InstanceNotInSecurityGroup"
    message = "The instance not in the group."


class NetworkInterfaceNotFound(NotFound):
    code = "InvalidEniId.NotFound"
    message = "The specified NetworkInterfaceId {network_interface_id} does not exist."


class InstanceAndNetworkInterface(Forbidden):
    code = "InvalidParam.EniIdAndInstanceId.Conflict"
    message = "InstanceId and NetworkInterfaceId cannot both be specified."
