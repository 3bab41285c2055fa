"""Rules of security groups through the official SDK."""

from __future__ import annotations

import pytest
from alibabacloud_ecs20140526 import models
from alibabacloud_ecs20140526.client import Client as Ecs
from alibabacloud_vpc20160428.client import Client as Vpc

from tests.conformance.conftest import REGION, Cloud, refused
from tests.conformance.networks import make_group, make_vpc
from tests.conformance.security_groups import allow, allow_out, attribute, delete, listed, revoke, rules

Permission = models.AuthorizeSecurityGroupRequestPermissions
EgressPermission = models.AuthorizeSecurityGroupEgressRequestPermissions


@pytest.fixture
def vpc_id(vpc: Vpc) -> str:
    return make_vpc(vpc)


@pytest.fixture
def group(ecs: Ecs, vpc_id: str) -> str:
    return make_group(ecs, vpc_id, name="first")


def test_a_rule_in_flat_parameters(ecs: Ecs, group: str) -> None:
    allow(
        ecs,
        group,
        ip_protocol="TCP",
        port_range="80/90",
        source_port_range="1000/2000",
        dest_cidr_ip="192.168.0.5",
        policy="drop",
        priority="7",
        nic_type="intranet",
        description="a word about it",
    )
    (rule,) = rules(ecs, group)
    assert rule.security_group_rule_id.startswith("sgr-bp1")
    assert (rule.direction, rule.ip_protocol, rule.port_range, rule.source_port_range) == (
        "ingress",
        "TCP",
        "80/90",
        "1000/2000",
    )
    assert (rule.source_cidr_ip, rule.dest_cidr_ip) == ("10.0.0.0/8", "192.168.0.5")
    assert (rule.policy, rule.priority, rule.nic_type) == ("Drop", "7", "intranet")
    assert (rule.description, bool(rule.create_time)) == ("a word about it", True)


def test_several_rules_at_once(ecs: Ecs, group: str, vpc_id: str) -> None:
    peer = make_group(ecs, vpc_id, "peer")
    ecs.authorize_security_group(
        models.AuthorizeSecurityGroupRequest(
            region_id=REGION,
            security_group_id=group,
            permissions=[
                Permission(ip_protocol="UDP", port_range="53/53", source_cidr_ip="0.0.0.0/0"),
                Permission(ip_protocol="icmp", port_range="-1/-1", source_cidr_ip="1.2.3.4"),
                Permission(ip_protocol="ICMPv6", port_range="-1/-1", ipv_6source_cidr_ip="2001:db8::/32"),
                Permission(ip_protocol="ALL", port_range="-1/-1", source_group_id=peer, priority="100"),
            ],
        )
    )
    ecs.authorize_security_group_egress(
        models.AuthorizeSecurityGroupEgressRequest(
            region_id=REGION,
            security_group_id=group,
            permissions=[
                EgressPermission(ip_protocol="tcp", port_range="443/443", dest_cidr_ip="0.0.0.0/0"),
                EgressPermission(ip_protocol="gre", port_range="-1/-1", dest_group_id=peer),
            ],
        )
    )
    found = {one.ip_protocol: one for one in rules(ecs, group, "ingress")}
    assert set(found) == {"UDP", "ICMP", "ICMPv6", "ALL"}
    assert found["ICMP"].source_cidr_ip == "1.2.3.4"
    assert found["ICMPv6"].ipv_6source_cidr_ip == "2001:db8::/32"
    assert (found["ALL"].source_group_id, found["ALL"].source_group_name) == (peer, "peer")
    out = {one.ip_protocol: one for one in rules(ecs, group, "egress")}
    assert (out["TCP"].dest_cidr_ip, out["GRE"].dest_group_id) == ("0.0.0.0/0", peer)
    assert len(rules(ecs, group)) == 6
    (one,) = ecs.describe_security_groups(
        models.DescribeSecurityGroupsRequest(region_id=REGION, security_group_id=group)
    ).body.security_groups.security_group
    assert (one.rule_count, one.group_to_group_rule_count) == (6, 2)


def test_authorizing_a_rule_again_adds_none(ecs: Ecs, group: str) -> None:
    allow(ecs, group, source_cidr_ip="1.2.3.4")
    allow(ecs, group, source_cidr_ip="1.2.3.4/32", description="the same in other words")
    assert len(rules(ecs, group)) == 1
    allow(ecs, group, source_cidr_ip="1.2.3.4", priority="2")
    allow(ecs, group, source_cidr_ip="1.2.3.4", policy="drop")
    assert len(rules(ecs, group)) == 3


