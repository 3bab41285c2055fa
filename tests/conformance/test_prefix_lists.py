"""Prefix lists and the rules of security groups that name them."""

from __future__ import annotations

from typing import Any

import pytest
from alibabacloud_ecs20140526 import models
from alibabacloud_ecs20140526.client import Client as Ecs
from alibabacloud_vpc20160428.client import Client as Vpc

from tests.conformance.conftest import REGION, refused
from tests.conformance.networks import make_group, make_vpc
from tests.conformance.security_groups import allow, allow_out, rules


@pytest.fixture
def group(ecs: Ecs, vpc: Vpc) -> str:
    return make_group(ecs, make_vpc(vpc))


def create(ecs: Ecs, *cidrs: str, **more: Any) -> str:
    asked = {
        "region_id": REGION,
        "prefix_list_name": "offices",
        "address_family": "IPv4",
        "max_entries": 3,
        "entry": [models.CreatePrefixListRequestEntry(cidr=one) for one in cidrs],
        **more,
    }
    return str(ecs.create_prefix_list(models.CreatePrefixListRequest(**asked)).body.prefix_list_id)


def entries(ecs: Ecs, prefix_list_id: str) -> list[str]:
    asked = models.DescribePrefixListAttributesRequest(region_id=REGION, prefix_list_id=prefix_list_id)
    return [one.cidr for one in ecs.describe_prefix_list_attributes(asked).body.entries.entry]


def modify(ecs: Ecs, prefix_list_id: str, add: tuple[str, ...] = (), remove: tuple[str, ...] = ()) -> None:
    ecs.modify_prefix_list(
        models.ModifyPrefixListRequest(
            region_id=REGION,
            prefix_list_id=prefix_list_id,
            add_entry=[models.ModifyPrefixListRequestAddEntry(cidr=one) for one in add],
            remove_entry=[models.ModifyPrefixListRequestRemoveEntry(cidr=one) for one in remove],
        )
    )


def test_lists_and_their_entries(ecs: Ecs) -> None:
    made = create(ecs, "10.0.0.0/8", client_token="once")
    assert create(ecs, "10.0.0.0/8", client_token="once") == made
    modify(ecs, made, add=("172.16.0.0/12", "1.2.3.4/32"))
    assert entries(ecs, made) == ["10.0.0.0/8", "172.16.0.0/12", "1.2.3.4/32"]
    with refused("LimitExceed.Entry", 403):
        modify(ecs, made, add=("5.6.7.8/32",))
    with refused("InvalidEntry.Duplicated", 400):
        modify(ecs, made, add=("10.0.0.0/8",))
    with refused("InvalidCidr.Malformed", 400):
        modify(ecs, made, add=("10.0.0.1/8",))
    with refused("InvalidCidr.Malformed", 400):
        create(ecs, "::/0")
    modify(ecs, made, remove=("1.2.3.4/32",), add=("5.6.7.8/32",))
    with refused("InvalidEntry.NotFound", 400):
        modify(ecs, made, remove=("1.2.3.4/32",))
    other = create(ecs, prefix_list_name="others", address_family="IPv6")

    def listed(**filters: Any) -> list[str]:
        asked = models.DescribePrefixListsRequest(region_id=REGION, **filters)
        return [one.prefix_list_id for one in ecs.describe_prefix_lists(asked).body.prefix_lists.prefix_list]

    assert listed(address_family="IPv6") == [other]
    assert listed(prefix_list_name="off") == [made]
    assert sorted(listed()) == sorted([made, other])
    assert listed(max_results=1) == sorted([made, other])[:1]


def test_rules_name_lists(ecs: Ecs, group: str) -> None:
    made = create(ecs, "10.0.0.0/8")
    allow(ecs, group, source_cidr_ip=None, source_prefix_list_id=made)
    allow_out(ecs, group, dest_cidr_ip=None, dest_prefix_list_id=made)
    allow(ecs, group, source_cidr_ip=None, source_prefix_list_id=made)
    found = sorted(rules(ecs, group), key=lambda rule: rule.direction)
    assert [(one.source_prefix_list_id, one.dest_prefix_list_id) for one in found] == [("", made), (made, "")]
    assert found[1].source_prefix_list_name == "offices"
    associations = ecs.describe_prefix_list_associations(
        models.DescribePrefixListAssociationsRequest(region_id=REGION, prefix_list_id=made)
    ).body.prefix_list_associations.prefix_list_association
    assert [(one.resource_id, one.resource_type) for one in associations] == [(group, "securitygroup")]
    ecs.modify_security_group_rule(
        models.ModifySecurityGroupRuleRequest(
            region_id=REGION,
            security_group_id=group,
            security_group_rule_id=found[1].security_group_rule_id,
            priority="7",
        )
    )
    (changed,) = rules(ecs, group, "ingress")
    assert (changed.priority, changed.source_prefix_list_id) == ("7", made)
    with refused("InvalidPrefixListId.NotFound", 404):
        allow(ecs, group, source_cidr_ip=None, source_prefix_list_id="pl-none")
    gone = models.DeletePrefixListRequest(region_id=REGION, prefix_list_id=made)
    with refused("DependencyViolation.SecurityGroup", 403):
        ecs.delete_prefix_list(gone)
    for one in rules(ecs, group):
        revoke = ecs.revoke_security_group if one.direction == "ingress" else ecs.revoke_security_group_egress
        ask = (
            models.RevokeSecurityGroupRequest if one.direction == "ingress" else models.RevokeSecurityGroupEgressRequest
        )
        revoke(ask(region_id=REGION, security_group_id=group, security_group_rule_id=[one.security_group_rule_id]))
    ecs.delete_prefix_list(gone)
