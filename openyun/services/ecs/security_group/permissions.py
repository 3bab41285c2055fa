"""A permission: a security group rule as a request words it, checked and made a Rule."""

from __future__ import annotations

import re
from ipaddress import ip_network
from typing import Literal

import msgspec

from openyun.errors import CloudError, MissingParameter
from openyun.operation import Call, Model
from openyun.services.ecs.records import PrefixList, Rule, SecurityGroup
from openyun.services.ecs.security_group.errors import (
    DestGroupInOtherVpc,
    DestGroupNotFound,
    GroupInEnterpriseRule,
    InvalidDestCidrIp,
    InvalidIpv6DestCidrIp,
    InvalidIpv6SourceCidrIp,
    InvalidNicType,
    InvalidPolicy,
    InvalidPortRange,
    InvalidRuleDescription,
    InvalidSourceCidrIp,
    InvalidSourcePortRange,
    Ipv4ProtocolWithIpv6Address,
    Ipv6ProtocolWithIpv4Address,
    MissingDest,
    MissingSource,
    PrefixListNotFound,
    PriorityMalformed,
    PriorityNotSupported,
    ProtocolAndPortsMismatch,
    ProtocolNotSupported,
    SameDestGroup,
    SameSourceGroup,
    SourceGroupInOtherVpc,
    SourceGroupNotFound,
    SourceIsDest,
)
from openyun.services.naming import is_name

Direction = Literal["ingress", "egress"]

PROTOCOLS = {name.lower(): name for name in ("TCP", "UDP", "ICMP", "ICMPv6", "GRE", "ALL")}
ALL_PORTS = "-1/-1"

_PORTS = re.compile(r"(\d{1,5})/(\d{1,5})")


class Permission(Model, kw_only=True):
    """What rules of both directions say. An empty text is as good as none."""

    ip_protocol: str = ""
    port_range: str = ""
    source_port_range: str = ""
    policy: str = ""
    priority: str = ""
    nic_type: str = ""
    description: str = ""
    source_cidr_ip: str = ""
    ipv6_source_cidr_ip: str = ""
    dest_cidr_ip: str = ""
    ipv6_dest_cidr_ip: str = ""


class IngressPermission(Permission, kw_only=True):
    source_group_id: str = ""
    source_group_owner_id: str = ""
    source_prefix_list_id: str = ""


class EgressPermission(Permission, kw_only=True):
    dest_group_id: str = ""
    dest_group_owner_id: str = ""
    dest_prefix_list_id: str = ""


def read(
    call: Call, group: SecurityGroup, asked: Permission, *, bad_ports: type[CloudError] = InvalidPortRange
) -> Rule:
    """The rule that a request words; its id is new. Raises whatever is wrong with it."""
    if not asked.ip_protocol:
        raise MissingParameter(parameter="IpProtocol")
    protocol = PROTOCOLS.get(asked.ip_protocol.lower())
    if protocol is None:
        raise ProtocolNotSupported
    if asked.nic_type.lower() not in ("", "intranet", "internet"):
        raise InvalidNicType
    if asked.description and not is_name(asked.description, longest=512):
        raise InvalidRuleDescription
    rule = Rule(
        id=call.new_id("sgr"),
        direction="ingress" if isinstance(asked, IngressPermission) else "egress",
        policy=_policy(asked.policy),
        protocol=protocol,
        port_range=_ports(asked.port_range, protocol, bad_ports),
        source_port_range=_ports(asked.source_port_range, protocol, InvalidSourcePortRange)
        if asked.source_port_range
        else "",
        priority=_priority(asked.priority),
        source_cidr_ip=_block(asked.source_cidr_ip, 4, InvalidSourceCidrIp),
        dest_cidr_ip=_block(asked.dest_cidr_ip, 4, InvalidDestCidrIp),
        ipv6_source_cidr_ip=_block(asked.ipv6_source_cidr_ip, 6, InvalidIpv6SourceCidrIp),
        ipv6_dest_cidr_ip=_block(asked.ipv6_dest_cidr_ip, 6, InvalidIpv6DestCidrIp),
        description=asked.description,
    )
    _check_addresses(rule)
    if isinstance(asked, IngressPermission):
        _set_source(call, group, asked, rule)
    elif isinstance(asked, EgressPermission):
        _set_dest(call, group, asked, rule)
    return rule


def meaning(rule: Rule) -> tuple[object, ...]:
    """Equal for two rules that let through the same packets: all but their ids and descriptions."""
    return msgspec.structs.astuple(
        msgspec.structs.replace(
            rule,
            id="",
            description="",
            created_at="",
            source_cidr_ip=_canonical(rule.source_cidr_ip),
            dest_cidr_ip=_canonical(rule.dest_cidr_ip),
            ipv6_source_cidr_ip=_canonical(rule.ipv6_source_cidr_ip),
            ipv6_dest_cidr_ip=_canonical(rule.ipv6_dest_cidr_ip),
        )
    )


