"""What 100.100.100.200 tells an instance about itself: /latest/meta-data, user data, and its role's credentials.

A tree of texts; a path that ends in the middle of it lists what is below.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from ipaddress import IPv4Network
from typing import Any

import msgspec

from openyun.access.principal import Principal
from openyun.clock import iso_seconds
from openyun.cloud import Cloud, RegionState
from openyun.errors import CloudError
from openyun.operation import Call
from openyun.services.ecs.instance import user_data
from openyun.services.ecs.instance.ram_roles import SERVICE
from openyun.services.ecs.network_interface import interfaces
from openyun.services.ecs.records import Instance, NetworkInterface
from openyun.services.sts.assume_role import assume_for_service
from openyun.services.vpc import eips
from openyun.services.vpc.networks import gateway_of
from openyun.services.vpc.records import Vpc, VSwitch
from openyun.state import Transaction

Answer = tuple[int, str, bytes]
"""status, content type, body"""
Leaf = str | Callable[[], str | None]
"""a text, or what makes it when it is asked for; None if there is none after all"""
Tree = dict[str, Any]

TOKEN_HEADER = "x-aliyun-ecs-metadata-token"  # noqa: S105  # a header's name
LIFETIME_HEADER = "x-aliyun-ecs-metadata-token-ttl-seconds"
LONGEST_LIFE = 21600
"""seconds"""
NTP_SERVERS = tuple(f"ntp{number}.cloud.aliyuncs.com" for number in range(7, 11))
NAMESERVERS = ("100.100.2.136", "100.100.2.138")

_LIFETIME = re.compile("[0-9]{1,5}")
_PLAIN = "text/plain"
_PURPOSE = "metadata token"


class Subject(msgspec.Struct, frozen=True):
    """The instance that asks, and where it is."""

    instance: Instance
    v_switch: VSwitch
    vpc: Vpc
    interfaces: list[tuple[NetworkInterface, VSwitch]]


def find(state: Transaction, vpc_id: str, address: str) -> Subject | None:
    """Who has this private address in this VPC."""
    vpc = state.get(Vpc, vpc_id)
    interface = interfaces.with_address(state, vpc_id, address)
    one = state.get(Instance, interface.instance_id) if interface else None
    if one is None or vpc is None:
        return None
    several = interfaces.of_instance(state, one.id)
    switches = {switch.id: switch for switch in state.find(VSwitch, id=list({it.v_switch_id for it in several}))}
    if one.v_switch_id not in switches:
        return None
    return Subject(one, switches[one.v_switch_id], vpc, [(it, switches[it.v_switch_id]) for it in several])


def answer(
    cloud: Cloud, at: RegionState, subject: Subject, method: str, path: str, headers: Mapping[str, str]
) -> Answer:
    """`path` is decoded; names of `headers` are in lower case."""
    one = subject.instance
    if one.http_endpoint != "enabled":
        return _refusal(403)
    if method == "PUT" and path.rstrip("/") == "/latest/api/token":
        return _issue(cloud, one, headers)
    if method not in ("GET", "HEAD"):
        return _refusal(405)
    token = headers.get(TOKEN_HEADER)
    if token is None and one.http_tokens == "required":
        return _refusal(403)
    if token is not None and not _holds(cloud, one, token):
        return _refusal(401)
    status, kind, body = _look_up(_root(cloud, at, subject), path)
    return status, kind, b"" if method == "HEAD" else body


# Tokens: only a request that can set headers and use PUT gets one, which most forged requests cannot.


def _issue(cloud: Cloud, one: Instance, headers: Mapping[str, str]) -> Answer:
    # A proxy that forwards strangers' requests must not fetch tokens for them.
    if "x-forwarded-for" in headers:
        return _refusal(403)
    lifetime = headers.get(LIFETIME_HEADER, "")
    if not _LIFETIME.fullmatch(lifetime) or not 1 <= int(lifetime) <= LONGEST_LIFE:
        return _refusal(400)
    ends = int((cloud.clock.now() + timedelta(seconds=int(lifetime))).timestamp())
    return 200, _PLAIN, cloud.vault.seal(f"{one.id} {ends}", _PURPOSE).encode()


def _holds(cloud: Cloud, one: Instance, token: str) -> bool:
    instance_id, _, ends = (cloud.vault.open(token, _PURPOSE) or "").partition(" ")
    return instance_id == one.id and cloud.clock.now().timestamp() < int(ends)


# The tree.


def _look_up(tree: Tree, path: str) -> Answer:
    place: Any = tree
    for step in path.split("/"):
        if not step:
            continue
        if not isinstance(place, dict) or step not in place:
            return _refusal(404)
        place = place[step]
    if isinstance(place, dict):
        names = [f"{name}/" if isinstance(below, dict) else name for name, below in place.items()]
        return 200, _PLAIN, "\n".join(names).encode()
    if callable(place):
        place = place()
    if place is None:
        return _refusal(404)
    return 200, _PLAIN, place if isinstance(place, bytes) else place.encode()


def _root(cloud: Cloud, at: RegionState, subject: Subject) -> Tree:
    one = subject.instance
    latest: Tree = {
        "dynamic": {"instance-identity": {"document": lambda: _document(at, one)}},
        "meta-data": _meta_data(cloud, at, subject),
        "user-data": user_data.opened(cloud.vault, one) or None,
    }
    return {"2016-01-01": latest, "latest": latest}


def _meta_data(cloud: Cloud, at: RegionState, subject: Subject) -> Tree:
    one, v_switch, vpc = subject.instance, subject.v_switch, subject.vpc
    tree: Tree = {
        "dns-conf": {"nameservers": "\n".join(NAMESERVERS)},
        "hibernation": {"configured": "false"},
        "hostname": one.hostname,
        "image-id": one.image_id,
        "instance": {
            "instance-name": one.name,
            "instance-type": one.instance_type,
            "max-netbw-egress": str(one.internet_max_bandwidth_out * 1000),
            "max-netbw-ingress": str(one.internet_max_bandwidth_in * 1000),
        },
        "instance-id": one.id,
        "mac": one.mac,
        "network": {"interfaces": {"macs": {it.mac: _interface(it, place, vpc) for it, place in subject.interfaces}}},
        "network-type": "vpc",
        "ntp-conf": {"ntp-servers": "\n".join(NTP_SERVERS)},
        "owner-account-id": one.account_id,
        "private-ipv4": one.private_address,
        "public-keys": {},
        "ram": {"security-credentials": {}},
        "region-id": at.region.id,
        "serial-number": one.serial_number,
        "vpc-cidr-block": vpc.cidr_block,
        "vpc-id": vpc.id,
        "vswitch-cidr-block": v_switch.cidr_block,
        "vswitch-id": v_switch.id,
        "zone-id": one.zone_id,
    }
    if one.public_address:
        tree["eipv4"] = tree["public-ipv4"] = one.public_address
    elif held := at.store.read(lambda state: eips.held_by(state, [one.id])).get(one.id):
        tree["eipv4"] = tree["public-ipv4"] = held[0].address
    if one.public_key:
        tree["public-keys"] = {"0": {"openssh-key": one.public_key}}
    if one.reclaim_at:
        tree["instance"]["spot"] = {"termination-time": one.reclaim_at}
    if one.metadata_tags == "enabled":
        tree["tags"] = {"instance": {key: value for key, value in one.tags.items() if "/" not in key}}
    if one.ram_role_name:
        tree["ram"]["security-credentials"][one.ram_role_name] = lambda: _credentials(cloud, at, one)
    return tree


def _interface(one: NetworkInterface, v_switch: VSwitch, vpc: Vpc) -> Tree:
    return {
        "gateway": gateway_of(v_switch.cidr_block),
        "netmask": str(IPv4Network(v_switch.cidr_block).netmask),
        "network-interface-id": one.id,
        "primary-ip-address": one.address,
        "private-ipv4s": msgspec.json.encode(interfaces.addresses(one)).decode(),
        "vpc-cidr-block": vpc.cidr_block,
        "vpc-id": vpc.id,
        "vswitch-cidr-block": v_switch.cidr_block,
        "vswitch-id": v_switch.id,
    }


def _document(at: RegionState, one: Instance) -> str:
    return msgspec.json.encode(
        {
            "owner-account-id": one.account_id,
            "instance-id": one.id,
            "mac": one.mac,
            "region-id": at.region.id,
            "serial-number": one.serial_number,
            "zone-id": one.zone_id,
            "instance-type": one.instance_type,
            "image-id": one.image_id,
            "private-ipv4": one.private_address,
        }
    ).decode()


def _credentials(cloud: Cloud, at: RegionState, one: Instance) -> str | None:
    """Fresh ones for the instance's role; none if the role is gone or trusts ECS no more."""

    def assume(state: Transaction) -> str:
        instance = Principal(kind="anonymous", account_id=one.account_id)
        call = Call(cloud=cloud, at=at, principal=instance, request_id="", state=state, source_ip=one.private_address)
        given = assume_for_service(call, one.ram_role_name, SERVICE, one.id)
        return msgspec.json.encode(
            {
                "AccessKeyId": given.access_key_id,
                "AccessKeySecret": given.access_key_secret,
                "Expiration": given.expiration,
                "SecurityToken": given.security_token,
                "LastUpdated": iso_seconds(call.now),
                "Code": "Success",
            }
        ).decode()

    try:
        return cloud.identity(at.region.id, assume)
    except CloudError:
        return None


def _refusal(status: int) -> Answer:
    return status, _PLAIN, b""
