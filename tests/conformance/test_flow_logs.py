"""Flow logs, as far as they go without packets: `tests/engine/test_flow_logs.py` has those."""

from __future__ import annotations

from typing import Any

import pytest
from alibabacloud_vpc20160428 import models
from alibabacloud_vpc20160428.client import Client as Vpc
from aliyun.log import LogClient

from tests.conformance.conftest import REGION, Cloud, eventually, refused
from tests.conformance.log_clients import local_names, log_client, project_name
from tests.conformance.networks import make_v_switch, make_vpc


@pytest.fixture(autouse=True)
def names(monkeypatch: pytest.MonkeyPatch) -> None:
    local_names(monkeypatch)


@pytest.fixture
def project(cloud: Cloud) -> str:
    name = project_name()
    client: LogClient = log_client(cloud)
    client.create_project(name, "")
    client.create_logstore(name, "flows")
    return name


def create(vpc: Vpc, kind: str, id: str, project: str, **fields: Any) -> str:
    fields = {"traffic_type": "All", "log_store_name": "flows", **fields}
    ask = models.CreateFlowLogRequest(
        region_id=REGION, resource_type=kind, resource_id=id, project_name=project, **fields
    )
    made: str = vpc.create_flow_log(ask).body.flow_log_id
    return made


def listed(vpc: Vpc, **filters: Any) -> list[Any]:
    found: list[Any] = vpc.describe_flow_logs(
        models.DescribeFlowLogsRequest(region_id=REGION, **filters)
    ).body.flow_logs.flow_log
    return found


def test_a_flow_log_lives(vpc: Vpc, project: str) -> None:
    vpc_id = make_vpc(vpc)
    v_switch_id = make_v_switch(vpc, vpc_id)
    with refused("ProjectOrLogstoreNotExist", 404):
        create(vpc, "VPC", vpc_id, "no-such-project")
    with refused("ProjectOrLogstoreNotExist", 404):
        create(vpc, "VPC", vpc_id, project, log_store_name="missing")
    with refused("ResourceNotFound.ResourceId", 404):
        create(vpc, "VSwitch", vpc_id, project)
    with refused("IllegalParam.AggregationInterval", 400):
        create(vpc, "VPC", vpc_id, project, aggregation_interval=7)
    with refused("UnsupportedParameter", 400):
        create(vpc, "VPC", vpc_id, project, ip_version="DualStack")
    whole = create(vpc, "VPC", vpc_id, project, flow_log_name="whole", aggregation_interval=1)
    with refused("InstanceExist.ResourceId", 409):
        create(vpc, "VPC", vpc_id, project)
    drops = create(vpc, "VSwitch", v_switch_id, project, traffic_type="Drop", description="dropped")
    eventually(lambda: [one.status for one in listed(vpc)], ["Active", "Active"].__eq__)

    assert [one.flow_log_id for one in listed(vpc, resource_type="VSwitch")] == [drops]
    assert {one.flow_log_id for one in listed(vpc, vpc_id=vpc_id)} == {whole, drops}
    assert [one.flow_log_id for one in listed(vpc, flow_log_name="whole", traffic_type="All")] == [whole]
    assert listed(vpc, status="Inactive") == []
    shown = listed(vpc, flow_log_id=whole)[0]
    assert (shown.project_name, shown.log_store_name, shown.aggregation_interval) == (project, "flows", 1)
    page = vpc.describe_flow_logs(models.DescribeFlowLogsRequest(region_id=REGION, page_size=1, page_number=2)).body
    assert (page.total_count, len(page.flow_logs.flow_log)) == ("2", 1)

    vpc.modify_flow_log_attribute(
        models.ModifyFlowLogAttributeRequest(
            region_id=REGION, flow_log_id=whole, flow_log_name="all of it", aggregation_interval=5
        )
    )
    shown = listed(vpc, flow_log_id=whole)[0]
    assert (shown.flow_log_name, shown.aggregation_interval) == ("all of it", 5)
    with refused("IncorrectStatus.flowlog", 400):
        vpc.active_flow_log(models.ActiveFlowLogRequest(region_id=REGION, flow_log_id=whole))
    vpc.deactive_flow_log(models.DeactiveFlowLogRequest(region_id=REGION, flow_log_id=whole))
    assert listed(vpc, flow_log_id=whole)[0].status == "Inactive"
    vpc.active_flow_log(models.ActiveFlowLogRequest(region_id=REGION, flow_log_id=whole))
    eventually(lambda: listed(vpc, flow_log_id=whole)[0].status, "Active".__eq__)
    for one in (whole, drops):
        vpc.delete_flow_log(models.DeleteFlowLogRequest(region_id=REGION, flow_log_id=one))
    assert listed(vpc) == []
    with refused("InstanceNotExist.FlowlogId", 404):
        vpc.delete_flow_log(models.DeleteFlowLogRequest(region_id=REGION, flow_log_id=whole))


def test_strangers_and_tags(vpc: Vpc, project: str, other_cloud: Cloud) -> None:
    vpc_id = make_vpc(vpc)
    made = create(vpc, "VPC", vpc_id, project, tag=[models.CreateFlowLogRequestTag(key="team", value="a")])
    wanted = [models.DescribeFlowLogsRequestTags(key="team", value="a")]
    assert [one.flow_log_id for one in listed(vpc, tags=wanted)] == [made]
    ask = models.ListTagResourcesRequest(region_id=REGION, resource_type="FLOWLOG", resource_id=[made])
    tagged = vpc.list_tag_resources(ask).body.tag_resources.tag_resource
    assert [(one.tag_key, one.tag_value) for one in tagged] == [("team", "a")]

    stranger = Vpc(other_cloud.config())
    assert listed(stranger) == listed(stranger, flow_log_id=made) == []
    with refused("ResourceNotFound.ResourceId", 404):
        create(stranger, "VPC", vpc_id, project)
    own = make_vpc(stranger)
    with refused("ProjectOrLogstoreNotExist", 404):
        create(stranger, "VPC", own, project)
    one = {"region_id": REGION, "flow_log_id": made}
    with refused("InstanceNotExist.FlowlogId", 404):
        stranger.modify_flow_log_attribute(models.ModifyFlowLogAttributeRequest(flow_log_name="taken", **one))
    with refused("InstanceNotExist.FlowlogId", 404):
        stranger.active_flow_log(models.ActiveFlowLogRequest(**one))
    with refused("InstanceNotExist.FlowlogId", 404):
        stranger.deactive_flow_log(models.DeactiveFlowLogRequest(**one))
    with refused("InstanceNotExist.FlowlogId", 404):
        stranger.delete_flow_log(models.DeleteFlowLogRequest(**one))
