"""Security groups as tests ask about them, through the official client."""

from __future__ import annotations

from alibabacloud_ecs20140526 import models
from alibabacloud_ecs20140526.client import Client as Ecs

from tests.conformance.conftest import REGION


def listed(ecs: Ecs, **filters: object) -> list[str]:
    ask = models.DescribeSecurityGroupsRequest(region_id=REGION, **filters)
    return [one.security_group_id for one in ecs.describe_security_groups(ask).body.security_groups.security_group]


def attribute(ecs: Ecs, group: str, **fields: object) -> models.DescribeSecurityGroupAttributeResponseBody:
    ask = models.DescribeSecurityGroupAttributeRequest(region_id=REGION, security_group_id=group, **fields)
    return ecs.describe_security_group_attribute(ask).body


Rules = list[models.DescribeSecurityGroupAttributeResponseBodyPermissionsPermission]


def rules(ecs: Ecs, group: str, direction: str = "all") -> Rules:
    found: Rules = attribute(ecs, group, direction=direction).permissions.permission
    return found


def allow(ecs: Ecs, group: str, **fields: object) -> None:
    given = {"ip_protocol": "tcp", "port_range": "22/22", "source_cidr_ip": "10.0.0.0/8"} | fields
    ecs.authorize_security_group(
        models.AuthorizeSecurityGroupRequest(region_id=REGION, security_group_id=group, **given)
    )


def allow_out(ecs: Ecs, group: str, **fields: object) -> None:
    given = {"ip_protocol": "tcp", "port_range": "443/443", "dest_cidr_ip": "0.0.0.0/0"} | fields
    ecs.authorize_security_group_egress(
        models.AuthorizeSecurityGroupEgressRequest(region_id=REGION, security_group_id=group, **given)
    )


def revoke(ecs: Ecs, group: str, **fields: object) -> None:
    ecs.revoke_security_group(models.RevokeSecurityGroupRequest(region_id=REGION, security_group_id=group, **fields))


def delete(ecs: Ecs, group: str) -> None:
    ecs.delete_security_group(models.DeleteSecurityGroupRequest(region_id=REGION, security_group_id=group))
