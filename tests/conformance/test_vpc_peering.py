"""VPC peering through the official SDK: handshake, routes, deletion, tags; also between accounts and regions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from alibabacloud_vpc20160428 import models as vpc_ask
from alibabacloud_vpc20160428.client import Client as Vpc
from alibabacloud_vpcpeer20220101 import models as ask
from alibabacloud_vpcpeer20220101.client import Client as VpcPeer

from tests.conformance.conftest import REGION, Cloud, eventually, refused
from tests.conformance.networks import make_vpc

ELSEWHERE = "cn-beijing"


@pytest.fixture
def peer(cloud: Cloud) -> VpcPeer:
    return VpcPeer(cloud.config())


def vpc_at(vpc: Vpc, region_id: str, cidr_block: str) -> str:
    made = vpc.create_vpc(vpc_ask.CreateVpcRequest(region_id=region_id, cidr_block=cidr_block))
    vpc_id: str = made.body.vpc_id
    look = vpc_ask.DescribeVpcAttributeRequest(region_id=region_id, vpc_id=vpc_id)
    eventually(lambda: vpc.describe_vpc_attribute(look).body.status, "Available".__eq__)
    return vpc_id


def joined(peer: VpcPeer, one: str, other: str, **given: Any) -> str:
    """A new connection of two VPCs of the default region."""
    settings = {"region_id": REGION, "vpc_id": one, "accepting_region_id": REGION, "accepting_vpc_id": other, **given}
    made: str = peer.create_vpc_peer_connection(ask.CreateVpcPeerConnectionRequest(**settings)).body.instance_id
    return made


def seen(peer: VpcPeer, instance_id: str) -> Any:
    look = ask.GetVpcPeerConnectionAttributeRequest(instance_id=instance_id)
    return peer.get_vpc_peer_connection_attribute(look).body


def is_at(peer: VpcPeer, instance_id: str, status: str) -> Any:
    return eventually(lambda: seen(peer, instance_id), lambda one: one.status == status)


def delete(peer: VpcPeer, instance_id: str, force: bool = False) -> None:
    peer.delete_vpc_peer_connection(ask.DeleteVpcPeerConnectionRequest(instance_id=instance_id, force=force))


def listed(peer: VpcPeer, **given: Any) -> list[str]:
    found = peer.list_vpc_peer_connections(ask.ListVpcPeerConnectionsRequest(region_id=REGION, **given)).body
    return [one.instance_id for one in found.vpc_peer_connects or []]


def gone(peer: VpcPeer, instance_id: str) -> None:
    eventually(lambda: listed(peer, instance_id=instance_id), lambda found: found == [])
    with refused("ResourceNotFound.InstanceId"):
        seen(peer, instance_id)


def route_table(vpc: Vpc, vpc_id: str, region_id: str = REGION) -> str:
    look = vpc_ask.DescribeRouteTableListRequest(region_id=region_id, vpc_id=vpc_id)
    found: str = vpc.describe_route_table_list(look).body.router_table_list.router_table_list_type[0].route_table_id
    return found


def lead(vpc: Vpc, vpc_id: str, cidr_block: str, instance_id: str) -> str:
    """A route into the connection, in the VPC's system route table, which it answers."""
    table = route_table(vpc, vpc_id)
    vpc.create_route_entry(
        vpc_ask.CreateRouteEntryRequest(
            region_id=REGION,
            route_table_id=table,
            destination_cidr_block=cidr_block,
            next_hop_type="VpcPeer",
            next_hop_id=instance_id,
        )
    )
    return table


def custom_routes(vpc: Vpc, table: str) -> list[tuple[str, str, str]]:
    look = vpc_ask.DescribeRouteEntryListRequest(region_id=REGION, route_table_id=table, route_entry_type="Custom")
    found = vpc.describe_route_entry_list(look).body.route_entrys.route_entry or []
    return [(one.destination_cidr_block, one.next_hops.next_hop[0].next_hop_type, one.status) for one in found]


