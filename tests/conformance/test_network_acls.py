"""Network ACLs and DHCP options sets through the official SDK."""

from __future__ import annotations

from typing import Any

import pytest
from alibabacloud_vpc20160428 import models
from alibabacloud_vpc20160428.client import Client as Vpc

from tests.conformance.conftest import REGION, refused
from tests.conformance.networks import make_v_switch, make_vpc


@pytest.fixture
def vpc_id(vpc: Vpc) -> str:
    return make_vpc(vpc)


def create(vpc: Vpc, vpc_id: str, **fields: Any) -> str:
    ask = models.CreateNetworkAclRequest(region_id=REGION, vpc_id=vpc_id, **fields)
    made: str = vpc.create_network_acl(ask).body.network_acl_id
    return made


def seen(vpc: Vpc, acl: str) -> Any:
    ask = models.DescribeNetworkAclAttributesRequest(region_id=REGION, network_acl_id=acl)
    return vpc.describe_network_acl_attributes(ask).body.network_acl_attribute


def listed(vpc: Vpc, **filters: Any) -> list[str]:
    ask = models.DescribeNetworkAclsRequest(region_id=REGION, **filters)
    return [it.network_acl_id for it in vpc.describe_network_acls(ask).body.network_acls.network_acl]


def ingress(**fields: Any) -> models.UpdateNetworkAclEntriesRequestIngressAclEntries:
    given = {"policy": "accept", "protocol": "tcp", "port": "80/80", "source_cidr_ip": "0.0.0.0/0", **fields}
    return models.UpdateNetworkAclEntriesRequestIngressAclEntries(**given)


def update(vpc: Vpc, acl: str, *rules: models.UpdateNetworkAclEntriesRequestIngressAclEntries) -> None:
    ask = models.UpdateNetworkAclEntriesRequest(
        region_id=REGION, network_acl_id=acl, update_ingress_acl_entries=True, ingress_acl_entries=list(rules)
    )
    vpc.update_network_acl_entries(ask)


def resource(*v_switch_ids: str) -> list[models.AssociateNetworkAclRequestResource]:
    return [models.AssociateNetworkAclRequestResource(resource_id=it, resource_type="VSwitch") for it in v_switch_ids]


def test_an_acl_accepts_everything_until_its_entries_say_otherwise(vpc: Vpc, vpc_id: str) -> None:
    acl = create(vpc, vpc_id, network_acl_name="border", description="of it", client_token="t")
    assert acl.startswith("nacl-bp1")
    assert create(vpc, vpc_id, network_acl_name="border", description="of it", client_token="t") == acl
    found = seen(vpc, acl)
    assert (found.network_acl_name, found.description, found.vpc_id, found.status) == (
        "border",
        "of it",
        vpc_id,
        "Available",
    )
    (first,) = found.ingress_acl_entries.ingress_acl_entry
    assert (first.policy, first.protocol, first.port, first.source_cidr_ip) == ("accept", "all", "-1/-1", "0.0.0.0/0")
    update(
        vpc,
        acl,
        ingress(policy="drop", source_cidr_ip="10.0.0.0/8", network_acl_entry_name="no", description="never"),
        ingress(port="22/23"),
        ingress(protocol="ICMP", port="-1/-1"),
    )
    entries = seen(vpc, acl).ingress_acl_entries.ingress_acl_entry
    assert [(it.policy, it.protocol, it.port, it.source_cidr_ip) for it in entries] == [
        ("drop", "tcp", "80/80", "10.0.0.0/8"),
        ("accept", "tcp", "22/23", "0.0.0.0/0"),
        ("accept", "icmp", "-1/-1", "0.0.0.0/0"),
    ]
    assert (entries[0].network_acl_entry_name, entries[0].description) == ("no", "never")
    assert len(seen(vpc, acl).egress_acl_entries.egress_acl_entry) == 1
    copy = create(vpc, vpc_id)
    ask = models.CopyNetworkAclEntriesRequest(region_id=REGION, network_acl_id=copy, source_network_acl_id=acl)
    vpc.copy_network_acl_entries(ask)
    assert [it.port for it in seen(vpc, copy).ingress_acl_entries.ingress_acl_entry] == ["80/80", "22/23", "-1/-1"]
    vpc.modify_network_acl_attributes(
        models.ModifyNetworkAclAttributesRequest(region_id=REGION, network_acl_id=acl, network_acl_name="new")
    )
    assert listed(vpc, network_acl_name="new") == [acl]
    delete = models.DeleteNetworkAclRequest(region_id=REGION, network_acl_id=acl)
    vpc.delete_network_acl(delete)
    with refused("InvalidNetworkAcl.NotFound", 404):
        vpc.delete_network_acl(delete)


def test_what_an_entry_cannot_be(vpc: Vpc, vpc_id: str) -> None:
    acl = create(vpc, vpc_id)
    for wrong in (
        {"policy": "maybe"},
        {"protocol": "sctp"},
        {"port": "80"},
        {"port": "90/80"},
        {"port": "0/65536"},
        {"protocol": "icmp", "port": "1/2"},
        {"source_cidr_ip": "10.0.0.0/33"},
    ):
        with refused("InvalidParameter", 400):
            update(vpc, acl, ingress(**wrong))
    with refused("QuotaExceeded.NetworkAclEntry", 400):
        update(vpc, acl, *(ingress() for _ in range(21)))
    assert len(seen(vpc, acl).ingress_acl_entries.ingress_acl_entry) == 1


