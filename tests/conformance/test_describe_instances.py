from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from alibabacloud_ecs20140526 import models
from alibabacloud_ecs20140526.client import Client as Ecs
from alibabacloud_vpc20160428.client import Client as Vpc

from tests.conformance.asking import made
from tests.conformance.conftest import REGION, Cloud, cloud_of, refused
from tests.conformance.networks import make_group, make_v_switch
from tests.conformance.place import IMAGE, INSTANCE_TYPE, Place, make_place
from tests.conftest import Server

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\dZ")


@pytest.fixture(scope="module")
def cloud(server: Server) -> Cloud:
    """One account for all tests of this file: they only look."""
    return cloud_of(server, server.new_account())


@pytest.fixture(scope="module")
def place(cloud: Cloud) -> Place:
    return make_place(Ecs(cloud.config()), Vpc(cloud.config()))


@pytest.fixture(scope="module")
def web(place: Place) -> str:
    """A running instance with something in every field."""
    (instance_id,) = place.running(
        instance_name="web-one",
        description="it serves",
        host_name="web-host",
        private_ip_address="10.1.0.20",
        internet_max_bandwidth_out=7,
        internet_charge_type="PayByBandwidth",
        http_tokens="required",
        credit_specification="Standard",
        system_disk=models.RunInstancesRequestSystemDisk(size="50", category="cloud_essd"),
        tag=[
            models.RunInstancesRequestTag(key="role", value="web"),
            models.RunInstancesRequestTag(key="team", value="a"),
        ],
    )
    return instance_id


@pytest.fixture(scope="module")
def databases(cloud: Cloud) -> str:
    """A resource group."""
    group = made(cloud, "resourcemanager:CreateResourceGroup", Name="databases", DisplayName="databases")
    return str(group["ResourceGroup"]["Id"])


@pytest.fixture(scope="module")
def db(place: Place, databases: str) -> str:
    """A stopped instance of another type, vSwitch and group."""
    (instance_id,) = place.running(
        instance_name="db-one",
        instance_type="ecs.c7.xlarge",
        security_group_id=make_group(place.ecs, place.vpc_id),
        v_switch_id=make_v_switch(place.vpc, place.vpc_id, "10.2.0.0/24", "cn-hangzhou-k"),
        instance_charge_type="PrePaid",
        period=1,
        resource_group_id=databases,
        tag=[models.RunInstancesRequestTag(key="role", value="db")],
    )
    place.ecs.stop_instance(models.StopInstanceRequest(instance_id=instance_id))
    place.until("Stopped", instance_id)
    return instance_id


@pytest.fixture(autouse=True)
def both(web: str, db: str) -> Iterator[None]:
    return iter([None])


def found(place: Place, **filters: Any) -> set[str]:
    body = place.ecs.describe_instances(models.DescribeInstancesRequest(region_id=REGION, **filters)).body
    return {one.instance_id for one in body.instances.instance}


def test_every_field_that_has_a_meaning(place: Place, web: str) -> None:
    one = place.one(web)
    assert (one.instance_id, one.instance_name, one.description, one.status) == (web, "web-one", "it serves", "Running")
    assert (one.region_id, one.zone_id, one.image_id) == (REGION, "cn-hangzhou-b", IMAGE)
    assert (one.host_name, one.osname, one.ostype) == ("web-host", "Debian 12 64-bit", "linux")
    assert (one.instance_type, one.instance_type_family, one.cpu, one.memory) == (INSTANCE_TYPE, "ecs.g7", 2, 8192)
    assert (one.instance_network_type, one.io_optimized) == ("vpc", True)
    assert one.vpc_attributes.vpc_id == place.vpc_id
    assert one.vpc_attributes.v_switch_id == place.v_switch_id
    assert one.vpc_attributes.private_ip_address.ip_address == ["10.1.0.20"]
    assert one.security_group_ids.security_group_id == [place.group_id]
    (interface,) = one.network_interfaces.network_interface
    assert interface.network_interface_id.startswith("eni-bp1")
    assert (interface.primary_ip_address, interface.type) == ("10.1.0.20", "Primary")
    assert re.fullmatch(r"00:16:3e(:[0-9a-f]{2}){3}", interface.mac_address)
    assert len(one.public_ip_address.ip_address) == 1
    assert (one.internet_charge_type, one.internet_max_bandwidth_out) == ("PayByBandwidth", 7)
    assert (one.instance_charge_type, one.spot_strategy, one.stopped_mode) == ("PostPaid", "NoSpot", "Not-applicable")
    assert (one.expired_time, one.auto_release_time) == ("2099-12-31T15:59Z", "")
    assert TIME.fullmatch(one.creation_time)
    assert TIME.fullmatch(one.start_time)
    assert one.deletion_protection is False
    assert one.metadata_options.http_tokens == "required"
    assert one.resource_group_id.startswith("rg-")
    assert {tag.tag_key: tag.tag_value for tag in one.tags.tag} == {
        "role": "web",
        "team": "a",
        "acs:openyun:engine": "simulated",
    }