def test_one_account_is_connected_at_once(vpc: Vpc, peer: VpcPeer) -> None:
    one, other = make_vpc(vpc, "10.1.0.0/16"), make_vpc(vpc, "10.2.0.0/16")
    tag = ask.CreateVpcPeerConnectionRequestTag(key="team", value="net")
    instance_id = joined(peer, one, other, name="first", description="of two", client_token="t1", tag=[tag])
    again = joined(peer, one, other, name="first", description="of two", client_token="t1", tag=[tag])
    assert again == instance_id
    assert instance_id.startswith("pcc-bp1")
    found = is_at(peer, instance_id, "Activated")
    assert (found.name, found.description, found.bandwidth, found.biz_status) == ("first", "of two", -1, "Normal")
    assert (found.vpc.vpc_id, found.vpc.ipv_4cidrs) == (one, ["10.1.0.0/16"])
    assert (found.accepting_vpc.vpc_id, found.accepting_vpc.ipv_4cidrs) == (other, ["10.2.0.0/16"])
    assert found.owner_id == found.accepting_owner_uid
    assert [(tag.key, tag.value) for tag in found.tags] == [("team", "net")]

    with refused("ResourceAlreadyExist.VpcPeer"):
        joined(peer, other, one)
    with refused("DependencyViolation.VpcPeer"):
        vpc.delete_vpc(vpc_ask.DeleteVpcRequest(region_id=REGION, vpc_id=other))
    with refused("InvalidNextHopId.NotFound"):
        lead(vpc, one, "10.2.0.0/16", "pcc-bp1nosuchconnectionx")
    table = lead(vpc, one, "10.2.0.0/16", instance_id)
    eventually(lambda: custom_routes(vpc, table), [("10.2.0.0/16", "VpcPeer", "Available")].__eq__)

    # filters and pages
    third = make_vpc(vpc, "10.3.0.0/16")
    second = joined(peer, one, third, name="second")
    assert sorted(listed(peer)) == sorted([instance_id, second])
    assert listed(peer, name="second") == listed(peer, vpc_id=[third]) == [second]
    assert listed(peer, tags=[ask.ListVpcPeerConnectionsRequestTags(key="team")]) == [instance_id]
    page = peer.list_vpc_peer_connections(ask.ListVpcPeerConnectionsRequest(region_id=REGION, max_results=1)).body
    assert page.total_count == 2
    assert len(page.vpc_peer_connects) == 1
    assert {*listed(peer, next_token=page.next_token), page.vpc_peer_connects[0].instance_id} == {instance_id, second}

    # without Force the route stays, and leads nowhere; with Force it goes
    is_at(peer, second, "Activated")
    third_table = lead(vpc, third, "10.1.0.0/16", second)
    delete(peer, second)
    gone(peer, second)
    assert [cidr for cidr, _, _ in custom_routes(vpc, third_table)] == ["10.1.0.0/16"]
    delete(peer, instance_id, force=True)
    gone(peer, instance_id)
    assert custom_routes(vpc, table) == []
    vpc.delete_vpc(vpc_ask.DeleteVpcRequest(region_id=REGION, vpc_id=other))


def test_it_is_modified_tagged_and_moved(vpc: Vpc, peer: VpcPeer) -> None:
    one, other = make_vpc(vpc, "10.1.0.0/16"), vpc_at(vpc, ELSEWHERE, "10.2.0.0/16")
    instance_id = joined(peer, one, other, accepting_region_id=ELSEWHERE, bandwidth=100)
    found = is_at(peer, instance_id, "Activated")
    assert (found.bandwidth, found.link_type, found.accepting_region_id) == (100, "Gold", ELSEWHERE)

    def modify(**given: Any) -> None:
        peer.modify_vpc_peer_connection(ask.ModifyVpcPeerConnectionRequest(instance_id=instance_id, **given))

    modify(name="link", description="north", bandwidth=200)
    found = is_at(peer, instance_id, "Activated")
    assert (found.name, found.description, found.bandwidth) == ("link", "north", 200)
    with refused("IllegalParam.Name"):
        modify(name="http://a")
    with refused("UnsupportedParameter"):
        modify(link_type="Platinum")
    with refused("DryRunOperation"):
        modify(name="never", dry_run=True)

    kind = {"region_id": REGION, "resource_type": "PeerConnection"}
    tags = [ask.TagResourcesRequestTag(key="a", value="1"), ask.TagResourcesRequestTag(key="b", value="2")]
    peer.tag_resources(ask.TagResourcesRequest(**kind, resource_id=[instance_id], tag=tags))
    peer.un_tag_resources(ask.UnTagResourcesRequest(**kind, resource_id=[instance_id], tag_key=["a"]))
    told = peer.list_tag_resources(ask.ListTagResourcesRequest(**kind, resource_id=[instance_id])).body
    assert [(one.tag_key, one.tag_value, one.region_no) for one in told.tag_resources] == [("b", "2", REGION)]
    with refused("InvalidResourceGroup.NotFound"):
        peer.move_resource_group(
            ask.MoveResourceGroupRequest(**kind, resource_id=instance_id, new_resource_group_id="rg-none")
        )
    delete(peer, instance_id)
    gone(peer, instance_id)
    # The region it led to has forgotten it, too.
    eventually(lambda: _deleted(vpc, ELSEWHERE, other))


