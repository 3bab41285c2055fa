"""Errors of instances, their images and what is told to them. Codes, spellings and statuses are the vendor's."""

from __future__ import annotations

from openyun.errors import BadRequest, CloudError, Forbidden, NotFound


class Unauthorized(CloudError):
    status = 401


class NotOffered(BadRequest):
    """The vendor has it and this cloud does not: better refused than silently left out."""

    code = "UnsupportedParameter"
    message = "OpenYun does not offer {parameter}."


class NoHost(Forbidden):
    """The vendor's code for a zone where no host is left; here there never was one."""

    code = "OperationDenied.NoStock"
    message = "No instance can run here: {why}."


# What does not exist.


class InstanceNotFound(NotFound):
    code = "InvalidInstanceId.NotFound"
    message = "The specified InstanceId {instance_id} does not exist."


class InstanceTypeNotSupported(BadRequest):
    code = "InvalidInstanceType.ValueNotSupported"
    message = "The specified InstanceType {instance_type} does not exist or is beyond the permitted range."


class ImageNotFound(NotFound):
    code = "InvalidImageId.NotFound"
    message = "The specified ImageId {image_id} does not exist."


class NoImageOfFamily(Forbidden):
    code = "InvalidImageFamily.MissingAvailableImage"
    message = "There is no available image related to the specified image family {image_family}."


class ImageAndFamily(BadRequest):
    code = "UnexpectedImageFamily.ImageIdSupplied"
    message = "The input parameter ImageFamily must be null when image id is set."


class ImageNotSupportInstanceType(Forbidden):
    code = "ImageNotSupportInstanceType"
    message = "The specified image {image_id} does not support the instance type {instance_type}."


class VSwitchNotFound(NotFound):
    code = "InvalidVSwitchId.NotFound"
    message = "Specified virtual switch {v_switch_id} does not exist."


class SecurityGroupNotFound(NotFound):
    code = "InvalidSecurityGroupId.NotFound"
    message = "The specified SecurityGroupId {security_group_id} does not exist."


class KeyPairNotFound(NotFound):
    code = "InvalidKeyPairName.NotFound"
    message = "The specified parameter KeyPairName {key_pair_name} does not exist in our records."


class RamRoleNotFound(NotFound):
    code = "InvalidRamRole.NotFound"
    message = "The specified RAMRoleName {ram_role_name} does not exist."


class RamRoleNotEcsRole(Unauthorized):
    code = "InvalidRamRole.NotEcsRole"
    message = "The specified ram role {ram_role_name} is not authorized for ecs, please check your role policy."


class PassRoleForbidden(Forbidden):
    code = "InvalidUser.PassRoleForbidden"
    message = "The RAM user does not have the privilege to pass the RAM role {ram_role_name}."


class ZoneNotFound(NotFound):
    code = "InvalidZoneId.NotFound"
    message = "The specified ZoneId {zone_id} does not exist."


# What does not go together.


class SecurityGroupInOtherVpc(Forbidden):
    code = "OperationDenied.InconsistentNetwork"
    message = "The specified security group {security_group_id} and vswitch {v_switch_id} are not in the same vpc."


class SecurityGroupRepeated(BadRequest):
    code = "InvalidParameter.SecurityGroupIdRepeated"
    message = "The specified security group {security_group_id} is repeated."


class SecurityGroupOneAndMany(BadRequest):
    code = "InvalidSecurityGroupId.SingleIdAndMultiIdConflict"
    message = "SecurityGroupId and SecurityGroupIds.N cannot both be specified."


class TooManySecurityGroups(BadRequest):
    code = "JoinedGroupLimitExceed"
    message = "An instance joins at most {most} security groups."


class SecurityGroupTypesMixed(Forbidden):
    code = "EnterpriseGroupLimited.MutliGroupType"
    message = "The specified instance can not join multi SecurityGroup types."


class ParametersNotMatch(Forbidden):
    code = "InvalidParameter.NotMatch"
    message = "{reason}"


class InvalidNetworkInterface(BadRequest):
    code = "InvalidParam.NetworkInterface"
    message = "The specified parameter NetworkInterface is not valid. {reason}"


class IncorrectVSwitchStatus(BadRequest):
    code = "IncorrectVSwitchStatus"
    message = "The current status of virtual switch does not support this operation."


# Amounts, names, addresses, logins, disks, money.


