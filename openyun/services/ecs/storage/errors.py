"""Errors of disks, snapshots and images. Codes, spellings and statuses are the vendor's."""

from __future__ import annotations

from openyun.errors import BadRequest, Forbidden, NotFound

# Disks.


class DiskNotFound(NotFound):
    code = "InvalidDiskId.NotFound"
    message = "The specified disk {disk_id} does not exist."


class IncorrectDiskStatus(Forbidden):
    code = "IncorrectDiskStatus"
    message = "The current disk status does not support this operation."


class DiskInitializing(Forbidden):
    code = "IncorrectDiskStatus.Initializing"
    message = "The specified disk is being made."


class DiskCreatingSnapshot(Forbidden):
    code = "DiskCreatingSnapshot"
    message = "The operation is denied due to a snapshot of the specified disk is not completed yet."


class DiskNotPortable(Forbidden):
    code = "DiskNotPortable"
    message = "The specified disk is not a portable disk."


class DiskIsSystemDisk(Forbidden):
    code = "InvalidDiskId.OperationNotSupported"
    message = "The denied operation, the specified disk {disk_id} is a system disk."


class DiskNotOfInstance(Forbidden):
    code = "DependencyViolation"
    message = "The specified disk has not been attached on the specified instance."


class OtherZone(Forbidden):
    code = "ResourceNotInSameZone"
    message = "The specified instance and disk are not in the same zone."


class TooManyDisksOfInstance(Forbidden):
    code = "InstanceDiskLimitExceeded"
    message = "The amount of the disk on instance in question reach its limits."


class TooManyDisks(Forbidden):
    code = "QuotaExceed.PostPaidDisk"
    message = "Living postPaid disks quota exceeded: {most}."


class InvalidDevice(BadRequest):
    code = "InvalidDevice.Malformed"
    message = 'The specified parameter "Device" is not valid.'


class DeviceInUse(Forbidden):
    code = "InvalidDevice.InUse"
    message = "The specified device has been occupied."


class InvalidDiskCategory(BadRequest):
    code = "InvalidDiskCategory.ValueNotSupported"
    message = "The specified parameter DiskCategory is not valid."


class InvalidDiskSize(BadRequest):
    code = "InvalidDiskSize.NotSupported"
    message = "The disk size is not supported: {least} to {most} GiB for this category."


class DiskSmallerThanSnapshot(Forbidden):
    code = "InvalidDiskSize.TooSmall"
    message = "Specified disk size is less than the size of the snapshot."


class DiskShrinks(Forbidden):
    code = "InvalidDiskSize.TooSmall"
    message = "Specified new disk size is less than the original disk size."


class NeitherSizeNorSnapshot(BadRequest):
    code = "MissingParamter"
    """so misspelt by the vendor"""
    message = "At least one of the parameters DiskSize, SnapshotId should be specified."


class InvalidPerformanceLevel(BadRequest):
    code = "InvalidPerformanceLevel.Malformed"
    message = "The specified parameter PerformanceLevel is not valid."


class PerformanceLevelTooSmallADisk(Forbidden):
    code = "InvalidDiskSize.NotSupported"
    message = "The disk size is not supported: {least} to {most} GiB for {performance_level}."


class InvalidDataDiskCategory(BadRequest):
    code = "InvalidDataDiskCategory.ValueNotSupported"
    message = "The specified parameter DataDisk.n.Category is not valid."


class InvalidDataDiskSize(BadRequest):
    code = "InvalidDataDiskSize.ValueNotSupported"
    message = (
        "The specified DataDisk.n.Size beyond the permitted range, or the capacity of snapshot exceeds the size limit "
        "of the specified disk category."
    )


class InvalidDiskName(BadRequest):
    code = "InvalidDiskName.Malformed"
    message = "The specified disk name is wrongly formed."


class InvalidDescription(BadRequest):
    code = "InvalidDescription.Malformed"
    message = "The specified description is wrongly formed."


class InvalidDiskChargeType(BadRequest):
    code = "InvalidDiskChargeType.NotFound"
    message = "The DiskChargeType does not exist in our records."


class ChargeTypeNotForInstance(Forbidden):
    code = "InvalidInstanceChargeType.NotSupport"
    message = "The instance is pay-as-you-go, and so are its disks."


class InvalidResizeType(BadRequest):
    code = "InvalidParameter.Type"
    message = "The specified parameter Type is not valid: online or offline."


class SameSpec(Forbidden):
    code = "InvalidOperation.NotSupportDiskCategory"
    message = "The disk cannot become {category}."


# Snapshots.


class SnapshotNotFound(NotFound):
    code = "InvalidSnapshotId.NotFound"
    message = "The specified SnapshotId {snapshot_id} does not exist."


class SnapshotNotReady(Forbidden):
    code = "IncorrectSnapshotStatus"
    message = "The snapshot {snapshot_id} is not accomplished."


class SnapshotOfOtherDisk(Forbidden):
    code = "InvalidParameter.Conflict"
    message = "The specified disk and snapshot do not belong together."


class SnapshotOfSystemDisk(Forbidden):
    code = "OperationDenied"
    message = "The snapshot {snapshot_id} was made of a system disk, which no data disk can begin as here."


