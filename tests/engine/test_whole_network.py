"""A whole cloud on the runc driver: its networks through the official SDK, with packets, and after kills."""

from __future__ import annotations

import base64
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from openyun.engine.drivers import namespace, tool
from tests.conftest import Server
from tests.engine.cloud import processes, speaks_ssh, wait_for

pytest.importorskip("alibabacloud_ecs20140526", reason="the official SDKs are a test dependency")

from alibabacloud_ecs20140526 import models as ecs_ask
from alibabacloud_ecs20140526.client import Client as Ecs
from alibabacloud_tea_openapi.models import Config
from alibabacloud_vpc20160428 import models as vpc_ask
from alibabacloud_vpc20160428.client import Client as Vpc

T = TypeVar("T")
REGION, ZONE = "cn-hangzhou", "cn-hangzhou-b"
IMAGE, TYPE = "debian_12_x64_20G_alibase_20261101.vhd", "ecs.t5-lc2m1.nano"


class Account:
    """One account's clients, and what tests do with them again and again."""

    def __init__(self, server: Server) -> None:
        account = server.account()
        config = Config(
            access_key_id=account.access_key_id,
            access_key_secret=account.access_key_secret,
            endpoint=server.endpoint,
            protocol="http",
            region_id=REGION,
        )
        self.ecs, self.vpc = Ecs(config), Vpc(config)

    def network(self, *switches: str, block: str = "10.0.0.0/8") -> tuple[str, list[str], str]:
        """A VPC, its vSwitches, and a security group that lets everything in."""
        vpc_id = self.vpc.create_vpc(vpc_ask.CreateVpcRequest(region_id=REGION, cidr_block=block)).body.vpc_id
        look = vpc_ask.DescribeVpcAttributeRequest(region_id=REGION, vpc_id=vpc_id)
        until(lambda: self.vpc.describe_vpc_attribute(look).body.status, "Available".__eq__)
        made = []
        for cidr in switches:
            ask = vpc_ask.CreateVSwitchRequest(region_id=REGION, vpc_id=vpc_id, zone_id=ZONE, cidr_block=cidr)
            made.append(self.vpc.create_vswitch(ask).body.v_switch_id)
        for v_switch_id in made:
            seen = vpc_ask.DescribeVSwitchAttributesRequest(region_id=REGION, v_switch_id=v_switch_id)
            until(
                lambda seen=seen: self.vpc.describe_vswitch_attributes(seen).body.status,  # type: ignore[misc]
                "Available".__eq__,
            )
        group = self.ecs.create_security_group(
            ecs_ask.CreateSecurityGroupRequest(region_id=REGION, vpc_id=vpc_id)
        ).body.security_group_id
        self.ecs.authorize_security_group(
            ecs_ask.AuthorizeSecurityGroupRequest(
                region_id=REGION,
                security_group_id=group,
                permissions=[
                    ecs_ask.AuthorizeSecurityGroupRequestPermissions(
                        ip_protocol="all", port_range="-1/-1", source_cidr_ip="0.0.0.0/0"
                    )
                ],
            )
        )
        return vpc_id, made, group

    def instance(self, v_switch_id: str, group: str) -> str:
        ask = ecs_ask.RunInstancesRequest(
            region_id=REGION, image_id=IMAGE, instance_type=TYPE, v_switch_id=v_switch_id, security_group_id=group
        )
        made: str = self.ecs.run_instances(ask).body.instance_id_sets.instance_id_set[0]
        until(lambda: self.seen(made).status, "Running".__eq__)
        return made

    def seen(self, instance_id: str) -> Any:
        ask = ecs_ask.DescribeInstancesRequest(region_id=REGION, instance_ids=f'["{instance_id}"]')
        return self.ecs.describe_instances(ask).body.instances.instance[0]

    def address(self, instance_id: str) -> str:
        found: str = self.seen(instance_id).vpc_attributes.private_ip_address.ip_address[0]
        return found

    def run(self, instance_id: str, script: str) -> tuple[int, str]:
        """Exit code and output of a command inside."""
        ask = ecs_ask.RunCommandRequest(
            region_id=REGION, type="RunShellScript", command_content=script, instance_id=[instance_id]
        )
        invoked = self.ecs.run_command(ask).body.invoke_id
        look = ecs_ask.DescribeInvocationResultsRequest(region_id=REGION, invoke_id=invoked)

        def result() -> Any:
            found = self.ecs.describe_invocation_results(look).body.invocation.invocation_results.invocation_result
            return found[0] if found else None

        done = until(result, lambda found: found is not None and bool(found.finished_time))
        return done.exit_code, base64.b64decode(done.output).decode()

    def reaches(self, instance_id: str, address: str) -> bool:
        return self.run(instance_id, f"nc -z -w 1 {address} 22")[0] == 0

    def eip(self, holder: str, kind: str) -> tuple[str, str]:
        made = self.vpc.allocate_eip_address(vpc_ask.AllocateEipAddressRequest(region_id=REGION, bandwidth="100")).body
        self.vpc.associate_eip_address(
            vpc_ask.AssociateEipAddressRequest(
                region_id=REGION, allocation_id=made.allocation_id, instance_id=holder, instance_type=kind
            )
        )
        look = vpc_ask.DescribeEipAddressesRequest(region_id=REGION, allocation_id=made.allocation_id)
        until(lambda: self.vpc.describe_eip_addresses(look).body.eip_addresses.eip_address[0].status, "InUse".__eq__)
        return made.allocation_id, made.eip_address