class InvalidAmount(BadRequest):
    code = "InvalidMaxAmount.Malformed"
    message = "The specified parameter Amount is not valid: 1 to {most}."


class InvalidMinAmount(BadRequest):
    code = "InvalidMinAmount.Malformed"
    message = "The specified parameter MinAmount is not valid: 1 to Amount."


class QuotaExceeded(Forbidden):
    code = "QuotaExceed.ElasticQuota"
    message = "The number of ECS instances of the account in this region would exceed its quota of {most}."


class InvalidInstanceName(BadRequest):
    code = "InvalidInstanceName.Malformed"
    message = 'The specified parameter "InstanceName" is not valid.'


class InvalidNameSequence(BadRequest):
    code = "InvalidInstanceName.CustomMalformed"
    message = (
        "Customized section of instance or host name is invalid, please use valid format: [], [,], [m,], [,n], [m,n]."
    )


class InvalidHostName(BadRequest):
    code = "InvalidHostName.Malformed"
    message = 'The specified parameter "HostName" is not valid.'


class HostNameAndHostNames(Forbidden):
    code = "InvalidHostname.SingleAndMultiConflict"
    message = "HostName and HostNames.N cannot both be specified."


class HostNamesSize(Forbidden):
    code = "InvalidHostname.SizeInvalid"
    message = "The number of HostNames.N must equal Amount."


class InvalidDescription(BadRequest):
    code = "InvalidDescription.Malformed"
    message = 'The specified parameter "Description" is not valid.'


class InvalidTagKey(BadRequest):
    code = "InvalidTagKey.Malformed"
    message = "The specified Tag.n.Key is not valid."


class InvalidTagValue(BadRequest):
    code = "InvalidTagValue.Malformed"
    message = "The specified Tag.n.Value is not valid."


class TooManyTags(BadRequest):
    code = "NumberExceed.Tags"
    message = "The Tags parameter's number is exceed , Valid : {most}."


class DuplicateTagKey(BadRequest):
    code = "Duplicate.TagKey"
    message = "The Tag.N.Key contain duplicate key."


class PrivateAddressMalformed(BadRequest):
    code = "InvalidPrivateIpAddress.Malformed"
    message = "Specified private IP address {address} is malformed."


class PrivateAddressOutside(BadRequest):
    code = "InvalidPrivateIpAddress"
    message = "Specified private IP address {address} is not in the CIDR block of virtual switch, or reserved there."


class PrivateAddressInUse(BadRequest):
    code = "InvalidPrivateIpAddress.Duplicated"
    message = 'The specified private IP address "{address}" is duplicated.'


class InvalidPrivateAddressCount(BadRequest):
    code = "InvalidParameter.SecondaryPrivateIpAddressCount"
    message = 'The specified parameter "SecondaryPrivateIpAddressCount" is not valid.'


class NoPrivateAddressLeft(BadRequest):
    code = "QuotaExceeded.PrivateIpAddress"
    message = "Don't have enough private IPs in the switch {v_switch_id}."


class NoPublicAddressLeft(Forbidden):
    code = "InvalidOperation.PublicIpAddressNoStock"
    message = "The public IP addresses of this region are out of stock."


class AllocatedAlready(Forbidden):
    code = "AllocatedAlready"
    message = "The instance has a public IP address already."


class InvalidBandwidthOut(BadRequest):
    code = "InvalidInternetMaxBandwidthOut.Malformed"
    message = "The specified parameter InternetMaxBandwidthOut is not valid: 0 to 100 Mbit/s."


class InvalidBandwidthIn(BadRequest):
    code = "InvalidInternetMaxBandwidthIn.Malformed"
    message = "The specified parameter InternetMaxBandwidthIn is not valid."


class InvalidInternetChargeType(BadRequest):
    code = "InvalidInternetChargeType.ValueNotSupported"
    message = "The specified InternetChargeType is not valid."


class InvalidPassword(BadRequest):
    code = "InvalidPassword.Malformed"
    message = 'The specified parameter "Password" is not valid.'


class PasswordAndInherit(BadRequest):
    code = "InvalidPasswordParam.Mismatch"
    message = "The input password should be null when passwdInherit is true."


class UserDataNotBase64(BadRequest):
    code = "InvalidUserData.Base64FormatInvalid"
    message = "The specified UserData is not valid: it must be Base64-encoded."


class UserDataTooLarge(BadRequest):
    code = "InvalidUserData.SizeExceeded"
    message = 'The specified parameter "UserData" exceeds the size of {most} bytes.'


