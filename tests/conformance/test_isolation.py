"""One account and another's things: every operation that takes a name or an id is tried with those of a stranger.

The table must know every operation of the cloud, so a new one cannot be forgotten.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from alibabacloud_ecs20140526.client import Client as Ecs
from alibabacloud_ecs20140526.models import RunInstancesRequestTag
from alibabacloud_tea_openapi.client import Client as Generic
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from alibabacloud_tea_openapi.models import OpenApiRequest, Params
from alibabacloud_tea_util.models import RuntimeOptions
from alibabacloud_vpc20160428.client import Client as Vpc

from openyun.main import SERVICES
from tests.conformance.conftest import REGION, Cloud, cloud_of, eventually
from tests.conformance.place import make_place
from tests.conftest import Server

VERSIONS = {service.name: service.version for service in SERVICES}
TRUST = '{"Version":"1","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"RAM":["%s"]}}]}'
BOTH_HAVE = "alice"
NOTHING = '{"Version":"1","Statement":[{"Effect":"Allow","Action":"ecs:None","Resource":"*"}]}'


@dataclass(frozen=True)
class Answer:
    code: str
    """of the error; empty for success"""
    text: str

    @property
    def fields(self) -> dict[str, Any]:
        return dict(json.loads(self.text))


def ask(cloud: Cloud, operation: str, **given: str) -> Answer:
    """`operation` as ecs:StopInstance; parameters with _ for a dot."""
    product, _, name = operation.partition(":")
    parameters = {key.replace("_", "."): value for key, value in given.items()}
    if product in ("ecs", "vpc"):
        parameters.setdefault("RegionId", REGION)
    params = Params(
        action=name,
        version=VERSIONS[product],
        protocol="HTTP",
        pathname="/",
        method="POST",
        auth_type="AK",
        style="RPC",
        req_body_type="formData",
        body_type="json",
    )
    try:
        found = Generic(cloud.config()).call_api(params, OpenApiRequest(query=parameters), RuntimeOptions())
    except AlibabaCloudException as problem:
        return Answer(str(problem.code), str(problem))
    return Answer("", json.dumps(found["body"]))


# What there is of one account. `{name}` in the table below stands for one of these.


@dataclass(frozen=True)
class Victim:
    cloud: Cloud
    names: dict[str, str]

    def filled(self, given: dict[str, str]) -> dict[str, str]:
        return {parameter: self._filled(value) for parameter, value in given.items()}

    def _filled(self, text: str) -> str:
        for name, value in self.names.items():
            text = text.replace("{%s}" % name, value)
        return text

    def all_that_shows(self) -> list[dict[str, Any]]:
        """Everything that the account can see of itself."""
        shown = [ask(self.cloud, operation, **self.filled(given)) for operation, given in _SHOWING]
        assert [one for one in shown if one.code] == []
        return [{name: value for name, value in one.fields.items() if name != "RequestId"} for one in shown]


_SHOWING: list[tuple[str, dict[str, str]]] = [
    ("vpc:DescribeVpcs", {}),
    ("vpc:DescribeVSwitches", {}),
    ("vpc:ListTagResources", {"ResourceType": "VPC", "ResourceId_1": "{vpc}"}),
    ("ecs:DescribeInstances", {}),
    ("ecs:DescribeUserData", {"InstanceId": "{instance}"}),
    ("ecs:DescribeSecurityGroups", {"IsQueryEcsCount": "true"}),
    ("ecs:DescribeSecurityGroupAttribute", {"SecurityGroupId": "{group}"}),
    ("ecs:DescribeKeyPairs", {"IncludePublicKey": "true"}),
    ("ecs:DescribeInstanceRamRole", {"InstanceIds": '["{instance}"]'}),
    ("ecs:DescribeCommands", {}),
    ("ecs:DescribeInvocations", {"IncludeOutput": "true"}),
    ("ram:ListUsers", {}),
    ("ram:ListGroups", {}),
    ("ram:ListUsersForGroup", {"GroupName": "{ram_group}"}),
    ("ram:ListRoles", {}),
    ("ram:GetRole", {"RoleName": "{role}"}),
    ("ram:ListPolicies", {"PolicyType": "Custom"}),
    ("ram:ListPolicyVersions", {"PolicyName": "{policy}", "PolicyType": "Custom"}),
    ("ram:ListPoliciesForUser", {"UserName": "{user}"}),
    ("ram:ListAccessKeys", {"UserName": "{user}"}),
]


def _made(cloud: Cloud, operation: str, **given: str) -> dict[str, Any]:
    answer = ask(cloud, operation, **given)
    assert answer.code == "", answer
    return answer.fields


@pytest.fixture(scope="module")
def victim(server: Server) -> Victim:
    cloud = cloud_of(server, server.new_account())
    place = make_place(Ecs(cloud.config()), Vpc(cloud.config()))
    names = {"vpc": place.vpc_id, "switch": place.v_switch_id, "group": place.group_id}
    names["group2"] = _made(cloud, "ecs:CreateSecurityGroup", VpcId=place.vpc_id)["SecurityGroupId"]
    _made(
        cloud,
        "ecs:AuthorizeSecurityGroup",
        SecurityGroupId=place.group_id,
        IpProtocol="TCP",
        PortRange="22/22",
        SourceCidrIp="10.0.0.0/8",
    )
    rules = _made(cloud, "ecs:DescribeSecurityGroupAttribute", SecurityGroupId=place.group_id)
    names["rule"] = rules["Permissions"]["Permission"][0]["SecurityGroupRuleId"]
    names["key_pair"] = _made(cloud, "ecs:CreateKeyPair", KeyPairName="victim-pair")["KeyPairName"]
    pairs = _made(cloud, "ecs:DescribeKeyPairs", IncludePublicKey="true")["KeyPairs"]["KeyPair"]
    names["fingerprint"] = pairs[0]["KeyPairFingerPrint"]
    (names["instance"],) = place.running(
        key_pair_name="victim-pair", tag=[RunInstancesRequestTag("whose", "victims")], user_data="dmljdGltcw=="
    )
    shown = _made(cloud, "ecs:DescribeInstances")["Instances"]["Instance"][0]
    names["interface"] = shown["NetworkInterfaces"]["NetworkInterface"][0]["NetworkInterfaceId"]
    disks = _made(cloud, "ecs:DescribeDisks")["Disks"]["Disk"]
    names["disk"] = disks[0]["DiskId"]
    networks = _made(cloud, "vpc:DescribeVpcs")["Vpcs"]["Vpc"][0]
    names["router"] = networks["VRouterId"]
    names["route_table"] = networks["RouterTableIds"]["RouterTableIds"][0]
    _made(cloud, "vpc:TagResources", ResourceType="VPC", ResourceId_1=place.vpc_id, Tag_1_Key="a", Tag_1_Value="b")
    script = {"Type": "RunShellScript", "CommandContent": "ZWNobyB2aWN0aW1z"}
    names["command"] = _made(cloud, "ecs:CreateCommand", Name="victims", **script)["CommandId"]
    invoked = _made(cloud, "ecs:InvokeCommand", CommandId=names["command"], InstanceId_1=names["instance"])
    names["invocation"] = invoked["InvokeId"]
    eventually(
        lambda: _made(cloud, "ecs:DescribeInvocationResults", InvokeId=names["invocation"])["Invocation"][
            "InvocationResults"
        ]["InvocationResult"],
        lambda found: bool(found) and all(one["FinishedTime"] for one in found),
    )
    names["user"] = BOTH_HAVE
    names |= {"ram_group": "victim-group", "role": "victim-role", "policy": "victim-policy"}
    _made(cloud, "ram:CreateUser", UserName=names["user"])
    _made(cloud, "ram:CreateGroup", GroupName=names["ram_group"])
    _made(cloud, "ram:AddUserToGroup", UserName=names["user"], GroupName=names["ram_group"])
    trust = TRUST % f"acs:ram::{cloud.account_id}:root"
    _made(cloud, "ram:CreateRole", RoleName=names["role"], AssumeRolePolicyDocument=trust)
    _made(cloud, "ram:CreatePolicy", PolicyName=names["policy"], PolicyDocument=NOTHING)
    _made(cloud, "ram:CreatePolicyVersion", PolicyName=names["policy"], PolicyDocument=NOTHING)
    _made(cloud, "ram:AttachPolicyToUser", UserName=names["user"], PolicyName=names["policy"], PolicyType="Custom")
    names["key"] = _made(cloud, "ram:CreateAccessKey", UserName=names["user"])["AccessKey"]["AccessKeyId"]
    names["account"] = cloud.account_id
    return Victim(cloud, names)


@pytest.fixture(scope="module")
def stranger(server: Server) -> Iterator[Cloud]:
    """Another account, which has a user of the same name as one of the victim's."""
    cloud = cloud_of(server, server.new_account())
    _made(cloud, "ram:CreateUser", UserName=BOTH_HAVE)
    return cloud


