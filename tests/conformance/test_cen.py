"""CEN through the official SDKs: attach VPCs of several regions and accounts, their routes, and bandwidth packages."""

from __future__ import annotations

import json
from typing import Any

import pytest
from alibabacloud_cbn20170912 import models as ask
from alibabacloud_cbn20170912.client import Client as Cbn
from alibabacloud_ram20150501 import models as ram_ask
from alibabacloud_ram20150501.client import Client as Ram
from alibabacloud_vpc20160428 import models as vpc_ask
from alibabacloud_vpc20160428.client import Client as Vpc

from tests.conformance.conftest import REGION, Cloud, eventually, refused
from tests.conformance.networks import make_v_switch, make_vpc

ELSEWHERE = "cn-beijing"


@pytest.fixture
def cbn(cloud: Cloud) -> Cbn:
    return Cbn(cloud.config())


def make_cen(cbn: Cbn, **given: Any) -> str:
    made: str = cbn.create_cen(ask.CreateCenRequest(**given)).body.cen_id
    return made


def vpc_at(vpc: Vpc, region_id: str, cidr_block: str, v_switch: str) -> str:
    """A VPC with a vSwitch in another region."""
    made = vpc.create_vpc(vpc_ask.CreateVpcRequest(region_id=region_id, cidr_block=cidr_block))
    vpc_id: str = made.body.vpc_id
    look = vpc_ask.DescribeVpcAttributeRequest(region_id=region_id, vpc_id=vpc_id)
    eventually(lambda: vpc.describe_vpc_attribute(look).body.status, "Available".__eq__)
    zone = vpc.describe_zones(vpc_ask.DescribeZonesRequest(region_id=region_id)).body.zones.zone[0].zone_id
    vpc.create_vswitch(
        vpc_ask.CreateVSwitchRequest(region_id=region_id, vpc_id=vpc_id, zone_id=zone, cidr_block=v_switch)
    )
    return vpc_id


def attach(cbn: Cbn, cen_id: str, vpc_id: str, region_id: str = REGION, owner: str = "") -> None:
    cbn.attach_cen_child_instance(
        ask.AttachCenChildInstanceRequest(
            cen_id=cen_id,
            child_instance_id=vpc_id,
            child_instance_type="VPC",
            child_instance_region_id=region_id,
            child_instance_owner_id=int(owner) if owner else None,
        )
    )


def detach(cbn: Cbn, cen_id: str, vpc_id: str, region_id: str = REGION) -> None:
    cbn.detach_cen_child_instance(
        ask.DetachCenChildInstanceRequest(
            cen_id=cen_id, child_instance_id=vpc_id, child_instance_type="VPC", child_instance_region_id=region_id
        )
    )


def children(cbn: Cbn, cen_id: str, **given: Any) -> dict[str, str]:
    found = cbn.describe_cen_attached_child_instances(
        ask.DescribeCenAttachedChildInstancesRequest(cen_id=cen_id, **given)
    )
    return {one.child_instance_id: one.status for one in found.body.child_instances.child_instance or []}


def all_attached(cbn: Cbn, cen_id: str, *vpc_ids: str) -> None:
    eventually(lambda: children(cbn, cen_id), dict.fromkeys(vpc_ids, "Attached").__eq__)


def routes(cbn: Cbn, cen_id: str, region_id: str = REGION) -> dict[str, tuple[str, str]]:
    found = cbn.describe_cen_region_domain_route_entries(
        ask.DescribeCenRegionDomainRouteEntriesRequest(cen_id=cen_id, cen_region_id=region_id)
    ).body.cen_route_entries.cen_route_entry
    return {one.destination_cidr_block: (one.next_hop_instance_id, one.next_hop_region_id) for one in found or []}


def table_of(vpc: Vpc, vpc_id: str, region_id: str = REGION) -> str:
    look = vpc_ask.DescribeRouteTableListRequest(region_id=region_id, vpc_id=vpc_id)
    found: str = vpc.describe_route_table_list(look).body.router_table_list.router_table_list_type[0].route_table_id
    return found


