"""Launch templates and their versions, and RunInstances from them."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from alibabacloud_ecs20140526 import models
from alibabacloud_ecs20140526.client import Client as Ecs
from alibabacloud_vpc20160428.client import Client as Vpc

from tests.conformance.conftest import REGION, refused
from tests.conformance.networks import make_group
from tests.conformance.place import IMAGE, Place, make_place

SCRIPT = base64.b64encode(b"#!/bin/sh\necho secret\n").decode()


@pytest.fixture
def place(ecs: Ecs, vpc: Vpc) -> Place:
    return make_place(ecs, vpc)


def create(place: Place, name: str = "web", **more: Any) -> str:
    asked = {
        "region_id": REGION,
        "launch_template_name": name,
        "image_id": IMAGE,
        "instance_type": "ecs.g7.large",
        "instance_name": "from-template",
        "v_switch_id": place.v_switch_id,
        "security_group_id": place.group_id,
        "user_data": SCRIPT,
        "instance_charge_type": "PostPaid",
        "internet_max_bandwidth_out": 5,
        "system_disk": models.CreateLaunchTemplateRequestSystemDisk(category="cloud_essd", size=60),
        "tag": [models.CreateLaunchTemplateRequestTag(key="team", value="a")],
        "template_tag": [models.CreateLaunchTemplateRequestTemplateTag(key="of", value="template")],
        "version_description": "the first",
        **more,
    }
    body = place.ecs.create_launch_template(models.CreateLaunchTemplateRequest(**asked)).body
    assert body.launch_template_version_number == 1
    return str(body.launch_template_id)


def version(place: Place, template_id: str, **more: Any) -> int:
    asked = {"region_id": REGION, "launch_template_id": template_id, **more}
    body = place.ecs.create_launch_template_version(models.CreateLaunchTemplateVersionRequest(**asked)).body
    return int(body.launch_template_version_number)


def versions(place: Place, template_id: str, **more: Any) -> list[Any]:
    asked = models.DescribeLaunchTemplateVersionsRequest(region_id=REGION, launch_template_id=template_id, **more)
    return place.ecs.describe_launch_template_versions(
        asked
    ).body.launch_template_version_sets.launch_template_version_set


def templates(place: Place, **filters: Any) -> list[Any]:
    asked = models.DescribeLaunchTemplatesRequest(region_id=REGION, **filters)
    return place.ecs.describe_launch_templates(asked).body.launch_template_sets.launch_template_set


def run(place: Place, **more: Any) -> Any:
    asked = models.RunInstancesRequest(region_id=REGION, **more)
    (instance_id,) = place.ecs.run_instances(asked).body.instance_id_sets.instance_id_set
    return place.one(instance_id)


def test_versions_come_and_go(place: Place) -> None:
    template_id = create(place)
    (first,) = versions(place, template_id)
    assert (first.version_number, first.default_version, first.version_description) == (1, True, "the first")
    data = first.launch_template_data
    assert (data.image_id, data.instance_type, data.v_switch_id) == (IMAGE, "ecs.g7.large", place.v_switch_id)
    assert (data.system_disk.size, data.user_data, data.internet_max_bandwidth_out) == (60, SCRIPT, 5)
    assert [(tag.key, tag.value) for tag in data.tags.instance_tag] == [("team", "a")]
    assert version(place, template_id, instance_type="ecs.g7.xlarge") == 2
    assert version(place, template_id, instance_type="ecs.g7.2xlarge") == 3
    assert [one.version_number for one in versions(place, template_id)] == [3, 2, 1]
    assert [one.version_number for one in versions(place, template_id, min_version=2, max_version=2)] == [2]
    assert [one.version_number for one in versions(place, template_id, default_version=True)] == [1]
    assert versions(place, template_id, detail_flag=False)[0].launch_template_data is None
    place.ecs.modify_launch_template_default_version(
        models.ModifyLaunchTemplateDefaultVersionRequest(
            region_id=REGION, launch_template_name="web", default_version_number=2
        )
    )
    (listed,) = templates(place, launch_template_name=["web"])
    assert (listed.default_version_number, listed.latest_version_number) == (2, 3)
    assert [it.launch_template_id for it in templates(place, launch_template_id=[template_id])] == [template_id]

    def delete(*numbers: int) -> None:
        place.ecs.delete_launch_template_version(
            models.DeleteLaunchTemplateVersionRequest(
                region_id=REGION, launch_template_id=template_id, delete_version=list(numbers)
            )
        )

    with refused("InvalidParameter.DefaultVersion", 403):
        delete(2)
    delete(3)
    with refused("InvalidLaunchTemplateVersion.NotFound", 404):
        delete(3)
    assert version(place, template_id) == 4, "a number is never given twice"
    with refused("InvalidLaunchTemplateName.Duplicated", 400):
        create(place)
    gone = place.ecs.delete_launch_template(
        models.DeleteLaunchTemplateRequest(region_id=REGION, launch_template_id=template_id)
    ).body
    assert gone.launch_template_version_numbers.version_numbers == [1, 2, 4]
    with refused("InvalidLaunchTemplate.NotFound", 404):
        versions(place, template_id)


def test_instances_from_a_template(place: Place) -> None:
    template_id = create(place)
    other_group = make_group(place.ecs, place.vpc_id)
    version(
        place,
        template_id,
        image_id=IMAGE,
        instance_type="ecs.g7.xlarge",
        spot_strategy="SpotAsPriceGo",
        network_interface=[
            models.CreateLaunchTemplateVersionRequestNetworkInterface(
                instance_type="Primary", v_switch_id=place.v_switch_id, security_group_id=place.group_id
            ),
            models.CreateLaunchTemplateVersionRequestNetworkInterface(
                instance_type="Secondary", network_interface_name="back"
            ),
        ],
    )
    made = run(place, launch_template_id=template_id)
    assert (made.instance_name, made.instance_type) == ("from-template", "ecs.g7.large")
    assert made.security_group_ids.security_group_id == [place.group_id]
    assert [(tag.tag_key, tag.tag_value) for tag in made.tags.tag if tag.tag_key == "team"] == [("team", "a")]
    assert made.public_ip_address.ip_address
    explicit = run(
        place,
        launch_template_name="web",
        instance_type="ecs.g7.2xlarge",
        instance_name="mine",
        security_group_id=other_group,
        internet_max_bandwidth_out=0,
    )
    assert (explicit.instance_name, explicit.instance_type) == ("mine", "ecs.g7.2xlarge")
    assert explicit.security_group_ids.security_group_id == [other_group]
    assert explicit.public_ip_address.ip_address == []
    second = run(place, launch_template_id=template_id, launch_template_version=2)
    assert (second.instance_type, second.spot_strategy) == ("ecs.g7.xlarge", "SpotAsPriceGo")
    assert sorted(it.type for it in second.network_interfaces.network_interface) == ["Primary", "Secondary"]
    plain = run(place, launch_template_id=template_id, launch_template_version=2, spot_strategy="NoSpot")
    assert plain.spot_strategy == "NoSpot"
    with refused("InvalidLaunchTemplateVersion.NotFound", 404):
        run(place, launch_template_id=template_id, launch_template_version=7)
    with refused("InvalidLaunchTemplate.NotFound", 404):
        run(place, launch_template_name="none")
    with refused("MissingParameter", 400):
        place.ecs.run_instances(models.RunInstancesRequest(region_id=REGION, image_id=IMAGE))