@pytest.fixture(scope="module")
def own(stranger: Cloud) -> dict[str, str]:
    """What the stranger has."""
    place = make_place(Ecs(stranger.config()), Vpc(stranger.config()))
    (instance,) = place.running()
    _made(stranger, "ecs:CreateKeyPair", KeyPairName="own")
    return {
        "own_vpc": place.vpc_id,
        "own_switch": place.v_switch_id,
        "own_group": place.group_id,
        "own_instance": instance,
    }


RUN = {"ImageId": "debian_12_x64_20G_alibase_20261101.vhd", "InstanceType": "ecs.g7.large"}
RULE = {"IpProtocol": "TCP", "PortRange": "80/80"}
OPEN = {**RULE, "SourceCidrIp": "0.0.0.0/0"}
OPEN_OUT = {**RULE, "DestCidrIp": "0.0.0.0/0"}
SCRIPT = {"Type": "RunShellScript", "CommandContent": "id", "ContentEncoding": "PlainText"}
POLICY = {"PolicyName": "{policy}", "PolicyType": "Custom"}

FAILS_INSIDE = "fails inside"
"""succeeds as a whole and fails for the victim's"""
NOT_THERE = "not there"
"""succeeds and tells nothing of the victim's"""

# operation, parameters, the code that a stranger gets. Those that end something are last: the owner tries all in turn.
CASES: list[tuple[str, dict[str, str], str]] = [
    # VPC
    ("vpc:DescribeVpcs", {"VpcId": "{vpc}"}, NOT_THERE),
    ("vpc:DescribeVpcs", {"VpcOwnerId": "{account}"}, NOT_THERE),
    ("vpc:DescribeVpcAttribute", {"VpcId": "{vpc}"}, "InvalidVpcID.NotFound"),
    ("vpc:DescribeVSwitches", {"VSwitchId": "{switch}"}, NOT_THERE),
    ("vpc:DescribeVSwitches", {"VpcId": "{vpc}"}, NOT_THERE),
    ("vpc:DescribeVSwitches", {"RouteTableId": "{route_table}"}, NOT_THERE),
    ("vpc:DescribeVSwitchAttributes", {"VSwitchId": "{switch}"}, "InvalidVswitchID.NotFound"),
    ("vpc:DescribeRouteTableList", {"VpcId": "{vpc}"}, NOT_THERE),
    ("vpc:DescribeRouteTableList", {"RouterId": "{router}"}, NOT_THERE),
    ("vpc:DescribeRouteTableList", {"RouteTableId": "{route_table}"}, NOT_THERE),
    ("vpc:DescribeRouteTables", {"VRouterId": "{router}"}, NOT_THERE),
    ("vpc:DescribeRouteTables", {"RouteTableId": "{route_table}"}, NOT_THERE),
    ("vpc:DescribeVRouters", {"VRouterId": "{router}"}, NOT_THERE),
    ("vpc:ListTagResources", {"ResourceType": "VPC", "ResourceId_1": "{vpc}"}, NOT_THERE),
    ("vpc:ListTagResources", {"ResourceType": "VPC", "Tag_1_Key": "a"}, NOT_THERE),
    (
        "vpc:ModifyVpcAttribute",
        {"VpcId": "{vpc}", "VpcName": "taken", "CidrBlock": "0.0.0.0/8"},
        "InvalidVpcID.NotFound",
    ),
    ("vpc:ModifyVSwitchAttribute", {"VSwitchId": "{switch}", "VSwitchName": "taken"}, "InvalidVSwitchId.NotFound"),
    (
        "vpc:CreateVSwitch",
        {"VpcId": "{vpc}", "ZoneId": "cn-hangzhou-b", "CidrBlock": "10.9.0.0/24"},
        "InvalidVpcId.NotFound",
    ),
    (
        "vpc:TagResources",
        {"ResourceType": "VPC", "ResourceId_1": "{vpc}", "Tag_1_Key": "x"},
        "InvalidInstanceIds.NotFound",
    ),
    (
        "vpc:TagResources",
        {"ResourceType": "VSWITCH", "ResourceId_1": "{own_switch}", "ResourceId_2": "{switch}", "Tag_1_Key": "x"},
        "InvalidInstanceIds.NotFound",
    ),
    (
        "vpc:UnTagResources",
        {"ResourceType": "VPC", "ResourceId_1": "{vpc}", "All": "true"},
        "InvalidInstanceIds.NotFound",
    ),
    # ECS: instances
    ("ecs:DescribeInstances", {"InstanceIds": '["{instance}"]'}, NOT_THERE),
    ("ecs:DescribeInstances", {"VpcId": "{vpc}"}, NOT_THERE),
    ("ecs:DescribeInstances", {"VSwitchId": "{switch}"}, NOT_THERE),
    ("ecs:DescribeInstances", {"SecurityGroupId": "{group}"}, NOT_THERE),
    ("ecs:DescribeInstances", {"KeyPairName": "{key_pair}"}, NOT_THERE),
    ("ecs:DescribeInstances", {"Tag_1_Key": "whose"}, NOT_THERE),
    ("ecs:DescribeInstances", {"MaxResults": "100"}, NOT_THERE),
    ("ecs:DescribeInstanceStatus", {"InstanceId_1": "{instance}"}, "InvalidInstanceId.NotFound"),
    (
        "ecs:DescribeInstanceStatus",
        {"InstanceId_1": "{own_instance}", "InstanceId_2": "{instance}"},
        "InvalidInstanceId.NotFound",
    ),
    ("ecs:DescribeInstancesFullStatus", {"InstanceId_1": "{instance}"}, "InvalidInstanceId.NotFound"),
    ("ecs:DescribeInstanceAttribute", {"InstanceId": "{instance}"}, "InvalidInstanceId.NotFound"),
    ("ecs:DescribeUserData", {"InstanceId": "{instance}"}, "InvalidInstanceId.NotFound"),
    ("ecs:DescribeInstanceAutoRenewAttribute", {"InstanceId": "{instance}"}, "InvalidInstanceId.NotFound"),
    ("ecs:DescribeInstanceMaintenanceAttributes", {"InstanceId_1": "{instance}"}, "InvalidInstanceId.NotFound"),
    ("ecs:DescribeInstanceAttachmentAttributes", {"InstanceIds_1": "{instance}"}, "InvalidInstanceId.NotFound"),
    ("ecs:DescribeInstanceRamRole", {"InstanceIds": '["{instance}"]'}, "InvalidInstanceId.NotFound"),
    ("ecs:DescribeDisks", {"DiskIds": '["{disk}"]'}, NOT_THERE),
    ("ecs:DescribeDisks", {"InstanceId": "{instance}"}, NOT_THERE),
    ("ecs:DescribeNetworkInterfaces", {"NetworkInterfaceId_1": "{interface}"}, NOT_THERE),
    ("ecs:DescribeNetworkInterfaces", {"InstanceId": "{instance}"}, NOT_THERE),
    ("ecs:DescribeNetworkInterfaces", {"VpcId": "{vpc}"}, NOT_THERE),
    (
        "ecs:RunInstances",
        {**RUN, "VSwitchId": "{switch}", "SecurityGroupId": "{own_group}"},
        "InvalidVSwitchId.NotFound",
    ),
    (
        "ecs:RunInstances",
        {**RUN, "VSwitchId": "{own_switch}", "SecurityGroupId": "{group}"},
        "InvalidSecurityGroupId.NotFound",
    ),
    (
        "ecs:RunInstances",
        {**RUN, "VSwitchId": "{own_switch}", "SecurityGroupIds_1": "{own_group}", "SecurityGroupIds_2": "{group}"},
        "InvalidSecurityGroupId.NotFound",
    ),
    (
        "ecs:RunInstances",
        {
            **RUN,
            "NetworkInterface_1_InstanceType": "Primary",
            "NetworkInterface_1_VSwitchId": "{switch}",
            "NetworkInterface_1_SecurityGroupId": "{group}",
        },
        "InvalidVSwitchId.NotFound",
    ),
    (
        "ecs:RunInstances",
        {**RUN, "VSwitchId": "{own_switch}", "SecurityGroupId": "{own_group}", "KeyPairName": "{key_pair}"},
        "InvalidKeyPairName.NotFound",
    ),
    (
        "ecs:RunInstances",
        {**RUN, "VSwitchId": "{own_switch}", "SecurityGroupId": "{own_group}", "RamRoleName": "{role}"},
        "InvalidRamRole.NotFound",
    ),
    (
        "ecs:CreateInstance",
        {**RUN, "VSwitchId": "{switch}", "SecurityGroupId": "{own_group}"},
        "InvalidVSwitchId.NotFound",
    ),
    (
        "ecs:CreateInstance",
        {**RUN, "VSwitchId": "{own_switch}", "SecurityGroupId": "{group}"},
        "InvalidSecurityGroupId.NotFound",
    ),
    ("ecs:StartInstance", {"InstanceId": "{instance}"}, "InvalidInstanceId.NotFound"),
    ("ecs:StartInstances", {"InstanceId_1": "{instance}"}, "InvalidInstanceId.NotFound"),
    (
        "ecs:ModifyInstanceAttribute",
        {"InstanceId": "{instance}", "InstanceName": "taken"},
        "InvalidInstanceId.NotFound",
    ),
    (
        "ecs:ModifyInstanceAttribute",
        {"InstanceId": "{own_instance}", "SecurityGroupIds_1": "{group}"},
        "InvalidSecurityGroupId.NotFound",
    ),
    ("ecs:ModifyInstanceAutoReleaseTime", {"InstanceId": "{instance}"}, "InvalidInstanceId.NotFound"),
    (
        "ecs:ModifyInstanceMetadataOptions",
        {"InstanceId": "{instance}", "HttpEndpoint": "disabled"},
        "InvalidInstanceId.NotFound",
    ),
    ("ecs:AllocatePublicIpAddress", {"InstanceId": "{instance}"}, "InvalidInstanceId.NotFound"),
    (
        "ecs:AttachInstanceRamRole",
        {"InstanceIds": '["{own_instance}"]', "RamRoleName": "{role}"},
        "InvalidRamRole.NotFound",
    ),
    ("ecs:DetachInstanceRamRole", {"InstanceIds": '["{instance}"]'}, FAILS_INSIDE),
    # ECS: key pairs
    ("ecs:DescribeKeyPairs", {"KeyPairName": "{key_pair}"}, NOT_THERE),
    ("ecs:DescribeKeyPairs", {"KeyPairName": "*"}, NOT_THERE),
    ("ecs:DescribeKeyPairs", {"KeyPairFingerPrint": "{fingerprint}"}, NOT_THERE),
    (
        "ecs:AttachKeyPair",
        {"KeyPairName": "{key_pair}", "InstanceIds": '["{own_instance}"]'},
        "InvalidKeyPairName.NotFound",
    ),
    ("ecs:AttachKeyPair", {"KeyPairName": "own", "InstanceIds": '["{instance}"]'}, FAILS_INSIDE),
    (
        "ecs:DetachKeyPair",
        {"KeyPairName": "{key_pair}", "InstanceIds": '["{instance}"]'},
        "InvalidKeyPairName.NotFound",
    ),
    ("ecs:DetachKeyPair", {"KeyPairName": "own", "InstanceIds": '["{instance}"]'}, FAILS_INSIDE),
    # ECS: security groups
    ("ecs:DescribeSecurityGroups", {"SecurityGroupId": "{group}"}, NOT_THERE),
    ("ecs:DescribeSecurityGroups", {"SecurityGroupIds": '["{group}"]'}, NOT_THERE),
    ("ecs:DescribeSecurityGroups", {"VpcId": "{vpc}"}, NOT_THERE),
    ("ecs:DescribeSecurityGroupAttribute", {"SecurityGroupId": "{group}"}, "InvalidSecurityGroupId.NotFound"),
    ("ecs:DescribeSecurityGroupReferences", {"SecurityGroupId_1": "{group}"}, "InvalidSecurityGroupId.NotFound"),
    ("ecs:CreateSecurityGroup", {"VpcId": "{vpc}"}, "InvalidVpcId.NotFound"),
    (
        "ecs:ModifySecurityGroupAttribute",
        {"SecurityGroupId": "{group}", "SecurityGroupName": "taken"},
        "InvalidSecurityGroupId.NotFound",
    ),
    (
        "ecs:ModifySecurityGroupPolicy",
        {"SecurityGroupId": "{group}", "InnerAccessPolicy": "Drop"},
        "InvalidSecurityGroupId.NotFound",
    ),
    ("ecs:AuthorizeSecurityGroup", {"SecurityGroupId": "{group}", **OPEN}, "InvalidSecurityGroupId.NotFound"),
    (
        "ecs:AuthorizeSecurityGroup",
        {"SecurityGroupId": "{own_group}", **RULE, "SourceGroupId": "{group}"},
        "InvalidSourceGroupId.NotFound",
    ),
    (
        "ecs:AuthorizeSecurityGroup",
        {
            "SecurityGroupId": "{own_group}",
            "SourceGroupId": "{group}",
            "SourceGroupOwnerId": "{account}",
            **RULE,
        },
        "InvalidSourceGroupId.Mismatch",
    ),
    ("ecs:AuthorizeSecurityGroupEgress", {"SecurityGroupId": "{group}", **OPEN_OUT}, "InvalidSecurityGroupId.NotFound"),
    (
        "ecs:AuthorizeSecurityGroupEgress",
        {"SecurityGroupId": "{own_group}", **RULE, "DestGroupId": "{group}"},
        "InvalidDestGroupId.NotFound",
    ),
    (
        "ecs:RevokeSecurityGroup",
        {"SecurityGroupId": "{group}", "SecurityGroupRuleId_1": "{rule}"},
        "InvalidSecurityGroupId.NotFound",
    ),
    ("ecs:RevokeSecurityGroup", {"SecurityGroupId": "{own_group}", "SecurityGroupRuleId_1": "{rule}"}, NOT_THERE),
    ("ecs:RevokeSecurityGroupEgress", {"SecurityGroupId": "{group}", **OPEN_OUT}, "InvalidSecurityGroupId.NotFound"),
    (
        "ecs:ModifySecurityGroupRule",
        {"SecurityGroupId": "{group}", "SecurityGroupRuleId": "{rule}", **OPEN},
        "InvalidSecurityGroupId.NotFound",
    ),
    (
        "ecs:ModifySecurityGroupRule",
        {"SecurityGroupId": "{own_group}", "SecurityGroupRuleId": "{rule}", **OPEN},
        "SecurityGroupRule.NotFound",
    ),
    (
        "ecs:ModifySecurityGroupEgressRule",
        {"SecurityGroupId": "{group}", "SecurityGroupRuleId": "{rule}", **OPEN_OUT},
        "InvalidSecurityGroupId.NotFound",
    ),
    (
        "ecs:JoinSecurityGroup",
        {"SecurityGroupId": "{own_group}", "InstanceId": "{instance}"},
        "InvalidInstanceId.NotFound",
    ),
    (
        "ecs:JoinSecurityGroup",
        {"SecurityGroupId": "{group}", "InstanceId": "{own_instance}"},
        "InvalidSecurityGroupId.NotFound",
    ),
    (
        "ecs:JoinSecurityGroup",
        {"SecurityGroupId": "{own_group}", "NetworkInterfaceId": "{interface}"},
        "InvalidEniId.NotFound",
    ),
    (
        "ecs:LeaveSecurityGroup",
        {"SecurityGroupId": "{group}", "InstanceId": "{instance}"},
        "InvalidSecurityGroupId.NotFound",
    ),
    (
        "ecs:LeaveSecurityGroup",
        {"SecurityGroupId": "{own_group}", "NetworkInterfaceId": "{interface}"},
        "InvalidEniId.NotFound",
    ),
    # ECS: tags
    ("ecs:DescribeTags", {}, NOT_THERE),
    ("ecs:DescribeTags", {"ResourceType": "instance", "ResourceId": "{instance}"}, NOT_THERE),
    ("ecs:ListTagResources", {"ResourceType": "instance", "ResourceId_1": "{instance}"}, NOT_THERE),
    ("ecs:ListTagResources", {"ResourceType": "instance", "Tag_1_Key": "whose"}, NOT_THERE),
    (
        "ecs:TagResources",
        {"ResourceType": "instance", "ResourceId_1": "{instance}", "Tag_1_Key": "x"},
        "InvalidResourceId.NotFound",
    ),
    (
        "ecs:TagResources",
        {"ResourceType": "securitygroup", "ResourceId_1": "{group}", "Tag_1_Key": "x"},
        "InvalidResourceId.NotFound",
    ),
    (
        "ecs:TagResources",
        {"ResourceType": "keypair", "ResourceId_1": "{key_pair}", "Tag_1_Key": "x"},
        "InvalidResourceId.NotFound",
    ),
    (
        "ecs:TagResources",
        {"ResourceType": "instance", "ResourceId_1": "{own_instance}", "ResourceId_2": "{instance}", "Tag_1_Key": "x"},
        "InvalidResourceId.NotFound",
    ),
    # ECS: Cloud Assistant
    ("ecs:DescribeCommands", {"CommandId": "{command}"}, NOT_THERE),
    ("ecs:DescribeInvocations", {"InvokeId": "{invocation}"}, NOT_THERE),
    ("ecs:DescribeInvocations", {"InstanceId": "{instance}"}, NOT_THERE),
    ("ecs:DescribeInvocations", {"CommandId": "{command}"}, NOT_THERE),
    ("ecs:DescribeInvocationResults", {"InvokeId": "{invocation}"}, "InvalidInvokeId.NotFound"),
    ("ecs:DescribeInvocationResults", {"InstanceId": "{instance}"}, NOT_THERE),
    ("ecs:DescribeInvocationResults", {"CommandId": "{command}"}, NOT_THERE),
    ("ecs:DescribeCloudAssistantStatus", {"InstanceId_1": "{instance}"}, "InvalidInstanceId.NotFound"),
    ("ecs:RunCommand", {**SCRIPT, "InstanceId_1": "{instance}"}, "InvalidInstance.NotFound"),
    (
        "ecs:RunCommand",
        {**SCRIPT, "InstanceId_1": "{own_instance}", "InstanceId_2": "{instance}"},
        "InvalidInstance.NotFound",
    ),
    (
        "ecs:RunCommand",
        {**SCRIPT, "ResourceTag_1_Key": "whose", "ResourceTag_1_Value": "victims"},
        "InvalidInstance.NotFound",
    ),
    ("ecs:InvokeCommand", {"CommandId": "{command}", "InstanceId_1": "{own_instance}"}, "InvalidCmdId.NotFound"),
    ("ecs:StopInvocation", {"InvokeId": "{invocation}"}, "InvalidInvokeId.NotFound"),
    ("ecs:StopInvocation", {"InvokeId": "{invocation}", "InstanceId_1": "{instance}"}, "InvalidInvokeId.NotFound"),
    # RAM
    ("ram:GetUser", {"UserName": "{user}"}, NOT_THERE),
    ("ram:GetGroup", {"GroupName": "{ram_group}"}, "EntityNotExist.Group"),
    ("ram:GetRole", {"RoleName": "{role}"}, "EntityNotExist.Role"),
    ("ram:GetPolicy", POLICY, "EntityNotExist.Policy"),
    ("ram:GetPolicyVersion", {**POLICY, "VersionId": "v1"}, "EntityNotExist.Policy"),
    ("ram:ListPolicyVersions", POLICY, "EntityNotExist.Policy"),
    ("ram:ListEntitiesForPolicy", POLICY, "EntityNotExist.Policy"),
    ("ram:ListAccessKeys", {"UserName": "{user}"}, NOT_THERE),
    ("ram:GetAccessKeyLastUsed", {"UserAccessKeyId": "{key}"}, "EntityNotExist.User.AccessKey"),
    ("ram:GetAccessKeyLastUsed", {"UserAccessKeyId": "{key}", "UserName": "{user}"}, "EntityNotExist.User.AccessKey"),
    ("ram:ListPoliciesForUser", {"UserName": "{user}"}, NOT_THERE),
    ("ram:ListPoliciesForGroup", {"GroupName": "{ram_group}"}, "EntityNotExist.Group"),
    ("ram:ListPoliciesForRole", {"RoleName": "{role}"}, "EntityNotExist.Role"),
    ("ram:ListGroupsForUser", {"UserName": "{user}"}, NOT_THERE),
    ("ram:ListUsersForGroup", {"GroupName": "{ram_group}"}, "EntityNotExist.Group"),
    ("ram:ListTagResources", {"ResourceType": "role", "ResourceNames_1": "{role}"}, NOT_THERE),
    ("ram:ListRoles", {}, NOT_THERE),
    ("ram:ListGroups", {}, NOT_THERE),
    ("ram:ListPolicies", {"PolicyType": "Custom"}, NOT_THERE),
    ("ram:UpdateUser", {"UserName": "{user}", "NewComments": "taken"}, NOT_THERE),
    ("ram:UpdateGroup", {"GroupName": "{ram_group}", "NewComments": "taken"}, "EntityNotExist.Group"),
    ("ram:UpdateRole", {"RoleName": "{role}", "NewDescription": "taken"}, "EntityNotExist.Role"),
    ("ram:UpdatePolicyDescription", {"PolicyName": "{policy}", "NewDescription": "taken"}, "EntityNotExist.Policy"),
    ("ram:CreatePolicyVersion", {"PolicyName": "{policy}", "PolicyDocument": NOTHING}, "EntityNotExist.Policy"),
    ("ram:SetDefaultPolicyVersion", {"PolicyName": "{policy}", "VersionId": "v2"}, "EntityNotExist.Policy"),
    ("ram:AttachPolicyToUser", {"UserName": "{user}", **POLICY}, "EntityNotExist.Policy"),
    ("ram:AttachPolicyToGroup", {"GroupName": "{ram_group}", **POLICY}, "EntityNotExist.Group"),
    ("ram:AttachPolicyToRole", {"RoleName": "{role}", **POLICY}, "EntityNotExist.Role"),
    ("ram:DetachPolicyFromGroup", {"GroupName": "{ram_group}", **POLICY}, "EntityNotExist.Group"),
    ("ram:DetachPolicyFromRole", {"RoleName": "{role}", **POLICY}, "EntityNotExist.Role"),
    ("ram:AddUserToGroup", {"UserName": "{user}", "GroupName": "{ram_group}"}, "EntityNotExist.Group"),
    (
        "ram:TagResources",
        {"ResourceType": "role", "ResourceNames_1": "{role}", "Tag_1_Key": "x"},
        "EntityNotExist.Role",
    ),
    (
        "ram:UntagResources",
        {"ResourceType": "policy", "ResourceNames_1": "{policy}", "All": "true"},
        "EntityNotExist.Policy",
    ),
    ("ram:UpdateAccessKey", {"UserAccessKeyId": "{key}", "Status": "Inactive"}, "EntityNotExist.User.AccessKey"),
    (
        "ram:UpdateAccessKey",
        {"UserAccessKeyId": "{key}", "Status": "Inactive", "UserName": "{user}"},
        "EntityNotExist.User.AccessKey",
    ),
    # What ends something.
    (
        "ecs:UntagResources",
        {"ResourceType": "instance", "ResourceId_1": "{instance}", "All": "true"},
        "InvalidResourceId.NotFound",
    ),
    ("ram:DeleteAccessKey", {"UserAccessKeyId": "{key}", "UserName": "{user}"}, "EntityNotExist.User.AccessKey"),
    ("ram:DetachPolicyFromUser", {"UserName": "{user}", **POLICY}, "EntityNotExist.Policy"),
    ("ram:RemoveUserFromGroup", {"UserName": "{user}", "GroupName": "{ram_group}"}, "EntityNotExist.Group"),
    ("ram:DeletePolicyVersion", {"PolicyName": "{policy}", "VersionId": "v1"}, "EntityNotExist.Policy"),
    ("ram:DeletePolicy", {"PolicyName": "{policy}", "CascadingDelete": "true"}, "EntityNotExist.Policy"),
    ("ram:DeleteGroup", {"GroupName": "{ram_group}"}, "EntityNotExist.Group"),
    ("ram:DeleteRole", {"RoleName": "{role}"}, "EntityNotExist.Role"),
    ("ecs:DeleteCommand", {"CommandId": "{command}"}, "InvalidCmdId.NotFound"),
    ("ecs:DeleteKeyPairs", {"KeyPairNames": '["{key_pair}"]'}, NOT_THERE),
    ("ecs:RebootInstance", {"InstanceId": "{instance}"}, "InvalidInstanceId.NotFound"),
    ("ecs:RebootInstances", {"InstanceId_1": "{instance}"}, "InvalidInstanceId.NotFound"),
    ("ecs:StopInstance", {"InstanceId": "{instance}"}, "InvalidInstanceId.NotFound"),
    (
        "ecs:StopInstances",
        {"InstanceId_1": "{own_instance}", "InstanceId_2": "{instance}", "BatchOptimization": "SuccessFirst"},
        "InvalidInstanceId.NotFound",
    ),
    ("ecs:DeleteInstance", {"InstanceId": "{instance}", "Force": "true"}, "InvalidInstanceId.NotFound"),
    (
        "ecs:DeleteInstances",
        {"InstanceId_1": "{own_instance}", "InstanceId_2": "{instance}", "Force": "true"},
        "InvalidInstanceId.NotFound",
    ),
    ("ecs:DeleteSecurityGroup", {"SecurityGroupId": "{group2}"}, "InvalidSecurityGroupId.NotFound"),
    ("vpc:DeleteVSwitch", {"VSwitchId": "{switch}"}, "InvalidVSwitchId.NotFound"),
    ("vpc:DeleteVpc", {"VpcId": "{vpc}"}, "InvalidVpcID.NotFound"),
]


