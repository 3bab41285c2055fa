"""What a policy must allow for each operation, and how soon a change of identity counts."""

from __future__ import annotations

import json
from typing import Any

import oss2
import pytest
from alibabacloud_ecs20140526.client import Client as Ecs
from alibabacloud_ecs20140526.models import RunInstancesRequestTag
from alibabacloud_vpc20160428.client import Client as Vpc
from aliyunsdkcore.acs_exception.exceptions import ServerException
from aliyunsdkcore.client import AcsClient
from aliyunsdkcore.request import CommonRequest

from openyun.services.oss.records import BucketName
from openyun.state import open_store
from tests.conformance.asking import ask, made
from tests.conformance.conftest import REGION, Cloud
from tests.conformance.oss_clients import bucket_name, oss2_bucket, oss2_service
from tests.conformance.place import IMAGE, INSTANCE_TYPE, Place, make_place
from tests.conftest import Server

ECS_TRUST = (
    '{"Version":"1","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",'
    '"Principal":{"Service":["ecs.aliyuncs.com"]}}]}'
)
SCRIPT = {"Type": "RunShellScript", "CommandContent": "id", "ContentEncoding": "PlainText"}


def allow(action: str | list[str], *resources: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": list(resources) or "*"}


def deny(action: str, *resources: str) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": action, "Resource": list(resources)}


def user(cloud: Cloud, *statements: dict[str, Any], name: str = "alice") -> Cloud:
    """The cloud, asked by a new RAM user whose only policy this is."""
    document = json.dumps({"Version": "1", "Statement": list(statements)})
    made(cloud, "ram:CreateUser", UserName=name)
    if statements:
        made(cloud, "ram:CreatePolicy", PolicyName=f"of-{name}", PolicyDocument=document)
        made(cloud, "ram:AttachPolicyToUser", UserName=name, PolicyName=f"of-{name}", PolicyType="Custom")
    key = made(cloud, "ram:CreateAccessKey", UserName=name)["AccessKey"]
    return cloud.with_key(key["AccessKeyId"], key["AccessKeySecret"])


@pytest.fixture
def place(ecs: Ecs, vpc: Vpc) -> Place:
    return make_place(ecs, vpc)


def tagged(place: Place, value: str) -> str:
    return place.running(tag=[RunInstancesRequestTag("team", value)])[0]


# Instances by name


def test_a_policy_for_one_instance_is_for_no_other(cloud: Cloud, place: Place) -> None:
    one, two = place.running(amount=2)
    alice = user(cloud, allow("ecs:*", f"acs:ecs:*:*:instance/{one}"))
    for given in ({"InstanceId.1": two}, {"InstanceId.1": one, "InstanceId.2": two}, {"InstanceId": f"{one},{two}"}):
        assert ask(alice, "ecs:StopInstances", given).code == "Forbidden.RAM"
    assert ask(alice, "ecs:DescribeInstances", {"InstanceIds": f'["{two}"]'}).code == "Forbidden.RAM"
    assert ask(alice, "ecs:DescribeInstances", {}).code == "Forbidden.RAM"
    assert ask(alice, "ecs:DescribeInstances", {"InstanceIds": f'["{one}"]'}).code == ""
    assert ask(alice, "ecs:StopInstances", {"InstanceId.1": one}).code == ""
    assert place.one(two).status == "Running"


def test_instances_that_only_a_tag_names_are_authorized_too(cloud: Cloud, place: Place) -> None:
    safe = tagged(place, "web")
    alice = user(cloud, allow("ecs:*"), deny("ecs:*", f"acs:ecs:*:*:instance/{safe}"))
    by_tag = {**SCRIPT, "ResourceTag.1.Key": "team", "ResourceTag.1.Value": "web"}
    assert ask(alice, "ecs:RunCommand", by_tag).code == "Forbidden.RAM"
    assert made(cloud, "ecs:DescribeInvocations")["TotalCount"] == 0
    invoked = made(cloud, "ecs:RunCommand", **SCRIPT, InstanceId_1=safe)["InvokeId"]
    assert ask(alice, "ecs:StopInvocation", {"InvokeId": invoked}).code == "Forbidden.RAM"
    tagged(place, "db")
    assert ask(alice, "ecs:RunCommand", {**by_tag, "ResourceTag.1.Value": "db"}).code == ""


def test_an_instance_that_only_its_network_interface_names_is_authorized_too(cloud: Cloud, place: Place) -> None:
    (safe,) = place.running()
    interface = place.one(safe).network_interfaces.network_interface[0].network_interface_id
    group = made(cloud, "ecs:CreateSecurityGroup", VpcId=place.vpc_id)["SecurityGroupId"]
    alice = user(cloud, allow("ecs:*"), deny("ecs:*", f"acs:ecs:*:*:instance/{safe}"))
    given = {"SecurityGroupId": group, "NetworkInterfaceId": interface}
    assert ask(alice, "ecs:JoinSecurityGroup", given).code == "Forbidden.RAM"
    assert place.one(safe).security_group_ids.security_group_id == [place.group_id]


def test_a_resource_type_is_the_same_in_capitals(cloud: Cloud, place: Place) -> None:
    instance = tagged(place, "web")
    alice = user(cloud, allow("ecs:*"), deny("ecs:*", f"acs:ecs:*:*:instance/{instance}"))
    for name in ("instance", "Instance", "INSTANCE"):
        given = {"ResourceType": name, "ResourceId.1": instance}
        assert ask(alice, "ecs:ListTagResources", given).code == "Forbidden.RAM"


# Making instances


@pytest.mark.parametrize("operation", ["ecs:RunInstances", "ecs:CreateInstance"])
def test_making_an_instance_needs_all_that_it_uses(cloud: Cloud, place: Place, operation: str) -> None:
    made(cloud, "ecs:CreateKeyPair", KeyPairName="pair")
    needed = [
        "acs:ecs:*:*:instance/*",
        f"acs:ecs:*:*:image/{IMAGE}",
        f"acs:ecs:*:*:securitygroup/{place.group_id}",
        f"acs:vpc:*:*:vswitch/{place.v_switch_id}",
        "acs:ecs:*:*:keypair/pair",
    ]
    given = {
        "ImageId": IMAGE,
        "InstanceType": INSTANCE_TYPE,
        "VSwitchId": place.v_switch_id,
        "SecurityGroupId": place.group_id,
        "KeyPairName": "pair",
    }
    for number, left_out in enumerate(needed):
        rest = [one for one in needed if one != left_out]
        alice = user(cloud, allow(operation, *rest), name=f"alice-{number}")
        assert ask(alice, operation, given).code == "Forbidden.RAM", left_out
    assert place.describe() == []
    assert ask(user(cloud, allow(operation, *needed)), operation, given).code == ""


def test_the_security_groups_of_an_interface_count_too(cloud: Cloud, place: Place) -> None:
    other = made(cloud, "ecs:CreateSecurityGroup", VpcId=place.vpc_id)["SecurityGroupId"]
    alice = user(cloud, allow("ecs:RunInstances"), deny("ecs:*", f"acs:ecs:*:*:securitygroup/{other}"))
    usual = {"ImageId": IMAGE, "InstanceType": INSTANCE_TYPE}
    primary = {"NetworkInterface.1.InstanceType": "Primary", "NetworkInterface.1.VSwitchId": place.v_switch_id}
    for named in (
        {"VSwitchId": place.v_switch_id, "SecurityGroupIds.1": place.group_id, "SecurityGroupIds.2": other},
        {**primary, "NetworkInterface.1.SecurityGroupId": other},
        {**primary, "NetworkInterface.1.SecurityGroupIds.1": other},
    ):
        assert ask(alice, "ecs:RunInstances", usual | named).code == "Forbidden.RAM", named


def test_no_instance_is_put_into_a_group_that_the_policy_does_not_name(cloud: Cloud, place: Place) -> None:
    (instance,) = place.running()
    other = made(cloud, "ecs:CreateSecurityGroup", VpcId=place.vpc_id)["SecurityGroupId"]
    alice = user(cloud, allow("ecs:*", f"acs:ecs:*:*:instance/{instance}"))
    given = {"InstanceId": instance, "SecurityGroupIds.1": other}
    assert ask(alice, "ecs:ModifyInstanceAttribute", given).code == "Forbidden.RAM"
    assert ask(alice, "ecs:ModifyInstanceAttribute", {"InstanceId": instance, "InstanceName": "web"}).code == ""


def test_a_role_is_lent_to_an_instance_only_by_who_may_pass_it(cloud: Cloud, place: Place) -> None:
    made(cloud, "ram:CreateRole", RoleName="strong", AssumeRolePolicyDocument=ECS_TRUST)
    made(cloud, "ram:AttachPolicyToRole", RoleName="strong", PolicyName="AdministratorAccess", PolicyType="System")
    (instance,) = place.running()
    everything = allow(["ecs:*", "vpc:*"])
    alice = user(cloud, everything)
    given = {
        "ImageId": IMAGE,
        "InstanceType": INSTANCE_TYPE,
        "VSwitchId": place.v_switch_id,
        "SecurityGroupId": place.group_id,
        "RamRoleName": "strong",
    }
    attach = {"InstanceIds": f'["{instance}"]', "RamRoleName": "strong"}
    assert ask(alice, "ecs:RunInstances", given).code == "InvalidUser.PassRoleForbidden"
    assert ask(alice, "ecs:AttachInstanceRamRole", attach).code == "InvalidUser.PassRoleForbidden"
    assert [one.instance_id for one in place.describe()] == [instance]
    pass_role = allow("ram:PassRole", f"acs:ram:*:{cloud.account_id}:role/strong")
    bob = user(cloud, everything, pass_role, name="bob")
    assert ask(bob, "ecs:AttachInstanceRamRole", attach).code == ""
    # A session that was narrowed may not widen itself through an instance.
    trust = ECS_TRUST.replace('"Service":["ecs.aliyuncs.com"]', f'"RAM":["acs:ram::{cloud.account_id}:root"]')
    role = made(cloud, "ram:CreateRole", RoleName="ops", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    made(cloud, "ram:AttachPolicyToRole", RoleName="ops", PolicyName="AdministratorAccess", PolicyType="System")
    carol = user(cloud, allow("sts:AssumeRole"), name="carol")
    only_ecs = json.dumps({"Version": "1", "Statement": [everything]})
    given_keys = made(carol, "sts:AssumeRole", RoleArn=role, RoleSessionName="narrow", Policy=only_ecs)["Credentials"]
    session = cloud.with_key(given_keys["AccessKeyId"], given_keys["AccessKeySecret"], given_keys["SecurityToken"])
    assert ask(session, "ecs:RunInstances", given).code == "InvalidUser.PassRoleForbidden"
    assert ask(session, "ecs:DescribeInstances", {}).code == ""


# RAM


def test_a_user_without_a_name_in_the_request_is_the_caller(cloud: Cloud) -> None:
    alice = user(cloud, allow("ram:*"), deny("ram:CreateAccessKey", "acs:ram:*:*:user/alice"))
    assert ask(alice, "ram:CreateAccessKey", {}).code.startswith("NoPermission")
    bob = user(cloud, allow("ram:*AccessKey*", "acs:ram:*:*:user/bob"), name="bob")
    assert len(made(bob, "ram:ListAccessKeys")["AccessKeys"]["AccessKey"]) == 1
    assert ask(bob, "ram:ListAccessKeys", {"UserName": "alice"}).code.startswith("NoPermission")


def test_who_may_hand_out_the_accounts_policies_hands_out_none_of_the_systems(cloud: Cloud) -> None:
    account = cloud.account_id
    alice = user(cloud, allow("ram:*", f"acs:ram:*:{account}:user/*", f"acs:ram:*:{account}:policy/*"))
    given = {"UserName": "alice", "PolicyName": "AdministratorAccess", "PolicyType": "System"}
    assert ask(alice, "ram:AttachPolicyToUser", given).code.startswith("NoPermission")
    bob = user(
        cloud,
        allow("ram:*", f"acs:ram:*:{account}:user/*", "acs:ram:*:system:policy/AliyunECSReadOnlyAccess"),
        name="bob",
    )
    assert ask(bob, "ram:AttachPolicyToUser", given).code.startswith("NoPermission")
    assert ask(bob, "ram:AttachPolicyToUser", given | {"PolicyName": "AliyunECSReadOnlyAccess"}).code == ""


# At once, everywhere


def v1(cloud: Cloud, region: str) -> str:
    """The code of a V1 call in a region."""
    host, _, port = cloud.endpoint.partition(":")
    client = AcsClient(cloud.access_key_id, cloud.access_key_secret, region, port=int(port), auto_retry=False)
    asked = CommonRequest(domain=host, version="2014-05-26", action_name="DescribeKeyPairs")
    asked.set_protocol_type("http")
    try:
        client.do_action_with_exception(asked)
    except ServerException as problem:
        return str(problem.get_error_code())
    return ""


def oss(cloud: Cloud, version: str) -> str:
    try:
        oss2_service(cloud, version=version).list_buckets()
    except oss2.exceptions.OssError as problem:
        return str(problem.code)
    return ""


def everywhere(cloud: Cloud) -> set[str]:
    """What a caller is told by every protocol in two regions."""
    codes = {v1(cloud, region) for region in ("cn-hangzhou", "eu-central-1")}
    codes |= {ask(cloud, "ecs:DescribeKeyPairs", {"RegionId": region}).code for region in ("cn-hangzhou", "me-east-1")}
    return codes | {oss(cloud, version) for version in ("v1", "v4")}


def test_a_key_ends_everywhere_at_once(cloud: Cloud) -> None:
    alice = user(cloud, allow(["ecs:*", "oss:*"]))
    key = {"UserName": "alice", "UserAccessKeyId": alice.access_key_id}
    assert everywhere(alice) == {""}
    made(cloud, "ram:UpdateAccessKey", **key, Status="Inactive")
    assert everywhere(alice) == {"InvalidAccessKeyId.Inactive", "InvalidAccessKeyId"}
    made(cloud, "ram:UpdateAccessKey", **key, Status="Active")
    assert everywhere(alice) == {""}
    made(cloud, "ram:DetachPolicyFromUser", UserName="alice", PolicyName="of-alice", PolicyType="Custom")
    assert everywhere(alice) == {"Forbidden.RAM", "AccessDenied"}
    made(cloud, "ram:DeleteAccessKey", **key)
    assert everywhere(alice) == {"InvalidAccessKeyId.NotFound", "InvalidAccessKeyId"}


def test_a_new_version_of_a_policy_counts_at_once(cloud: Cloud) -> None:
    alice = user(cloud, allow(["ecs:*", "oss:*"]))
    assert everywhere(alice) == {""}
    nothing = json.dumps({"Version": "1", "Statement": [deny("*", "*")]})
    made(cloud, "ram:CreatePolicyVersion", PolicyName="of-alice", PolicyDocument=nothing, SetAsDefault="true")
    assert everywhere(alice) == {"Forbidden.RAM", "AccessDenied"}


def test_who_may_not_delete_a_bucket_does_not_free_its_name(server: Server, cloud: Cloud, other_cloud: Cloud) -> None:
    """Also not in the moment between the name and the bucket, when there is nothing yet to be authorized on."""
    name = bucket_name()
    taken = BucketName(name=name, account_id=cloud.account_id, region_id=REGION, storage_class="Standard", created_at=0)
    home = open_store("sqlite", REGION, server.data)
    home.write(lambda state: state.insert(taken))
    home.close()
    with pytest.raises(oss2.exceptions.NoSuchBucket):
        oss2_bucket(user(cloud), name).delete_bucket()
    with pytest.raises(oss2.exceptions.ServerError) as caught:
        oss2_bucket(other_cloud, name).create_bucket()
    assert caught.value.code == "BucketAlreadyExists"
    with pytest.raises(oss2.exceptions.NoSuchBucket):
        oss2_bucket(user(cloud, allow("oss:DeleteBucket"), name="bob"), name).delete_bucket()
    oss2_bucket(other_cloud, name).create_bucket()


def test_who_may_only_write_may_not_publish(cloud: Cloud) -> None:
    mine = oss2_bucket(cloud)
    mine.create_bucket()
    alice = oss2_bucket(user(cloud, allow(["oss:PutObject", "oss:GetObject", "oss:PutBucket"])), mine.bucket_name)
    public = {"x-oss-object-acl": "public-read"}
    alice.put_object("k", b"x")
    for publish in (
        lambda: alice.put_object("k", b"x", headers=public),
        lambda: alice.append_object("log", 0, b"x", headers=public),
        lambda: alice.copy_object(mine.bucket_name, "k", "k2", headers=public),
        lambda: alice.create_bucket("public-read"),
    ):
        with pytest.raises(oss2.exceptions.AccessDenied):
            publish()
    bob = oss2_bucket(user(cloud, allow(["oss:PutObject", "oss:PutObjectAcl"]), name="bob"), mine.bucket_name)
    bob.put_object("k", b"x", headers=public)


# Conditions about the resources of a request


def when(statement: dict[str, Any], **conditions: dict[str, Any]) -> dict[str, Any]:
    return {**statement, "Condition": conditions}


@pytest.mark.parametrize("key", ["acs:ResourceTag/team", "ecs:tag/team"])
def test_a_deny_by_tag_is_no_void_one(cloud: Cloud, place: Place, key: str) -> None:
    ours, theirs = tagged(place, "a"), tagged(place, "b")
    alice = user(cloud, allow("ecs:*"), when(deny("ecs:*", "*"), StringEquals={key: "b"}))
    assert ask(alice, "ecs:StopInstance", {"InstanceId": theirs}).code == "Forbidden.RAM"
    assert ask(alice, "ecs:StopInstances", {"InstanceId.1": ours, "InstanceId.2": theirs}).code == "Forbidden.RAM"
    by_tag = {**SCRIPT, "ResourceTag.1.Key": "team", "ResourceTag.1.Value": "b"}
    assert ask(alice, "ecs:RunCommand", by_tag).code == "Forbidden.RAM"
    assert ask(alice, "ecs:StopInstance", {"InstanceId": ours}).code == ""
    assert place.one(theirs).status == "Running"


def test_an_allow_by_tag_is_for_what_carries_it(cloud: Cloud, place: Place) -> None:
    ours, theirs = tagged(place, "a"), tagged(place, "b")
    alice = user(cloud, when(allow("ecs:*"), StringEquals={"acs:ResourceTag/team": "a"}))
    assert ask(alice, "ecs:RebootInstance", {"InstanceId": ours}).code == ""
    assert ask(alice, "ecs:RebootInstance", {"InstanceId": theirs}).code == "Forbidden.RAM"
    bob = user(cloud, when(allow("vpc:*"), StringEquals={"vpc:tag/team": "net"}), name="bob")
    assert ask(bob, "vpc:ModifyVpcAttribute", {"VpcId": place.vpc_id, "VpcName": "x1"}).code == "Forbidden.RAM"
    made(cloud, "vpc:TagResources", **_tag("VPC", place.vpc_id, "team", "net"))
    assert ask(bob, "vpc:ModifyVpcAttribute", {"VpcId": place.vpc_id, "VpcName": "x1"}).code == ""


def _tag(kind: str, resource_id: str, key: str, value: str) -> dict[str, str]:
    return {"ResourceType": kind, "ResourceId_1": resource_id, "Tag_1_Key": key, "Tag_1_Value": value}


def test_conditions_by_resource_group(cloud: Cloud, place: Place) -> None:
    group = made(cloud, "resourcemanager:CreateResourceGroup", Name="ours", DisplayName="ours")["ResourceGroup"]["Id"]
    (inside,) = place.running(resource_group_id=group)
    (outside,) = place.running()
    alice = user(cloud, when(allow("ecs:*"), StringEquals={"acs:ResourceGroupId": group}))
    assert ask(alice, "ecs:StopInstance", {"InstanceId": inside}).code == ""
    assert ask(alice, "ecs:StopInstance", {"InstanceId": outside}).code == "Forbidden.RAM"
    assert ask(alice, "ecs:CreateCommand", {"Name": "x", **SCRIPT, "ResourceGroupId": group}).code == ""
    assert ask(alice, "ecs:CreateCommand", {"Name": "x", **SCRIPT}).code == "Forbidden.RAM"


def test_conditions_by_the_tags_of_a_bucket(cloud: Cloud) -> None:
    name = bucket_name()
    bucket = oss2_bucket(cloud, name)
    bucket.create_bucket()
    alice = oss2_bucket(
        user(cloud, allow("oss:*"), when(deny("oss:*", "*"), StringEquals={"oss:BucketTag/secret": "yes"})), name
    )
    alice.put_object("a", b"1")
    rule = oss2.models.TaggingRule()
    rule.add("secret", "yes")
    bucket.put_bucket_tagging(oss2.models.Tagging(rule))
    with pytest.raises(oss2.exceptions.AccessDenied):
        alice.get_object("a")
    bucket.delete_bucket_tagging()
    assert alice.get_object("a").read() == b"1"


def test_who_binds_a_public_address_needs_what_it_is_bound_to(cloud: Cloud, place: Place) -> None:
    (one,) = place.running()
    address = made(cloud, "vpc:AllocateEipAddress")["AllocationId"]
    given = {"AllocationId": address, "InstanceId": one}
    alice = user(cloud, allow("vpc:*", "acs:vpc:*:*:eip/*", "acs:vpc:*:*:natgateway/*"))
    assert ask(alice, "vpc:AssociateEipAddress", given).code == "Forbidden.RAM"
    bob = user(cloud, allow("vpc:*", "acs:vpc:*:*:eip/*", f"acs:ecs:*:*:instance/{one}"), name="bob")
    assert ask(bob, "vpc:AssociateEipAddress", given).code == ""
