"""A network ACL's entries: replaced as a whole, copied, and loaded where the ACL's vSwitches are."""

from __future__ import annotations

from ipaddress import IPv4Network

from openyun.engine import network
from openyun.operation import Call, Model, Request, Response
from openyun.services.naming import is_name
from openyun.services.vpc import networks
from openyun.services.vpc.errors import refuse
from openyun.services.vpc.network_acl import network_acls
from openyun.services.vpc.network_acl.errors import InvalidEntry, QuotaExceededEntries
from openyun.services.vpc.networks import Draft
from openyun.services.vpc.records import AclEntry, NetworkAcl
from openyun.services.vpc.service import vpc
from openyun.state import Transaction

MOST_ENTRIES = 20
"""of customers, in each direction"""
_ALL_PORTS = "-1/-1"


class GivenEntry(Model, kw_only=True):
    network_acl_entry_id: str = ""
    network_acl_entry_name: str = ""
    description: str = ""
    policy: str
    protocol: str
    port: str = _ALL_PORTS
    entry_type: str = "custom"
    """system and service entries come back from describing operations, and are the cloud's own affair"""
    ip_version: str = ""


class GivenIngress(GivenEntry, kw_only=True):
    source_cidr_ip: str


class GivenEgress(GivenEntry, kw_only=True):
    destination_cidr_ip: str


class UpdateNetworkAclEntriesRequest(Request, kw_only=True):
    network_acl_id: str
    ingress_acl_entries: list[GivenIngress] = []
    egress_acl_entries: list[GivenEgress] = []
    update_ingress_acl_entries: bool = False
    update_egress_acl_entries: bool = False
    client_token: str = ""
    dry_run: bool = False


@vpc.operation(resource="networkacl/{network_acl_id}")
def update_network_acl_entries(call: Call, ask: UpdateNetworkAclEntriesRequest) -> Response:
    """The entries that are given take the place of all there were, in each direction that is to be updated."""
    one = network_acls.find(call, ask.network_acl_id)
    if ask.update_ingress_acl_entries:
        one.ingress = _checked(call, [(it, it.source_cidr_ip) for it in ask.ingress_acl_entries])
    if ask.update_egress_acl_entries:
        one.egress = _checked(call, [(it, it.destination_cidr_ip) for it in ask.egress_acl_entries])
    call.state.put(one)
    call.wake()
    return Response()


class CopyNetworkAclEntriesRequest(Request, kw_only=True):
    network_acl_id: str
    source_network_acl_id: str
    client_token: str = ""
    dry_run: bool = False


@vpc.operation(resource=("networkacl/{network_acl_id}", "networkacl/{source_network_acl_id}"))
def copy_network_acl_entries(call: Call, ask: CopyNetworkAclEntriesRequest) -> Response:
    one = network_acls.find(call, ask.network_acl_id)
    source = network_acls.find(call, ask.source_network_acl_id)
    one.ingress = [_copy(call, it) for it in source.ingress]
    one.egress = [_copy(call, it) for it in source.egress]
    call.state.put(one)
    call.wake()
    return Response()


# Rules


def _copy(call: Call, one: AclEntry) -> AclEntry:
    return AclEntry(
        id=call.new_id("nae"),
        name=one.name,
        description=one.description,
        policy=one.policy,
        protocol=one.protocol,
        cidr_block=one.cidr_block,
        port=one.port,
    )


def _checked(call: Call, given: list[tuple[GivenIngress | GivenEgress, str]]) -> list[AclEntry]:
    """Raises InvalidEntry, QuotaExceededEntries."""
    own = [(one, cidr) for one, cidr in given if one.entry_type.lower() in ("", "custom")]
    if len(own) > MOST_ENTRIES:
        raise QuotaExceededEntries(most=MOST_ENTRIES)
    return [_entry(call, one, cidr) for one, cidr in own]


def _entry(call: Call, one: GivenEntry, cidr: str) -> AclEntry:
    refuse(IpVersion=one.ip_version.lower() not in ("", "ipv4") and one.ip_version)
    policy, protocol = one.policy.lower(), one.protocol.lower()
    if policy not in ("accept", "drop"):
        raise InvalidEntry(parameter="Policy", value=one.policy)
    if protocol not in ("tcp", "udp", "icmp", "gre", "all"):
        raise InvalidEntry(parameter="Protocol", value=one.protocol)
    if one.network_acl_entry_name and not is_name(one.network_acl_entry_name):
        raise InvalidEntry(parameter="NetworkAclEntryName", value=one.network_acl_entry_name)
    try:
        IPv4Network(cidr, strict=False)  # bits behind the mask are no matter to the vendor, and come back as given
    except ValueError:
        raise InvalidEntry(parameter="CidrIp", value=cidr) from None
    if not _is_port(one.port, protocol):
        raise InvalidEntry(parameter="Port", value=one.port)
    return AclEntry(
        id=one.network_acl_entry_id or call.new_id("nae"),
        name=one.network_acl_entry_name,
        description=one.description,
        policy=policy,
        protocol=protocol,
        cidr_block=cidr,
        port=one.port,
    )


def _is_port(text: str, protocol: str) -> bool:
    """Ports have meaning for TCP and UDP only."""
    if protocol not in ("tcp", "udp"):
        return text == _ALL_PORTS
    first, _, last = text.partition("/")
    if text == _ALL_PORTS:
        return True
    return first.isdecimal() and last.isdecimal() and 1 <= int(first[:6]) <= int(last[:6]) <= 65535


def _rule(one: AclEntry) -> network.BorderRule:
    first, _, last = one.port.partition("/")
    return network.BorderRule(
        policy=one.policy,  # type: ignore[arg-type]  # one of the literals, by the check
        protocol=one.protocol,  # type: ignore[arg-type]  # one of the literals, by the check
        cidr=str(IPv4Network(one.cidr_block, strict=False)),
        first_port=int(first),
        last_port=int(last),
    )


def _draft(state: Transaction, drafts: dict[str, Draft]) -> None:
    for one in state.find(NetworkAcl):
        if one.v_switch_ids and one.vpc_id in drafts:
            drafts[one.vpc_id].borders.append(
                network.Border(
                    id=one.id,
                    switch_ids=tuple(one.v_switch_ids),
                    ingress=tuple(map(_rule, one.ingress)),
                    egress=tuple(map(_rule, one.egress)),
                )
            )


networks.drafters.append(_draft)