def _deleted(vpc: Vpc, region_id: str, vpc_id: str) -> bool:
    vpc.delete_vpc(vpc_ask.DeleteVpcRequest(region_id=region_id, vpc_id=vpc_id))
    return True


def test_another_account_accepts_or_rejects(vpc: Vpc, peer: VpcPeer, other_cloud: Cloud) -> None:
    other_vpc, other_peer = Vpc(other_cloud.config()), VpcPeer(other_cloud.config())
    there = {"accepting_region_id": ELSEWHERE, "accepting_ali_uid": int(other_cloud.account_id)}
    one, other = make_vpc(vpc, "10.1.0.0/16"), vpc_at(other_vpc, ELSEWHERE, "10.2.0.0/16")
    with refused("ResourceNotFound.AcceptingVpcId"):
        joined(peer, one, other, accepting_region_id=ELSEWHERE)
    instance_id = joined(peer, one, other, **there)
    found = seen(peer, instance_id)
    assert (found.status, found.accepting_vpc.ipv_4cidrs or []) == ("Accepting", [])
    assert found.gmt_expired > found.gmt_create
    assert listed(other_peer) == [instance_id]
    accept = ask.AcceptVpcPeerConnectionRequest(instance_id=instance_id)
    with refused("ResourceNotFound.InstanceId"):
        peer.accept_vpc_peer_connection(accept)
    other_peer.reject_vpc_peer_connection(ask.RejectVpcPeerConnectionRequest(instance_id=instance_id))
    assert seen(peer, instance_id).status == "Rejected"
    with refused("IncorrectStatus.VpcPeer"):
        other_peer.accept_vpc_peer_connection(accept)
    delete(peer, instance_id)
    gone(peer, instance_id)

    instance_id = joined(peer, one, other, **there)
    tag = ask.AcceptVpcPeerConnectionRequestTag(key="side", value="theirs")
    other_peer.accept_vpc_peer_connection(ask.AcceptVpcPeerConnectionRequest(instance_id=instance_id, tag=[tag]))
    assert is_at(peer, instance_id, "Activated").tags in (None, [])
    assert [one.key for one in seen(other_peer, instance_id).tags] == ["side"]
    assert seen(peer, instance_id).accepting_vpc.ipv_4cidrs == ["10.2.0.0/16"]
    # either side may end it
    delete(other_peer, instance_id)
    gone(peer, instance_id)


def test_what_is_refused(vpc: Vpc, peer: VpcPeer) -> None:
    one, other = make_vpc(vpc, "10.1.0.0/16"), make_vpc(vpc, "10.2.0.0/16")
    with refused("ResourceNotFound.VpcId"):
        joined(peer, "vpc-bp1nosuchvpcxxxxxxxx", other)
    with refused("ResourceNotFound.AcceptingVpcId"):
        joined(peer, one, "vpc-bp1nosuchvpcxxxxxxxx")
    with refused("IllegalParam.AcceptingVpcId"):
        joined(peer, one, one)
    with refused("IllegalParam.AcceptingRegionId"):
        joined(peer, one, other, accepting_region_id="cn-nowhere")
    with refused("IllegalParam.Bandwidth"):
        joined(peer, one, other, bandwidth=100)
    with refused("DryRunOperation"):
        joined(peer, one, other, dry_run=True)
    assert listed(peer) == []
    with refused("IllegalParam.MaxResults"):
        listed(peer, max_results=101)


def test_quota_of_a_vpc(vpc: Vpc, peer: VpcPeer) -> None:
    one, *others = (make_vpc(vpc, f"10.{number}.0.0/16") for number in range(12))
    for other in others[:10]:
        joined(peer, one, other)
    with refused("QuotaExceeded.VpcPeerCountPerVpc"):
        joined(peer, others[10], one)


def test_a_region_speaks_for_itself(cloud: Cloud, vpc: Vpc) -> None:
    """Whichever region's endpoint is asked, the connection is the same."""
    one, other = make_vpc(vpc, "10.1.0.0/16"), vpc_at(vpc, ELSEWHERE, "10.2.0.0/16")
    there = VpcPeer(replace(cloud, region=ELSEWHERE).config())
    settings = {"vpc_id": other, "accepting_region_id": REGION, "accepting_vpc_id": one}
    made = there.create_vpc_peer_connection(ask.CreateVpcPeerConnectionRequest(region_id=ELSEWHERE, **settings))
    instance_id = made.body.instance_id
    assert instance_id.startswith("pcc-2ze")
    assert is_at(VpcPeer(cloud.config()), instance_id, "Activated").region_id == ELSEWHERE