def until(probe: Callable[[], T], good: Callable[[T], bool] = bool, patience: float = 60.0) -> T:
    deadline = time.monotonic() + patience
    while not good(answer := probe()):
        assert time.monotonic() < deadline, f"still {answer!r}"
        time.sleep(0.05)
    return answer


@pytest.fixture
def server(runc_host: None, tmp_path: Path) -> Iterator[Server]:
    # An own part of the public range: several clouds may be under test on one host.
    part = f"198.19.{time.monotonic_ns() // 1000 % 16 * 16}.0/20"
    server = Server(tmp_path / "data", {"OPENYUN_COMPUTE": "runc", "OPENYUN_PUBLIC_CIDR": part})
    server.start()
    yield server
    if server.process is not None and server.process.poll() is None:
        server.stop()
    clear(server.data)
    assert remains(server.data) == []


def clear(data: Path) -> None:
    environment = {**os.environ, "OPENYUN_DATA": str(data), "OPENYUN_COMPUTE": "runc"}
    subprocess.run(
        [sys.executable, "-m", "openyun", "reset", "--yes"], env=environment, check=True, capture_output=True
    )


def remains(data: Path) -> list[str]:
    """Everything on the host that was of this cloud."""
    prefixes = [tool.instance_prefix(data), tool.instance_prefix(data / "regions" / REGION)]
    found = []
    for prefix in prefixes:
        found += [f"namespace {name}" for name in namespace.names(prefix)]
        found += [f"interface {name}" for name in namespace.interfaces() if name.startswith(prefix)]
        found += [f"process {line}" for line in processes(data, prefix)]
    return found