@pytest.mark.parametrize(
    "filters",
    [
        {"instance_name": "web-one"},
        {"instance_name": "web*"},
        {"instance_name": "*-o*e", "status": "Running"},
        {"status": "Running"},
        {"zone_id": "cn-hangzhou-b"},
        {"instance_type": INSTANCE_TYPE},
        {"instance_type_family": "ecs.g7"},
        {"private_ip_addresses": '["10.1.0.20","10.1.0.21"]'},
        {"instance_charge_type": "PostPaid"},
        {"internet_charge_type": "PayByBandwidth"},
        {"http_tokens": "required"},
        {"tag": [models.DescribeInstancesRequestTag(key="role", value="web")]},
        {"tag": [models.DescribeInstancesRequestTag(key="team")]},
    ],
)
def test_a_filter_leaves_the_one_that_fits(place: Place, web: str, filters: dict[str, Any]) -> None:
    assert found(place, **filters) == {web}


def test_filters_by_ids_of_things(place: Place, web: str, db: str, databases: str) -> None:
    one, other = place.one(web), place.one(db)
    assert found(place, instance_ids=json.dumps([web, "i-none"])) == {web}
    assert found(place, v_switch_id=other.vpc_attributes.v_switch_id) == {db}
    assert found(place, vpc_id=place.vpc_id) == {web, db}
    assert found(place, vpc_id="vpc-none") == set()
    assert found(place, security_group_id=other.security_group_ids.security_group_id[0]) == {db}
    assert found(place, public_ip_addresses=json.dumps(one.public_ip_address.ip_address)) == {web}
    assert found(place, image_id=IMAGE) == {web, db}
    assert found(place, image_id="other.vhd") == set()
    assert found(place, resource_group_id=databases) == {db}
    assert found(place, key_pair_name="none") == set()


@pytest.mark.parametrize(
    "filters",
    [
        {"instance_network_type": "classic"},
        {"io_optimized": False},
        {"lock_reason": "security"},
        {"eip_addresses": '["1.2.3.4"]'},
        {"status": "Starting"},
        {
            "tag": [
                models.DescribeInstancesRequestTag(key="role", value="web"),
                models.DescribeInstancesRequestTag(key="x"),
            ]
        },
        {"filter": [models.DescribeInstancesRequestFilter(key="CreationStartTime", value="2099-01-01T00:00Z")]},
    ],
)
def test_a_filter_that_nothing_fits(place: Place, filters: dict[str, Any]) -> None:
    assert found(place, **filters) == set()


def test_filters_by_time(place: Place, web: str, db: str) -> None:
    def by(key: str, value: str) -> set[str]:
        return found(place, filter=[models.DescribeInstancesRequestFilter(key=key, value=value)])

    assert by("CreationStartTime", "2020-01-01T00:00Z") == {web, db}
    assert by("CreationEndTime", "2020-01-01T00:00Z") == set()
    assert by("ExpiredStartTime", "2099-01-01T00:00Z") == {web}
    assert by("ExpiredEndTime", "2099-01-01T00:00Z") == {db}
    with refused("InvalidParameter", 400):
        by("Colour", "red")


def test_pages_by_number_and_by_token(server: Server) -> None:
    account = cloud_of(server, server.new_account())
    place = make_place(Ecs(account.config()), Vpc(account.config()))
    ids = set(place.run(amount=25))
    by_number: list[str] = []
    for number in (1, 2, 3, 4):
        body = place.ecs.describe_instances(
            models.DescribeInstancesRequest(region_id=REGION, page_number=number, page_size=10)
        ).body
        assert (body.total_count, body.page_number, body.page_size) == (25, number, 10)
        assert len(body.instances.instance) == (10, 10, 5, 0)[number - 1]
        by_number += [one.instance_id for one in body.instances.instance]
    assert len(by_number) == 25
    assert set(by_number) == ids
    by_token: list[str] = []
    token = None
    while token != "":
        body = place.ecs.describe_instances(
            models.DescribeInstancesRequest(region_id=REGION, max_results=10, next_token=token)
        ).body
        by_token += [one.instance_id for one in body.instances.instance]
        token = body.next_token
    assert len(by_token) == 25
    assert set(by_token) == ids
    with refused("InvalidParameter.PageSize", 400):
        place.ecs.describe_instances(models.DescribeInstancesRequest(region_id=REGION, page_size=101))
    with refused("InvalidParameter.NextToken", 400):
        place.ecs.describe_instances(models.DescribeInstancesRequest(region_id=REGION, next_token="%%%"))


def test_pages_of_more_than_a_hundred(server: Server) -> None:
    account = cloud_of(server, server.new_account())
    place = make_place(Ecs(account.config()), Vpc(account.config()))
    ids = place.run(amount=100) + place.run(amount=25)
    place.ecs.delete_instances(models.DeleteInstancesRequest(region_id=REGION, instance_id=ids[98:103], force=True))
    seen: list[str] = []
    for number in (1, 2, 3):
        body = place.ecs.describe_instances(
            models.DescribeInstancesRequest(region_id=REGION, page_number=number, page_size=50)
        ).body
        assert body.total_count == 120
        seen += [one.instance_id for one in body.instances.instance]
    assert len(seen) == 120
    assert set(seen) == set(ids) - set(ids[98:103])