class SnapshotOfDataDisk(Forbidden):
    code = "InvalidSnapshotId.NotSystemDisk"
    """not in the vendor's tables that we know"""
    message = "The snapshot {snapshot_id} was not made of a system disk."


class SnapshotMadeImage(Forbidden):
    code = "SnapshotCreatedImage"
    message = "The snapshot has been used to create custom images. Delete the images first."


class SnapshotMadeDisk(Forbidden):
    code = "SnapshotCreatedDisk"
    message = "The snapshot has been used to create disks; Force deletes it nevertheless."


class InvalidSnapshotName(BadRequest):
    code = "InvalidSnapshotName.Malformed"
    message = "The specified SnapshotName is wrongly formed."


class InvalidRetentionDays(BadRequest):
    code = "InvalidRetentionDays"
    message = "The specified parameter RetentionDays is not valid: 1 to 65536."


class TooManySnapshots(Forbidden):
    code = "QuotaExceed.Snapshot"
    message = "The snapshot quota exceeds: {most} of one disk."


class SnapshotGroupNotFound(NotFound):
    code = "InvalidSnapshotGroupId.NotFound"
    message = "The specified SnapshotGroupId {group_id} is not found."


class SnapshotGroupDisks(BadRequest):
    code = "InvalidParameter.DiskId"
    message = "A snapshot group is made of 1 to 16 disks of one instance."


class PolicyNotFound(NotFound):
    code = "InvalidAutoSnapshotPolicyId.NotFound"
    message = "The specified AutoSnapshotPolicyId {policy_id} is not found."


class InvalidPolicyName(BadRequest):
    code = "InvalidAutoSnapshotPolicyName.Malformed"
    message = "The specified autoSnapshotPolicyName is wrongly formed."


class InvalidTimePoints(BadRequest):
    code = "InvalidTimePoints.Malformed"
    message = "The specified timePoints are not valid: a JSON list of the hours 0 to 23."


class InvalidWeekdays(BadRequest):
    code = "InvalidRepeatWeekdays.Malformed"
    message = "The specified repeatWeekdays are not valid: a JSON list of the days 1 to 7."


class TooManyPolicies(Forbidden):
    code = "QuotaExceed.AutoSnapshotPolicy"
    message = "The auto snapshot policy quota of {most} exceeds."


# Images.


class InvalidImageName(BadRequest):
    code = "InvalidImageName.Malformed"
    message = "The specified Image name is wrongly formed."


class ImageNameTaken(BadRequest):
    code = "InvalidImageName.Duplicated"
    message = "The specified Image name {name} has already been used."


class InvalidImageVersion(BadRequest):
    code = "InvalidImageVersion.Malformed"
    message = "The specified ImageVersion is wrongly formed."


class ImageNotOwned(Forbidden):
    code = "InvalidImage.NotOwned"
    """not in the vendor's tables that we know"""
    message = "The image {image_id} belongs to somebody else."


class InvalidImageFamily(BadRequest):
    code = "InvalidImageFamily.Malformed"
    message = "The specified ImageFamily is wrongly formed."


class IncorrectImageStatus(Forbidden):
    code = "IncorrectImageStatus"
    message = "The current status of the image does not support this operation."


class ImageInUse(Forbidden):
    code = "ImageUsingByInstance"
    message = "The specified image has been used by an instance; Force deletes it nevertheless."


class ImageShared(Forbidden):
    code = "ImageIsShared"
    """not in the vendor's tables that we know"""
    message = "The image is shared with other accounts."


class TooManyImages(Forbidden):
    code = "QuotaExceed.Image"
    message = "The Image Quota of {most} exceeds."


class ImageSourceMissing(BadRequest):
    code = "MissingParameter"
    message = "One of InstanceId, SnapshotId and DiskDeviceMapping.N.SnapshotId is needed."


class InvalidAccount(NotFound):
    code = "InvalidAccount.NotFound"
    message = "The account {account_id} does not exist."


class TooManyAccounts(Forbidden):
    code = "QuotaExceed.SharedAccount"
    message = "The image is shared with at most {most} accounts."


class SameRegion(BadRequest):
    code = "InvalidDestinationRegionId.Same"
    """not in the vendor's tables that we know"""
    message = "The destination is the region of the source."


class NoImportRole(NotFound):
    code = "NoSetRoletoECSServiceAccount"
    message = "ECS service account has not been granted with RAM role {role} to assume."


class InvalidOssBucket(NotFound):
    code = "InvalidOSSBucket.NotFound"
    message = "The specified OSS bucket {bucket} does not exist in this region."


class InvalidOssObject(NotFound):
    code = "InvalidOSSObject.NotFound"
    message = "The specified OSS object {key} does not exist."


class InvalidImageFormat(BadRequest):
    code = "InvalidParameter.Format"
    message = "The specified Format {format} is not valid: RAW, VHD or QCOW2."


class TaskNotFound(NotFound):
    code = "InvalidTaskId.NotFound"
    message = "The specified task {task_id} is not found."


class TaskNotCancellable(Forbidden):
    code = "TaskNotSupportCancel"
    """not in the vendor's tables that we know"""
    message = "The task is over, or can not be cancelled."