def learned(vpc: Vpc, vpc_id: str, region_id: str = REGION, table: str = "") -> dict[str, str]:
    """What the VPC's system route table, or another one, has from the CEN."""
    look = vpc_ask.DescribeRouteEntryListRequest(
        region_id=region_id, route_table_id=table or table_of(vpc, vpc_id, region_id), route_entry_type="CEN"
    )
    found = vpc.describe_route_entry_list(look).body.route_entrys.route_entry or []
    return {one.destination_cidr_block: one.next_hops.next_hop[0].next_hop_id for one in found}


def test_a_ram_user_needs_leave_for_each_cen(cbn: Cbn, cloud: Cloud, ram: Ram, user: str) -> None:
    one, other = make_cen(cbn), make_cen(cbn)
    statement = {"Effect": "Allow", "Action": "cen:Modify*", "Resource": f"acs:cen:*:*:ceninstance/{one}"}
    document = json.dumps({"Version": "1", "Statement": [statement]})
    ram.create_policy(ram_ask.CreatePolicyRequest(policy_name="one-cen", policy_document=document))
    attach_policy = ram_ask.AttachPolicyToUserRequest(policy_name="one-cen", policy_type="Custom", user_name=user)
    ram.attach_policy_to_user(attach_policy)
    key = ram.create_access_key(ram_ask.CreateAccessKeyRequest(user_name=user)).body.access_key
    theirs = Cbn(cloud.with_key(key.access_key_id, key.access_key_secret).config())
    theirs.modify_cen_attribute(ask.ModifyCenAttributeRequest(cen_id=one, name="mine"))
    with refused("Forbidden.RAM"):
        theirs.modify_cen_attribute(ask.ModifyCenAttributeRequest(cen_id=other, name="mine"))
    with refused("Forbidden.RAM"):
        theirs.delete_cen(ask.DeleteCenRequest(cen_id=one))


def test_a_cen_is_made_changed_and_deleted(cbn: Cbn) -> None:
    tag = ask.CreateCenRequestTag(key="team", value="net")
    cen_id = make_cen(cbn, name="first", description="of two", client_token="t1", tag=[tag])
    assert make_cen(cbn, name="first", description="of two", client_token="t1", tag=[tag]) == cen_id
    other = make_cen(cbn, name="second")

    def shown(key: str, *values: str) -> list[Any]:
        wanted = ask.DescribeCensRequestFilter(key=key, value=list(values))
        return list(cbn.describe_cens(ask.DescribeCensRequest(filter=[wanted])).body.cens.cen or [])

    [found] = shown("CenId", cen_id)
    assert (found.name, found.description, found.status, found.protection_level) == (
        *("first", "of two", "Active", "REDUCED"),
    )
    assert [one.cen_id for one in shown("Name", "second")] == [other]
    tagged = ask.DescribeCensRequest(tag=[ask.DescribeCensRequestTag(key="team", value="net")])
    assert [one.cen_id for one in cbn.describe_cens(tagged).body.cens.cen] == [cen_id]
    page = cbn.describe_cens(ask.DescribeCensRequest(page_size=1)).body
    assert (page.total_count, len(page.cens.cen)) == (2, 1)

    cbn.modify_cen_attribute(ask.ModifyCenAttributeRequest(cen_id=cen_id, name="renamed", description="new"))
    [found] = shown("CenId", cen_id)
    assert (found.name, found.description) == ("renamed", "new")
    with refused("ParameterIllegal.Name"):
        cbn.modify_cen_attribute(ask.ModifyCenAttributeRequest(cen_id=cen_id, name="http://a"))
    with refused("ParameterIllegal.ProtectionLevel"):
        make_cen(cbn, protection_level="FULL")
    kind = {"resource_type": "cen", "resource_id": [cen_id]}
    cbn.tag_resources(ask.TagResourcesRequest(**kind, tag=[ask.TagResourcesRequestTag(key="b", value="2")]))
    cbn.untag_resources(ask.UntagResourcesRequest(**kind, tag_key=["team"]))
    told = cbn.list_tag_resources(ask.ListTagResourcesRequest(**kind)).body.tag_resources.tag_resource
    assert [(one.tag_key, one.tag_value) for one in told] == [("b", "2")]
    for one in (cen_id, other):
        cbn.delete_cen(ask.DeleteCenRequest(cen_id=one))
    with refused("ParameterCenInstanceId"):
        cbn.delete_cen(ask.DeleteCenRequest(cen_id=cen_id))
    for _ in range(10):
        make_cen(cbn)
    with refused("QuotaExceeded.CenCountExceeded"):
        make_cen(cbn)


