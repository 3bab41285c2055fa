"""aliyun-python-sdk-core: V1 signatures, XML or JSON, errors that it must understand."""

from __future__ import annotations

import json
import uuid
import xml.etree.ElementTree as ElementTree
from typing import Any

import pytest
from aliyunsdkcore.acs_exception.exceptions import ClientException, ServerException
from aliyunsdkcore.client import AcsClient
from aliyunsdkcore.request import CommonRequest, RpcRequest

from tests.conformance.conftest import REGION, Cloud, eventually
from tests.conformance.place import IMAGE, INSTANCE_TYPE

VERSIONS = {"vpc": "2016-04-28", "ecs": "2014-05-26", "ram": "2015-05-01", "sts": "2015-04-01"}


class OldCore:
    def __init__(self, cloud: Cloud) -> None:
        host, _, port = cloud.endpoint.partition(":")
        self._host = host
        self._client = AcsClient(
            cloud.access_key_id, cloud.access_key_secret, cloud.region, port=int(port), max_retry_time=1, timeout=30
        )

    def request(self, product: str, action: str, given: dict[str, Any], method: str, form: bool) -> CommonRequest:
        request = CommonRequest(
            domain=self._host, version=VERSIONS[product], action_name=action, product=product.capitalize()
        )
        request.set_protocol_type("http")
        request.set_method(method)
        for name, value in given.items():
            if form:
                request.add_body_params(name, value)
            else:
                request.add_query_param(name, value)
        return request

    def ask(
        self, product: str, action: str, *, method: str = "POST", form: bool = False, **given: Any
    ) -> dict[str, Any]:
        request = self.request(product, action, given, method, form)
        return dict(json.loads(self._client.do_action_with_exception(request)))

    def ask_xml(self, product: str, action: str, **given: Any) -> ElementTree.Element:
        request = self.request(product, action, given, "GET", False)
        request.set_accept_format("XML")
        # Only the old way of asking leaves the format alone.
        return ElementTree.fromstring(self._client.do_action(request))


@pytest.fixture
def core(cloud: Cloud) -> OldCore:
    return OldCore(cloud)


@pytest.fixture
def vpc_id(core: OldCore) -> str:
    made = core.ask("vpc", "CreateVpc", CidrBlock="192.168.0.0/16", VpcName="old 核 & core")["VpcId"]
    eventually(
        lambda: core.ask("vpc", "DescribeVpcAttribute", VpcId=made)["Status"], lambda status: status == "Available"
    )
    return str(made)


@pytest.mark.parametrize(("method", "form"), [("GET", False), ("POST", False), ("POST", True)])
def test_a_call_goes_by_query_or_form(core: OldCore, vpc_id: str, method: str, form: bool) -> None:
    found = core.ask("vpc", "DescribeVpcs", method=method, form=form, VpcId=vpc_id, VpcName="old 核 & core")
    assert [one["VpcId"] for one in found["Vpcs"]["Vpc"]] == [vpc_id]


def test_xml_is_what_it_gets_when_it_asks_so(core: OldCore, vpc_id: str) -> None:
    answer = core.ask_xml("vpc", "DescribeVpcs")
    assert answer.tag == "DescribeVpcsResponse"
    assert answer.findtext("Vpcs/Vpc/VpcName") == "old 核 & core"


def test_an_instance_lives_its_life(core: OldCore, vpc_id: str) -> None:
    switch = core.ask("vpc", "CreateVSwitch", VpcId=vpc_id, ZoneId="cn-hangzhou-h", CidrBlock="192.168.1.0/24")[
        "VSwitchId"
    ]
    eventually(
        lambda: core.ask("vpc", "DescribeVSwitchAttributes", VSwitchId=switch)["Status"],
        lambda status: status == "Available",
    )
    group = core.ask("ecs", "CreateSecurityGroup", RegionId=REGION, VpcId=vpc_id)["SecurityGroupId"]
    asked = {
        "RegionId": REGION,
        "ImageId": IMAGE,
        "InstanceType": INSTANCE_TYPE,
        "VSwitchId": switch,
        "SecurityGroupId": group,
        "Amount": 2,
        "ClientToken": str(uuid.uuid4()),
        "Tag.1.Key": "made by",
        "Tag.1.Value": "the old core",
    }
    ids = core.ask("ecs", "RunInstances", **asked)["InstanceIdSets"]["InstanceIdSet"]
    assert core.ask("ecs", "RunInstances", **asked)["InstanceIdSets"]["InstanceIdSet"] == ids

    def statuses() -> list[str]:
        found = core.ask("ecs", "DescribeInstances", RegionId=REGION, InstanceIds=json.dumps(ids))
        assert found["TotalCount"] == len(found["Instances"]["Instance"])
        return [one["Status"] for one in found["Instances"]["Instance"]]

    eventually(statuses, lambda found: found == ["Running"] * 2)
    for instance_id in ids:
        core.ask("ecs", "StopInstance", InstanceId=instance_id)
    eventually(statuses, lambda found: found == ["Stopped"] * 2)
    for instance_id in ids:
        core.ask("ecs", "DeleteInstance", InstanceId=instance_id)
    eventually(statuses, lambda found: found == [])
    with pytest.raises(ServerException) as caught:
        core.ask("ecs", "StartInstance", InstanceId=ids[0])
    assert caught.value.get_error_code() == "InvalidInstanceId.NotFound"
    assert caught.value.get_http_status() == 404