def test_one_wrong_rule_refuses_all(ecs: Ecs, group: str) -> None:
    with refused("InvalidPriority.ValueNotSupported", 400):
        ecs.authorize_security_group(
            models.AuthorizeSecurityGroupRequest(
                region_id=REGION,
                security_group_id=group,
                permissions=[
                    Permission(ip_protocol="tcp", port_range="1/2", source_cidr_ip="0.0.0.0/0"),
                    Permission(ip_protocol="tcp", port_range="1/2", source_cidr_ip="0.0.0.0/0", priority="101"),
                ],
            )
        )
    assert rules(ecs, group) == []


@pytest.mark.parametrize(
    ("wrong", "code", "status"),
    [
        ({"ip_protocol": "sctp"}, "InvalidIpProtocol.ValueNotSupported", 400),
        ({"ip_protocol": None}, "MissingParameter", 400),
        ({"port_range": None}, "MissingParameter", 400),
        ({"port_range": "22"}, "InvalidIpProtocol.Malformed", 400),
        ({"port_range": "0/22"}, "InvalidIpProtocol.Malformed", 400),
        ({"port_range": "23/22"}, "InvalidIpProtocol.Malformed", 400),
        ({"port_range": "1/65536"}, "InvalidIpProtocol.Malformed", 400),
        ({"port_range": "-1/-1"}, "OperationDenied", 400),
        ({"ip_protocol": "icmp"}, "OperationDenied", 400),
        ({"source_port_range": "a/b"}, "InvalidSourcePortRange.Malformed", 400),
        ({"source_cidr_ip": "10.0.0.0/33"}, "InvalidSourceCidrIp.Malformed", 400),
        ({"source_cidr_ip": "2001:db8::/32"}, "InvalidSourceCidrIp.Malformed", 400),
        ({"dest_cidr_ip": "ten"}, "InvalidDestCidrIp.Malformed", 400),
        ({"dest_cidr_ip": "10.0.0.0/8"}, "InvalidParamter.Conflict", 400),
        ({"source_cidr_ip": None, "ipv_6source_cidr_ip": "10.0.0.0/8"}, "InvalidParam.Ipv6SourceCidrIp", 400),
        (
            {"ip_protocol": "icmpv6", "port_range": "-1/-1"},
            "InvalidParam.Ipv6ProtocolConflictWithIpv4Address",
            400,
        ),
        (
            {"ip_protocol": "icmp", "port_range": "-1/-1", "source_cidr_ip": None, "ipv_6source_cidr_ip": "::/0"},
            "InvalidParam.Ipv4ProtocolConflictWithIpv6Address",
            400,
        ),
        ({"source_cidr_ip": None}, "MissingParameter.Source", 400),
        ({"source_cidr_ip": None, "source_group_id": "sg-nobody"}, "InvalidSourceGroupId.NotFound", 404),
        ({"source_cidr_ip": None, "source_prefix_list_id": "pl-1"}, "InvalidPrefixListId.NotFound", 404),
        ({"policy": "maybe"}, "InvalidPolicy.Malformed", 400),
        ({"priority": "high"}, "InvalidPriority.Malformed", 400),
        ({"priority": "0"}, "InvalidPriority.ValueNotSupported", 400),
        ({"priority": "101"}, "InvalidPriority.ValueNotSupported", 400),
        ({"nic_type": "wireless"}, "InvalidNicType.ValueNotSupported", 400),
        ({"description": "d" * 513}, "InvalidSecurityGroupDiscription.Malformed", 400),
    ],
    ids=str,
)
def test_what_a_rule_cannot_be(ecs: Ecs, group: str, wrong: dict[str, object], code: str, status: int) -> None:
    with refused(code, status):
        allow(ecs, group, **wrong)
    assert rules(ecs, group) == []


def test_what_an_egress_rule_cannot_be(ecs: Ecs, group: str) -> None:
    with refused("MissingParameter.Dest", 400):
        allow_out(ecs, group, dest_cidr_ip=None)
    with refused("InvalidDestCidrIp.Malformed", 400):
        allow_out(ecs, group, dest_cidr_ip="everywhere")
    with refused("InvalidDestGroupId.NotFound", 404):
        allow_out(ecs, group, dest_cidr_ip=None, dest_group_id="sg-nobody")
    with refused("InvalidSecurityGroup.IsSame", 403):
        allow_out(ecs, group, dest_cidr_ip=None, dest_group_id=group)