def test_vpcs_of_two_regions_learn_each_others_routes(cbn: Cbn, vpc: Vpc) -> None:
    cen_id = make_cen(cbn)
    one, other = make_vpc(vpc, "10.1.0.0/16"), vpc_at(vpc, ELSEWHERE, "10.2.0.0/16", "10.2.1.0/24")
    make_v_switch(vpc, one, "10.1.1.0/24")
    attach(cbn, cen_id, one)
    all_attached(cbn, cen_id, one)
    assert learned(vpc, one) == {}
    attach(cbn, cen_id, other, ELSEWHERE)
    all_attached(cbn, cen_id, one, other)
    assert children(cbn, cen_id, child_instance_region_id=ELSEWHERE) == {other: "Attached"}
    eventually(lambda: learned(vpc, one), {"10.2.1.0/24": other}.__eq__)
    eventually(lambda: learned(vpc, other, ELSEWHERE), {"10.1.1.0/24": one}.__eq__)
    assert routes(cbn, cen_id) == {"10.1.1.0/24": (one, REGION), "10.2.1.0/24": (other, ELSEWHERE)}
    look = ask.DescribeCenAttachedChildInstanceAttributeRequest(
        cen_id=cen_id, child_instance_id=other, child_instance_type="VPC", child_instance_region_id=ELSEWHERE
    )
    child = cbn.describe_cen_attached_child_instance_attribute(look).body
    assert (child.status, child.child_instance_attributes.cidr_block) == ("Attached", "10.2.0.0/16")
    shown = vpc.describe_vpcs(vpc_ask.DescribeVpcsRequest(region_id=REGION, vpc_id=one)).body.vpcs.vpc[0]
    assert shown.cen_status == "Attached"
    details = vpc.describe_vpc_attribute(vpc_ask.DescribeVpcAttributeRequest(region_id=REGION, vpc_id=one)).body
    assert [it.cen_id for it in details.associated_cens.associated_cen] == [cen_id]

    # a new vSwitch is learned; one of the other's addresses that the VPC has itself is not
    make_v_switch(vpc, one, "10.1.2.0/24")
    eventually(lambda: set(learned(vpc, other, ELSEWHERE)), {"10.1.1.0/24", "10.1.2.0/24"}.__eq__)
    third = make_vpc(vpc, "10.0.0.0/8")
    make_v_switch(vpc, third, "10.1.1.0/24")
    attach(cbn, cen_id, third)
    all_attached(cbn, cen_id, one, other, third)
    eventually(lambda: set(learned(vpc, third)), {"10.1.2.0/24", "10.2.1.0/24"}.__eq__)
    assert learned(vpc, other, ELSEWHERE)["10.1.1.0/24"] == one, "the first that offers it"

    # a route table takes them unless it is told not to
    custom = vpc.create_route_table(vpc_ask.CreateRouteTableRequest(region_id=REGION, vpc_id=one)).body.route_table_id
    assert set(learned(vpc, one, table=custom)) == {"10.2.1.0/24"}
    vpc.modify_route_table_attributes(
        vpc_ask.ModifyRouteTableAttributesRequest(
            region_id=REGION, route_table_id=custom, route_propagation_enable=False
        )
    )
    assert learned(vpc, one, table=custom) == {}

    # what is withdrawn the others forget
    where: dict[str, Any] = {
        **{"cen_id": cen_id, "child_instance_id": one, "child_instance_type": "VPC"},
        **{"child_instance_region_id": REGION, "child_instance_route_table_id": table_of(vpc, one)},
    }
    cbn.withdraw_published_route_entries(
        ask.WithdrawPublishedRouteEntriesRequest(**where, destination_cidr_block="10.1.2.0/24")
    )
    eventually(lambda: "10.1.2.0/24" not in learned(vpc, other, ELSEWHERE))
    told = cbn.describe_published_route_entries(ask.DescribePublishedRouteEntriesRequest(**where)).body
    published = {
        one.destination_cidr_block: one.publish_status for one in told.published_route_entries.published_route_entry
    }
    assert published == {"10.1.1.0/24": "Published", "10.1.2.0/24": "NonPublished"}
    cbn.publish_route_entries(ask.PublishRouteEntriesRequest(**where, destination_cidr_block="10.1.2.0/24"))
    eventually(lambda: "10.1.2.0/24" in learned(vpc, other, ELSEWHERE))
    with refused("InvalidOperation.NotFoundRoute"):
        cbn.publish_route_entries(ask.PublishRouteEntriesRequest(**where, destination_cidr_block="10.9.0.0/24"))

    # what is in the way of what
    with refused("InvalidOperation.ChildInstanceAlreadyAttached", 409):
        attach(cbn, make_cen(cbn), one)
    with refused("OperationFailed.DeleteCenWithChildInstance"):
        cbn.delete_cen(ask.DeleteCenRequest(cen_id=cen_id))
    alone = make_vpc(vpc, "10.77.0.0/16")
    second_cen = make_cen(cbn)
    attach(cbn, second_cen, alone)
    all_attached(cbn, second_cen, alone)
    with refused("DependencyViolation.Cen"):
        vpc.delete_vpc(vpc_ask.DeleteVpcRequest(region_id=REGION, vpc_id=alone))
    detach(cbn, second_cen, alone)
    eventually(lambda: children(cbn, second_cen), {}.__eq__)
    vpc.delete_vpc(vpc_ask.DeleteVpcRequest(region_id=REGION, vpc_id=alone))

    detach(cbn, cen_id, other, ELSEWHERE)
    eventually(lambda: set(children(cbn, cen_id)), {one, third}.__eq__)
    eventually(lambda: "10.2.1.0/24" not in learned(vpc, one))
    with refused("ParameterInstanceId"):
        detach(cbn, cen_id, other, ELSEWHERE)
    with refused("ParameterInstanceId"):
        cbn.describe_cen_attached_child_instance_attribute(look)


