"""One account and another's things: every operation that takes a name or an id is tried with those of a stranger.

The table must know every operation of the cloud, so a new one cannot be forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from alibabacloud_ecs20140526.client import Client as Ecs
from alibabacloud_ecs20140526.models import RunInstancesRequestTag
from alibabacloud_ram20150501.client import Client as Ram
from alibabacloud_vpc20160428.client import Client as Vpc

from openyun.main import SERVICES
from tests.conformance import image_roles
from tests.conformance.asking import ask, made
from tests.conformance.conftest import REGION, Cloud, cloud_of, eventually
from tests.conformance.isolation_table import CASES, ELSEWHERE, FAILED, INSIDE, NO_NAMES, NOTHING, OF_A_USER, Case
from tests.conformance.networks import make_vpc
from tests.conformance.oss_clients import oss2_bucket
from tests.conformance.place import make_place
from tests.conftest import Server

TRUST = '{"Version":"1","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"RAM":["%s"]}}]}'
BOTH_HAVE = "alice"
NO_POLICY = '{"Version":"1","Statement":[{"Effect":"Allow","Action":"ecs:None","Resource":"*"}]}'


# What there is of one account. `{name}` in the table below stands for one of these.


@dataclass(frozen=True)
class Victim:
    cloud: Cloud
    names: dict[str, str]

    def filled(self, given: dict[str, str]) -> dict[str, str]:
        return {parameter: self._filled(value) for parameter, value in given.items()}

    def _filled(self, text: str) -> str:
        for name, value in self.names.items():
            text = text.replace(f"{{{name}}}", value)
        return text

    def all_that_shows(self) -> list[dict[str, Any]]:
        """Everything that the account can see of itself."""
        shown = [ask(self.cloud, operation, self.filled(given)) for operation, given in _SHOWING]
        assert [one for one in shown if one.code] == []
        return [{name: value for name, value in one.fields.items() if name != "RequestId"} for one in shown]


_SHOWING: list[tuple[str, dict[str, str]]] = [
    ("vpc:DescribeVpcs", {}),
    ("vpc:DescribeVSwitches", {}),
    ("vpc:ListTagResources", {"ResourceType": "VPC", "ResourceId.1": "{vpc}"}),
    ("vpc:DescribeEipAddresses", {}),
    ("vpc:DescribeNatGateways", {}),
    ("vpc:DescribeSnatTableEntries", {"NatGatewayId": "{nat}"}),
    ("vpc:DescribeForwardTableEntries", {"NatGatewayId": "{nat}"}),
    ("vpc:DescribeRouteTables", {}),
    ("vpc:DescribeNetworkAcls", {}),
    ("vpc:ListDhcpOptionsSets", {}),
    ("vpcpeer:ListVpcPeerConnections", {}),
    ("cbn:DescribeCens", {}),
    ("cbn:DescribeCenAttachedChildInstances", {"CenId": "{cen}"}),
    ("cbn:DescribeCenBandwidthPackages", {}),
    ("ecs:DescribeInstances", {}),
    ("ecs:DescribeUserData", {"InstanceId": "{instance}"}),
    ("ecs:DescribeSecurityGroups", {"IsQueryEcsCount": "true"}),
    ("ecs:DescribeSecurityGroupAttribute", {"SecurityGroupId": "{group}"}),
    ("ecs:DescribeKeyPairs", {"IncludePublicKey": "true"}),
    ("ecs:DescribeInstanceRamRole", {"InstanceIds": '["{instance}"]'}),
    ("ecs:DescribeNetworkInterfaces", {}),
    ("ecs:DescribeLaunchTemplateVersions", {"LaunchTemplateId": "{template}"}),
    ("ecs:DescribeDeploymentSets", {}),
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


@pytest.fixture(scope="module")
def victim(server: Server) -> Victim:
    cloud = cloud_of(server, server.new_account())
    place = make_place(Ecs(cloud.config()), Vpc(cloud.config()))
    names = {"vpc": place.vpc_id, "switch": place.v_switch_id, "group": place.group_id}
    names["group2"] = made(cloud, "ecs:CreateSecurityGroup", VpcId=place.vpc_id)["SecurityGroupId"]
    made(
        cloud,
        "ecs:AuthorizeSecurityGroup",
        SecurityGroupId=place.group_id,
        IpProtocol="TCP",
        PortRange="22/22",
        SourceCidrIp="10.0.0.0/8",
    )
    rules = made(cloud, "ecs:DescribeSecurityGroupAttribute", SecurityGroupId=place.group_id)
    names["rule"] = rules["Permissions"]["Permission"][0]["SecurityGroupRuleId"]
    names["key_pair"] = made(cloud, "ecs:CreateKeyPair", KeyPairName="victim-pair")["KeyPairName"]
    pairs = made(cloud, "ecs:DescribeKeyPairs", IncludePublicKey="true")["KeyPairs"]["KeyPair"]
    names["fingerprint"] = pairs[0]["KeyPairFingerPrint"]
    (names["instance"],) = place.running(
        key_pair_name="victim-pair", tag=[RunInstancesRequestTag("whose", "victims")], user_data="dmljdGltcw=="
    )
    shown = made(cloud, "ecs:DescribeInstances")["Instances"]["Instance"][0]
    names["interface"] = shown["NetworkInterfaces"]["NetworkInterface"][0]["NetworkInterfaceId"]
    disks = made(cloud, "ecs:DescribeDisks")["Disks"]["Disk"]
    names["disk"] = disks[0]["DiskId"]
    names |= _storage(cloud, names["disk"])
    networks = made(cloud, "vpc:DescribeVpcs")["Vpcs"]["Vpc"][0]
    names["router"] = networks["VRouterId"]
    names["route_table"] = networks["RouterTableIds"]["RouterTableIds"][0]
    names |= _beyond(cloud, place.vpc_id, place.v_switch_id, names["instance"])
    names |= _joined(cloud, place.vpc_id)
    made(cloud, "vpc:TagResources", ResourceType="VPC", ResourceId_1=place.vpc_id, Tag_1_Key="a", Tag_1_Value="b")
    script = {"Type": "RunShellScript", "CommandContent": "ZWNobyB2aWN0aW1z"}
    names["command"] = made(cloud, "ecs:CreateCommand", Name="victims", **script)["CommandId"]
    invoked = made(cloud, "ecs:InvokeCommand", CommandId=names["command"], InstanceId_1=names["instance"])
    names["invocation"] = invoked["InvokeId"]
    eventually(
        lambda: made(cloud, "ecs:DescribeInvocationResults", InvokeId=names["invocation"])["Invocation"][
            "InvocationResults"
        ]["InvocationResult"],
        lambda found: bool(found) and all(one["FinishedTime"] for one in found),
    )
    place_of = {"VSwitchId": place.v_switch_id, "SecurityGroupId": place.group_id}
    names["eni"] = made(cloud, "ecs:CreateNetworkInterface", **place_of)["NetworkInterfaceId"]
    names["template"] = made(cloud, "ecs:CreateLaunchTemplate", LaunchTemplateName="victims")["LaunchTemplateId"]
    listed = {"PrefixListName": "victims", "AddressFamily": "IPv4", "MaxEntries": "2"}
    names["prefix_list"] = made(cloud, "ecs:CreatePrefixList", **listed)["PrefixListId"]
    names["deployment_set"] = made(cloud, "ecs:CreateDeploymentSet")["DeploymentSetId"]
    names["user"] = BOTH_HAVE
    names |= {"ram_group": "victim-group", "role": "victim-role", "policy": "victim-policy"}
    made(cloud, "ram:CreateUser", UserName=names["user"])
    made(cloud, "ram:CreateGroup", GroupName=names["ram_group"])
    made(cloud, "ram:AddUserToGroup", UserName=names["user"], GroupName=names["ram_group"])
    trust = TRUST % f"acs:ram::{cloud.account_id}:root"
    made(cloud, "ram:CreateRole", RoleName=names["role"], AssumeRolePolicyDocument=trust)
    made(cloud, "ram:CreatePolicy", PolicyName=names["policy"], PolicyDocument=NO_POLICY)
    made(cloud, "ram:CreatePolicyVersion", PolicyName=names["policy"], PolicyDocument=NO_POLICY)
    made(cloud, "ram:AttachPolicyToUser", UserName=names["user"], PolicyName=names["policy"], PolicyType="Custom")
    names["key"] = made(cloud, "ram:CreateAccessKey", UserName=names["user"])["AccessKey"]["AccessKeyId"]
    group = made(cloud, "resourcemanager:CreateResourceGroup", Name="victims", DisplayName="victims")
    names["resource_group"] = group["ResourceGroup"]["Id"]
    groups = made(cloud, "resourcemanager:ListResourceGroups", Name="default")["ResourceGroups"]["ResourceGroup"]
    names["default_group"] = groups[0]["Id"]
    names |= {"account": cloud.account_id, "nothing": NO_POLICY}
    return Victim(cloud, names)


def _storage(cloud: Cloud, disk_id: str) -> dict[str, str]:
    """A data disk, a snapshot, an image of it, and what else there is about them."""
    disk = made(cloud, "ecs:CreateDisk", ZoneId="cn-hangzhou-b", Size="20", DiskCategory="cloud_essd")["DiskId"]
    snapshot = made(cloud, "ecs:CreateSnapshot", DiskId=disk_id, SnapshotName="victims")["SnapshotId"]
    eventually(
        lambda: made(cloud, "ecs:DescribeSnapshots")["Snapshots"]["Snapshot"][0]["Status"], "accomplished".__eq__
    )
    group = made(cloud, "ecs:CreateSnapshotGroup", DiskId_1=disk_id)["SnapshotGroupId"]
    policy = {"regionId": REGION, "timePoints": '["1"]', "repeatWeekdays": '["1"]', "retentionDays": "1"}
    policy_id = made(cloud, "ecs:CreateAutoSnapshotPolicy", **policy)["AutoSnapshotPolicyId"]
    image = made(cloud, "ecs:CreateImage", SnapshotId=snapshot, ImageFamily="victims")["ImageId"]
    eventually(lambda: len(made(cloud, "ecs:DescribeImages", ImageOwnerAlias="self")["Images"]["Image"]) == 1)
    for kind in ("Import", "Export"):
        image_roles.give(Ram(cloud.config()), kind)
    bucket = oss2_bucket(cloud)
    bucket.create_bucket()
    task = made(cloud, "ecs:ExportImage", ImageId=image, OSSBucket=bucket.bucket_name)["TaskId"]
    done = {"TaskId": task}
    eventually(lambda: made(cloud, "ecs:DescribeTaskAttribute", **done)["TaskStatus"], "Finished".__eq__)
    names = {"data_disk": disk, "snapshot": snapshot, "snapshot_group": group, "snapshot_policy": policy_id}
    return names | {"image": image, "task": task}


def _beyond(cloud: Cloud, vpc_id: str, v_switch_id: str, instance_id: str) -> dict[str, str]:
    """A NAT gateway with an elastic IP address and entries, route tables, an ACL and DHCP options."""
    gateway = made(cloud, "vpc:CreateNatGateway", VpcId=vpc_id, VSwitchId=v_switch_id)
    eip = made(cloud, "vpc:AllocateEipAddress")
    names = {
        "nat": gateway["NatGatewayId"],
        "snat_table": gateway["SnatTableIds"]["SnatTableId"][0],
        "forward_table": gateway["ForwardTableIds"]["ForwardTableId"][0],
        "eip": eip["AllocationId"],
        "eip_address": eip["EipAddress"],
    }
    eventually(
        lambda: made(cloud, "vpc:DescribeNatGateways")["NatGateways"]["NatGateway"][0]["Status"], "Available".__eq__
    )
    made(
        cloud,
        "vpc:AssociateEipAddress",
        AllocationId=names["eip"],
        InstanceType="Nat",
        InstanceId=names["nat"],
    )
    eventually(
        lambda: made(cloud, "vpc:DescribeEipAddresses")["EipAddresses"]["EipAddress"][0]["Status"], "InUse".__eq__
    )
    entry = {"SnatTableId": names["snat_table"], "SnatIp": names["eip_address"], "SourceVSwitchId": v_switch_id}
    names["snat"] = made(cloud, "vpc:CreateSnatEntry", **entry)["SnatEntryId"]
    names["forward"] = made(
        cloud,
        "vpc:CreateForwardEntry",
        ForwardTableId=names["forward_table"],
        ExternalIp=names["eip_address"],
        ExternalPort="8080",
        InternalIp="10.1.0.9",
        InternalPort="80",
        IpProtocol="tcp",
    )["ForwardEntryId"]
    names["custom_table"] = made(cloud, "vpc:CreateRouteTable", VpcId=vpc_id)["RouteTableId"]
    names["route_entry"] = made(
        cloud,
        "vpc:CreateRouteEntry",
        RouteTableId=names["custom_table"],
        DestinationCidrBlock="172.16.9.0/24",
        NextHopType="Instance",
        NextHopId=instance_id,
    )["RouteEntryId"]
    names["acl"] = made(cloud, "vpc:CreateNetworkAcl", VpcId=vpc_id)["NetworkAclId"]
    names["dhcp"] = made(cloud, "vpc:CreateDhcpOptionsSet", DomainName="victims.example")["DhcpOptionsSetId"]
    return names


def _joined(cloud: Cloud, vpc_id: str) -> dict[str, str]:
    """A peering connection to a second VPC, and a CEN with a bandwidth package."""
    second = make_vpc(Vpc(cloud.config()), "172.20.0.0/16")
    ends = {"RegionId": REGION, "VpcId": vpc_id, "AcceptingRegionId": REGION, "AcceptingVpcId": second}
    names = {"peering": made(cloud, "vpcpeer:CreateVpcPeerConnection", **ends)["InstanceId"]}
    names["cen"] = made(cloud, "cbn:CreateCen")["CenId"]
    child = {"ChildInstanceId": vpc_id, "ChildInstanceType": "VPC", "ChildInstanceRegionId": REGION}
    made(cloud, "cbn:AttachCenChildInstance", CenId=names["cen"], **child)
    areas = {"GeographicRegionAId": "China", "GeographicRegionBId": "China", "Bandwidth": "10"}
    names["package"] = made(cloud, "cbn:CreateCenBandwidthPackage", **areas)["CenBandwidthPackageId"]
    both = {"CenId": names["cen"], "CenBandwidthPackageId": names["package"]}
    made(cloud, "cbn:AssociateCenBandwidthPackage", **both)
    eventually(
        lambda: made(cloud, "vpcpeer:GetVpcPeerConnectionAttribute", InstanceId=names["peering"])["Status"],
        "Activated".__eq__,
    )
    eventually(
        lambda: made(cloud, "cbn:DescribeCenAttachedChildInstances", CenId=names["cen"])["ChildInstances"][
            "ChildInstance"
        ][0]["Status"],
        "Attached".__eq__,
    )
    return names


@pytest.fixture(scope="module")
def stranger(server: Server) -> Iterator[Cloud]:
    """Another account, which has a user of the same name as one of the victim's."""
    cloud = cloud_of(server, server.new_account())
    made(cloud, "ram:CreateUser", UserName=BOTH_HAVE)
    return cloud


