"""Every operation, tried by one account with the names and ids of another's things.

A line says the operation, what the stranger is told, and the parameters. `nothing` is a success that tells nothing of
the other's, `inside` and `failed` a success as a whole that fails for the other's. `{instance}` is the other's,
`{own_instance}` the stranger's own; `@run` stands for several parameters, which are below.
"""

from __future__ import annotations

from typing import NamedTuple

from tests.conformance.isolation_of_joined_networks import (
    JOINED_NETWORKS,
    JOINING_NOTHING,
    SEVERAL_OF_JOINED_NETWORKS,
)
from tests.conformance.isolation_of_management import MANAGEMENT, OF_A_DIRECTORY

NOTHING, INSIDE, FAILED = "nothing", "inside", "failed"

SEVERAL = {
    "@group": "ResourceGroupId={default_group}",
    "@forward": "ExternalIp={eip_address} ExternalPort=80 InternalIp=10.1.0.9 InternalPort=80 IpProtocol=tcp",
    "@import": "DiskDeviceMapping.1.OSSBucket=any DiskDeviceMapping.1.OSSObject=any",
    "@policy_of": "regionId=cn-hangzhou autoSnapshotPolicyId={snapshot_policy}",
    "@here": "VSwitchId={own_switch}",
    "@open": "IpProtocol=TCP PortRange=80/80 SourceCidrIp=0.0.0.0/0",
    "@open_out": "IpProtocol=TCP PortRange=80/80 DestCidrIp=0.0.0.0/0",
    "@policy": "PolicyName={policy} PolicyType=Custom",
    "@primary": "NetworkInterface.1.InstanceType=Primary",
    "@rule": "IpProtocol=TCP PortRange=80/80",
    "@run": "ImageId=debian_12_x64_20G_alibase_20261101.vhd InstanceType=ecs.g7.large",
    "@run_theirs": "ImageId={image} InstanceType=ecs.g7.large",
    "@script": "Type=RunShellScript CommandContent=id ContentEncoding=PlainText",
    "@tag": "Tag.1.Key=x",
    **SEVERAL_OF_JOINED_NETWORKS,
}