def test_another_account_grants_its_vpc(cbn: Cbn, vpc: Vpc, cloud: Cloud, other_cloud: Cloud) -> None:
    cen_id, theirs = make_cen(cbn), Vpc(other_cloud.config())
    vpc_id = make_vpc(theirs, "10.2.0.0/16")
    with refused("ParameterInstanceId"):
        attach(cbn, cen_id, vpc_id)
    with refused("Forbbiden.AttachChildInstanceAcrossUid", 409):
        attach(cbn, cen_id, vpc_id, owner=other_cloud.account_id)
    rule: dict[str, Any] = {
        **{"region_id": REGION, "instance_id": vpc_id, "instance_type": "VPC"},
        **{"cen_id": cen_id, "cen_owner_id": int(cloud.account_id)},
    }
    with refused("InvalidVpcId.NotFound"):
        vpc.grant_instance_to_cen(vpc_ask.GrantInstanceToCenRequest(**rule))
    theirs.grant_instance_to_cen(vpc_ask.GrantInstanceToCenRequest(**rule))
    look = vpc_ask.DescribeGrantRulesToCenRequest(region_id=REGION, instance_id=vpc_id, instance_type="VPC")
    rules = theirs.describe_grant_rules_to_cen(look).body.cen_grant_rules.cbn_grant_rule
    assert [(one.cen_instance_id, str(one.cen_owner_id)) for one in rules] == [(cen_id, cloud.account_id)]
    attach(cbn, cen_id, vpc_id, owner=other_cloud.account_id)
    all_attached(cbn, cen_id, vpc_id)
    theirs.revoke_instance_from_cen(vpc_ask.RevokeInstanceFromCenRequest(**rule))
    with refused("InvalidGrantRule.NotFound"):
        theirs.revoke_instance_from_cen(vpc_ask.RevokeInstanceFromCenRequest(**rule))
    # Its owner may take it out of the CEN, and see nothing else of it.
    with refused("ParameterCenInstanceId"):
        children(Cbn(other_cloud.config()), cen_id)
    detach(Cbn(other_cloud.config()), cen_id, vpc_id)
    eventually(lambda: children(cbn, cen_id), {}.__eq__)


