"""Official clients, each for an account of the test's own, so that tests do not see each other's resources."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest
from alibabacloud_ecs20140526.client import Client as Ecs
from alibabacloud_ram20150501 import models as ram_models
from alibabacloud_ram20150501.client import Client as Ram
from alibabacloud_sts20150401.client import Client as Sts
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from alibabacloud_tea_openapi.models import Config
from alibabacloud_vpc20160428.client import Client as Vpc

from tests.conftest import Account, Server

T = TypeVar("T")

REGION = "cn-hangzhou"


@dataclass(frozen=True)
class Cloud:
    """Where the cloud is, and who asks."""

    endpoint: str
    account_id: str
    access_key_id: str
    access_key_secret: str
    security_token: str = ""
    region: str = REGION

    def config(self) -> Config:
        return Config(
            access_key_id=self.access_key_id,
            access_key_secret=self.access_key_secret,
            security_token=self.security_token or None,
            endpoint=self.endpoint,
            protocol="http",
            region_id=self.region,
        )

    def with_key(self, access_key_id: str, access_key_secret: str, security_token: str = "") -> Cloud:
        """The same cloud, asked by another."""
        return Cloud(self.endpoint, self.account_id, access_key_id, access_key_secret, security_token, self.region)


def cloud_of(server: Server, account: Account) -> Cloud:
    return Cloud(server.endpoint, account.account_id, account.access_key_id, account.access_key_secret)


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Server]:
    """A cloud for one test alone, which may kill it and spoil its files."""
    made = Server(tmp_path / "cloud")
    made.start()
    yield made
    if made.process is not None and made.process.poll() is None:
        made.stop()


@pytest.fixture
def cloud(server: Server) -> Cloud:
    """A fresh account of the shared cloud."""
    return cloud_of(server, server.new_account())


@pytest.fixture
def other_cloud(server: Server) -> Cloud:
    """Another account of the same cloud."""
    return cloud_of(server, server.new_account())


@pytest.fixture
def ecs(cloud: Cloud) -> Ecs:
    return Ecs(cloud.config())


@pytest.fixture
def vpc(cloud: Cloud) -> Vpc:
    return Vpc(cloud.config())


@pytest.fixture
def ram(cloud: Cloud) -> Ram:
    return Ram(cloud.config())


@pytest.fixture
def sts(cloud: Cloud) -> Sts:
    return Sts(cloud.config())


@pytest.fixture
def name() -> str:
    return "alice-1"


@pytest.fixture
def user(ram: Ram, name: str) -> str:
    ram.create_user(ram_models.CreateUserRequest(user_name=name))
    return name


@contextmanager
def refused(code: str, status: int | None = None) -> Iterator[pytest.ExceptionInfo[AlibabaCloudException]]:
    """The client must raise the vendor's error with this code (and HTTP status)."""
    with pytest.raises(AlibabaCloudException) as caught:
        yield caught
    assert caught.value.code == code, caught.value
    if status is not None:
        assert caught.value.status_code == status


def eventually(probe: Callable[[], T], good: Callable[[T], bool] = bool, patience: float = 30.0) -> T:
    """Ask until the answer is good, as a waiter does; the last answer when patience is at its end."""
    deadline = time.monotonic() + patience
    while True:
        answer = probe()
        if good(answer):
            return answer
        assert time.monotonic() < deadline, f"still {answer!r}"
        time.sleep(0.05)


def named(value: object) -> str:
    """A name for a test with this parameter: the same in every process that collects it."""
    return re.sub(r" object at 0x[0-9a-f]+", "", str(value))