NO_NAMES = {
    *("location:DescribeEndpoints", "location:DescribeEndpoint", "location:DescribeRegions"),
    *("location:DescribeServices", "vpc:DescribeRegions", "vpc:DescribeZones", "vpc:CreateVpc"),
    *("ecs:DescribeRegions", "ecs:DescribeZones", "ecs:DescribeAvailableResource", "ecs:DescribeInstanceTypes"),
    *("ecs:DescribeInstanceTypeFamilies", "ecs:DescribeImages", "ecs:DescribeImageSupportInstanceTypes"),
    *("ecs:CreateKeyPair", "ecs:ImportKeyPair", "ecs:CreateCommand"),
    *("ram:CreateUser", "ram:CreateGroup", "ram:CreateRole", "ram:CreatePolicy", "ram:ListVirtualMFADevices"),
    *("ram:GetAccountAlias", "ram:SetAccountAlias", "ram:ClearAccountAlias", "sts:GetCallerIdentity"),
}
"""operations about the cloud itself, or that begin something new"""
OF_A_USER = {
    *("ram:ListUsers", "ram:CreateAccessKey", "ram:GetLoginProfile", "ram:DeleteLoginProfile", "ram:GetUserMFAInfo"),
    *("ram:UnbindMFADevice", "ram:DeleteUser"),
}
"""operations whose names mean the caller's own user, whoever else has one of that name"""


