"""Go's Tea library, with which the Terraform provider and the aliyun CLI speak: signed and sent as they do it."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.conftest import REGION, Cloud
from tests.conformance.terraform_flows.provider import VERSIONS

SOURCE = Path(__file__).parent / "tea_go"


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("go") is None:
        pytest.skip("go is not on PATH")
    folder = tmp_path_factory.mktemp("tea-go")
    for one in SOURCE.iterdir():
        shutil.copy(one, folder)
    done = subprocess.run(
        ["go", "build", "-o", "ask", "."], cwd=folder, capture_output=True, text=True, timeout=600, check=False
    )
    if done.returncode and "dial tcp" not in done.stderr and "403" not in done.stderr and "lookup" not in done.stderr:
        raise AssertionError(done.stderr)
    if done.returncode:
        pytest.skip(f"go can not fetch the library: {done.stderr[-300:]}")
    return folder / "ask"


Ask = tuple[str, str, dict[str, Any], dict[str, Any]]
"""product, operation, query, form"""


def ask(program: Path, cloud: Cloud, *calls: Ask) -> list[dict[str, Any]]:
    given = {
        "Endpoint": cloud.endpoint,
        "Id": cloud.access_key_id,
        "Secret": cloud.access_key_secret,
        "Token": cloud.security_token,
        "Region": REGION,
        "Calls": [
            {"Action": action, "Version": VERSIONS[product], "Query": query, "Form": form}
            for product, action, query, form in calls
        ],
    }
    done = subprocess.run([program], input=json.dumps(given), capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout))


def test_forms_queries_and_errors(program: Path, cloud: Cloud) -> None:
    here = {"RegionId": REGION}
    made = ask(
        program,
        cloud,
        ("Vpc", "CreateVpc", here, {"CidrBlock": "10.0.0.0/8", "VpcName": "köln & 東京", "DryRun": False}),
        ("Vpc", "CreateVpc", {}, {**here, "CidrBlock": "1.2.3.4/99"}),
        ("Vpc", "DescribeVpcs", {}, {**here, "PageNumber": 1, "PageSize": 50}),
        ("Vpc", "DescribeVpcAttribute", here, {"VpcId": "vpc-bp1nobody"}),
        (
            "ResourceManager",
            "CreateResourceGroup",
            {},
            {"Name": "go", "DisplayName": "go", "Tag": [{"Key": "a", "Value": "b"}]},
        ),
        ("Ram", "CreateUser", {}, {"UserName": "gopher"}),
        ("Ram", "CreateUser", {}, {"UserName": "gopher"}),
        ("Sts", "GetCallerIdentity", {}, {}),
        ("Ecs", "NoSuchOperation", here, {}),
    )
    vpc, wrong, vpcs, gone, group, user, again, caller, unknown = made
    (found,) = vpcs["body"]["Vpcs"]["Vpc"]
    assert (found["VpcId"], found["VpcName"]) == (vpc["body"]["VpcId"], "köln & 東京")
    assert (wrong["code"], wrong["status"]) == ("InvalidParameter", 400)
    assert (gone["code"], gone["status"]) == ("InvalidVpcID.NotFound", 404)
    assert group["body"]["ResourceGroup"]["Name"] == "go"
    assert user["body"]["User"]["UserName"] == "gopher"
    assert (again["code"], again["status"]) == ("EntityAlreadyExists.User", 409)
    assert caller["body"]["AccountId"] == cloud.account_id
    assert (unknown["code"], unknown["status"]) == ("InvalidAction.NotFound", 404)


def test_a_wrong_secret(program: Path, cloud: Cloud) -> None:
    (answer,) = ask(program, cloud.with_key(cloud.access_key_id, "wrong"), ("Sts", "GetCallerIdentity", {}, {}))
    assert (answer["code"], answer["status"]) == ("SignatureDoesNotMatch", 400)
