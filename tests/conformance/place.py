"""Where a test's instances go: a VPC, a vSwitch and a security group of the test's own account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from alibabacloud_ecs20140526 import models
from alibabacloud_ecs20140526.client import Client as Ecs
from alibabacloud_vpc20160428.client import Client as Vpc

from tests.conformance.conftest import REGION, eventually
from tests.conformance.networks import make_group, make_v_switch, make_vpc

IMAGE = "debian_12_x64_20G_alibase_20261101.vhd"
INSTANCE_TYPE = "ecs.g7.large"


@dataclass(frozen=True)
class Place:
    ecs: Ecs
    vpc: Vpc
    vpc_id: str
    v_switch_id: str
    group_id: str

    def run(self, **more: Any) -> list[str]:
        """Ids of instances made by RunInstances with these parameters besides the usual ones."""
        asked = models.RunInstancesRequest(**{**self.usual(), **more})
        return self.ecs.run_instances(asked).body.instance_id_sets.instance_id_set

    def usual(self) -> dict[str, Any]:
        return {
            "region_id": REGION,
            "image_id": IMAGE,
            "instance_type": INSTANCE_TYPE,
            "v_switch_id": self.v_switch_id,
            "security_group_id": self.group_id,
        }

    def describe(self, *instance_ids: str) -> list[Any]:
        """These instances, in this order; all of the account without ids."""
        asked = models.DescribeInstancesRequest(region_id=REGION, page_size=100)
        if instance_ids:
            asked.instance_ids = "[" + ",".join(f'"{one}"' for one in instance_ids) + "]"
        found = self.ecs.describe_instances(asked).body.instances.instance
        return sorted(found, key=lambda one: instance_ids.index(one.instance_id)) if instance_ids else found

    def one(self, instance_id: str) -> Any:
        return self.describe(instance_id)[0]

    def until(self, status: str, *instance_ids: str) -> None:
        def statuses() -> list[str]:
            return [one.status for one in self.describe(*instance_ids)]

        eventually(statuses, lambda found: found == [status] * len(instance_ids))

    def running(self, **more: Any) -> list[str]:
        ids = self.run(**more)
        self.until("Running", *ids)
        return ids


def make_place(ecs: Ecs, vpc: Vpc, cidr_block: str = "10.1.0.0/24") -> Place:
    vpc_id = make_vpc(vpc, "10.0.0.0/8")
    return Place(ecs, vpc, vpc_id, make_v_switch(vpc, vpc_id, cidr_block), make_group(ecs, vpc_id))