def test_packets_through_eip_nat_routes_and_acl_and_after_kills(server: Server) -> None:
    account = Account(server)
    _, (inner, outer), group = account.network("10.1.0.0/24", "10.2.0.0/24")
    # the same addresses in another VPC
    _, (foreign,), other_group = account.network("10.1.0.0/24")
    private, router, outside = (
        account.instance(inner, group),
        account.instance(outer, group),
        account.instance(foreign, other_group),
    )
    assert account.address(private) == account.address(outside) == "10.1.0.1"
    until(lambda: account.reaches(private, account.address(router)))
    assert not account.reaches(outside, account.address(router)), "it is in another VPC"

    # an EIP answers from the host, and to instances only when they have a way out
    _, target = account.eip(outside, "EcsInstance")
    wait_for(lambda: speaks_ssh(target))
    assert not account.reaches(private, target)
    gateway = account.vpc.create_nat_gateway(
        vpc_ask.CreateNatGatewayRequest(
            region_id=REGION,
            vpc_id=account.seen(private).vpc_attributes.vpc_id,
            v_switch_id=outer,
            nat_type="Enhanced",
        )
    ).body
    look = vpc_ask.DescribeNatGatewaysRequest(region_id=REGION, nat_gateway_id=gateway.nat_gateway_id)
    until(lambda: account.vpc.describe_nat_gateways(look).body.nat_gateways.nat_gateway[0].status, "Available".__eq__)
    _, nat = account.eip(gateway.nat_gateway_id, "Nat")
    account.vpc.create_snat_entry(
        vpc_ask.CreateSnatEntryRequest(
            region_id=REGION,
            snat_table_id=gateway.snat_table_ids.snat_table_id[0],
            snat_ip=nat,
            source_vswitch_id=inner,
        )
    )
    until(lambda: account.reaches(private, target))
    assert not account.reaches(router, target), "its vSwitch has no SNAT entry"
    account.vpc.create_forward_entry(
        vpc_ask.CreateForwardEntryRequest(
            region_id=REGION,
            forward_table_id=gateway.forward_table_ids.forward_table_id[0],
            external_ip=nat,
            external_port="22",
            internal_ip=account.address(private),
            internal_port="22",
            ip_protocol="tcp",
        )
    )
    wait_for(lambda: speaks_ssh(nat))
    assert account.run(outside, f"ping -c 1 -W 2 {nat}")[0] == 0, "a NAT gateway answers"

    # an ACL at the inner vSwitch's border shuts it, from inside and from outside
    acl = account.vpc.create_network_acl(
        vpc_ask.CreateNetworkAclRequest(region_id=REGION, vpc_id=account.seen(private).vpc_attributes.vpc_id)
    ).body.network_acl_id
    account.vpc.update_network_acl_entries(
        vpc_ask.UpdateNetworkAclEntriesRequest(
            region_id=REGION, network_acl_id=acl, update_ingress_acl_entries=True, ingress_acl_entries=[]
        )
    )
    bound = [vpc_ask.AssociateNetworkAclRequestResource(resource_id=inner, resource_type="VSwitch")]
    account.vpc.associate_network_acl(
        vpc_ask.AssociateNetworkAclRequest(region_id=REGION, network_acl_id=acl, resource=bound)
    )
    until(lambda: not speaks_ssh(nat))
    assert not account.reaches(router, account.address(private))
    account.vpc.unassociate_network_acl(
        vpc_ask.UnassociateNetworkAclRequest(
            region_id=REGION,
            network_acl_id=acl,
            resource=[vpc_ask.UnassociateNetworkAclRequestResource(resource_id=inner, resource_type="VSwitch")],
        )
    )
    until(lambda: speaks_ssh(nat))

    # the VPC's namespace is deleted under the running cloud
    prefix = tool.instance_prefix(server.data / "regions" / REGION)
    gone = account.seen(private).vpc_attributes.vpc_id
    namespace.remove(f"{prefix}-network-{gone}")
    until(lambda: f"{prefix}-network-{gone}" in set(namespace.names(prefix)))
    until(lambda: speaks_ssh(nat))
    until(lambda: account.reaches(private, target))
    until(lambda: account.reaches(private, account.address(router)))

    # then the exchange, while the server is killed
    assert server.process is not None
    server.process.send_signal(signal.SIGKILL)
    server.process.wait()
    assert speaks_ssh(target), "networks need no server"
    namespace.remove(f"{tool.instance_prefix(server.data)}-exchange")
    server.start()
    until(lambda: speaks_ssh(nat) and speaks_ssh(target))
    until(lambda: account.reaches(private, target))
