"""The part of the isolation table that is about peering connections and CENs, and the operations that name nothing."""

JOINED_NETWORKS = """
# VPC peering
vpcpeer:GetVpcPeerConnectionAttribute ResourceNotFound.InstanceId InstanceId={peering}
vpcpeer:ListVpcPeerConnections nothing InstanceId={peering}
vpcpeer:ListVpcPeerConnections nothing VpcId.1={vpc}
vpcpeer:ModifyVpcPeerConnection ResourceNotFound.InstanceId InstanceId={peering} Name=taken
vpcpeer:AcceptVpcPeerConnection ResourceNotFound.InstanceId InstanceId={peering}
vpcpeer:RejectVpcPeerConnection ResourceNotFound.InstanceId InstanceId={peering}
vpcpeer:CreateVpcPeerConnection ResourceNotFound.VpcId @peer VpcId={vpc} AcceptingVpcId={own_vpc}
vpcpeer:CreateVpcPeerConnection ResourceNotFound.AcceptingVpcId @peer VpcId={own_vpc} AcceptingVpcId={vpc}
vpcpeer:TagResources InvalidInstanceIds.NotFound @tag ResourceType=PeerConnection ResourceId.1={peering}
vpcpeer:UnTagResources InvalidInstanceIds.NotFound ResourceType=PeerConnection ResourceId.1={peering} All=true
vpcpeer:ListTagResources nothing ResourceType=PeerConnection ResourceId.1={peering}
vpcpeer:MoveResourceGroup ResourceNotFound.InstanceId ResourceType=PeerConnection ResourceId={peering}
    NewResourceGroupId={own_default_group}
vpc:CreateRouteEntry InvalidRouteTableId.NotFound RouteTableId={route_table} DestinationCidrBlock=172.16.0.0/24
    NextHopType=VpcPeer NextHopId={peering}

# CEN
cbn:DescribeCens nothing Filter.1.Key=CenId Filter.1.Value.1={cen}
cbn:ModifyCenAttribute ParameterCenInstanceId CenId={cen} Name=taken
cbn:AttachCenChildInstance ParameterCenInstanceId @child CenId={cen} ChildInstanceId={own_vpc}
cbn:AttachCenChildInstance ParameterInstanceId @child CenId={own_cen} ChildInstanceId={vpc}
cbn:AttachCenChildInstance Forbbiden.AttachChildInstanceAcrossUid @child CenId={own_cen} ChildInstanceId={vpc}
    ChildInstanceOwnerId={account}
cbn:DescribeCenAttachedChildInstances ParameterCenInstanceId CenId={cen}
cbn:DescribeCenAttachedChildInstanceAttribute ParameterCenInstanceId @child CenId={cen} ChildInstanceId={vpc}
cbn:DescribeCenRegionDomainRouteEntries ParameterCenInstanceId CenId={cen} CenRegionId=cn-hangzhou
cbn:DescribePublishedRouteEntries ParameterCenInstanceId @child CenId={cen} ChildInstanceId={vpc}
cbn:PublishRouteEntries ParameterCenInstanceId @route CenId={cen} ChildInstanceId={vpc}
cbn:WithdrawPublishedRouteEntries ParameterCenInstanceId @route CenId={cen} ChildInstanceId={vpc}
cbn:DescribeCenBandwidthPackages nothing Filter.1.Key=CenBandwidthPackageId Filter.1.Value.1={package}
cbn:ModifyCenBandwidthPackageAttribute ParameterBwpInstanceId CenBandwidthPackageId={package} Name=taken
cbn:ModifyCenBandwidthPackageSpec ParameterBwpInstanceId CenBandwidthPackageId={package} Bandwidth=20
cbn:AssociateCenBandwidthPackage ParameterBwpInstanceId CenId={own_cen} CenBandwidthPackageId={package}
cbn:DescribeCenGeographicSpanRemainingBandwidth ParameterCenInstanceId CenId={cen} GeographicRegionAId=China
    GeographicRegionBId=China
cbn:SetCenInterRegionBandwidthLimit ParameterCenInstanceId CenId={cen} LocalRegionId=cn-hangzhou
    OppositeRegionId=cn-beijing BandwidthLimit=1
cbn:DescribeCenInterRegionBandwidthLimits ParameterCenInstanceId CenId={cen}
cbn:TagResources InvalidInstanceIds.NotFound @tag ResourceType=cen ResourceId.1={cen}
cbn:UntagResources InvalidInstanceIds.NotFound ResourceType=cen ResourceId.1={cen} All=true
cbn:ListTagResources nothing ResourceType=cen ResourceId.1={cen}
cbn:MoveResourceGroup ParameterCenInstanceId ResourceType=cen ResourceId={cen} NewResourceGroupId={own_default_group}
vpc:GrantInstanceToCen InvalidVpcId.NotFound @grant InstanceId={vpc}
vpc:RevokeInstanceFromCen InvalidVpcId.NotFound @grant InstanceId={vpc}
vpc:DescribeGrantRulesToCen InvalidVpcId.NotFound InstanceType=VPC InstanceId={vpc}

# and what ends them
vpcpeer:DeleteVpcPeerConnection ResourceNotFound.InstanceId InstanceId={peering} Force=true
cbn:DetachCenChildInstance ParameterCenInstanceId @child CenId={cen} ChildInstanceId={vpc}
cbn:UnassociateCenBandwidthPackage ParameterCenInstanceId CenId={cen} CenBandwidthPackageId={package}
cbn:DeleteCenBandwidthPackage ParameterBwpInstanceId CenBandwidthPackageId={package}
cbn:DeleteCen ParameterCenInstanceId CenId={cen}
"""

SEVERAL_OF_JOINED_NETWORKS = {
    "@peer": "RegionId=cn-hangzhou AcceptingRegionId=cn-hangzhou",
    "@child": "ChildInstanceType=VPC ChildInstanceRegionId=cn-hangzhou",
    "@route": "ChildInstanceType=VPC ChildInstanceRegionId=cn-hangzhou"
    " ChildInstanceRouteTableId={route_table} DestinationCidrBlock=10.1.0.0/24",
    "@grant": "InstanceType=VPC CenId={cen} CenOwnerId={own_account}",
}

JOINING_NOTHING = """
cbn:CreateCen cbn:CreateCenBandwidthPackage cbn:DescribeCenGeographicSpans
"""