def test_an_acl_stands_at_the_border_of_v_switches(vpc: Vpc, vpc_id: str) -> None:
    first, second = make_v_switch(vpc, vpc_id), make_v_switch(vpc, vpc_id, "192.168.2.0/24")
    acl, other = create(vpc, vpc_id), create(vpc, vpc_id)
    foreign = make_v_switch(vpc, make_vpc(vpc))

    def associate(acl: str, *v_switch_ids: str) -> None:
        ask = models.AssociateNetworkAclRequest(region_id=REGION, network_acl_id=acl, resource=resource(*v_switch_ids))
        vpc.associate_network_acl(ask)

    associate(acl, first, second)
    assert [it.resource_id for it in seen(vpc, acl).resources.resource] == [first, second]
    assert {it.status for it in seen(vpc, acl).resources.resource} == {"BINDED"}
    look = models.DescribeVSwitchAttributesRequest(region_id=REGION, v_switch_id=first)
    assert vpc.describe_vswitch_attributes(look).body.network_acl_id == acl
    assert listed(vpc, resource_type="VSwitch", resource_id=second) == [acl]
    with refused("ResourceAssociatedAcl", 400):
        associate(other, first)
    with refused("OperationUnsupported.ResourceNotInVpc", 400):
        associate(other, foreign)
    with refused("NetworkAclExistBinding", 400):
        vpc.delete_network_acl(models.DeleteNetworkAclRequest(region_id=REGION, network_acl_id=acl))
    with refused("DependencyViolation", 400):
        vpc.delete_vswitch(models.DeleteVSwitchRequest(region_id=REGION, v_switch_id=first))
    part = models.UnassociateNetworkAclRequest(
        region_id=REGION,
        network_acl_id=acl,
        resource=[models.UnassociateNetworkAclRequestResource(resource_id=first, resource_type="VSwitch")],
    )
    vpc.unassociate_network_acl(part)
    with refused("ResourceNotAssociatedAcl", 400):
        vpc.unassociate_network_acl(part)
    vpc.delete_vswitch(models.DeleteVSwitchRequest(region_id=REGION, v_switch_id=first))
    with refused("DryRunOperation", 400):
        create(vpc, vpc_id, dry_run=True)
    assert set(listed(vpc, vpc_id=vpc_id)) == {acl, other}


def test_dhcp_options_sets(vpc: Vpc, vpc_id: str) -> None:
    def create_set(**fields: Any) -> str:
        ask = models.CreateDhcpOptionsSetRequest(region_id=REGION, **fields)
        made: str = vpc.create_dhcp_options_set(ask).body.dhcp_options_set_id
        return made

    def get(id: str) -> Any:
        return vpc.get_dhcp_options_set(models.GetDhcpOptionsSetRequest(region_id=REGION, dhcp_options_set_id=id)).body

    made = create_set(domain_name="corp.example", domain_name_servers="10.0.0.2,10.0.0.3", dhcp_options_set_name="corp")
    found = get(made)
    assert (found.dhcp_options_set_name, found.status, found.dhcp_options.lease_time) == ("corp", "Available", "24")
    assert (found.dhcp_options.domain_name, found.dhcp_options.domain_name_servers) == (
        "corp.example",
        "10.0.0.2,10.0.0.3",
    )
    for wrong in (
        {"domain_name": "-x"},
        {"domain_name_servers": "x"},
        {"domain_name_servers": "1.1.1.1,1.1.1.2,1.1.1.3,1.1.1.4,1.1.1.5"},
        {"lease_time": "23"},
    ):
        with refused("InvalidParameter", 400):
            create_set(**wrong)
    attach = models.AttachDhcpOptionsSetToVpcRequest(region_id=REGION, dhcp_options_set_id=made, vpc_id=vpc_id)
    vpc.attach_dhcp_options_set_to_vpc(attach)
    with refused("OperationDenied.VpcAttached", 400):
        vpc.attach_dhcp_options_set_to_vpc(attach)
    assert (get(made).status, [it.vpc_id for it in get(made).associate_vpcs]) == ("InUse", [vpc_id])
    look = models.DescribeVpcAttributeRequest(region_id=REGION, vpc_id=vpc_id)
    assert vpc.describe_vpc_attribute(look).body.dhcp_options_set_id == made
    update = models.UpdateDhcpOptionsSetAttributeRequest(
        region_id=REGION, dhcp_options_set_id=made, domain_name="new.example"
    )
    vpc.update_dhcp_options_set_attribute(update)
    listing = models.ListDhcpOptionsSetsRequest(region_id=REGION, domain_name="new.example")
    (shown,) = vpc.list_dhcp_options_sets(listing).body.dhcp_options_sets
    assert (shown.dhcp_options_set_id, shown.associate_vpc_count) == (made, 1)
    delete = models.DeleteDhcpOptionsSetRequest(region_id=REGION, dhcp_options_set_id=made)
    with refused("DependencyViolation.VpcAttachment", 400):
        vpc.delete_dhcp_options_set(delete)
    detach = models.DetachDhcpOptionsSetFromVpcRequest(region_id=REGION, dhcp_options_set_id=made, vpc_id=vpc_id)
    vpc.detach_dhcp_options_set_from_vpc(detach)
    with refused("OperationDenied.VpcNotAttached", 400):
        vpc.detach_dhcp_options_set_from_vpc(detach)
    vpc.delete_dhcp_options_set(delete)
    with refused("InvalidDhcpOptionsSetId.NotFound", 404):
        get(made)