class InvalidSystemDiskCategory(BadRequest):
    code = "InvalidSystemDiskCategory.ValueNotSupported"
    message = 'The specified parameter "SystemDisk.Category" is not valid.'


class DiskCategoryNotOfType(Forbidden):
    code = "InvalidDiskCategory.NotSupported"
    message = "The specified disk category {category} is not supported by the instance type {instance_type}."


class InvalidSystemDiskSize(NotFound):
    code = "InvalidSystemDiskSize"
    message = "The specified parameter SystemDisk.Size is invalid."


class SystemDiskSmallerThanImage(NotFound):
    code = "InvalidSystemDiskSize.LessThanImageSize"
    message = "The specified parameter SystemDisk.Size is less than the image size of {least} GiB."


class SystemDiskTooLarge(NotFound):
    code = "InvalidSystemDiskSize.MoreThanMaxSize"
    message = "The specified SystemDisk.Size parameter exceeds the maximum size of {most} GiB."


class InvalidInstanceChargeType(NotFound):
    code = "InvalidInstanceChargeType.NotFound"
    message = "The InstanceChargeType does not exist in our records."


class InvalidPeriod(BadRequest):
    code = "InvalidPeriod"
    message = "The specified period is not valid."


class InvalidSpotStrategy(BadRequest):
    code = "InvalidSpotStrategy"
    message = "The specified SpotStrategy is not valid."


class SpotPrepaid(BadRequest):
    code = "InvalidSpotPrepaid"
    message = "The specified Spot type is not support PrePay Instance."


class InvalidAutoReleaseTime(BadRequest):
    code = "InvalidAutoReleaseTime.Malformed"
    message = "The specified parameter AutoReleaseTime is not valid."


class InvalidHttpEndpoint(BadRequest):
    code = "InvalidHttpEndpoint.NotSupported"
    message = "The specified HttpEndpoint not supported, you can use enabled(default) or disabled."


class InvalidHttpTokens(BadRequest):
    code = "InvalidHttpTokens.NotSupported"
    message = "The specified HttpTokens not supported, you can use optional(default) or required."


class ProtectionNotForChargeType(Forbidden):
    code = "InvalidChargeType.ValueNotSupported"
    message = "Deletion protection is only valid for postPaid instance, not for prePaid or spot instance."


# Starting, stopping, deleting, modifying.


class IncorrectInstanceStatus(Forbidden):
    code = "IncorrectInstanceStatus"
    message = "The current status of the resource does not support this operation."


class InstanceInitializing(Forbidden):
    code = "IncorrectInstanceStatus.Initializing"
    message = "The specified instance status does not support this operation."


class DeletionProtected(Forbidden):
    code = "InvalidOperation.DeletionProtection"
    message = "The operation is not allowed due to deletion protection of {instance_id}."


class ExpiredOrInArrears(BadRequest):
    code = "InstanceExpiredOrInArrears"
    message = "The specified operation is denied as your prepay instance is expired (prepay mode) or in arrears."


class InstanceLocked(Forbidden):
    code = "InstanceLockedForSecurity"
    message = "The specified operation is denied as the instance is locked: {reason}."


class InvalidOperatorType(BadRequest):
    code = "InvalidParameter.OperatorType"
    message = "The specified OperatorType does not fit the specified InstanceType."


class InstanceHasInterfaces(Forbidden):
    code = "OperationDenied.MultiEni"
    message = "The operation is denied while the instance has secondary network interfaces or addresses."


class InstanceHasPublicAddress(Forbidden):
    code = "OperationDenied.PublicIpAddress"
    message = "The operation is denied while the instance has a public IP address."


class ChargeTypeViolation(Forbidden):
    code = "ChargeTypeViolation"
    message = "The operation is not permitted due to charge type of the instance."


class InvalidStatus(NotFound):
    code = "InvalidStatus.NotFound"
    message = "The Status provided does not exist in our records."


class InvalidInstanceIds(BadRequest):
    code = "InvalidInstanceIds.Malformed"
    message = "The specified instanceIds are not valid: 1 to {most}."


class InvalidStoppedMode(BadRequest):
    code = "InvalidParameter"
    message = 'The specified parameter "StoppedMode" is not valid.'


class InvalidDiskIds(BadRequest):
    code = "InvalidDiskIds.ValueNotSupported"
    message = "The specified parameter DiskIds is not valid: at most {most}."
