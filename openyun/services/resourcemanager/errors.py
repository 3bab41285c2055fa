"""What ResourceManager answers when it refuses.

Codes: https://www.alibabacloud.com/help/en/resource-management, the error codes of each operation.
"""

from __future__ import annotations

from openyun.errors import BadRequest, Conflict, NotFound


class InvalidParameterOf(BadRequest):
    """One class for all parameters, whose name is part of the code."""

    message = "The parameter {parameter} is invalid."

    def __init__(self, parameter: str) -> None:
        super().__init__(parameter=parameter)
        self.code = f"InvalidParameter.{parameter}"


class MalformedPolicyDocument(BadRequest):
    code = "InvalidParameter.PolicyDocument"
    message = "The policy document is invalid: {reason}"


# Resource groups


class ResourceGroupNotExists(NotFound):
    code = "EntityNotExists.ResourceGroup"
    message = "The resource group does not exist."


class ResourceGroupExists(Conflict):
    code = "EntityAlreadyExists.ResourceGroup"
    message = "The resource group already exists."


class ResourceGroupHasResources(Conflict):
    code = "DeleteConflict.ResourceGroup.Resource"
    message = "The resource group contains resources and cannot be deleted."


class DefaultGroupStays(Conflict):
    code = "DeleteConflict.ResourceGroup.Default"
    message = "The default resource group cannot be deleted."


class TooManyResourceGroups(Conflict):
    code = "LimitExceeded.ResourceGroup"
    message = "The count of resource groups beyond the current limits."


class PolicyAttachmentExists(Conflict):
    code = "EntityAlreadyExists.ResourceGroup.PolicyAttachment"
    message = "The policy is already attached to the principal in the resource group."


class PolicyAttachmentNotExists(NotFound):
    code = "EntityNotExists.ResourceGroup.PolicyAttachment"
    message = "The policy is not attached to the principal in the resource group."


# The account tree


class DirectoryNotEnabled(NotFound):
    code = "EntityNotExists.ResourceDirectory"
    message = (
        "The resource directory for the account is not enabled. "
        "We recommend that you first enable the resource directory for the account."
    )


class DirectoryExists(Conflict):
    code = "EntityAlreadyExists.ResourceDirectory"
    message = "The account has already enabled or joined a resource directory."


class NotTheManagementAccount(BadRequest):
    code = "InvalidParameter.NotMasterAccount"
    message = "Only the management account of the resource directory may do this."


class DirectoryNotEmpty(Conflict):
    code = "DeleteConflict.ResourceDirectory.NotEmpty"
    message = "The resource directory still has members, folders or invitations."


class FolderNotExists(NotFound):
    code = "EntityNotExists.Folder"
    message = "The folder does not exist."


class ParentFolderNotExists(NotFound):
    code = "EntityNotExists.ParentFolder"
    message = "The parent folder does not exist."


class FolderExists(Conflict):
    code = "EntityAlreadyExists.FolderName"
    message = "The folder name already exists under the parent folder."


class FolderTooDeep(Conflict):
    code = "LimitExceeded.Folder.Depth"
    message = "Folders may be at most {most} levels below the root folder."


class TooManyFolders(Conflict):
    code = "LimitExceeded.Folder"
    message = "The count of folders beyond the current limits."


class FolderHasFolders(Conflict):
    code = "DeleteConflict.Folder.SubFolder"
    message = "The folder contains subfolders and cannot be deleted."


class FolderHasAccounts(Conflict):
    code = "DeleteConflict.Folder.Account"
    message = "The folder contains members and cannot be deleted."


class RootFolderStays(Conflict):
    code = "NotSupport.Folder.Root"
    message = "The root folder can be neither renamed nor deleted."


class AccountNotExists(NotFound):
    code = "EntityNotExists.ResourceDirectory.Account"
    message = "The account does not exist in the resource directory."


class AccountNameExists(Conflict):
    code = "EntityAlreadyExists.Account.DisplayName"
    message = "The display name is used by another member."


class TooManyAccounts(Conflict):
    code = "LimitExceeded.Account"
    message = "The count of members beyond the current limits."


class CannotRemoveResourceAccount(Conflict):
    code = "DeleteConflict.Account.ResourceAccount"
    message = "A resource account can not leave its directory; promote it to a cloud account first."


class AccountDeletionNotAllowed(Conflict):
    code = "DeleteConflict.Account.NotAllowed"
    message = "Deletion of members is not enabled: call SetMemberDeletionPermission."


class AccountInUse(Conflict):
    code = "DeleteConflict.Account.Resources"
    message = "The member still has resources and cannot be deleted."


class HandshakeNotExists(NotFound):
    code = "EntityNotExists.Handshake"
    message = "The invitation does not exist."


class HandshakeExists(Conflict):
    code = "EntityAlreadyExists.Handshake"
    message = "The account is already invited or belongs to a resource directory."


class HandshakeIsOver(Conflict):
    code = "InvalidOperation.Handshake.Status"
    message = "The invitation is {status}."


# Control policies


class ControlPolicyNotExists(NotFound):
    code = "EntityNotExists.ControlPolicy"
    message = "The control policy does not exist."


class ControlPolicyExists(Conflict):
    code = "EntityAlreadyExists.ControlPolicy"
    message = "The control policy name already exists."


class ControlPolicyIsAttached(Conflict):
    code = "DeleteConflict.ControlPolicy.Attachment"
    message = "The control policy is attached to targets and cannot be deleted."


class SystemPolicyStays(BadRequest):
    code = "NotSupport.ControlPolicy.System"
    message = "A system control policy can be neither changed nor deleted."


class ControlPoliciesDisabled(Conflict):
    code = "NotEnabled.ControlPolicy"
    message = "The Control Policy feature is not enabled."


class ControlPolicyAttached(Conflict):
    code = "EntityAlreadyExists.ControlPolicyAttachment"
    message = "The control policy is already attached to the target."


class ControlPolicyNotAttached(NotFound):
    code = "EntityNotExists.ControlPolicyAttachment"
    message = "The control policy is not attached to the target."


class TargetNotExists(NotFound):
    code = "EntityNotExists.Target"
    message = "The target does not exist."


class TooManyAttachedPolicies(Conflict):
    code = "LimitExceeded.ControlPolicyAttachment"
    message = "At most {most} custom control policies can be attached to a target."


class TooManyControlPolicies(Conflict):
    code = "LimitExceeded.ControlPolicy"
    message = "The count of control policies beyond the current limits."


class LastPolicyStays(Conflict):
    code = "DeleteConflict.ControlPolicyAttachment.Last"
    message = "A target keeps at least one control policy."