TABLE = """
# networks
vpc:DescribeVpcs nothing VpcId={vpc}
vpc:DescribeVpcs nothing VpcOwnerId={account}
vpc:DescribeVpcAttribute InvalidVpcID.NotFound VpcId={vpc}
vpc:DescribeVSwitches nothing VSwitchId={switch}
vpc:DescribeVSwitches nothing VpcId={vpc}
vpc:DescribeVSwitches nothing RouteTableId={route_table}
vpc:DescribeVSwitchAttributes InvalidVswitchID.NotFound VSwitchId={switch}
vpc:DescribeRouteTableList nothing VpcId={vpc}
vpc:DescribeRouteTableList nothing RouterId={router}
vpc:DescribeRouteTableList nothing RouteTableId={route_table}
vpc:DescribeRouteTables nothing VRouterId={router}
vpc:DescribeRouteTables nothing RouteTableId={route_table}
vpc:DescribeVRouters nothing VRouterId={router}
vpc:ListTagResources nothing ResourceType=VPC ResourceId.1={vpc}
vpc:ListTagResources nothing ResourceType=VPC Tag.1.Key=a
vpc:ModifyVpcAttribute InvalidVpcID.NotFound VpcId={vpc} VpcName=taken CidrBlock=0.0.0.0/8
vpc:ModifyVSwitchAttribute InvalidVSwitchId.NotFound VSwitchId={switch} VSwitchName=taken
vpc:CreateVSwitch InvalidVpcId.NotFound VpcId={vpc} ZoneId=cn-hangzhou-b CidrBlock=10.9.0.0/24
vpc:TagResources InvalidInstanceIds.NotFound @tag ResourceType=VPC ResourceId.1={vpc}
vpc:TagResources InvalidInstanceIds.NotFound @tag ResourceType=VSWITCH ResourceId.1={own_switch} ResourceId.2={switch}
vpc:UnTagResources InvalidInstanceIds.NotFound ResourceType=VPC ResourceId.1={vpc} All=true

# addresses, NAT gateways, routes, ACLs
vpc:DescribeEipAddresses nothing AllocationId={eip}
vpc:DescribeEipAddresses nothing EipAddress={eip_address}
vpc:DescribeEipAddresses nothing AssociatedInstanceType=Nat AssociatedInstanceId={nat}
vpc:DescribeHighDefinitionMonitorLogAttribute InvalidAllocationId.NotFound InstanceId={eip} InstanceType=EIP
vpc:ModifyEipAddressAttribute InvalidAllocationId.NotFound AllocationId={eip} Bandwidth=9
vpc:AssociateEipAddress InvalidAllocationId.NotFound AllocationId={eip} InstanceId={own_instance}
vpc:AssociateEipAddress InvalidInstanceId.NotFound AllocationId={own_eip} InstanceId={instance}
vpc:AssociateEipAddress InvalidInstanceId.NotFound AllocationId={own_eip} InstanceId={nat} InstanceType=Nat
vpc:AssociateEipAddress InvalidInstanceId.NotFound AllocationId={own_eip} InstanceId={interface}
    InstanceType=NetworkInterface
vpc:DeletionProtection InvalidAllocationId.NotFound InstanceId={eip} Type=EIP ProtectionEnable=true
vpc:DeletionProtection InvalidNatGatewayId.NotFound InstanceId={nat} Type=NATGW ProtectionEnable=true
vpc:DescribeNatGateways nothing NatGatewayId={nat}
vpc:DescribeNatGateways nothing VpcId={vpc}
vpc:GetNatGatewayAttribute InvalidNatGatewayId.NotFound NatGatewayId={nat}
vpc:ModifyNatGatewayAttribute InvalidNatGatewayId.NotFound NatGatewayId={nat} Name=taken
vpc:ModifyNatGatewaySpec InvalidNatGatewayId.NotFound NatGatewayId={nat} Spec=Large
vpc:CreateNatGateway InvalidVpcId.NotFound VpcId={vpc} VSwitchId={switch}
vpc:CreateNatGateway InvalidVSwitchId.NotFound VpcId={own_vpc} VSwitchId={switch}
vpc:DescribeSnatTableEntries InvalidSnatTableId.NotFound SnatTableId={snat_table}
vpc:DescribeSnatTableEntries nothing NatGatewayId={nat}
vpc:CreateSnatEntry InvalidSnatTableId.NotFound SnatTableId={snat_table} SnatIp={eip_address} SourceCIDR=10.9.0.0/24
vpc:ModifySnatEntry InvalidSnatTableId.NotFound SnatTableId={snat_table} SnatEntryId={snat} SnatEntryName=taken
vpc:DescribeForwardTableEntries InvalidForwardTableId.NotFound ForwardTableId={forward_table}
vpc:DescribeForwardTableEntries nothing NatGatewayId={nat}
vpc:CreateForwardEntry InvalidForwardTableId.NotFound @forward ForwardTableId={forward_table}
vpc:ModifyForwardEntry InvalidForwardTableId.NotFound ForwardTableId={forward_table} ForwardEntryId={forward}
    ForwardEntryName=taken
vpc:CreateRouteTable InvalidVpcId.NotFound VpcId={vpc}
vpc:ModifyRouteTableAttributes InvalidRouteTableId.NotFound RouteTableId={route_table} RouteTableName=taken
vpc:ModifyRouteTableAttributes InvalidRouteTableId.NotFound RouteTableId={custom_table} RouteTableName=taken
vpc:AssociateRouteTable InvalidRouteTableId.NotFound RouteTableId={custom_table} VSwitchId={own_switch}
vpc:UnassociateRouteTable InvalidRouteTableId.NotFound RouteTableId={custom_table} VSwitchId={switch}
vpc:DescribeRouteEntryList InvalidRouteTableId.NotFound RouteTableId={route_table}
vpc:CreateRouteEntry InvalidRouteTableId.NotFound RouteTableId={route_table} DestinationCidrBlock=172.16.0.0/24
    NextHopType=Instance NextHopId={own_instance}
vpc:CreateRouteEntries failed RouteEntries.1.RouteTableId={route_table} RouteEntries.1.DstCidrBlock=172.16.1.0/24
    RouteEntries.1.NextHopType=Instance RouteEntries.1.NextHop={own_instance}
vpc:ModifyRouteEntry InvalidRouteEntry.NotFound RouteEntryId={route_entry} RouteEntryName=taken
vpc:AssociateVpcCidrBlock InvalidVpcId.NotFound VpcId={vpc} SecondaryCidrBlock=192.168.0.0/16
vpc:UnassociateVpcCidrBlock InvalidVpcId.NotFound VpcId={vpc} SecondaryCidrBlock=192.168.0.0/16
vpc:DescribeNetworkAcls nothing NetworkAclId={acl}
vpc:DescribeNetworkAcls nothing VpcId={vpc}
vpc:DescribeNetworkAclAttributes InvalidNetworkAcl.NotFound NetworkAclId={acl}
vpc:ModifyNetworkAclAttributes InvalidNetworkAcl.NotFound NetworkAclId={acl} NetworkAclName=taken
vpc:UpdateNetworkAclEntries InvalidNetworkAcl.NotFound NetworkAclId={acl} UpdateIngressAclEntries=true
vpc:CopyNetworkAclEntries InvalidNetworkAcl.NotFound NetworkAclId={acl} SourceNetworkAclId={acl}
vpc:CreateNetworkAcl InvalidVpcId.NotFound VpcId={vpc}
vpc:AssociateNetworkAcl InvalidNetworkAcl.NotFound NetworkAclId={acl} Resource.1.ResourceId={switch}
vpc:UnassociateNetworkAcl InvalidNetworkAcl.NotFound NetworkAclId={acl} Resource.1.ResourceId={switch}
vpc:GetDhcpOptionsSet InvalidDhcpOptionsSetId.NotFound DhcpOptionsSetId={dhcp}
vpc:ListDhcpOptionsSets nothing DhcpOptionsSetId.1={dhcp}
vpc:UpdateDhcpOptionsSetAttribute InvalidDhcpOptionsSetId.NotFound DhcpOptionsSetId={dhcp} DomainName=a.b
vpc:AttachDhcpOptionsSetToVpc InvalidDhcpOptionsSetId.NotFound DhcpOptionsSetId={dhcp} VpcId={own_vpc}
vpc:DetachDhcpOptionsSetFromVpc InvalidDhcpOptionsSetId.NotFound DhcpOptionsSetId={dhcp} VpcId={vpc}

# instances
ecs:DescribeInstances nothing InstanceIds=["{instance}"]
ecs:DescribeInstances nothing VpcId={vpc}
ecs:DescribeInstances nothing VSwitchId={switch}
ecs:DescribeInstances nothing SecurityGroupId={group}
ecs:DescribeInstances nothing KeyPairName={key_pair}
ecs:DescribeInstances nothing Tag.1.Key=whose
ecs:DescribeInstances nothing MaxResults=100
ecs:DescribeInstanceStatus InvalidInstanceId.NotFound InstanceId.1={instance}
ecs:DescribeInstanceStatus InvalidInstanceId.NotFound InstanceId.1={own_instance} InstanceId.2={instance}
ecs:DescribeInstancesFullStatus InvalidInstanceId.NotFound InstanceId.1={instance}
ecs:DescribeInstanceAttribute InvalidInstanceId.NotFound InstanceId={instance}
ecs:DescribeUserData InvalidInstanceId.NotFound InstanceId={instance}
ecs:DescribeInstanceAutoRenewAttribute InvalidInstanceId.NotFound InstanceId={instance}
ecs:DescribeInstanceMaintenanceAttributes InvalidInstanceId.NotFound InstanceId.1={instance}
ecs:DescribeInstanceAttachmentAttributes InvalidInstanceId.NotFound InstanceIds.1={instance}
ecs:DescribeInstanceRamRole InvalidInstanceId.NotFound InstanceIds=["{instance}"]
ecs:DescribeDisks nothing DiskIds=["{disk}"]
ecs:DescribeDisks nothing SnapshotId={snapshot}
ecs:DescribeDisks nothing AutoSnapshotPolicyId={snapshot_policy}
ecs:CreateDisk InvalidSnapshotId.NotFound ZoneId=cn-hangzhou-b SnapshotId={snapshot}
ecs:AttachDisk InvalidDiskId.NotFound InstanceId={own_instance} DiskId={data_disk}
ecs:AttachDisk InvalidInstanceId.NotFound InstanceId={instance} DiskId={own_disk}
ecs:DetachDisk InvalidInstanceId.NotFound InstanceId={instance} DiskId={disk}
ecs:DetachDisk InvalidDiskId.NotFound InstanceId={own_instance} DiskId={disk}
ecs:ModifyDiskAttribute InvalidDiskId.NotFound DiskId={data_disk} DiskName=taken
ecs:ModifyDiskAttribute InvalidDiskId.NotFound DiskIds.1={own_disk} DiskIds.2={data_disk} DiskName=taken
ecs:ModifyDiskSpec InvalidDiskId.NotFound DiskId={data_disk} DiskCategory=cloud_auto
ecs:ModifyDiskChargeType InvalidInstanceId.NotFound InstanceId={instance} DiskIds=["{disk}"]
ecs:ResizeDisk InvalidDiskId.NotFound DiskId={data_disk} NewSize=100
ecs:ReInitDisk InvalidDiskId.NotFound DiskId={disk}
ecs:ResetDisk InvalidDiskId.NotFound DiskId={data_disk} SnapshotId={snapshot}
ecs:ResetDisk InvalidSnapshotId.NotFound DiskId={own_disk} SnapshotId={snapshot}
ecs:ResetDisks nothing Disk.1.DiskId={data_disk} Disk.1.SnapshotId={snapshot}
ecs:ReplaceSystemDisk InvalidInstanceId.NotFound InstanceId={instance} ImageId={image}

# snapshots
ecs:CreateSnapshot InvalidDiskId.NotFound DiskId={disk}
ecs:DescribeSnapshots nothing SnapshotIds=["{snapshot}"]
ecs:DescribeSnapshots nothing DiskId={data_disk}
ecs:DescribeSnapshots nothing MaxResults=100
ecs:DescribeSnapshotLinks nothing DiskIds=["{data_disk}"]
ecs:DescribeSnapshotsUsage nothing
ecs:ModifySnapshotAttribute InvalidSnapshotId.NotFound SnapshotId={snapshot} SnapshotName=taken
ecs:CopySnapshot InvalidSnapshotId.NotFound SnapshotId={snapshot} DestinationRegionId=cn-shanghai
ecs:DeleteSnapshot InvalidSnapshotId.NotFound SnapshotId={snapshot} Force=true
ecs:CreateSnapshotGroup InvalidInstanceId.NotFound InstanceId={instance}
ecs:CreateSnapshotGroup InvalidDiskId.NotFound DiskId.1={disk}
ecs:DescribeSnapshotGroups nothing SnapshotGroupId.1={snapshot_group}
ecs:ModifySnapshotGroup InvalidSnapshotGroupId.NotFound SnapshotGroupId={snapshot_group} Name=taken
ecs:DeleteSnapshotGroup InvalidSnapshotGroupId.NotFound SnapshotGroupId={snapshot_group}
ecs:DescribeAutoSnapshotPolicyEx nothing AutoSnapshotPolicyId={snapshot_policy}
ecs:DescribeAutoSnapshotPolicyAssociations nothing AutoSnapshotPolicyId={snapshot_policy}
ecs:ModifyAutoSnapshotPolicyEx InvalidAutoSnapshotPolicyId.NotFound @policy_of retentionDays=1
ecs:ApplyAutoSnapshotPolicy InvalidAutoSnapshotPolicyId.NotFound @policy_of diskIds=["{own_disk}"]
ecs:CancelAutoSnapshotPolicy InvalidDiskId.NotFound @policy_of diskIds=["{data_disk}"]
ecs:DeleteAutoSnapshotPolicy InvalidAutoSnapshotPolicyId.NotFound @policy_of

# images
ecs:DescribeImages nothing ImageId={image}
ecs:DescribeImages nothing ImageOwnerAlias=self
ecs:DescribeImages nothing ImageOwnerAlias=others
ecs:DescribeImages nothing ImageFamily=victims
ecs:DescribeImageFromFamily nothing ImageFamily=victims
ecs:DescribeImageSupportInstanceTypes InvalidImageId.NotFound ImageId={image}
ecs:DescribeImageSharePermission InvalidImageId.NotFound ImageId={image}
ecs:CreateImage InvalidInstanceId.NotFound InstanceId={instance}
ecs:CreateImage InvalidSnapshotId.NotFound SnapshotId={snapshot}
ecs:ModifyImageAttribute InvalidImageId.NotFound ImageId={image} ImageName=taken
ecs:ModifyImageSharePermission InvalidImageId.NotFound ImageId={image} AddAccount.1={account}
ecs:CopyImage InvalidImageId.NotFound ImageId={image} DestinationRegionId=cn-shanghai
ecs:CancelCopyImage InvalidImageId.NotFound ImageId={image}
ecs:ExportImage InvalidImageId.NotFound ImageId={image} OSSBucket=any
ecs:ImportImage NoSetRoletoECSServiceAccount @import
ecs:RunInstances InvalidImageId.NotFound @here @run_theirs SecurityGroupId={own_group}
ecs:DeleteImage InvalidImageId.NotFound ImageId={image} Force=true
ecs:DescribeTasks nothing TaskIds={task}
ecs:DescribeTaskAttribute InvalidTaskId.NotFound TaskId={task}
ecs:CancelTask InvalidTaskId.NotFound TaskId={task}
ecs:DeleteDisk InvalidDiskId.NotFound DiskId={data_disk}
ecs:DescribeDisks nothing InstanceId={instance}
ecs:DescribeNetworkInterfaces nothing NetworkInterfaceId.1={interface}
ecs:DescribeNetworkInterfaces nothing InstanceId={instance}
ecs:DescribeNetworkInterfaces nothing VpcId={vpc}
ecs:RunInstances InvalidVSwitchId.NotFound @run VSwitchId={switch} SecurityGroupId={own_group}
ecs:RunInstances InvalidSecurityGroupId.NotFound @run @here SecurityGroupId={group}
ecs:RunInstances InvalidSecurityGroupId.NotFound @run @here SecurityGroupIds.1={own_group} SecurityGroupIds.2={group}
ecs:RunInstances InvalidVSwitchId.NotFound @run @primary NetworkInterface.1.VSwitchId={switch}
    NetworkInterface.1.SecurityGroupId={group}
ecs:RunInstances InvalidKeyPairName.NotFound @run @here SecurityGroupId={own_group} KeyPairName={key_pair}
ecs:RunInstances InvalidRamRole.NotFound @run @here SecurityGroupId={own_group} RamRoleName={role}
ecs:CreateInstance InvalidVSwitchId.NotFound @run VSwitchId={switch} SecurityGroupId={own_group}
ecs:CreateInstance InvalidSecurityGroupId.NotFound @run @here SecurityGroupId={group}
ecs:StartInstance InvalidInstanceId.NotFound InstanceId={instance}
ecs:StartInstances InvalidInstanceId.NotFound InstanceId.1={instance}
ecs:ModifyInstanceAttribute InvalidInstanceId.NotFound InstanceId={instance} InstanceName=taken
ecs:ModifyInstanceAttribute InvalidSecurityGroupId.NotFound InstanceId={own_instance} SecurityGroupIds.1={group}
ecs:ModifyInstanceAutoReleaseTime InvalidInstanceId.NotFound InstanceId={instance}
ecs:ModifyInstanceMetadataOptions InvalidInstanceId.NotFound InstanceId={instance} HttpEndpoint=disabled
ecs:AllocatePublicIpAddress InvalidInstanceId.NotFound InstanceId={instance}
ecs:AttachInstanceRamRole InvalidRamRole.NotFound InstanceIds=["{own_instance}"] RamRoleName={role}
ecs:DetachInstanceRamRole inside InstanceIds=["{instance}"]
ecs:ModifyInstanceSpec InvalidInstanceId.NotFound InstanceId={instance} InternetMaxBandwidthOut=1
ecs:ModifyPrepayInstanceSpec InvalidInstanceId.NotFound InstanceId={instance} InstanceType=ecs.g7.xlarge
ecs:ModifyInstanceNetworkSpec InvalidInstanceId.NotFound InstanceId={instance} InternetMaxBandwidthOut=1
ecs:ModifyInstanceVpcAttribute InvalidInstanceId.NotFound InstanceId={instance} VSwitchId={own_switch}
ecs:ModifyInstanceChargeType InvalidInstanceId.NotFound InstanceIds=["{instance}"] Period=1
ecs:ModifyInstanceAutoRenewAttribute InvalidInstanceId.NotFound InstanceId={instance} AutoRenew=true
ecs:RenewInstance InvalidInstanceId.NotFound InstanceId={instance} Period=1
ecs:ReActivateInstances InvalidInstanceId.NotFound InstanceId={instance}
ecs:ModifyInstanceMaintenanceAttributes InvalidInstanceId.NotFound InstanceId.1={instance} NotifyOnMaintenance=true
ecs:DescribeResourcesModification InvalidInstanceId.NotFound ResourceId={instance} DestinationResource=InstanceType
ecs:DescribeRenewalPrice InvalidInstanceId.NotFound ResourceId={instance}
ecs:DescribeInstanceModificationPrice InvalidInstanceId.NotFound InstanceId={instance} InstanceType=ecs.g7.xlarge
ecs:GetInstanceConsoleOutput InvalidInstanceId.NotFound InstanceId={instance}
ecs:DescribeInstanceHistoryEvents nothing InstanceId={instance}

# network interfaces
ecs:DescribeNetworkInterfaceAttribute InvalidEniId.NotFound NetworkInterfaceId={interface}
ecs:CreateNetworkInterface InvalidVSwitchId.NotFound VSwitchId={switch} SecurityGroupId={own_group}
ecs:CreateNetworkInterface InvalidSecurityGroupId.NotFound @here SecurityGroupId={group}
ecs:ModifyNetworkInterfaceAttribute InvalidEniId.NotFound NetworkInterfaceId={interface} Description=taken
ecs:AssignPrivateIpAddresses InvalidEniId.NotFound NetworkInterfaceId={eni} SecondaryPrivateIpAddressCount=1
ecs:UnassignPrivateIpAddresses InvalidEniId.NotFound NetworkInterfaceId={eni} PrivateIpAddress.1=10.1.0.9
ecs:AttachNetworkInterface InvalidEniId.NotFound NetworkInterfaceId={eni} InstanceId={own_instance}
ecs:DetachNetworkInterface InvalidEniId.NotFound NetworkInterfaceId={eni} InstanceId={own_instance}
ecs:RunInstances InvalidEniId.NotFound @run @here SecurityGroupId={own_group}
    NetworkInterface.1.InstanceType=Secondary NetworkInterface.1.NetworkInterfaceId={eni}

# launch templates and deployment sets
ecs:DescribeLaunchTemplates nothing LaunchTemplateId.1={template}
ecs:DescribeLaunchTemplates nothing LaunchTemplateName.1=victims
ecs:DescribeLaunchTemplateVersions InvalidLaunchTemplate.NotFound LaunchTemplateId={template}
ecs:DescribeLaunchTemplateVersions InvalidLaunchTemplate.NotFound LaunchTemplateName=victims
ecs:CreateLaunchTemplateVersion InvalidLaunchTemplate.NotFound LaunchTemplateId={template}
ecs:ModifyLaunchTemplateDefaultVersion InvalidLaunchTemplate.NotFound LaunchTemplateId={template}
    DefaultVersionNumber=1
ecs:RunInstances InvalidLaunchTemplate.NotFound @run @here SecurityGroupId={own_group} LaunchTemplateId={template}
ecs:DescribeDeploymentSets nothing DeploymentSetIds=["{deployment_set}"]
ecs:ModifyDeploymentSetAttribute InvalidDeploymentSetId.NotFound DeploymentSetId={deployment_set} Description=taken
ecs:ModifyInstanceDeployment InvalidInstanceId.NotFound InstanceId={instance} RemoveFromDeploymentSet=true
ecs:ModifyInstanceDeployment InvalidDeploymentSetId.NotFound InstanceId={own_instance}
    DeploymentSetId={deployment_set}

# key pairs
ecs:DescribeKeyPairs nothing KeyPairName={key_pair}
ecs:DescribeKeyPairs nothing KeyPairName=*
ecs:DescribeKeyPairs nothing KeyPairFingerPrint={fingerprint}
ecs:AttachKeyPair InvalidKeyPairName.NotFound KeyPairName={key_pair} InstanceIds=["{own_instance}"]
ecs:AttachKeyPair inside KeyPairName=own InstanceIds=["{instance}"]
ecs:DetachKeyPair InvalidKeyPairName.NotFound KeyPairName={key_pair} InstanceIds=["{instance}"]
ecs:DetachKeyPair inside KeyPairName=own InstanceIds=["{instance}"]

# security groups
ecs:DescribeSecurityGroups nothing SecurityGroupId={group}
ecs:DescribeSecurityGroups nothing SecurityGroupIds=["{group}"]
ecs:DescribeSecurityGroups nothing VpcId={vpc}
ecs:DescribeSecurityGroupAttribute InvalidSecurityGroupId.NotFound SecurityGroupId={group}
ecs:DescribeSecurityGroupReferences InvalidSecurityGroupId.NotFound SecurityGroupId.1={group}
ecs:CreateSecurityGroup InvalidVpcId.NotFound VpcId={vpc}
ecs:ModifySecurityGroupAttribute InvalidSecurityGroupId.NotFound SecurityGroupId={group} SecurityGroupName=taken
ecs:ModifySecurityGroupPolicy InvalidSecurityGroupId.NotFound SecurityGroupId={group} InnerAccessPolicy=Drop
ecs:AuthorizeSecurityGroup InvalidSecurityGroupId.NotFound @open SecurityGroupId={group}
ecs:AuthorizeSecurityGroup InvalidSourceGroupId.NotFound @rule SecurityGroupId={own_group} SourceGroupId={group}
ecs:AuthorizeSecurityGroup InvalidSourceGroupId.Mismatch @rule SecurityGroupId={own_group}
    SourceGroupId={group} SourceGroupOwnerId={account}
ecs:AuthorizeSecurityGroupEgress InvalidSecurityGroupId.NotFound @open_out SecurityGroupId={group}
ecs:AuthorizeSecurityGroupEgress InvalidDestGroupId.NotFound @rule SecurityGroupId={own_group} DestGroupId={group}
ecs:RevokeSecurityGroup InvalidSecurityGroupId.NotFound SecurityGroupId={group} SecurityGroupRuleId.1={rule}
ecs:RevokeSecurityGroup nothing SecurityGroupId={own_group} SecurityGroupRuleId.1={rule}
ecs:RevokeSecurityGroupEgress InvalidSecurityGroupId.NotFound @open_out SecurityGroupId={group}
ecs:ModifySecurityGroupRule InvalidSecurityGroupId.NotFound @open SecurityGroupId={group} SecurityGroupRuleId={rule}
ecs:ModifySecurityGroupRule SecurityGroupRule.NotFound @open SecurityGroupId={own_group} SecurityGroupRuleId={rule}
ecs:ModifySecurityGroupEgressRule InvalidSecurityGroupId.NotFound @open_out SecurityGroupId={group}
    SecurityGroupRuleId={rule}
ecs:AuthorizeSecurityGroup InvalidPrefixListId.NotFound @rule SecurityGroupId={own_group}
    SourcePrefixListId={prefix_list}
ecs:DescribePrefixLists nothing PrefixListId.1={prefix_list}
ecs:DescribePrefixListAttributes InvalidPrefixListId.NotFound PrefixListId={prefix_list}
ecs:DescribePrefixListAssociations InvalidPrefixListId.NotFound PrefixListId={prefix_list}
ecs:ModifyPrefixList InvalidPrefixListId.NotFound PrefixListId={prefix_list} PrefixListName=taken
ecs:JoinSecurityGroup InvalidInstanceId.NotFound SecurityGroupId={own_group} InstanceId={instance}
ecs:JoinSecurityGroup InvalidSecurityGroupId.NotFound SecurityGroupId={group} InstanceId={own_instance}
ecs:JoinSecurityGroup InvalidEniId.NotFound SecurityGroupId={own_group} NetworkInterfaceId={interface}
ecs:LeaveSecurityGroup InvalidSecurityGroupId.NotFound SecurityGroupId={group} InstanceId={instance}
ecs:LeaveSecurityGroup InvalidEniId.NotFound SecurityGroupId={own_group} NetworkInterfaceId={interface}

# tags
ecs:DescribeTags nothing
ecs:DescribeTags nothing ResourceType=instance ResourceId={instance}
ecs:ListTagResources nothing ResourceType=instance ResourceId.1={instance}
ecs:ListTagResources nothing ResourceType=instance Tag.1.Key=whose
ecs:TagResources InvalidResourceId.NotFound @tag ResourceType=instance ResourceId.1={instance}
ecs:TagResources InvalidResourceId.NotFound @tag ResourceType=securitygroup ResourceId.1={group}
ecs:TagResources InvalidResourceId.NotFound @tag ResourceType=keypair ResourceId.1={key_pair}
ecs:TagResources InvalidResourceId.NotFound @tag ResourceType=instance ResourceId.1={own_instance}
    ResourceId.2={instance}

# Cloud Assistant
ecs:DescribeCommands nothing CommandId={command}
ecs:DescribeInvocations nothing InvokeId={invocation}
ecs:DescribeInvocations nothing InstanceId={instance}
ecs:DescribeInvocations nothing CommandId={command}
ecs:DescribeInvocationResults InvalidInvokeId.NotFound InvokeId={invocation}
ecs:DescribeInvocationResults nothing InstanceId={instance}
ecs:DescribeInvocationResults nothing CommandId={command}
ecs:DescribeCloudAssistantStatus InvalidInstanceId.NotFound InstanceId.1={instance}
ecs:RunCommand InvalidInstance.NotFound @script InstanceId.1={instance}
ecs:RunCommand InvalidInstance.NotFound @script InstanceId.1={own_instance} InstanceId.2={instance}
ecs:RunCommand InvalidInstance.NotFound @script ResourceTag.1.Key=whose ResourceTag.1.Value=victims
ecs:InvokeCommand InvalidCmdId.NotFound CommandId={command} InstanceId.1={own_instance}
ecs:ModifyCommand InvalidCmdId.NotFound CommandId={command} Name=taken
ecs:SendFile InvalidInstance.NotFound InstanceId.1={instance} Name=x Content=x TargetDir=/tmp
ecs:DescribeSendFileResults nothing InstanceId={instance}
ecs:DescribeSendFileResults nothing InvokeId={invocation}
ecs:InstallCloudAssistant InvalidInstanceId.NotFound InstanceId.1={instance}
ecs:StopInvocation InvalidInvokeId.NotFound InvokeId={invocation}
ecs:StopInvocation InvalidInvokeId.NotFound InvokeId={invocation} InstanceId.1={instance}

# RAM
ram:GetUser nothing UserName={user}
ram:GetGroup EntityNotExist.Group GroupName={ram_group}
ram:GetRole EntityNotExist.Role RoleName={role}
ram:GetPolicy EntityNotExist.Policy @policy
ram:GetPolicyVersion EntityNotExist.Policy @policy VersionId=v1
ram:ListPolicyVersions EntityNotExist.Policy @policy
ram:ListEntitiesForPolicy EntityNotExist.Policy @policy
ram:ListAccessKeys nothing UserName={user}
ram:GetAccessKeyLastUsed EntityNotExist.User.AccessKey UserAccessKeyId={key}
ram:GetAccessKeyLastUsed EntityNotExist.User.AccessKey UserAccessKeyId={key} UserName={user}
ram:ListPoliciesForUser nothing UserName={user}
ram:ListPoliciesForGroup EntityNotExist.Group GroupName={ram_group}
ram:ListPoliciesForRole EntityNotExist.Role RoleName={role}
ram:ListGroupsForUser nothing UserName={user}
ram:ListUsersForGroup EntityNotExist.Group GroupName={ram_group}
ram:ListTagResources nothing ResourceType=role ResourceNames.1={role}
ram:ListRoles nothing
ram:ListGroups nothing
ram:ListPolicies nothing PolicyType=Custom
ram:UpdateUser nothing UserName={user} NewComments=taken
ram:UpdateGroup EntityNotExist.Group GroupName={ram_group} NewComments=taken
ram:UpdateRole EntityNotExist.Role RoleName={role} NewDescription=taken
ram:UpdatePolicyDescription EntityNotExist.Policy PolicyName={policy} NewDescription=taken
ram:CreatePolicyVersion EntityNotExist.Policy PolicyName={policy} PolicyDocument={nothing}
ram:SetDefaultPolicyVersion EntityNotExist.Policy PolicyName={policy} VersionId=v2
ram:AttachPolicyToUser EntityNotExist.Policy @policy UserName={user}
ram:AttachPolicyToGroup EntityNotExist.Group @policy GroupName={ram_group}
ram:AttachPolicyToRole EntityNotExist.Role @policy RoleName={role}
ram:DetachPolicyFromGroup EntityNotExist.Group @policy GroupName={ram_group}
ram:DetachPolicyFromRole EntityNotExist.Role @policy RoleName={role}
ram:AddUserToGroup EntityNotExist.Group UserName={user} GroupName={ram_group}
ram:TagResources EntityNotExist.Role @tag ResourceType=role ResourceNames.1={role}
ram:UntagResources EntityNotExist.Policy ResourceType=policy ResourceNames.1={policy} All=true
ram:UpdateAccessKey EntityNotExist.User.AccessKey UserAccessKeyId={key} Status=Inactive
ram:UpdateAccessKey EntityNotExist.User.AccessKey UserAccessKeyId={key} Status=Inactive UserName={user}

# What ends something comes last, for the owner does all in turn.
ecs:UntagResources InvalidResourceId.NotFound ResourceType=instance ResourceId.1={instance} All=true
ram:DeleteAccessKey EntityNotExist.User.AccessKey UserAccessKeyId={key} UserName={user}
ram:DetachPolicyFromUser EntityNotExist.Policy @policy UserName={user}
ram:RemoveUserFromGroup EntityNotExist.Group UserName={user} GroupName={ram_group}
ram:DeletePolicyVersion EntityNotExist.Policy PolicyName={policy} VersionId=v1
ram:DeletePolicy EntityNotExist.Policy PolicyName={policy} CascadingDelete=true
ram:DeleteGroup EntityNotExist.Group GroupName={ram_group}
ram:DeleteRole EntityNotExist.Role RoleName={role}
ecs:DeleteLaunchTemplateVersion InvalidLaunchTemplate.NotFound LaunchTemplateId={template} DeleteVersion.1=2
ecs:DeleteLaunchTemplate InvalidLaunchTemplate.NotFound LaunchTemplateId={template}
ecs:DeleteDeploymentSet InvalidDeploymentSetId.NotFound DeploymentSetId={deployment_set}
ecs:DeleteNetworkInterface InvalidEniId.NotFound NetworkInterfaceId={eni}
ecs:DeletePrefixList InvalidPrefixListId.NotFound PrefixListId={prefix_list}
ecs:DeleteCommand InvalidCmdId.NotFound CommandId={command}
ecs:DeleteKeyPairs nothing KeyPairNames=["{key_pair}"]
ecs:RebootInstance InvalidInstanceId.NotFound InstanceId={instance}
ecs:RebootInstances InvalidInstanceId.NotFound InstanceId.1={instance}
ecs:StopInstance InvalidInstanceId.NotFound InstanceId={instance}
ecs:StopInstances InvalidInstanceId.NotFound InstanceId.1={own_instance} InstanceId.2={instance}
    BatchOptimization=SuccessFirst
ecs:DeleteInstance InvalidInstanceId.NotFound InstanceId={instance} Force=true
ecs:DeleteInstances InvalidInstanceId.NotFound InstanceId.1={own_instance} InstanceId.2={instance} Force=true
ecs:DeleteSecurityGroup InvalidSecurityGroupId.NotFound SecurityGroupId={group2}
vpc:DeleteSnatEntry InvalidSnatTableId.NotFound SnatTableId={snat_table} SnatEntryId={snat}
vpc:DeleteForwardEntry InvalidForwardTableId.NotFound ForwardTableId={forward_table} ForwardEntryId={forward}
vpc:UnassociateEipAddress InvalidAllocationId.NotFound AllocationId={eip}
vpc:DeleteNatGateway InvalidNatGatewayId.NotFound NatGatewayId={nat} Force=true
vpc:ReleaseEipAddress InvalidAllocationId.NotFound AllocationId={eip}
vpc:DeleteRouteEntry InvalidRouteEntry.NotFound RouteEntryId={route_entry}
vpc:DeleteRouteEntries failed RouteEntries.1.RouteEntryId={route_entry}
vpc:DeleteRouteTable InvalidRouteTableId.NotFound RouteTableId={custom_table}
vpc:DeleteNetworkAcl InvalidNetworkAcl.NotFound NetworkAclId={acl}
vpc:DeleteDhcpOptionsSet InvalidDhcpOptionsSetId.NotFound DhcpOptionsSetId={dhcp}
vpc:DeleteVSwitch InvalidVSwitchId.NotFound VSwitchId={switch}
vpc:DeleteVpc InvalidVpcID.NotFound VpcId={vpc}
"""

