"""alicloud_vpc_peer_connection and its accepter, alicloud_cen_instance, alicloud_cen_instance_attachment,
alicloud_cen_bandwidth_package with its attachment and limit."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conformance.conftest import Cloud
from tests.conformance.terraform_flows.places import make_v_switch, make_vpc
from tests.conformance.terraform_flows.provider import Provider, Refused, gone, has, wait


def test_peer_connection_and_its_accepter(provider: Provider, other_cloud: Cloud) -> None:
    accepter = Provider(other_cloud)
    one, other = make_vpc(provider), make_vpc(accepter)
    instance_id = provider.rpc(
        "VpcPeer",
        "CreateVpcPeerConnection",
        RegionId=provider.region,
        ClientToken=provider.token("CreateVpcPeerConnection"),
        VpcId=one,
        AcceptingAliUid=other_cloud.account_id,
        AcceptingRegionId=accepter.region,
        AcceptingVpcId=other,
        Name="terraform",
    )["InstanceId"]

    def read() -> dict[str, Any]:
        return provider.rpc("VpcPeer", "GetVpcPeerConnectionAttribute", InstanceId=instance_id)

    first = wait(read, "Status", "Activated", "Accepting")
    has(
        first,
        *("AcceptingOwnerUid", "AcceptingRegionId", "Bandwidth", "GmtCreate", "Description", "Name"),
        *("ResourceGroupId", "Status", "AcceptingVpc", "Vpc", "Tags"),
    )
    assert (first["Vpc"]["VpcId"], first["AcceptingVpc"]["VpcId"]) == (one, other)
    accepter.rpc(
        "VpcPeer",
        "AcceptVpcPeerConnection",
        InstanceId=instance_id,
        ClientToken=accepter.token("AcceptVpcPeerConnection"),
    )
    wait(read, "Status", "Activated")
    provider.rpc("VpcPeer", "ModifyVpcPeerConnection", InstanceId=instance_id, Name="changed", Description="new")
    assert wait(read, "Status", "Activated")["Name"] == "changed"
    provider.rpc("VpcPeer", "DeleteVpcPeerConnection", InstanceId=instance_id, Force=True)
    gone(read, ["ResourceNotFound.InstanceId"])


def test_cen_with_an_attachment(provider: Provider) -> None:
    vpc_id = make_vpc(provider)
    make_v_switch(provider, vpc_id)
    cen_id = provider.rpc(
        "Cbn",
        "CreateCen",
        ClientToken=provider.token("CreateCen"),
        Name="terraform",
        Tag__1__Key="a",
        Tag__1__Value="b",
    )["CenId"]

    def read() -> dict[str, Any]:
        found = provider.rpc("Cbn", "DescribeCens", Filter__1__Key="CenId", Filter__1__Value__1=cen_id)
        return next(iter(found["Cens"]["Cen"]), {})

    has(wait(read, "Status", "Active"), "ProtectionLevel", "ResourceGroupId", "Name", "Description", "Status")
    assert provider.tags("Cbn", "cen", cen_id) == {"a": "b"}
    child = {
        **{"CenId": cen_id, "ChildInstanceId": vpc_id, "ChildInstanceType": "VPC"},
        **{"ChildInstanceRegionId": provider.region},
    }
    provider.sdk("Cbn", "AttachCenChildInstance", **child)

    def read_child() -> dict[str, Any]:
        return provider.sdk("Cbn", "DescribeCenAttachedChildInstanceAttribute", **child)

    shown = wait(read_child, "Status", "Attached")
    has(shown, "ChildInstanceId", "ChildInstanceRegionId", "ChildInstanceOwnerId", "ChildInstanceType", "CenId")
    every = provider.sdk("Cbn", "DescribeCenAttachedChildInstances", CenId=cen_id)
    assert [one["ChildInstanceId"] for one in every["ChildInstances"]["ChildInstance"]] == [vpc_id]
    provider.sdk("Cbn", "DetachCenChildInstance", **child)
    gone(read_child, ["ParameterCenInstanceId", "ParameterError", "ParameterInstanceId"])
    provider.rpc("Cbn", "DeleteCen", CenId=cen_id)
    gone(read, [])


def test_cen_bandwidth_package_and_limit(provider: Provider) -> None:
    cen_id = provider.rpc("Cbn", "CreateCen")["CenId"]
    package_id = provider.rpc(
        "Cbn",
        "CreateCenBandwidthPackage",
        ClientToken=provider.token("CreateCenBandwidthPackage"),
        Bandwidth=5,
        GeographicRegionAId="China",
        GeographicRegionBId="China",
        BandwidthPackageChargeType="POSTPAY",
    )["CenBandwidthPackageId"]
    both = {"CenId": cen_id, "CenBandwidthPackageId": package_id}

    def read() -> dict[str, Any]:
        wanted = {"Filter__1__Key": "CenBandwidthPackageId", "Filter__1__Value__1": package_id}
        found = provider.sdk("Cbn", "DescribeCenBandwidthPackages", IncludeReservationData=True, **wanted)
        return next(iter(found["CenBandwidthPackages"]["CenBandwidthPackage"]), {})

    has(
        wait(read, "Status", "Idle"), "GeographicRegionAId", "GeographicRegionBId", "Bandwidth", "ExpiredTime", "CenIds"
    )
    provider.sdk("Cbn", "AssociateCenBandwidthPackage", **both)
    assert wait(read, "Status", "InUse")["CenIds"]["CenId"] == [cen_id]
    pair = {"CenId": cen_id, "LocalRegionId": "cn-hangzhou", "OppositeRegionId": "cn-beijing"}
    provider.sdk("Cbn", "SetCenInterRegionBandwidthLimit", BandwidthLimit=4, **pair)
    found = provider.sdk("Cbn", "DescribeCenInterRegionBandwidthLimits", CenId=cen_id)
    (limit,) = found["CenInterRegionBandwidthLimits"]["CenInterRegionBandwidthLimit"]
    assert (limit["BandwidthLimit"], limit["Status"]) == (4, "Active")
    provider.sdk("Cbn", "SetCenInterRegionBandwidthLimit", BandwidthLimit=0, **pair)
    provider.sdk("Cbn", "UnassociateCenBandwidthPackage", **both)
    wait(read, "Status", "Idle")
    provider.sdk("Cbn", "DeleteCenBandwidthPackage", CenBandwidthPackageId=package_id)
    gone(read, [])
    with pytest.raises(Refused, match="ParameterBwpInstanceId"):
        provider.sdk("Cbn", "DeleteCenBandwidthPackage", CenBandwidthPackageId=package_id)
