"""What the tests of RAM share."""

from __future__ import annotations

import json
import re

from alibabacloud_ram20150501.client import Client as Ram

from tests.conformance.conftest import Cloud

READ_ECS = json.dumps({"Version": "1", "Statement": [{"Effect": "Allow", "Action": "ecs:Describe*", "Resource": "*"}]})
READ_RAM = READ_ECS.replace("ecs:Describe*", "ram:List*")
WRITE_RAM = READ_ECS.replace("ecs:Describe*", "ram:Create*")
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def trust(account_id: str) -> str:
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"RAM": [f"acs:ram::{account_id}:root"]}}
    return json.dumps({"Version": "1", "Statement": [statement]})


def ram_of(cloud: Cloud, access_key_id: str, access_key_secret: str) -> Ram:
    return Ram(cloud.with_key(access_key_id, access_key_secret).config())
