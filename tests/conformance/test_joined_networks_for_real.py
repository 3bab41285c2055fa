"""VPCs of two regions, joined by a peering connection and by a CEN: packets between instances that run."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from alibabacloud_cbn20170912 import models as cbn_ask
from alibabacloud_cbn20170912.client import Client as Cbn
from alibabacloud_ecs20140526 import models as ecs_ask
from alibabacloud_ecs20140526.client import Client as Ecs
from alibabacloud_vpcpeer20220101 import models as peer_ask
from alibabacloud_vpcpeer20220101.client import Client as VpcPeer

from openyun.engine.drivers import doctor, guest_image, namespace, tool
from tests.conformance.asking import made
from tests.conformance.conftest import Cloud, cloud_of, eventually
from tests.conformance.test_cen import all_attached, attach, detach, make_cen
from tests.conformance.test_vpc_peering import delete, gone, is_at
from tests.conftest import Server

HERE, THERE = "cn-hangzhou", "cn-beijing"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    lacking = [finding for finding in doctor.check() if finding.needed and not finding.ok]
    if os.geteuid() != 0 or lacking:
        pytest.skip("; ".join(finding.what for finding in lacking) or "needs root")
    guest_image.build_image(guest_image.cache(), guest_image.DEBIAN_12)
    server = Server(tmp_path / "real", {"OPENYUN_COMPUTE": "runc"})
    server.start()
    yield server
    server.kill()
    settings = {**os.environ, "OPENYUN_DATA": str(server.data), "OPENYUN_COMPUTE": "runc"}
    subprocess.run([sys.executable, "-m", "openyun", "reset", "--yes"], env=settings, check=True, capture_output=True)
    left = [name for region in (HERE, THERE) for name in namespace.names(prefix(server, region))]
    assert left == []


def prefix(server: Server, region_id: str) -> str:
    return tool.instance_prefix(server.data / "regions" / region_id)


@dataclass
class Side:
    """An instance in a VPC of its own."""

    cloud: Cloud
    region_id: str
    vpc_id: str
    table_id: str
    group_id: str
    instance_id: str
    address: str

    def run(self, script: str) -> tuple[int | None, str]:
        ecs = Ecs(self.cloud.config())
        asked = ecs_ask.RunCommandRequest(
            region_id=self.region_id, type="RunShellScript", command_content=script, instance_id=[self.instance_id]
        )
        look = ecs_ask.DescribeInvocationResultsRequest(
            region_id=self.region_id, invoke_id=ecs.run_command(asked).body.invoke_id, content_encoding="PlainText"
        )

        def told() -> Any:
            return ecs.describe_invocation_results(look).body.invocation.invocation_results.invocation_result[0]

        found = eventually(told, lambda one: bool(one.finished_time))
        return found.exit_code, found.output.strip()

    def reaches(self, other: Side) -> bool:
        return self.run(f"nc -z -w 1 {other.address} 22")[0] == 0

    def pings(self, other: Side) -> bool:
        return self.run(f"ping -c 1 -W 4 {other.address}")[0] == 0


def make_side(cloud: Cloud, region_id: str, second: int) -> Side:
    at = {"RegionId": region_id}
    network = made(cloud, "vpc:CreateVpc", CidrBlock=f"10.{second}.0.0/16", **at)
    here = {**at, "VpcId": network["VpcId"]}
    eventually(lambda: made(cloud, "vpc:DescribeVpcAttribute", **here)["Status"], "Available".__eq__)
    zone = made(cloud, "vpc:DescribeZones", **at)["Zones"]["Zone"][0]["ZoneId"]
    switch = made(cloud, "vpc:CreateVSwitch", ZoneId=zone, CidrBlock=f"10.{second}.1.0/24", **here)["VSwitchId"]
    eventually(
        lambda: made(cloud, "vpc:DescribeVSwitchAttributes", VSwitchId=switch, **at)["Status"], "Available".__eq__
    )
    group = made(cloud, "ecs:CreateSecurityGroup", **here)["SecurityGroupId"]
    image = made(cloud, "ecs:DescribeImages", **at)["Images"]["Image"][0]["ImageId"]
    place = {"VSwitchId": switch, "SecurityGroupId": group, "ImageId": image, "InstanceType": "ecs.g7.large"}
    made(cloud, "ecs:RunInstances", **place, **at)
    instance = eventually(
        lambda: made(cloud, "ecs:DescribeInstances", **here)["Instances"]["Instance"][0],
        lambda one: one["Status"] == "Running",
    )
    address = instance["VpcAttributes"]["PrivateIpAddress"]["IpAddress"][0]
    return Side(cloud, region_id, network["VpcId"], network["RouteTableId"], group, instance["InstanceId"], address)


def let_in(side: Side, cidr_block: str) -> None:
    for protocol in ("TCP", "ICMP"):
        ports = "22/22" if protocol == "TCP" else "-1/-1"
        rule = {"IpProtocol": protocol, "PortRange": ports, "SourceCidrIp": cidr_block}
        group = {"RegionId": side.region_id, "SecurityGroupId": side.group_id}
        made(side.cloud, "ecs:AuthorizeSecurityGroup", **group, **rule)


def lead(side: Side, other: Side, instance_id: str) -> None:
    hop = {"NextHopType": "VpcPeer", "NextHopId": instance_id, "DestinationCidrBlock": f"{other.address}/32"}
    made(side.cloud, "vpc:CreateRouteEntry", RegionId=side.region_id, RouteTableId=side.table_id, **hop)


def test_packets_go_from_region_to_region(server: Server) -> None:
    cloud = cloud_of(server, server.new_account())
    one, other = make_side(cloud, HERE, 1), make_side(cloud, THERE, 2)
    peer, cbn = VpcPeer(cloud.config()), Cbn(cloud.config())

    # A peering connection, routes both ways, and security groups that let it in.
    ends = {"region_id": HERE, "vpc_id": one.vpc_id, "accepting_region_id": THERE, "accepting_vpc_id": other.vpc_id}
    instance_id = peer.create_vpc_peer_connection(peer_ask.CreateVpcPeerConnectionRequest(**ends)).body.instance_id
    is_at(peer, instance_id, "Activated")
    lead(one, other, instance_id)
    lead(other, one, instance_id)
    assert not one.reaches(other), "the security group lets nobody in"
    let_in(other, "10.1.0.0/16")
    eventually(lambda: one.reaches(other))
    assert one.pings(other)
    assert not other.reaches(one), "this one's group still lets nobody in"

    # It comes back when the server is killed and a namespace is gone.
    server.kill()
    namespace.remove(f"{prefix(server, THERE)}-network-{other.vpc_id}")
    server.start()
    eventually(lambda: one.reaches(other), patience=60)
    delete(peer, instance_id, force=True)
    gone(peer, instance_id)
    assert not one.reaches(other)

    # A CEN, whose routes nobody has to write: just enough for a ping, and more with a bandwidth package.
    cen_id = make_cen(cbn)
    attach(cbn, cen_id, one.vpc_id, HERE)
    attach(cbn, cen_id, other.vpc_id, THERE)
    neighbour = make_side(cloud, HERE, 3)
    let_in(neighbour, "10.1.0.0/16")
    attach(cbn, cen_id, neighbour.vpc_id, HERE)
    all_attached(cbn, cen_id, one.vpc_id, other.vpc_id, neighbour.vpc_id)
    eventually(lambda: one.pings(other))
    eventually(lambda: one.reaches(neighbour))
    assert not neighbour.reaches(one)
    package = cbn.create_cen_bandwidth_package(
        cbn_ask.CreateCenBandwidthPackageRequest(
            bandwidth=10, geographic_region_aid="China", geographic_region_bid="China"
        )
    ).body.cen_bandwidth_package_id
    cbn.associate_cen_bandwidth_package(
        cbn_ask.AssociateCenBandwidthPackageRequest(cen_id=cen_id, cen_bandwidth_package_id=package)
    )
    cbn.set_cen_inter_region_bandwidth_limit(
        cbn_ask.SetCenInterRegionBandwidthLimitRequest(
            cen_id=cen_id, local_region_id=HERE, opposite_region_id=THERE, bandwidth_limit=10
        )
    )
    eventually(lambda: one.reaches(other))
    detach(cbn, cen_id, other.vpc_id, THERE)
    eventually(lambda: not one.reaches(other))