NO_NAMES = f"""
{JOINING_NOTHING}
location:DescribeEndpoints location:DescribeEndpoint location:DescribeRegions location:DescribeServices
vpc:DescribeRegions vpc:DescribeZones vpc:CreateVpc tag:DescribeRegions tag:ListSupportResourceTypes
vpc:CreateDhcpOptionsSet vpc:AllocateEipAddress vpc:AllocateEipAddressPro
ecs:DescribeRegions ecs:DescribeZones ecs:DescribeAvailableResource ecs:DescribeInstanceTypes
ecs:CreateAutoSnapshotPolicy
ecs:DescribeInstanceTypeFamilies ecs:DescribeImages ecs:DescribeImageSupportInstanceTypes
ecs:CreateKeyPair ecs:ImportKeyPair ecs:CreateCommand ecs:CreateLaunchTemplate ecs:CreateDeploymentSet
ecs:CreatePrefixList
ecs:DescribePrice ecs:DescribeSpotPriceHistory ecs:DescribeSpotAdvice ecs:DescribeAccountAttributes
ecs:DescribeDeploymentSetSupportedInstanceTypeFamily
ram:CreateUser ram:CreateGroup ram:CreateRole ram:CreatePolicy ram:ListVirtualMFADevices
ram:GetAccountAlias ram:SetAccountAlias ram:ClearAccountAlias sts:GetCallerIdentity
"""
"""operations about the cloud itself, or that begin something new"""

OF_A_USER = """
ram:ListUsers ram:CreateAccessKey ram:DeleteUser
ram:GetLoginProfile ram:DeleteLoginProfile ram:GetUserMFAInfo ram:UnbindMFADevice
"""
"""operations whose names mean the caller's own user, whoever else has one of that name"""

ELSEWHERE = f"""
sts:AssumeRole
vpc:CreateFlowLog vpc:DescribeFlowLogs vpc:ModifyFlowLogAttribute
vpc:ActiveFlowLog vpc:DeactiveFlowLog vpc:DeleteFlowLog
{OF_A_DIRECTORY}
"""
"""whose strangers are met in test_sts.py, test_flow_logs.py and test_resource_directory.py"""


class Case(NamedTuple):
    operation: str
    code: str
    given: dict[str, str]


def read(table: str) -> list[Case]:
    cases = []
    for line in table.replace("\n    ", " ").splitlines():
        if line and not line.startswith("#"):
            operation, code, *words = line.split()
            pairs = " ".join(SEVERAL.get(word, word) for word in words).split()
            cases.append(Case(operation, code, dict(pair.split("=", 1) for pair in pairs)))
    return cases


CASES = read(MANAGEMENT) + read(JOINED_NETWORKS) + read(TABLE)