def test_a_rule_between_groups_stays_in_one_vpc(ecs: Ecs, vpc: Vpc, group: str, vpc_id: str) -> None:
    with refused("InvalidParamter.Conflict", 403):
        allow(ecs, group, source_cidr_ip=None, source_group_id=group)
    elsewhere = make_group(ecs, make_vpc(vpc))
    with refused("InvalidSourceGroupId.Mismatch", 400):
        allow(ecs, group, source_cidr_ip=None, source_group_id=elsewhere)
    with refused("InvalidDestGroupId.Mismatch", 400):
        allow_out(ecs, group, dest_cidr_ip=None, dest_group_id=elsewhere)
    enterprise = make_group(ecs, vpc_id, kind="enterprise")
    with refused("OperationDenied", 400):
        allow(ecs, enterprise, source_cidr_ip=None, source_group_id=group)


def test_an_address_comes_before_a_group(ecs: Ecs, group: str, vpc_id: str) -> None:
    allow(ecs, group, source_group_id=make_group(ecs, vpc_id))
    (rule,) = rules(ecs, group)
    assert (rule.source_cidr_ip, rule.source_group_id) == ("10.0.0.0/8", "")


def test_a_group_has_at_most_200_rules(ecs: Ecs, group: str) -> None:
    for hundred in (0, 1):
        ecs.authorize_security_group(
            models.AuthorizeSecurityGroupRequest(
                region_id=REGION,
                security_group_id=group,
                permissions=[
                    Permission(ip_protocol="tcp", port_range=f"{port}/{port}", source_cidr_ip="0.0.0.0/0")
                    for port in range(1000 + 100 * hundred, 1100 + 100 * hundred)
                ],
            )
        )
    with refused("AuthorizationLimitExceed", 403):
        allow_out(ecs, group)
    allow(ecs, group, port_range="1000/1000", source_cidr_ip="0.0.0.0/0")  # one that is there already
    first = attribute(ecs, group, max_results=150)
    second = attribute(ecs, group, max_results=150, next_token=first.next_token)
    assert (len(first.permissions.permission), len(second.permissions.permission)) == (150, 50)
    assert not second.next_token
    both = {one.security_group_rule_id for page in (first, second) for one in page.permissions.permission}
    assert len(both) == 200


def test_a_group_refers_to_at_most_20_others(ecs: Ecs, group: str, vpc_id: str) -> None:
    for _ in range(20):
        allow(ecs, group, source_cidr_ip=None, source_group_id=make_group(ecs, vpc_id))
    with refused("AuthorizationLimitExceed", 403):
        allow(ecs, group, source_cidr_ip=None, source_group_id=make_group(ecs, vpc_id))


def test_revoking_by_what_a_rule_says(ecs: Ecs, group: str) -> None:
    allow(ecs, group)
    allow(ecs, group, priority="5")
    allow_out(ecs, group)
    said = {"ip_protocol": "tcp", "port_range": "22/22", "source_cidr_ip": "10.0.0.0/8"}
    revoke(ecs, group, **said, policy="drop")
    assert len(rules(ecs, group)) == 3  # none is like that, which is no error
    revoke(ecs, group, **said)
    assert [one.priority for one in rules(ecs, group, "ingress")] == ["5"]
    revoke(ecs, group, permissions=[models.RevokeSecurityGroupRequestPermissions(**said, priority="5")])
    assert rules(ecs, group, "ingress") == []
    ecs.revoke_security_group_egress(
        models.RevokeSecurityGroupEgressRequest(
            region_id=REGION,
            security_group_id=group,
            ip_protocol="tcp",
            port_range="443/443",
            dest_cidr_ip="0.0.0.0/0",
        )
    )
    assert rules(ecs, group) == []
    with refused("InvalidIpPortRange.Malformed", 400):
        revoke(ecs, group, **said | {"port_range": "22"})


def test_revoking_by_id(ecs: Ecs, group: str) -> None:
    allow(ecs, group)
    allow_out(ecs, group)
    (into,), (out,) = rules(ecs, group, "ingress"), rules(ecs, group, "egress")
    revoke(ecs, group, security_group_rule_id=[out.security_group_rule_id])
    assert len(rules(ecs, group)) == 2  # an egress rule is revoked by the egress operation
    revoke(ecs, group, security_group_rule_id=[into.security_group_rule_id])
    ecs.revoke_security_group_egress(
        models.RevokeSecurityGroupEgressRequest(
            region_id=REGION, security_group_id=group, security_group_rule_id=[out.security_group_rule_id]
        )
    )
    assert rules(ecs, group) == []


