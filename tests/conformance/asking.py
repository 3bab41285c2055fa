"""Any operation by its name, through the official SDK's core: for tests whose operations stand in a table."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from alibabacloud_tea_openapi.client import Client as Generic
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from alibabacloud_tea_openapi.models import OpenApiRequest, Params
from alibabacloud_tea_util.models import RuntimeOptions

from openyun.main import SERVICES
from tests.conformance.conftest import REGION, Cloud

VERSIONS = {service.name: service.version for service in SERVICES}


@dataclass(frozen=True)
class Answer:
    code: str
    """of the error; empty for success"""
    text: str

    @property
    def fields(self) -> dict[str, Any]:
        return dict(json.loads(self.text))


def ask(cloud: Cloud, operation: str, given: dict[str, str]) -> Answer:
    """`operation` as ecs:StopInstance."""
    product, _, name = operation.partition(":")
    parameters = dict(given)
    if product in ("ecs", "tag", "vpc"):
        parameters.setdefault("RegionId", REGION)
    params = Params(
        action=name,
        version=VERSIONS[product],
        protocol="HTTP",
        pathname="/",
        method="POST",
        auth_type="AK",
        style="RPC",
        req_body_type="formData",
        body_type="json",
    )
    try:
        found = Generic(cloud.config()).call_api(params, OpenApiRequest(query=parameters), RuntimeOptions())
    except AlibabaCloudException as problem:
        return Answer(str(problem.code), str(problem))
    return Answer("", json.dumps(found["body"]))


def made(cloud: Cloud, operation: str, **given: str) -> dict[str, Any]:
    """What a call answers that must succeed; parameters with _ for a dot."""
    answer = ask(cloud, operation, {name.replace("_", "."): value for name, value in given.items()})
    assert answer.code == "", answer
    return answer.fields