@pytest.fixture(scope="module")
def own(stranger: Cloud) -> dict[str, str]:
    """What the stranger has."""
    place = make_place(Ecs(stranger.config()), Vpc(stranger.config()))
    (instance,) = place.running()
    made(stranger, "ecs:CreateKeyPair", KeyPairName="own")
    groups = made(stranger, "resourcemanager:ListResourceGroups", Name="default")
    return {
        "own_vpc": place.vpc_id,
        "own_switch": place.v_switch_id,
        "own_group": place.group_id,
        "own_instance": instance,
        "own_disk": made(stranger, "ecs:CreateDisk", ZoneId="cn-hangzhou-b", Size="20")["DiskId"],
        "own_eip": made(stranger, "vpc:AllocateEipAddress")["AllocationId"],
        "own_cen": made(stranger, "cbn:CreateCen")["CenId"],
        "own_account": stranger.account_id,
        "own_default_group": groups["ResourceGroups"]["ResourceGroup"][0]["Id"],
    }


def test_no_operation_is_forgotten() -> None:
    known = {one.operation for one in CASES} | {*NO_NAMES.split(), *OF_A_USER.split(), *ELSEWHERE.split()}
    own_tests = ("oss", "log", "odps")
    there = {f"{one.name}:{name}" for one in SERVICES if one.name not in own_tests for name in one.operations}
    assert known == there


