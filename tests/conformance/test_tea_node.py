"""Node's Tea SDKs: V3 signatures, another order of SignedHeaders than Python's, camelCase models."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.conftest import REGION, Cloud
from tests.conformance.networks import ZONE

PACKAGES = ["@alicloud/ecs20140526@7", "@alicloud/vpc20160428@7"]
SCRIPT = """
const given = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const OpenApi = require('@alicloud/openapi-core').$OpenApiUtil;
const products = {ecs: require('@alicloud/ecs20140526'), vpc: require('@alicloud/vpc20160428')};
const known = {};
// "$name.field.0" stands for a part of an earlier answer.
const filled = (value) => {
  if (typeof value === 'string' && value.startsWith('$'))
    return value.slice(1).split('.').reduce((part, step) => part[step], known);
  if (Array.isArray(value)) return value.map(filled);
  if (value && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, filled(one)]));
  return value;
};
const once = async (client, product, action, parameters) => {
  const method = action[0].toLowerCase() + action.slice(1);
  const request = new products[product][action + 'Request']({regionId: given.region, ...filled(parameters)});
  return (await client[method](request)).body;
};
(async () => {
  const answers = [];
  const clients = {};
  for (const [name, product, action, parameters, until] of given.calls) {
    const client = clients[product] ??= new products[product].default(new OpenApi.Config(given.config));
    try {
      let body;
      const deadline = Date.now() + 30000;
      do {
        body = await once(client, product, action, parameters);
      } while (until && until[0].split('.').reduce((part, step) => part?.[step], body) !== until[1]
        && Date.now() < deadline);
      known[name] = body;
      answers.push({ok: body});
    } catch (problem) {
      answers.push({code: problem.code, status: problem.statusCode ?? problem.data?.statusCode ?? null});
    }
  }
  process.stdout.write(JSON.stringify(answers));
})();
"""

Call = tuple[str, str, str, dict[str, Any], "tuple[str, Any] | None"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the packages are installed."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("node and npm are not installed")
    made = tmp_path_factory.mktemp("tea-node")
    command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", *PACKAGES]
    done = subprocess.run(command, cwd=made, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        pytest.skip(f"npm can not install {' '.join(PACKAGES)}: {done.stderr[-300:]}")
    (made / "ask.js").write_text(SCRIPT)
    return made


def ask(folder: Path, cloud: Cloud, *calls: Call) -> dict[str, Any]:
    config = {
        "accessKeyId": cloud.access_key_id,
        "accessKeySecret": cloud.access_key_secret,
        "endpoint": cloud.endpoint,
        "protocol": "http",
    }
    text = json.dumps({"config": config, "region": REGION, "calls": calls})
    done = subprocess.run(
        ["node", "ask.js"], cwd=folder, input=text, capture_output=True, text=True, timeout=120, check=True
    )
    return {call[0]: answer for call, answer in zip(calls, json.loads(done.stdout), strict=True)}


def test_an_instance_from_its_network_to_its_end(folder: Path, cloud: Cloud) -> None:
    answers = ask(
        folder,
        cloud,
        ("vpc", "vpc", "CreateVpc", {"cidrBlock": "10.0.0.0/8", "vpcName": "节点 & node"}, None),
        ("there", "vpc", "DescribeVpcAttribute", {"vpcId": "$vpc.vpcId"}, ("status", "Available")),
        ("switch", "vpc", "CreateVSwitch", {"vpcId": "$vpc.vpcId", "zoneId": ZONE, "cidrBlock": "10.1.0.0/24"}, None),
        ("ready", "vpc", "DescribeVSwitchAttributes", {"vSwitchId": "$switch.vSwitchId"}, ("status", "Available")),
        ("group", "ecs", "CreateSecurityGroup", {"vpcId": "$vpc.vpcId"}, None),
        (
            "run",
            "ecs",
            "RunInstances",
            {
                "imageId": "debian_12_x64_20G_alibase_20261101.vhd",
                "instanceType": "ecs.g7.large",
                "vSwitchId": "$switch.vSwitchId",
                "securityGroupId": "$group.securityGroupId",
                "amount": 12,
                "tag": [{"key": "from", "value": "节点"}],
            },
            None,
        ),
        ("busy", "vpc", "DeleteVpc", {"vpcId": "$vpc.vpcId"}, None),
        (
            "running",
            "ecs",
            "DescribeInstances",
            {"tag": [{"key": "from"}], "status": "Running", "vpcId": "$vpc.vpcId"},
            ("totalCount", 12),
        ),
        ("first", "ecs", "DescribeInstances", {"maxResults": 10, "vpcId": "$vpc.vpcId"}, None),
        ("rest", "ecs", "DescribeInstances", {"maxResults": 10, "nextToken": "$first.nextToken"}, None),
        (
            "dry",
            "ecs",
            "DeleteInstances",
            {"instanceId": "$run.instanceIdSets.instanceIdSet", "dryRun": True, "force": True},
            None,
        ),
        (
            "deleted",
            "ecs",
            "DeleteInstances",
            {"instanceId": "$run.instanceIdSets.instanceIdSet", "force": True},
            None,
        ),
        ("gone", "ecs", "DescribeInstances", {"vpcId": "$vpc.vpcId"}, ("totalCount", 0)),
    )
    assert answers["there"]["ok"]["vpcName"] == "节点 & node"
    assert (answers["busy"]["code"], answers["busy"]["status"]) == ("DependencyViolation.VSwitch", 400)
    # Fewer than ten on a page are never asked for: the vendor then shows ten.
    shown = [one for page in ("first", "rest") for one in answers[page]["ok"]["instances"]["instance"]]
    assert len(shown) == 12
    assert {one["instanceId"] for one in shown} == set(answers["run"]["ok"]["instanceIdSets"]["instanceIdSet"])
    assert all({"tagKey": "from", "tagValue": "节点"} in one["tags"]["tag"] for one in shown)
    assert answers["dry"]["code"] == "DryRunOperation"
    assert answers["gone"]["ok"]["totalCount"] == 0


def test_errors_carry_the_code_and_the_status(folder: Path, cloud: Cloud) -> None:
    token = {"cidrBlock": "10.0.0.0/8", "clientToken": "node-1"}
    answers = ask(
        folder,
        cloud,
        ("nobody", "ecs", "StartInstance", {"instanceId": "i-nobody"}, None),
        ("bad", "vpc", "CreateVpc", {"cidrBlock": "127.0.0.0/8"}, None),
        ("once", "vpc", "CreateVpc", token, None),
        ("again", "vpc", "CreateVpc", token, None),
        ("other", "vpc", "CreateVpc", {**token, "vpcName": "other"}, None),
    )
    assert (answers["nobody"]["code"], answers["nobody"]["status"]) == ("InvalidInstanceId.NotFound", 404)
    assert answers["bad"]["status"] == 400
    assert answers["once"]["ok"]["vpcId"] == answers["again"]["ok"]["vpcId"]
    assert answers["other"]["code"] == "IdempotentParameterMismatch"
