"""Node's @alicloud/pop-core: V1, with everything in the body of a POST, even Action and Signature."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.conftest import REGION, Cloud

SCRIPT = """
const Core = require('@alicloud/pop-core');
const given = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const client = new Core({...given.client, apiVersion: given.version});
(async () => {
  const answers = [];
  for (const [action, parameters, method] of given.calls) {
    try {
      answers.push({ok: await client.request(action, parameters, {method})});
    } catch (problem) {
      answers.push({code: problem.code, message: problem.message, name: problem.name, data: problem.data});
    }
  }
  process.stdout.write(JSON.stringify(answers));
})();
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the package is installed."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("node and npm are not installed")
    made = tmp_path_factory.mktemp("pop-core")
    command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "@alicloud/pop-core@1"]
    done = subprocess.run(command, cwd=made, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        pytest.skip(f"npm can not install @alicloud/pop-core: {done.stderr[-300:]}")
    (made / "ask.js").write_text(SCRIPT)
    return made


def ask(folder: Path, cloud: Cloud, version: str, *calls: tuple[str, dict[str, Any], str]) -> list[dict[str, Any]]:
    given = {
        "client": {
            "accessKeyId": cloud.access_key_id,
            "accessKeySecret": cloud.access_key_secret,
            "endpoint": f"http://{cloud.endpoint}",
        },
        "version": version,
        "calls": calls,
    }
    done = subprocess.run(
        ["node", "ask.js"], cwd=folder, input=json.dumps(given), capture_output=True, text=True, timeout=60, check=True
    )
    return list(json.loads(done.stdout))


VPC, ECS = "2016-04-28", "2014-05-26"


def test_a_vpc_is_made_and_found_with_both_methods(folder: Path, cloud: Cloud) -> None:
    name = "节点 & <node> +%20"
    made, by_get, by_post = ask(
        folder,
        cloud,
        VPC,
        ("CreateVpc", {"RegionId": REGION, "CidrBlock": "10.0.0.0/8", "VpcName": name}, "POST"),
        ("DescribeVpcs", {"RegionId": REGION, "VpcName": name}, "GET"),
        ("DescribeVpcs", {"RegionId": REGION, "VpcName": name}, "POST"),
    )
    for found in (by_get, by_post):
        assert [one["VpcId"] for one in found["ok"]["Vpcs"]["Vpc"]] == [made["ok"]["VpcId"]]
        assert found["ok"]["Vpcs"]["Vpc"][0]["VpcName"] == name


def test_lists_are_flattened_as_the_cloud_reads_them(folder: Path, cloud: Cloud) -> None:
    tags = [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "二"}]
    made, found = ask(
        folder,
        cloud,
        VPC,
        ("CreateVpc", {"RegionId": REGION, "Tag": tags}, "POST"),
        ("DescribeVpcs", {"RegionId": REGION, "Tag": tags[1:]}, "POST"),
    )
    (one,) = found["ok"]["Vpcs"]["Vpc"]
    assert one["VpcId"] == made["ok"]["VpcId"]
    assert sorted(tag["Value"] for tag in one["Tags"]["Tag"]) == ["1", "二"]


def test_an_error_is_one_that_it_understands(folder: Path, cloud: Cloud) -> None:
    gone, missing = ask(
        folder,
        cloud,
        VPC,
        ("DeleteVpc", {"RegionId": REGION, "VpcId": "vpc-none"}, "POST"),
        ("DeleteVpc", {"RegionId": REGION}, "GET"),
    )
    assert gone["code"] == "InvalidVpcID.NotFound"
    assert gone["data"]["RequestId"]
    assert missing["code"] == "MissingParameter"


def test_a_wrong_secret(folder: Path, cloud: Cloud) -> None:
    (answer,) = ask(
        folder,
        cloud.with_key(cloud.access_key_id, "wrong"),
        ECS,
        ("DescribeInstances", {"RegionId": REGION}, "POST"),
    )
    assert answer["code"] == "SignatureDoesNotMatch"
