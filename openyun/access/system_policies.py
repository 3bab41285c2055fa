"""The policies that every account has from the start."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import msgspec


class SystemPolicy(msgspec.Struct, frozen=True):
    name: str
    description: str
    document: str


CREATED_AT = "2015-04-28T13:54:10Z"
"""when the vendor made the first of them; they have one version, v1"""


def _policy(name: str, description: str, actions: Sequence[str]) -> SystemPolicy:
    statement = {"Effect": "Allow", "Action": actions if len(actions) > 1 else actions[0], "Resource": "*"}
    return SystemPolicy(name, description, json.dumps({"Version": "1", "Statement": [statement]}, indent=2))


_READING = ("Describe*", "List*", "Get*", "BatchGet*", "Query*", "Head*", "Check*", "Select*")

_PRODUCTS: tuple[tuple[str, str, Sequence[str], Sequence[str]], ...] = (
    # name in the policy, name of the product, all actions, those that only read
    ("ECS", "Elastic Compute Service", ("ecs:*",), ("ecs:Describe*", "ecs:List*", "ecs:Get*")),
    ("VPC", "Virtual Private Cloud", ("vpc:*",), ("vpc:Describe*", "vpc:List*", "vpc:Get*")),
    ("EIP", "Elastic IP Address", ("vpc:*Eip*",), ("vpc:DescribeEip*",)),
    ("OSS", "Object Storage Service", ("oss:*", "oss-cdn:*"), ("oss:Get*", "oss:List*")),
    ("RAM", "Resource Access Management", ("ram:*",), ("ram:Get*", "ram:List*")),
    ("RDS", "ApsaraDB RDS", ("rds:*",), ("rds:Describe*", "rds:List*")),
    ("Kvstore", "Tair (Redis)", ("kvstore:*",), ("kvstore:Describe*", "kvstore:List*")),
    ("SLB", "Server Load Balancer", ("slb:*",), ("slb:Describe*", "slb:List*")),
    ("ESS", "Auto Scaling", ("ess:*",), ("ess:Describe*", "ess:List*")),
    ("ROS", "Resource Orchestration Service", ("ros:*",), ("ros:Describe*", "ros:Get*", "ros:List*")),
    ("CS", "Container Service", ("cs:*",), ("cs:Get*", "cs:Describe*", "cs:List*")),
    ("FC", "Function Compute", ("fc:*",), ("fc:Get*", "fc:List*")),
    ("Log", "Simple Log Service", ("log:*",), ("log:Get*", "log:List*", "log:Query*")),
    ("MaxCompute", "MaxCompute", ("odps:*",), ("odps:Get*", "odps:List*", "odps:Describe*", "odps:Read")),
    ("Marketplace", "Alibaba Cloud Marketplace", ("market:*",), ("market:Describe*", "market:Get*", "market:List*")),
    ("BSS", "expenses and costs", ("bss:*", "bssapi:*"), ("bss:Describe*", "bss:Query*", "bssapi:Query*")),
)


def _of_products() -> Iterator[SystemPolicy]:
    for name, product, everything, reading in _PRODUCTS:
        yield _policy(f"Aliyun{name}FullAccess", f"Full access to {product}", everything)
        yield _policy(f"Aliyun{name}ReadOnlyAccess", f"Read-only access to {product}", reading)


_ALL = (
    _policy("AdministratorAccess", "Full access to all products and resources", ["*"]),
    _policy("ReadOnlyAccess", "Read-only access to all products", [f"*:{verb}" for verb in _READING]),
    _policy("AliyunSTSAssumeRoleAccess", "May call AssumeRole of STS", ["sts:AssumeRole"]),
    _policy(
        "AliyunECSImageImportRolePolicy",
        "For the role that ECS imports images with",
        ["oss:GetObject", "oss:GetBucketLocation", "oss:GetBucketInfo"],
    ),
    _policy(
        "AliyunECSImageExportRolePolicy",
        "For the role that ECS exports images with",
        ["oss:GetObject", "oss:PutObject", "oss:DeleteObject", "oss:GetBucketLocation", "oss:GetBucketInfo"],
    ),
    *_of_products(),
)

SYSTEM_POLICIES = {policy.name: policy for policy in sorted(_ALL, key=lambda policy: policy.name)}
