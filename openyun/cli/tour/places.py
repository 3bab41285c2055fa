"""VPC and ECS: a network of one's own in two regions, and an instance in each."""

from __future__ import annotations

import ipaddress
import os
from functools import partial
from typing import Any

from openyun.cli.tour import sdks
from openyun.cli.tour.scene import Place, Scene, wait

INSTANCE_TYPE = "ecs.t5-lc1m1.small"


def build(scene: Scene) -> str:
    for place in scene.places:
        _network(scene, place)
        _security_group(scene, place)
        _key_pair(scene, place)
    return "; ".join(f"{place.city}: {place.vpc_id}" for place in scene.places)


def run_instances(scene: Scene) -> str:
    for place in scene.places:
        _run(scene, place)
    for place in scene.places:
        found = wait(place.instance_id, partial(describe, scene, place), lambda one: one.status == "Running")
        place.public_address = found.public_ip_address.ip_address[0]
    return "; ".join(f"{place.city}: {place.instance_id} at {place.public_address}" for place in scene.places)


def describe(scene: Scene, place: Place) -> Any:
    models = sdks.ecs().models
    asked = models.DescribeInstancesRequest(region_id=place.region, instance_ids=f'["{place.instance_id}"]')
    return scene.ecs(place).describe_instances(asked).body.instances.instance[0]


def _network(scene: Scene, place: Place) -> None:
    vpc, models, region = scene.vpc(place), sdks.vpc().models, place.region
    owner = scene.vpc(place, as_account=True)
    made = vpc.create_vpc(
        models.CreateVpcRequest(region_id=region, cidr_block=place.cidr, vpc_name=scene.name, client_token=scene.name)
    )
    place.vpc_id = made.body.vpc_id
    gone = models.DeleteVpcRequest(region_id=region, vpc_id=place.vpc_id)
    scene.undo.append((place.vpc_id, lambda: owner.delete_vpc(gone)))
    asked = models.DescribeVpcAttributeRequest(region_id=region, vpc_id=place.vpc_id)
    wait(
        place.vpc_id,
        lambda: vpc.describe_vpc_attribute(asked).body.status,
        lambda status: status == "Available",
    )

    zones = scene.ecs(place).describe_zones(sdks.ecs().models.DescribeZonesRequest(region_id=region)).body.zones.zone
    part = next(ipaddress.ip_network(place.cidr).subnets(new_prefix=24))
    place.v_switch_id = vpc.create_vswitch(
        models.CreateVSwitchRequest(
            region_id=region,
            vpc_id=place.vpc_id,
            zone_id=zones[0].zone_id,
            cidr_block=str(part),
            v_switch_name=scene.name,
        )
    ).body.v_switch_id
    switch_gone = models.DeleteVSwitchRequest(region_id=region, v_switch_id=place.v_switch_id)
    scene.undo.append((place.v_switch_id, lambda: owner.delete_vswitch(switch_gone)))
    switch = models.DescribeVSwitchAttributesRequest(region_id=region, v_switch_id=place.v_switch_id)
    wait(
        place.v_switch_id,
        lambda: vpc.describe_vswitch_attributes(switch).body.status,
        lambda status: status == "Available",
    )


def _security_group(scene: Scene, place: Place) -> None:
    ecs, models, region = scene.ecs(place), sdks.ecs().models, place.region
    owner = scene.ecs(place, as_account=True)
    place.security_group_id = ecs.create_security_group(
        models.CreateSecurityGroupRequest(region_id=region, vpc_id=place.vpc_id, security_group_name=scene.name)
    ).body.security_group_id
    gone = models.DeleteSecurityGroupRequest(region_id=region, security_group_id=place.security_group_id)
    scene.undo.append((place.security_group_id, lambda: owner.delete_security_group(gone)))
    ecs.authorize_security_group(
        models.AuthorizeSecurityGroupRequest(
            region_id=region,
            security_group_id=place.security_group_id,
            permissions=[
                models.AuthorizeSecurityGroupRequestPermissions(
                    ip_protocol="TCP", port_range="22/22", source_cidr_ip="0.0.0.0/0", description="SSH"
                )
            ],
        )
    )


def _key_pair(scene: Scene, place: Place) -> None:
    models, region = sdks.ecs().models, place.region
    owner = scene.ecs(place, as_account=True)
    made = scene.ecs(place).create_key_pair(models.CreateKeyPairRequest(region_id=region, key_pair_name=scene.name))
    gone = models.DeleteKeyPairsRequest(region_id=region, key_pair_names=f'["{scene.name}"]')
    scene.undo.append((f"key pair in {place.city}", lambda: owner.delete_key_pairs(gone)))
    private_key = scene.folder / f"{region}.pem"
    with os.fdopen(os.open(private_key, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(made.body.private_key_body)
    place.private_key = str(private_key)


def _run(scene: Scene, place: Place) -> None:
    ecs, models, region = scene.ecs(place), sdks.ecs().models, place.region
    image = ecs.describe_images(models.DescribeImagesRequest(region_id=region, ostype="linux")).body.images.image[0]
    made = ecs.run_instances(
        models.RunInstancesRequest(
            region_id=region,
            image_id=image.image_id,
            instance_type=INSTANCE_TYPE,
            instance_name=f"{scene.name}-{place.city}",
            host_name=f"tour-{place.city.lower()}",
            v_switch_id=place.v_switch_id,
            security_group_id=place.security_group_id,
            key_pair_name=scene.name,
            internet_max_bandwidth_out=1,  # a public address comes with it
            client_token=f"{scene.name}-{region}",
            tag=[models.RunInstancesRequestTag(key="made-by", value="tour")],
        )
    )
    place.instance_id = made.body.instance_id_sets.instance_id_set[0]
    scene.undo.append((place.instance_id, lambda: _delete(scene, place)))


def _delete(scene: Scene, place: Place) -> None:
    owner, models = scene.ecs(place, as_account=True), sdks.ecs().models
    owner.delete_instance(models.DeleteInstanceRequest(instance_id=place.instance_id, force=True))
    asked = models.DescribeInstancesRequest(region_id=place.region, instance_ids=f'["{place.instance_id}"]')
    wait(
        f"deletion of {place.instance_id}",
        lambda: owner.describe_instances(asked).body.total_count,
        lambda count: count == 0,
    )