ELSEWHERE = {"sts:AssumeRole"}
"""whose table is test_sts.py"""


def test_no_operation_is_forgotten() -> None:
    known = {operation for operation, _, _ in CASES} | NO_NAMES | OF_A_USER | ELSEWHERE
    there = {
        f"{one.name}:{name}" for one in SERVICES if one.style == "RPC" and one.name != "oss" for name in one.operations
    }
    assert known == there


@pytest.mark.parametrize(("operation", "given", "code"), CASES, ids=[f"{one[0]}-{n}" for n, one in enumerate(CASES)])
def test_a_stranger_sees_and_changes_nothing(
    victim: Victim, stranger: Cloud, own: dict[str, str], operation: str, given: dict[str, str], code: str
) -> None:
    before = victim.all_that_shows()
    answer = ask(stranger, operation, **Victim(stranger, victim.names | own).filled(given))
    told = [name for key, name in victim.names.items() if name in answer.text and "{%s}" % key not in str(given)]
    if code == NOT_THERE:
        assert (answer.code, told) == ("", ["alice"] if "alice" in told else [])
    elif code == FAILS_INSIDE:
        assert answer.fields["FailCount"] in (1, "1")
        assert "NotFound" in answer.text
    else:
        assert answer.code == code, answer
    assert victim.all_that_shows() == before


def test_the_owner_may_do_all_of_it(victim: Victim) -> None:
    """Else the refusals above would tell nothing. The last test: little is left after it."""
    for operation, given, code in CASES:
        of_the_account_itself = "{key}" in given.values() and "UserName" not in given
        if "{own_" not in str(given) and not of_the_account_itself:
            answer = ask(victim.cloud, operation, **victim.filled(given))
            assert answer.code != code, (operation, answer)
