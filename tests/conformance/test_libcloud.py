"""Apache Libcloud's ECS driver: V1, and XML in every answer."""

from __future__ import annotations

import pytest
from alibabacloud_ecs20140526.client import Client as Ecs
from alibabacloud_vpc20160428.client import Client as Vpc
from libcloud.common.exceptions import BaseHTTPError
from libcloud.compute.drivers.ecs import ECSDriver
from libcloud.compute.types import NodeState

from tests.conformance.conftest import REGION, Cloud
from tests.conformance.networks import make_group, make_v_switch, make_vpc
from tests.conformance.place import IMAGE, INSTANCE_TYPE


def driver_of(cloud: Cloud, secret: str = "") -> ECSDriver:
    host, _, port = cloud.endpoint.partition(":")
    return ECSDriver(
        cloud.access_key_id, secret or cloud.access_key_secret, secure=False, host=host, port=int(port), region=REGION
    )


@pytest.fixture
def driver(cloud: Cloud) -> ECSDriver:
    return driver_of(cloud)


def test_locations_are_the_regions(driver: ECSDriver) -> None:
    found = {one.id for one in driver.list_locations()}
    assert {"cn-hangzhou", "me-east-1"} <= found


def test_sizes_are_the_instance_types(driver: ECSDriver) -> None:
    found = {one.id: one for one in driver.list_sizes()}
    assert found[INSTANCE_TYPE].ram == 8
    assert found[INSTANCE_TYPE].extra["cpu_core_count"] == 2


def test_zones_and_images(driver: ECSDriver) -> None:
    assert "cn-hangzhou-h" in {zone.id for zone in driver.ex_list_zones()}
    image = next(one for one in driver.list_images() if one.id == IMAGE)
    assert image.extra["platform"]
    assert driver.get_image(IMAGE).id == IMAGE


@pytest.fixture
def place(ecs: Ecs, vpc: Vpc) -> tuple[str, str]:
    """A vSwitch and a security group."""
    vpc_id = make_vpc(vpc)
    return make_v_switch(vpc, vpc_id), make_group(ecs, vpc_id=vpc_id)


def test_a_node_is_made_listed_and_destroyed(
    driver: ECSDriver, place: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("libcloud.compute.drivers.ecs.time.sleep", _short_sleep)
    v_switch_id, group_id = place
    size = next(one for one in driver.list_sizes() if one.id == INSTANCE_TYPE)
    image = driver.get_image(IMAGE)
    node = driver.create_node("from-libcloud", size, image, ex_security_group_id=group_id, ex_vswitch_id=v_switch_id)
    (found,) = driver.list_nodes()
    assert (found.id, found.name, found.state) == (node.id, "from-libcloud", NodeState.RUNNING)
    assert found.extra["vpc_attributes"]["vswitch_id"] == v_switch_id
    assert found.private_ips
    assert driver.ex_stop_node(found)
    driver._wait_until_state([found], NodeState.STOPPED)
    assert driver.destroy_node(found)
    assert driver.list_nodes(ex_node_ids=[found.id]) == []


def test_security_groups(driver: ECSDriver, place: tuple[str, str]) -> None:
    _, group_id = place
    assert driver.ex_modify_security_group_by_id(group_id, name="renamed", description="by libcloud")
    (found,) = driver.ex_list_security_groups()
    assert (found.id, found.name, found.description) == (group_id, "renamed", "by libcloud")
    assert driver.ex_delete_security_group_by_id(group_id)
    assert driver.ex_list_security_groups() == []


def test_an_error_is_told_in_the_vendors_words(driver: ECSDriver, cloud: Cloud) -> None:
    with pytest.raises(BaseHTTPError, match=r"InvalidInstanceId\.NotFound"):
        driver.ex_stop_node(type("Node", (), {"id": "i-none"})())
    with pytest.raises(BaseHTTPError, match="SignatureDoesNotMatch"):
        driver_of(cloud, "wrong").list_nodes()


def _short_sleep(_: float) -> None:
    """The driver looks every three seconds; here it may look at once."""
    import threading

    threading.Event().wait(0.05)
