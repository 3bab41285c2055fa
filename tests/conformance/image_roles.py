"""The RAM roles that ECS imports and exports images with."""

from __future__ import annotations

import json

from alibabacloud_ram20150501 import models
from alibabacloud_ram20150501.client import Client as Ram

TRUST = json.dumps(
    {
        "Version": "1",
        "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": ["ecs.aliyuncs.com"]}}],
    }
)


def give(ram: Ram, kind: str, *, policy: bool = True) -> None:
    """`kind` is Import or Export."""
    role = f"AliyunECSImage{kind}DefaultRole"
    ram.create_role(models.CreateRoleRequest(role_name=role, assume_role_policy_document=TRUST))
    if policy:
        grant(ram, kind)


def grant(ram: Ram, kind: str) -> None:
    ram.attach_policy_to_role(
        models.AttachPolicyToRoleRequest(
            policy_type="System",
            policy_name=f"AliyunECSImage{kind}RolePolicy",
            role_name=f"AliyunECSImage{kind}DefaultRole",
        )
    )
