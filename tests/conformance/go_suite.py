"""The integration tests of the official Go SDK (alibabacloud-oss-go-sdk-v2), unmodified, against a cloud of ours.

`python -m tests.conformance.go_suite [names]` gets the module from Go's proxy, builds its tests once into the user's
cache, runs each in a process of its own, since some end theirs, and prints a table. Needs `go`.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.conftest import Server

MODULE = "github.com/aliyun/alibabacloud-oss-go-sdk-v2"
VERSION = "v1.6.1"
REGION = "cn-hangzhou"

NOT_HERE = {
    "TestAccessPointForObjectProcess": "functions behind access points are not there",
    "TestAddressingModePathStyle": "needs a bucket of the vendor's",
    "TestAsyncProcessObject": "fetches a video of the vendor's",
    "TestBucketMetadataTableConfiguration": "metadata tables are not there",
    "TestBucketReplication": "opens a connection to a name of the vendor's",
    "TestBucketResourceGroup": "wants unknown resource groups refused",
    "TestBucketWebsite": "mirrors are refused",
    "TestCompleteMultipartUpload": "calls www.aliyun.com back",
    "TestDoDataPipeLineAction": "data pipelines are not there",
    "TestGetBucketInfo": "expects new buckets to block public access",
    "TestGetObjectWithProcess": "the module lacks sample/example.jpg",
    "TestMetaQuery": "the semantic mode is not there",
    "TestPresignWithStsToken": "asks sts.aliyuncs.com",
    "TestProcessObject": "the module lacks sample/example.jpg",
    "TestPutObject": "calls www.aliyun.com back",
}
"""Tests that cannot pass here, and why."""


def cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or str(Path("~/.cache").expanduser())
    return Path(base) / "openyun" / f"go-suite-{VERSION}"


def is_ready() -> bool:
    return (cache() / "oss.test").exists()


def prepare() -> None:
    """Raises CalledProcessError without a network, FileNotFoundError without Go."""
    if is_ready():
        return
    root = cache()
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        environment = {**os.environ, "GOPATH": str(root / "gopath"), "GOFLAGS": "-modcacherw"}
        run = {"env": environment, "check": True, "timeout": 900}
        subprocess.run(["go", "mod", "init", "suite"], cwd=scratch, **run)
        subprocess.run(["go", "get", f"{MODULE}@{VERSION}"], cwd=scratch, **run)
        source = root / "source"
        shutil.copytree(root / "gopath" / "pkg" / "mod" / f"{MODULE}@{VERSION}", source, dirs_exist_ok=True)
        command = ["go", "test", "-c", "-p", "1", "-tags", "integration", "-o", str(root / "new.test"), "./oss"]
        subprocess.run(command, cwd=source, **run)
    (root / "new.test").rename(root / "oss.test")


def names() -> list[str]:
    """Of the tests that speak to a server."""
    found: list[str] = []
    for file in sorted((cache() / "source" / "oss").glob("client_integration_*_test.go")):
        found += re.findall(r"^func (Test\w+)\(", file.read_text(), re.MULTILINE)
    return found


def run(server: Server, signature: str, chosen: list[str]) -> dict[str, bool]:
    """Whether each passed."""
    account, other = server.account(), server.new_account()
    with tempfile.TemporaryDirectory() as scratch:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": scratch,
            "OSS_TEST_REGION": REGION,
            # The tests look for the bucket's public endpoint in this text, and then stay with it for cleaning up; where
            # requests go is what stands behind the @.
            "OSS_TEST_ENDPOINT": f"http://oss-{REGION}.aliyuncs.com@{server.endpoint}",
            "OSS_TEST_SIGNATURE_VERSION": signature,
            "OSS_TEST_ACCESS_KEY_ID": account.access_key_id,
            "OSS_TEST_ACCESS_KEY_SECRET": account.access_key_secret,
            "OSS_TEST_RAM_UID": account.account_id,
            "OSS_TEST_RAM_ROLE_ARN": f"acs:ram::{account.account_id}:role/oss-test",
            "OSS_TEST_PAYER_ACCESS_KEY_ID": other.access_key_id,
            "OSS_TEST_PAYER_ACCESS_KEY_SECRET": other.access_key_secret,
            "OSS_TEST_PAYER_UID": other.account_id,
            "OSS_TEST_AP_ENABLE": "true",
        }
        passed = {}
        for name in chosen:
            command = [str(cache() / "oss.test"), "-test.run", f"^{name}$", "-test.timeout", "120s"]
            done = subprocess.run(
                command, cwd=cache() / "source" / "oss", env=environment, capture_output=True, check=False
            )
            passed[name] = done.returncode == 0
        return passed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--signature", choices=["v1", "v4"], default="v4")
    parser.add_argument("chosen", nargs="*")
    asked = parser.parse_args()
    prepare()
    with tempfile.TemporaryDirectory(prefix="openyun-go-") as scratch:
        server = Server(Path(scratch))
        server.start()
        try:
            passed = run(server, asked.signature, asked.chosen or names())
        finally:
            server.stop()
    for name, good in passed.items():
        why = "" if good else f"  {NOT_HERE.get(name, '')}"
        sys.stdout.write(f"{'passed' if good else 'FAILED'}  {name}{why}\n")
    sys.stdout.write(f"{sum(passed.values())} of {len(passed)} passed\n")


if __name__ == "__main__":
    main()