@pytest.mark.parametrize("case", CASES, ids=[f"{one.operation}-{number}" for number, one in enumerate(CASES)])
def test_a_stranger_sees_and_changes_nothing(victim: Victim, stranger: Cloud, own: dict[str, str], case: Case) -> None:
    before = victim.all_that_shows()
    answer = ask(stranger, case.operation, Victim(stranger, victim.names | own).filled(case.given))
    asked = str(case.given)
    told = [name for key, name in victim.names.items() if name in answer.text and f"{{{key}}}" not in asked]
    if case.code == NOTHING:
        assert (answer.code, [name for name in told if name != BOTH_HAVE]) == ("", [])
    elif case.code == INSIDE:
        assert answer.fields["FailCount"] in (1, "1")
        assert "NotFound" in answer.text
    elif case.code == FAILED:
        assert answer.fields["FailedCount"] in (1, "1")
        assert "NotFound" in answer.text
    else:
        assert answer.code == case.code, answer
    assert victim.all_that_shows() == before


def test_the_owner_may_do_all_of_it(victim: Victim) -> None:
    """Else the refusals above would tell nothing. The last test: little is left after it."""
    for operation, code, given in CASES:
        of_the_account_itself = "{key}" in given.values() and "UserName" not in given
        if "{own_" not in str(given) and not of_the_account_itself:
            answer = ask(victim.cloud, operation, victim.filled(given))
            assert answer.code != code, (operation, answer)