def _canonical(block: str) -> str:
    return str(ip_network(block)) if block else ""


def _policy(text: str) -> Literal["Accept", "Drop"]:
    match text.lower():
        case "" | "accept" | "allow":
            return "Accept"
        case "drop":
            return "Drop"
    raise InvalidPolicy


def _priority(text: str) -> int:
    if not text:
        return 1
    if not re.fullmatch(r"-?\d{1,9}", text):
        raise PriorityMalformed
    if not 1 <= int(text) <= 100:
        raise PriorityNotSupported
    return int(text)


def _ports(text: str, protocol: str, malformed: type[CloudError]) -> str:
    """TCP and UDP have ports from 1 to 65535; all else has -1/-1, which may be left out."""
    if protocol not in ("TCP", "UDP"):
        if text not in ("", ALL_PORTS):
            raise ProtocolAndPortsMismatch
        return ALL_PORTS
    if not text:
        raise MissingParameter(parameter="PortRange")
    if text == ALL_PORTS:
        raise ProtocolAndPortsMismatch
    found = _PORTS.fullmatch(text)
    if found is None or not 1 <= int(found[1]) <= int(found[2]) <= 65535:
        raise malformed
    return f"{int(found[1])}/{int(found[2])}"


def _block(text: str, version: int, malformed: type[CloudError]) -> str:
    """An address stays as it is written; a block with bits behind its mask loses them."""
    if not text:
        return ""
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        raise malformed from None
    # What follows a % is the name of an interface, and Python takes any text for one.
    if "%" in text:
        raise malformed
    if network.version != version:
        raise malformed
    return str(network) if "/" in text else text


def _check_addresses(rule: Rule) -> None:
    if rule.protocol == "ICMP" and (rule.ipv6_source_cidr_ip or rule.ipv6_dest_cidr_ip):
        raise Ipv4ProtocolWithIpv6Address
    if rule.protocol == "ICMPv6" and (rule.source_cidr_ip or rule.dest_cidr_ip):
        raise Ipv6ProtocolWithIpv4Address
    if rule.source_cidr_ip and rule.source_cidr_ip == rule.dest_cidr_ip:
        raise SourceIsDest


def _set_source(call: Call, group: SecurityGroup, asked: IngressPermission, rule: Rule) -> None:
    """Addresses come before a group, as the vendor has it."""
    if rule.source_cidr_ip or rule.ipv6_source_cidr_ip:
        return
    if not asked.source_group_id:
        if not asked.source_prefix_list_id:
            raise MissingSource
        rule.prefix_list_id = _prefix_list(call, asked.source_prefix_list_id)
        return
    if asked.source_group_id == group.id:
        raise SameSourceGroup
    other = _peer(call, group, asked.source_group_id, asked.source_group_owner_id)
    if other is None:
        raise SourceGroupNotFound(security_group_id=asked.source_group_id)
    if other.vpc_id != group.vpc_id:
        raise SourceGroupInOtherVpc(security_group_id=other.id)
    rule.source_group_id, rule.source_group_owner = other.id, other.account_id


def _set_dest(call: Call, group: SecurityGroup, asked: EgressPermission, rule: Rule) -> None:
    if rule.dest_cidr_ip or rule.ipv6_dest_cidr_ip:
        return
    if not asked.dest_group_id:
        if not asked.dest_prefix_list_id:
            raise MissingDest
        rule.prefix_list_id = _prefix_list(call, asked.dest_prefix_list_id)
        return
    if asked.dest_group_id == group.id:
        raise SameDestGroup
    other = _peer(call, group, asked.dest_group_id, asked.dest_group_owner_id)
    if other is None:
        raise DestGroupNotFound(security_group_id=asked.dest_group_id)
    if other.vpc_id != group.vpc_id:
        raise DestGroupInOtherVpc(security_group_id=other.id)
    rule.dest_group_id, rule.dest_group_owner = other.id, other.account_id


def _prefix_list(call: Call, prefix_list_id: str) -> str:
    found = call.state.get(PrefixList, prefix_list_id)
    if found is None or found.account_id != call.account_id:
        raise PrefixListNotFound
    return found.id


def _peer(call: Call, group: SecurityGroup, group_id: str, owner_id: str) -> SecurityGroup | None:
    if group.type == "enterprise":
        raise GroupInEnterpriseRule
    other = call.state.get(SecurityGroup, group_id)
    return other if other is not None and other.account_id == (owner_id or call.account_id) else None
