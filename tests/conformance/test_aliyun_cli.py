"""The official aliyun CLI, told the endpoint and through `yun proxy`."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.conftest import REGION, Cloud
from tests.conftest import Server


def aliyun(cloud: Cloud, home: Path, *arguments: str, behind: tuple[str, ...] = ()) -> Any:
    if shutil.which("aliyun") is None:
        pytest.skip("the aliyun CLI is not on PATH")
    done = subprocess.run(
        [*behind, "aliyun", *arguments],
        env={
            **os.environ,
            "HOME": str(home),
            "ALIBABA_CLOUD_ACCESS_KEY_ID": cloud.access_key_id,
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": cloud.access_key_secret,
            "ALIBABA_CLOUD_REGION_ID": REGION,
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def test_with_the_endpoint(cloud: Cloud, tmp_path: Path) -> None:
    told = ("--endpoint", cloud.endpoint, "--protocol", "http")
    made = aliyun(cloud, tmp_path, "vpc", "CreateVpc", "--CidrBlock", "10.0.0.0/8", *told)
    found = aliyun(cloud, tmp_path, "vpc", "DescribeVpcs", *told)
    assert [one["VpcId"] for one in found["Vpcs"]["Vpc"]] == [made["VpcId"]]
    assert aliyun(cloud, tmp_path, "sts", "GetCallerIdentity", *told)["AccountId"] == cloud.account_id


def test_through_the_proxy(server: Server, cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENYUN_DATA", str(server.data))
    keys = (
        f"ALIBABA_CLOUD_ACCESS_KEY_ID={cloud.access_key_id}",
        f"ALIBABA_CLOUD_ACCESS_KEY_SECRET={cloud.access_key_secret}",
    )
    behind = (sys.executable, "-m", "openyun", "proxy", "--", "env", *keys)
    found = aliyun(cloud, tmp_path, "ecs", "DescribeRegions", behind=behind)
    assert REGION in [one["RegionId"] for one in found["Regions"]["Region"]]
    assert aliyun(cloud, tmp_path, "ram", "ListUsers", behind=behind)["Users"]["User"] == []