def test_bandwidth_packages_are_shared_out(cbn: Cbn) -> None:
    cen_id = make_cen(cbn)
    china = {"geographic_region_aid": "China", "geographic_region_bid": "China"}

    def make(**given: Any) -> str:
        made = cbn.create_cen_bandwidth_package(
            ask.CreateCenBandwidthPackageRequest(**{"bandwidth": 10, **china, **given})
        )
        package_id: str = made.body.cen_bandwidth_package_id
        return package_id

    def share(bandwidth: int, other: str = ELSEWHERE) -> None:
        cbn.set_cen_inter_region_bandwidth_limit(
            ask.SetCenInterRegionBandwidthLimitRequest(
                cen_id=cen_id, local_region_id=REGION, opposite_region_id=other, bandwidth_limit=bandwidth
            )
        )

    with refused("InvalidOperation.NoBandwidthPackage"):
        share(1)
    package_id = make(name="within", description="China")
    both = {"cen_id": cen_id, "cen_bandwidth_package_id": package_id}
    cbn.associate_cen_bandwidth_package(ask.AssociateCenBandwidthPackageRequest(**both))
    with refused("InvalidOperation.BwpInstanceStatus"):
        cbn.associate_cen_bandwidth_package(ask.AssociateCenBandwidthPackageRequest(**both))
    share(6)
    with refused("InvalidOperation.BandwidthLimitExceeded"):
        share(5, "cn-shanghai")
    share(4, "cn-shanghai")
    share(5)
    limits = cbn.describe_cen_inter_region_bandwidth_limits(
        ask.DescribeCenInterRegionBandwidthLimitsRequest(cen_id=cen_id)
    ).body.cen_inter_region_bandwidth_limits.cen_inter_region_bandwidth_limit
    told = sorted((one.local_region_id, one.opposite_region_id, one.bandwidth_limit, one.status) for one in limits)
    assert told == [("cn-beijing", "cn-hangzhou", 5, "Active"), ("cn-hangzhou", "cn-shanghai", 4, "Active")]
    left = cbn.describe_cen_geographic_span_remaining_bandwidth(
        ask.DescribeCenGeographicSpanRemainingBandwidthRequest(cen_id=cen_id, **china)
    )
    assert left.body.remaining_bandwidth == 1
    with refused("InvalidOperation.NoBandwidthPackage"):
        share(1, "ap-southeast-1")
    shown = ask.DescribeCenBandwidthPackagesRequest(
        filter=[ask.DescribeCenBandwidthPackagesRequestFilter(key="CenBandwidthPackageId", value=[package_id])]
    )
    [found] = cbn.describe_cen_bandwidth_packages(shown).body.cen_bandwidth_packages.cen_bandwidth_package
    assert (found.name, found.bandwidth, found.status, found.geographic_span_id) == (
        "within",
        10,
        "InUse",
        "china_china",
    )
    assert found.cen_ids.cen_id == [cen_id]
    with refused("InvalidOperation.BandwidthLimitExceeded"):
        cbn.modify_cen_bandwidth_package_spec(
            ask.ModifyCenBandwidthPackageSpecRequest(cen_bandwidth_package_id=package_id, bandwidth=8)
        )
    with refused("InvalidOperation.CenBandwidthLimitsNotZero"):
        cbn.unassociate_cen_bandwidth_package(ask.UnassociateCenBandwidthPackageRequest(**both))
    with refused("OperationFailed.DeleteCenWithBandwidthPackage"):
        cbn.delete_cen(ask.DeleteCenRequest(cen_id=cen_id))
    share(0)
    share(0, "cn-shanghai")
    cbn.unassociate_cen_bandwidth_package(ask.UnassociateCenBandwidthPackageRequest(**both))
    gone = ask.DeleteCenBandwidthPackageRequest(cen_bandwidth_package_id=package_id)
    cbn.delete_cen_bandwidth_package(gone)
    with refused("ParameterBwpInstanceId"):
        cbn.delete_cen_bandwidth_package(gone)
    paid = make(bandwidth_package_charge_type="PREPAY", period=1, pricing_cycle="Month")
    with refused("Forbidden.Release"):
        cbn.delete_cen_bandwidth_package(ask.DeleteCenBandwidthPackageRequest(cen_bandwidth_package_id=paid))
    with refused("ParameterIllegal.Bandwidth"):
        make(bandwidth=1)
    with refused("ParameterIllegal.GeographicRegionBId"):
        make(geographic_region_bid="Moon")
    spans = cbn.describe_cen_geographic_spans(ask.DescribeCenGeographicSpansRequest(page_size=50)).body
    assert "asia-pacific_china" in {
        one.geographic_span_id for one in spans.geographic_span_models.geographic_span_model
    }
