"""Clients of Simple Log Service for a test's account."""

from __future__ import annotations

import secrets
import socket
from typing import Any

import pytest
from aliyun.log import LogClient

from tests.conformance.conftest import REGION, Cloud


def project_name() -> str:
    """New each time: names are shared by all accounts."""
    return f"test-{secrets.token_hex(8)}"


def local_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names below localhost, which most systems resolve, and this one may not."""
    resolve = socket.getaddrinfo

    def known(host: Any, *more: Any, **options: Any) -> Any:
        return resolve("127.0.0.1" if str(host).endswith(".localhost") else host, *more, **options)

    monkeypatch.setattr(socket, "getaddrinfo", known)


def log_client(cloud: Cloud, version: str = "v1") -> LogClient:
    host = f"http://localhost:{cloud.endpoint.rpartition(':')[2]}"
    return LogClient(
        host,
        cloud.access_key_id,
        cloud.access_key_secret,
        cloud.security_token or None,
        source="10.0.0.1",
        auth_version=version,
        region=REGION,
    )
