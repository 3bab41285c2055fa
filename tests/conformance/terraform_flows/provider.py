"""The two ways in which the provider calls: its Tea client with a form in the body, and the older SDK's core."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterable
from typing import Any

from alibabacloud_tea_openapi.client import Client as Generic
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from alibabacloud_tea_openapi.models import OpenApiRequest, Params
from alibabacloud_tea_util.models import RuntimeOptions
from aliyunsdkcore.acs_exception.exceptions import ServerException
from aliyunsdkcore.client import AcsClient
from aliyunsdkcore.request import CommonRequest

from openyun.main import SERVICES
from tests.conformance.conftest import Cloud, eventually

VERSIONS = {service.product: service.version for service in SERVICES}


class Refused(Exception):
    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code


class Provider:
    """One account's provider."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.region = cloud.region
        host, _, port = cloud.endpoint.partition(":")
        self._host = host
        self._core = AcsClient(cloud.access_key_id, cloud.access_key_secret, cloud.region, port=int(port))
        self._tea = Generic(cloud.config())

    def rpc(self, product: str, action: str, **form: Any) -> dict[str, Any]:
        """`client.RpcPost`: parameters as a form; a dot in a name is written `__`."""
        params = Params(
            action=action,
            version=VERSIONS[product],
            protocol="HTTP",
            pathname="/",
            method="POST",
            auth_type="AK",
            style="RPC",
            req_body_type="formData",
            body_type="json",
        )
        body = {name.replace("__", "."): _text(value) for name, value in form.items()}
        try:
            found = self._tea.call_api(params, OpenApiRequest(body=body), RuntimeOptions())
        except AlibabaCloudException as problem:
            raise Refused(str(problem.code), str(problem)) from None
        return dict(found["body"])

    def sdk(self, product: str, action: str, **query: Any) -> dict[str, Any]:
        """`client.WithEcsClient` and its like: the older SDK, signed the older way."""
        request = CommonRequest(domain=self._host, version=VERSIONS[product], action_name=action)
        request.set_protocol_type("http")
        request.set_accept_format("JSON")
        request.set_method("POST")
        for name, value in query.items():
            request.add_query_param(name.replace("__", "."), _text(value))
        try:
            return dict(json.loads(self._core.do_action_with_exception(request)))
        except ServerException as problem:
            raise Refused(problem.get_error_code(), problem.get_error_msg()) from None

    def token(self, action: str) -> str:
        """`buildClientToken`."""
        return f"TF-{action}-{uuid.uuid4()}"[:64]

    def tags(self, product: str, kind: str, id: str) -> dict[str, str]:
        """`ListTagResources`, as reads ask for the tags."""
        found = self.rpc(product, "ListTagResources", RegionId=self.region, ResourceType=kind, ResourceId__1=id)
        return {one["TagKey"]: one["TagValue"] for one in found["TagResources"]["TagResource"]}


def wait(read: Callable[[], dict[str, Any]], field: str, *good: str) -> dict[str, Any]:
    """`StateChangeConf`: until the field is one of these."""
    return eventually(read, lambda found: found[field] in good)


def gone(read: Callable[[], object], codes: Iterable[str]) -> None:
    """Until a read says, by one of these codes or by finding nothing, that the resource is no more."""

    known = set(codes)

    def ended() -> bool:
        try:
            return not read()
        except Refused as problem:
            if problem.code in known:
                return True
            raise

    eventually(ended)


def has(found: dict[str, Any], *fields: str) -> None:
    assert [name for name in fields if name not in found] == []


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value) if isinstance(value, list | dict) else str(value)
