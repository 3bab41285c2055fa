"""The part of the isolation table that is about tags and resource groups, and which operations need an account tree."""

MANAGEMENT = """
# Tag
tag:TagResources nothing Tags={"x":"y"} ResourceARN.1=arn:acs:ecs:cn-hangzhou:{account}:instance/{instance}
tag:TagResources nothing Tags={"x":"y"} ResourceARN.1=acs:ram:*:{account}:user/{user}
tag:UntagResources nothing TagKey.1=a ResourceARN.1=acs:vpc:cn-hangzhou:{account}:vpc/{vpc}
tag:ListTagResources nothing ResourceARN.1=acs:vpc:cn-hangzhou:{account}:vpc/{vpc}
tag:ListTagResources nothing Tags={"whose":"victims"}
tag:ListTagKeys nothing
tag:ListTagValues nothing Key=whose
tag:ListResourcesByTag nothing ResourceType=ALIYUN::ECS::INSTANCE TagFilter.Key=whose

# resource groups; the account tree, of which strangers have none
vpc:MoveResourceGroup InvalidInstanceIds.NotFound ResourceType=VPC ResourceId={vpc} NewResourceGroupId={default_group}
ecs:JoinResourceGroup InvalidResourceGroup.NotFound @group ResourceType=instance ResourceId={instance}
ecs:JoinResourceGroup InvalidResourceId.NotFound ResourceGroupId={own_default_group} ResourceType=instance
    ResourceId={instance}
resourcemanager:GetResourceGroup EntityNotExists.ResourceGroup ResourceGroupId={resource_group}
resourcemanager:UpdateResourceGroup EntityNotExists.ResourceGroup ResourceGroupId={resource_group}
    NewDisplayName=taken
resourcemanager:ListResourceGroups nothing ResourceGroupId={resource_group}
resourcemanager:ListResources EntityNotExists.ResourceGroup ResourceGroupId={resource_group}
resourcemanager:ListResources nothing ResourceId={instance}
resourcemanager:MoveResources EntityNotExists.ResourceGroup ResourceGroupId={resource_group}
    Resources.1.Service=ecs Resources.1.ResourceType=instance Resources.1.ResourceId={own_instance}
    Resources.1.RegionId=cn-hangzhou
resourcemanager:TagResources EntityNotExists.ResourceGroup @tag ResourceType=resourcegroup
    ResourceId.1={resource_group}
resourcemanager:UntagResources EntityNotExists.ResourceGroup All=true ResourceType=resourcegroup
    ResourceId.1={resource_group}
resourcemanager:ListTagResources nothing ResourceType=resourcegroup ResourceId.1={resource_group}
resourcemanager:AttachPolicy EntityNotExist.Policy ResourceGroupId={resource_group} PolicyType=Custom
    PolicyName={policy} PrincipalType=IMSUser PrincipalName={user}@{own_account}.onaliyun.com
resourcemanager:AttachPolicy EntityNotExists.ResourceGroup ResourceGroupId={resource_group} PolicyType=System
    PolicyName=AdministratorAccess PrincipalType=IMSUser PrincipalName={user}@{own_account}.onaliyun.com
resourcemanager:DetachPolicy InvalidParameter.PrincipalName ResourceGroupId={resource_group} @policy
    PrincipalType=IMSUser PrincipalName={user}@{account}.onaliyun.com
resourcemanager:ListPolicyAttachments nothing ResourceGroupId={resource_group}
resourcemanager:DeleteResourceGroup EntityNotExists.ResourceGroup ResourceGroupId={resource_group}
"""

OF_A_DIRECTORY = """
resourcemanager:CreateResourceGroup resourcemanager:InitResourceDirectory resourcemanager:EnableResourceDirectory
resourcemanager:GetResourceDirectory resourcemanager:DestroyResourceDirectory
resourcemanager:CreateFolder resourcemanager:GetFolder resourcemanager:UpdateFolder resourcemanager:DeleteFolder
resourcemanager:ListFoldersForParent resourcemanager:ListAncestors
resourcemanager:CreateResourceAccount resourcemanager:GetAccount resourcemanager:UpdateAccount
resourcemanager:MoveAccount resourcemanager:RemoveCloudAccount resourcemanager:ListAccounts
resourcemanager:ListAccountsForParent
resourcemanager:InviteAccountToResourceDirectory resourcemanager:GetHandshake resourcemanager:AcceptHandshake
resourcemanager:DeclineHandshake resourcemanager:CancelHandshake resourcemanager:ListHandshakesForAccount
resourcemanager:ListHandshakesForResourceDirectory
resourcemanager:CreateControlPolicy resourcemanager:GetControlPolicy resourcemanager:ListControlPolicies
resourcemanager:UpdateControlPolicy resourcemanager:DeleteControlPolicy
resourcemanager:EnableControlPolicy resourcemanager:DisableControlPolicy
resourcemanager:GetControlPolicyEnablementStatus resourcemanager:AttachControlPolicy
resourcemanager:DetachControlPolicy resourcemanager:ListControlPolicyAttachmentsForTarget
resourcemanager:ListTargetAttachmentsForControlPolicy
"""
"""whose strangers are met in test_resource_directory.py"""
