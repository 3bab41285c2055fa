"""What flow logs tell of packets: a whole cloud on the runc driver, asked through the official clients."""

from __future__ import annotations

import time

import pytest

pytest.importorskip("aliyun.log", reason="the official SDKs are a test dependency")
pytest.importorskip("alibabacloud_ecs20140526", reason="the official SDKs are a test dependency")

from alibabacloud_ecs20140526 import models as ecs_ask
from alibabacloud_vpc20160428 import models as vpc_ask
from aliyun.log import IndexConfig, IndexKeyConfig, IndexLineConfig

from tests.conformance.conftest import cloud_of
from tests.conformance.log_clients import local_names, log_client, project_name
from tests.conftest import Server
from tests.engine.test_whole_network import Account, server, until

__all__ = ["server"]
REGION = "cn-hangzhou"


def drop(account: Account, group: str, direction: str, port: int) -> None:
    settings = {"ip_protocol": "tcp", "port_range": f"{port}/{port}", "policy": "drop", "priority": "1"}
    if direction == "in":
        permission = ecs_ask.AuthorizeSecurityGroupRequestPermissions(source_cidr_ip="0.0.0.0/0", **settings)
        account.ecs.authorize_security_group(
            ecs_ask.AuthorizeSecurityGroupRequest(region_id=REGION, security_group_id=group, permissions=[permission])
        )
    else:
        way_out = ecs_ask.AuthorizeSecurityGroupEgressRequestPermissions(dest_cidr_ip="0.0.0.0/0", **settings)
        account.ecs.authorize_security_group_egress(
            ecs_ask.AuthorizeSecurityGroupEgressRequest(
                region_id=REGION, security_group_id=group, permissions=[way_out]
            )
        )


def test_an_accepted_and_dropped_connections_are_told(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    account = Account(server)
    vpc_id, (v_switch_id, other_id), group = account.network("10.1.0.0/24", "10.2.0.0/24")
    account.ecs.modify_security_group_policy(
        ecs_ask.ModifySecurityGroupPolicyRequest(region_id=REGION, security_group_id=group, inner_access_policy="Drop")
    )
    drop(account, group, "in", 8081)
    drop(account, group, "out", 8082)
    one, two = account.instance(v_switch_id, group), account.instance(other_id, group)
    sender, receiver = account.address(one), account.address(two)

    local_names(monkeypatch)
    logs, project = log_client(cloud_of(server, server.account())), project_name()
    logs.create_project(project, "")
    words = [" ", ","]
    keys = {name: IndexKeyConfig(words) for name in ("srcaddr", "dstaddr", "direction", "action", "eni-id")}
    keys["dstport"] = IndexKeyConfig(index_type="long")
    for store in ("flows", "drops"):
        logs.create_logstore(project, store, shard_count=1)
        logs.create_index(project, store, IndexConfig(line_config=IndexLineConfig(words), key_config_list=keys))

    def create(kind: str, id: str, traffic: str, store: str) -> str:
        ask = vpc_ask.CreateFlowLogRequest(
            region_id=REGION, resource_type=kind, resource_id=id, traffic_type=traffic,
            project_name=project, log_store_name=store, aggregation_interval=1,
        )  # fmt: skip
        made: str = account.vpc.create_flow_log(ask).body.flow_log_id
        look = vpc_ask.DescribeFlowLogsRequest(region_id=REGION, flow_log_id=made)
        until(lambda: account.vpc.describe_flow_logs(look).body.flow_logs.flow_log[0].status, "Active".__eq__)
        return made

    made = [create("VPC", vpc_id, "All", "flows"), create("VSwitch", other_id, "Drop", "drops")]
    until(lambda: account.reaches(one, receiver))
    for port in (8081, 8082):
        assert account.run(one, f"nc -z -w 1 {receiver} {port}")[0] != 0
    for id in made:
        account.vpc.deactive_flow_log(vpc_ask.DeactiveFlowLogRequest(region_id=REGION, flow_log_id=id))

    def told(query: str, store: str = "flows") -> list[dict[str, str]]:
        now = int(time.time())
        found = logs.get_log(project, store, now - 600, now + 60, query=query)
        return [entry.get_contents() for entry in found.get_logs()]

    def actions(port: int, store: str = "flows") -> dict[str, str]:
        found = told(f"srcaddr: {sender} and dstaddr: {receiver} and dstport: {port}", store)
        return {entry["direction"]: entry["action"] for entry in found}

    until(lambda: actions(22), {"out": "ACCEPT", "in": "ACCEPT"}.__eq__)
    assert actions(8081) == {"out": "ACCEPT", "in": "REJECT"}
    assert actions(8082) == {"out": "REJECT"}
    until(lambda: actions(8081, "drops"), {"in": "REJECT"}.__eq__)
    assert actions(22, "drops") == {}
    answers = told(f"srcaddr: {receiver} and dstaddr: {sender} and action: ACCEPT")
    assert {entry["direction"] for entry in answers} == {"in", "out"}
    entry = told(f"srcaddr: {sender} and dstport: 22 and direction: out")[0]
    assert (entry["vpc-id"], entry["vswitch-id"], entry["vm-id"]) == (vpc_id, v_switch_id, one)
    assert (entry["protocol"], entry["log-status"]) == ("6", "OK")
    assert int(entry["packets"]) >= 3
    assert int(entry["bytes"]) >= 3 * 40
    assert entry["eni-id"].startswith("eni-")
    assert int(entry["start"]) <= int(entry["end"])

    written = len(told("*"))
    until(lambda: account.reaches(one, receiver))
    assert len(told("*")) == written, "nobody counts any more"