def test_more_than_a_hundred_ids_are_refused(place: Place) -> None:
    with refused("InvalidInstanceIds.Malformed", 400):
        found(place, instance_ids=json.dumps([f"i-{number}" for number in range(101)]))


# The smaller questions.


def test_status(place: Place, web: str, db: str) -> None:
    body = place.ecs.describe_instance_status(models.DescribeInstanceStatusRequest(region_id=REGION)).body
    assert {one.instance_id: one.status for one in body.instance_statuses.instance_status} == {
        web: "Running",
        db: "Stopped",
    }
    body = place.ecs.describe_instance_status(
        models.DescribeInstanceStatusRequest(region_id=REGION, instance_id=[db])
    ).body
    assert [(one.instance_id, one.status) for one in body.instance_statuses.instance_status] == [(db, "Stopped")]
    with refused("InvalidInstanceId.NotFound", 404):
        place.ecs.describe_instance_status(
            models.DescribeInstanceStatusRequest(region_id=REGION, instance_id=["i-none"])
        )


def test_full_status(place: Place, web: str) -> None:
    asked = models.DescribeInstancesFullStatusRequest(region_id=REGION, instance_id=[web])
    (one,) = place.ecs.describe_instances_full_status(asked).body.instance_full_status_set.instance_full_status_type
    assert (one.instance_id, one.status.name, one.health_status.name) == (web, "Running", "Ok")


def test_attribute(place: Place, web: str) -> None:
    one = place.ecs.describe_instance_attribute(models.DescribeInstanceAttributeRequest(instance_id=web)).body
    assert (one.instance_name, one.status, one.io_optimized) == ("web-one", "Running", "optimized")
    assert one.vpc_attributes.private_ip_address.ip_address == ["10.1.0.20"]
    with refused("InvalidInstanceId.NotFound", 404):
        place.ecs.describe_instance_attribute(models.DescribeInstanceAttributeRequest(instance_id="i-none"))


def test_the_system_disk(place: Place, web: str) -> None:
    def disks(**filters: Any) -> list[Any]:
        return place.ecs.describe_disks(models.DescribeDisksRequest(region_id=REGION, **filters)).body.disks.disk

    (disk,) = disks(instance_id=web)
    assert disk.disk_id.startswith("d-bp1")
    assert (disk.type, disk.category, disk.size, disk.status) == ("system", "cloud_essd", 50, "In_use")
    assert (disk.instance_id, disk.zone_id, disk.image_id) == (web, "cn-hangzhou-b", IMAGE)
    assert disk.attachments.attachment[0].instance_id == web
    assert [one.disk_id for one in disks(disk_ids=json.dumps([disk.disk_id]))] == [disk.disk_id]
    assert disks(instance_id=web, disk_type="data") == []
    assert len(disks()) == 2


def test_the_primary_interface(place: Place, web: str) -> None:
    def interfaces(**filters: Any) -> list[Any]:
        asked = models.DescribeNetworkInterfacesRequest(region_id=REGION, **filters)
        return place.ecs.describe_network_interfaces(asked).body.network_interface_sets.network_interface_set

    (one,) = interfaces(instance_id=web)
    assert (one.type, one.status, one.private_ip_address) == ("Primary", "InUse", "10.1.0.20")
    assert one.security_group_ids.security_group_id == [place.group_id]
    assert (one.vpc_id, one.v_switch_id, one.instance_id) == (place.vpc_id, place.v_switch_id, web)
    assert [found.instance_id for found in interfaces(network_interface_id=[one.network_interface_id])] == [web]
    assert interfaces(primary_ip_address="10.1.0.200") == []


def test_what_terraform_asks_besides(place: Place, web: str, db: str) -> None:
    ecs = place.ecs
    renewed = ecs.describe_instance_auto_renew_attribute(
        models.DescribeInstanceAutoRenewAttributeRequest(region_id=REGION, instance_id=db)
    ).body.instance_renew_attributes.instance_renew_attribute
    assert [(one.instance_id, one.renewal_status, one.auto_renew_enabled) for one in renewed] == [(db, "Normal", False)]
    kept = ecs.describe_instance_maintenance_attributes(
        models.DescribeInstanceMaintenanceAttributesRequest(region_id=REGION, instance_id=[web])
    ).body.maintenance_attributes.maintenance_attribute
    assert [one.action_on_maintenance.value for one in kept] == ["AutoRecover"]
    attached = ecs.describe_instance_attachment_attributes(
        models.DescribeInstanceAttachmentAttributesRequest(region_id=REGION, instance_ids=json.dumps([web]))
    ).body.instances.instance
    assert [(one.instance_id, one.private_pool_options_match_criteria) for one in attached] == [(web, "None")]
    user_data = ecs.describe_user_data(models.DescribeUserDataRequest(region_id=REGION, instance_id=web)).body
    assert (user_data.instance_id, user_data.user_data) == (web, "")