def test_a_rule_is_modified_by_id(ecs: Ecs, group: str, vpc_id: str) -> None:
    allow(ecs, group, description="old")
    (old,) = rules(ecs, group)

    def modify(**fields: object) -> models.DescribeSecurityGroupAttributeResponseBodyPermissionsPermission:
        ecs.modify_security_group_rule(
            models.ModifySecurityGroupRuleRequest(
                region_id=REGION,
                security_group_id=group,
                security_group_rule_id=old.security_group_rule_id,
                **fields,
            )
        )
        (new,) = rules(ecs, group)
        assert (new.security_group_rule_id, new.create_time) == (old.security_group_rule_id, old.create_time)
        return new

    new = modify(port_range="80/80", policy="drop", priority="9")
    assert (new.port_range, new.policy, new.priority, new.source_cidr_ip) == ("80/80", "Drop", "9", "10.0.0.0/8")
    peer = make_group(ecs, vpc_id)
    new = modify(source_group_id=peer, description="new")
    assert (new.source_group_id, new.source_cidr_ip, new.description, new.port_range) == (peer, "", "new", "80/80")
    new = modify(ip_protocol="icmp", source_cidr_ip="0.0.0.0/0")
    assert (new.ip_protocol, new.port_range, new.source_group_id) == ("ICMP", "-1/-1", "")
    with refused("InvalidPriority.ValueNotSupported", 400):
        modify(priority="1000")


def test_a_rule_is_described_anew(ecs: Ecs, group: str) -> None:
    allow(ecs, group)
    allow_out(ecs, group)
    said = {"region_id": REGION, "security_group_id": group, "ip_protocol": "tcp", "description": "why it is here"}
    ecs.modify_security_group_rule(
        models.ModifySecurityGroupRuleRequest(**said, port_range="22/22", source_cidr_ip="10.0.0.0/8")
    )
    ecs.modify_security_group_egress_rule(
        models.ModifySecurityGroupEgressRuleRequest(**said, port_range="443/443", dest_cidr_ip="0.0.0.0/0")
    )
    assert [one.description for one in rules(ecs, group)] == ["why it is here"] * 2
    with refused("SecurityGroupRule.NotFound", 404):
        ecs.modify_security_group_rule(
            models.ModifySecurityGroupRuleRequest(**said, port_range="23/23", source_cidr_ip="10.0.0.0/8")
        )
    with refused("SecurityGroupRule.NotFound", 404):
        ecs.modify_security_group_egress_rule(
            models.ModifySecurityGroupEgressRuleRequest(**said, security_group_rule_id="sgr-nobody")
        )


def test_an_egress_rule_is_modified_by_id(ecs: Ecs, group: str) -> None:
    allow_out(ecs, group)
    (old,) = rules(ecs, group)
    ecs.modify_security_group_egress_rule(
        models.ModifySecurityGroupEgressRuleRequest(
            region_id=REGION,
            security_group_id=group,
            security_group_rule_id=old.security_group_rule_id,
            dest_cidr_ip="8.8.8.8/32",
        )
    )
    (new,) = rules(ecs, group)
    assert (new.direction, new.dest_cidr_ip, new.port_range) == ("egress", "8.8.8.8/32", "443/443")


def test_a_group_that_others_refer_to_stays(ecs: Ecs, group: str, vpc_id: str, cloud: Cloud) -> None:
    peer = make_group(ecs, vpc_id)
    allow(ecs, group, source_cidr_ip=None, source_group_id=peer)

    def references(*ids: str) -> dict[str, list[tuple[str, str]]]:
        ask = models.DescribeSecurityGroupReferencesRequest(region_id=REGION, security_group_id=list(ids))
        found = ecs.describe_security_group_references(ask).body.security_group_references.security_group_reference
        return {
            one.security_group_id: [
                (other.ali_uid, other.security_group_id)
                for other in one.referencing_security_groups.referencing_security_group
            ]
            for one in found
        }

    assert references(peer, group) == {peer: [(cloud.account_id, group)]}
    with refused("DependencyViolation", 403):
        delete(ecs, peer)
    revoke(ecs, group, ip_protocol="tcp", port_range="22/22", source_group_id=peer)
    assert references(peer) == {}
    delete(ecs, peer)
    assert listed(ecs) == [group]


def test_rules_of_one_direction(ecs: Ecs, group: str) -> None:
    allow(ecs, group)
    allow_out(ecs, group)
    assert [one.direction for one in rules(ecs, group, "ingress")] == ["ingress"]
    assert [one.direction for one in rules(ecs, group, "egress")] == ["egress"]
    with refused("InvalidNicType.ValueNotSupported", 400):
        attribute(ecs, group, nic_type="wireless")
