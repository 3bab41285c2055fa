"""OSS clients of the official SDKs for a test's account."""

from __future__ import annotations

import secrets
from typing import Any

import alibabacloud_oss_v2 as oss_v2
import oss2

from tests.conformance.conftest import REGION, Cloud

VERSIONS = ["v1", "v4"]


def bucket_name() -> str:
    """New each time: names are shared by all accounts."""
    return f"test-{secrets.token_hex(8)}"


def oss2_auth(cloud: Cloud, version: str) -> Any:
    if cloud.security_token:
        return oss2.StsAuth(cloud.access_key_id, cloud.access_key_secret, cloud.security_token, auth_version=version)
    return oss2.make_auth(cloud.access_key_id, cloud.access_key_secret, version)


def oss2_bucket(cloud: Cloud, name: str = "", *, version: str = "v4", region: str = REGION) -> oss2.Bucket:
    auth = oss2_auth(cloud, version)
    return oss2.Bucket(auth, f"http://{cloud.endpoint}", name or bucket_name(), region=region)


def oss2_service(cloud: Cloud, *, version: str = "v4") -> oss2.Service:
    return oss2.Service(oss2_auth(cloud, version), f"http://{cloud.endpoint}", region=REGION)


def anonymous_bucket(cloud: Cloud, name: str) -> oss2.Bucket:
    return oss2.Bucket(oss2.AnonymousAuth(), f"http://{cloud.endpoint}", name)


def v2_client(cloud: Cloud, *, signature: str = "v4") -> oss_v2.Client:
    config = oss_v2.config.load_default()
    config.credentials_provider = oss_v2.credentials.StaticCredentialsProvider(
        cloud.access_key_id, cloud.access_key_secret, cloud.security_token or None
    )
    config.region = REGION
    config.endpoint = f"http://{cloud.endpoint}"
    config.signature_version = signature
    config.use_path_style = True
    return oss_v2.Client(config)
