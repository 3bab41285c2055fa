"""Terraform with the official provider: apply, an empty plan, a change, an empty plan, destroy.

The provider is not a test dependency that pip could install. It is taken from PATH, from the folder that
TF_PROVIDER_ALICLOUD names, or from where Terraform itself looks for plugins.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest
from alibabacloud_vpc20160428 import models
from alibabacloud_vpc20160428.client import Client as Vpc

from tests.conformance.conftest import REGION, Cloud, cloud_of
from tests.conftest import Server

CONFIGURATION = Path(__file__).parent / "terraform" / "main.tf"
NAME = "terraform-provider-alicloud"
PRODUCTS = ("ECS", "VPC", "RAM", "STS", "OSS", "LOCATION", "RESOURCEMANAGER", "EIP", "TAG")


def places() -> Iterable[Path]:
    """Folders in which the provider may lie."""
    if "TF_PROVIDER_ALICLOUD" in os.environ:
        yield Path(os.environ["TF_PROVIDER_ALICLOUD"])
    yield from map(Path, os.get_exec_path())
    homes = [Path("~/.terraform.d/plugins").expanduser(), Path("/usr/share/terraform/plugins")]
    if "TF_PLUGIN_CACHE_DIR" in os.environ:
        homes.append(Path(os.environ["TF_PLUGIN_CACHE_DIR"]))
    for home in homes:
        yield from sorted(home.glob("registry.terraform.io/*/alicloud/*/*"), reverse=True)


def find_provider() -> Path | None:
    """The folder that has it."""
    return next((place for place in places() if any(place.glob(f"{NAME}*"))), None)


def missing() -> str:
    if shutil.which("terraform") is None:
        return "terraform is not on PATH"
    if find_provider() is None:
        return f"{NAME} is neither on PATH nor in TF_PROVIDER_ALICLOUD nor where terraform keeps plugins"
    return ""


class Workspace:
    def __init__(self, folder: Path, environment: Mapping[str, str], launcher: Iterable[str] = ()) -> None:
        self._folder = folder
        self._environment = dict(environment)
        self._launcher = list(launcher)
        self._variables = [f"-var=prefix=tf-{secrets.token_hex(4)}"]
        shutil.copy(CONFIGURATION, folder / "main.tf")
        override = f'dev_overrides {{ "aliyun/alicloud" = "{find_provider()}" }}'
        (folder / "terraformrc").write_text(f"provider_installation {{\n  {override}\n  direct {{}}\n}}\n")

    def __call__(self, *arguments: str, code: int = 0) -> str:
        done = subprocess.run(
            [*self._launcher, "terraform", *arguments],
            cwd=self._folder,
            env={
                **{name: value for name, value in os.environ.items() if not name.startswith("ALIBABA_CLOUD_")},
                **self._environment,
                "TF_CLI_CONFIG_FILE": str(self._folder / "terraformrc"),
                "TF_IN_AUTOMATION": "1",
                "CHECKPOINT_DISABLE": "1",
            },
            capture_output=True,
            text=True,
            timeout=1800,
            check=False,
        )
        assert done.returncode == code, f"terraform {' '.join(arguments)}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def apply(self, *more: str) -> dict[str, str]:
        """What it puts out."""
        self("apply", "-auto-approve", "-no-color", *self._variables, *more)
        return {name: one["value"] for name, one in json.loads(self("output", "-json")).items()}

    def changes_nothing(self, *more: str) -> None:
        """A plan has exit code 0 where it is empty, 2 where it is not."""
        self("plan", "-detailed-exitcode", "-no-color", *self._variables, *more)

    def destroy(self, *more: str) -> None:
        self("destroy", "-auto-approve", "-no-color", *self._variables, *more)


@pytest.fixture(params=["endpoints", "proxy"])
def workspace(server: Server, cloud: Cloud, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Workspace]:
    if reason := missing():
        pytest.skip(reason)
    keys = {
        "ALIBABA_CLOUD_ACCESS_KEY_ID": cloud.access_key_id,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": cloud.access_key_secret,
        "ALIBABA_CLOUD_REGION": REGION,
        "ALIBABA_CLOUD_ACCOUNT_ID": cloud.account_id,
        "ALIBABA_CLOUD_ACCOUNT_TYPE": "Domestic",
    }
    if request.param == "endpoints":
        endpoints = {f"ALIBABA_CLOUD_ENDPOINT_{product}": cloud.endpoint for product in PRODUCTS}
        yield Workspace(tmp_path, {**keys, **endpoints, "ALIBABA_CLOUD_ENDPOINT_OSS": f"http://{cloud.endpoint}"})
        return
    place = {"OPENYUN_DATA": str(server.data), "OPENYUN_PORT": str(server.port)}
    behind = [sys.executable, "-m", "openyun", "proxy", "--", "env", *(f"{name}={keys[name]}" for name in keys)]
    yield Workspace(tmp_path, place, behind)


@pytest.fixture
def cloud(server: Server) -> Cloud:
    return cloud_of(server, server.new_account())


def test_what_is_applied_stays_and_goes(cloud: Cloud, workspace: Workspace) -> None:
    vpc = Vpc(cloud.config())
    made = workspace.apply()
    look = models.DescribeVpcAttributeRequest(region_id=REGION, vpc_id=made["vpc_id"])
    assert vpc.describe_vpc_attribute(look).body.description == "made by terraform"
    workspace.changes_nothing()
    assert workspace.apply("-var=changed=true") == made
    assert vpc.describe_vpc_attribute(look).body.description == "changed by terraform"
    workspace.changes_nothing("-var=changed=true")
    workspace.destroy("-var=changed=true")
    assert vpc.describe_vpcs(models.DescribeVpcsRequest(region_id=REGION)).body.total_count == 0
    assert workspace("state", "list") == ""


def test_the_configuration_is_well_formed() -> None:
    if shutil.which("terraform") is None:
        pytest.skip("terraform is not on PATH")
    done = subprocess.run(
        ["terraform", "fmt", "-check", "-diff", CONFIGURATION], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