def test_a_wrong_secret_is_told_as_such(cloud: Cloud) -> None:
    """The core compares our string to sign with its own, and so says which of key and signature is wrong."""
    host, _, port = cloud.endpoint.partition(":")
    client = AcsClient(cloud.access_key_id, "wrong", cloud.region, port=int(port))
    # A CommonRequest forgets what it signed; the classes of products, which are such requests, do not.
    request = RpcRequest("Vpc", VERSIONS["vpc"], "DescribeVpcs")
    request.endpoint = host
    request.add_query_param("VpcName", "a:b & ü")
    with pytest.raises(ServerException) as caught:
        client.do_action_with_exception(request)
    assert caught.value.get_error_code() == "InvalidAccessKeySecret"
    assert "AccessKeySecret is incorrect" in caught.value.get_error_msg()


def test_errors_come_as_its_own_exception(core: OldCore, cloud: Cloud) -> None:
    with pytest.raises(ServerException) as caught:
        core.ask("vpc", "DeleteVpc", VpcId="vpc-none")
    assert caught.value.get_error_code() == "InvalidVpcID.NotFound"
    assert caught.value.get_http_status() == 404
    assert len(caught.value.get_request_id()) == 36
    with pytest.raises((ServerException, ClientException)) as refused:
        OldCore(cloud.with_key("LTAI5tNobody", "x")).ask("vpc", "DescribeVpcs")
    assert "InvalidAccessKeyId.NotFound" in str(refused.value)


def test_a_user_may_do_what_its_policy_grants(core: OldCore, cloud: Cloud) -> None:
    core.ask("ram", "CreateUser", UserName="alice")
    key = core.ask("ram", "CreateAccessKey", UserName="alice")["AccessKey"]
    alice = OldCore(cloud.with_key(key["AccessKeyId"], key["AccessKeySecret"]))
    assert alice.ask("sts", "GetCallerIdentity")["Arn"].endswith(":user/alice")
    with pytest.raises(ServerException) as caught:
        alice.ask("vpc", "DescribeVpcs")
    assert caught.value.get_http_status() == 403
    core.ask("ram", "AttachPolicyToUser", PolicyType="System", PolicyName="AliyunVPCReadOnlyAccess", UserName="alice")
    assert alice.ask("vpc", "DescribeVpcs")["TotalCount"] == 0
    with pytest.raises(ServerException):
        alice.ask("vpc", "CreateVpc")


def test_interfaces_and_templates_in_both_forms(core: OldCore, vpc_id: str) -> None:
    switch = core.ask("vpc", "CreateVSwitch", VpcId=vpc_id, ZoneId="cn-hangzhou-h", CidrBlock="192.168.1.0/24")[
        "VSwitchId"
    ]
    eventually(
        lambda: core.ask("vpc", "DescribeVSwitchAttributes", VSwitchId=switch)["Status"],
        lambda status: status == "Available",
    )
    group = core.ask("ecs", "CreateSecurityGroup", RegionId=REGION, VpcId=vpc_id)["SecurityGroupId"]
    made = core.ask(
        "ecs",
        "CreateNetworkInterface",
        RegionId=REGION,
        VSwitchId=switch,
        SecurityGroupId=group,
        **{"PrivateIpAddress.1": "192.168.1.77"},
    )
    answer = core.ask_xml("ecs", "DescribeNetworkInterfaces", RegionId=REGION)
    sets = answer.findall("NetworkInterfaceSets/NetworkInterfaceSet")
    assert [one.findtext("NetworkInterfaceId") for one in sets] == [made["NetworkInterfaceId"]]
    addresses = [one.findtext("PrivateIpAddress") for one in sets[0].findall("PrivateIpSets/PrivateIpSet")]
    assert addresses == [made["PrivateIpAddress"], "192.168.1.77"]
    core.ask(
        "ecs",
        "CreateLaunchTemplate",
        RegionId=REGION,
        LaunchTemplateName="old",
        ImageId=IMAGE,
        InstanceType=INSTANCE_TYPE,
        **{
            "NetworkInterface.1.InstanceType": "Primary",
            "NetworkInterface.1.VSwitchId": switch,
            "NetworkInterface.1.SecurityGroupId": group,
        },
    )
    answer = core.ask_xml("ecs", "DescribeLaunchTemplateVersions", RegionId=REGION, LaunchTemplateName="old")
    data = answer.find("LaunchTemplateVersionSets/LaunchTemplateVersionSet/LaunchTemplateData")
    assert data is not None
    assert data.findtext("NetworkInterfaces/NetworkInterface/VSwitchId") == switch
    ids = core.ask("ecs", "RunInstances", RegionId=REGION, LaunchTemplateName="old")["InstanceIdSets"]["InstanceIdSet"]
    with pytest.raises(ServerException) as refused:
        core.ask("ecs", "DeleteNetworkInterface", RegionId=REGION, NetworkInterfaceId="eni-none")
    assert (refused.value.get_error_code(), refused.value.get_http_status()) == ("InvalidEniId.NotFound", 404)
    core.ask("ecs", "DeleteInstance", InstanceId=ids[0], Force="true")
