"""Gets the suite and runs it: `python -m tests.conformance.oss2_suite.suite` prints a table and writes the page
docs/reference/oss-conformance.md. Needs pip's index once, then only its cache directory."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import venv
from collections import Counter
from pathlib import Path
from typing import Any

from tests.conformance.oss2_suite.page import write_page
from tests.conftest import Server

VERSION = "2.19.1"
NEEDED = (
    "pytest pytest-timeout mock wheel setuptools requests crcmod pycryptodome six "
    "aliyun-python-sdk-core aliyun-python-sdk-kms"
)
HERE = Path(__file__).parent
WAYS = [("v1", "vhost"), ("v2", "vhost"), ("v4", "vhost"), ("v1", "path"), ("v2", "path"), ("v4", "path")]
REGION = "cn-hangzhou"

Result = dict[str, str]

_SAFELY: dict[str, Any] = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
"""Python learned it in 3.11.4; the archive comes from the index that pip trusts."""


def cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or str(Path("~/.cache").expanduser())
    return Path(base) / "openyun" / "oss2-suite"


def prepare(root: Path) -> Path:
    """The suite's directory, beside an environment that can run it. Raises CalledProcessError without a network."""
    suite = root / f"oss2-{VERSION}"
    python = root / "venv" / "bin" / "python"
    done = root / f"ready-{VERSION}"
    if done.exists():
        return suite
    root.mkdir(parents=True, exist_ok=True)
    venv.create(root / "venv", with_pip=True, clear=True)
    pip = [str(python), "-m", "pip"]
    subprocess.run([*pip, "install", "-q", *NEEDED.split()], check=True, timeout=600)
    fetch = ["download", "-q", "--no-deps", "--no-binary", ":all:", "--no-build-isolation", "-d", str(root)]
    subprocess.run([*pip, *fetch, f"oss2=={VERSION}"], check=True, timeout=300)
    with tarfile.open(root / f"oss2-{VERSION}.tar.gz") as archive:
        archive.extractall(root, **_SAFELY)
    done.touch()
    return suite


def run(
    server: Server, suite: Path, auth: str, addressing: str, chosen: list[str], sleep: float = 0.05
) -> list[Result]:
    """One result a test."""
    account, other = server.account(), server.new_account()
    host = f"oss-{REGION}.aliyuncs.com" if addressing == "vhost" else server.endpoint
    role = f"acs:ram::{account.account_id}:role/oss-test"
    with tempfile.TemporaryDirectory() as scratch:
        results = Path(scratch) / "results.jsonl"
        results.touch()
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": scratch,
            "PYTHONPATH": f"{HERE}:{suite}",
            "SHIM_SERVER": server.endpoint,
            "SHIM_RESULTS": str(results),
            "SHIM_SLEEP": str(sleep),
            "OSS_TEST_ENDPOINT": f"http://{host}",
            "OSS_TEST_REGION": REGION,
            "OSS_TEST_AUTH_VERSION": auth,
            "OSS_TEST_ACCESS_KEY_ID": account.access_key_id,
            "OSS_TEST_ACCESS_KEY_SECRET": account.access_key_secret,
            "OSS_TEST_UID": account.account_id,
            "OSS_TEST_PAYER_UID": other.account_id,
            "OSS_TEST_PAYER_ACCESS_KEY_ID": other.access_key_id,
            "OSS_TEST_PAYER_ACCESS_KEY_SECRET": other.access_key_secret,
            "OSS_TEST_STS_ID": account.access_key_id,
            "OSS_TEST_STS_KEY": account.access_key_secret,
            "OSS_TEST_STS_ARN": role,
            "OSS_TEST_RAM_ROLE_ARN": role,
            "OSS_TEST_RAM_UID": account.account_id,
        }
        python = suite.parent / "venv" / "bin" / "python"
        options = ["-p", "shim", "-p", "no:cacheprovider", "-p", "no:warnings", "-q", "--tb=short", "--timeout=120"]
        command = [str(python), "-m", "pytest", *options, *(chosen or ["tests"])]
        subprocess.run(command, cwd=suite, env=environment, capture_output=True, check=False, timeout=3600)
        return [json.loads(line) for line in results.read_text().splitlines()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one signature and addressing, and no page")
    parser.add_argument("chosen", nargs="*", help="tests, as pytest wants them")
    asked = parser.parse_args()
    suite = prepare(cache())
    found: dict[tuple[str, str], list[Result]] = {}
    with tempfile.TemporaryDirectory(prefix="openyun-oss2-") as scratch:
        server = Server(Path(scratch))
        server.start()
        try:
            for way in WAYS[:1] if asked.quick else WAYS:
                found[way] = run(server, suite, *way, asked.chosen)
                outcomes = Counter(one["outcome"] for one in found[way])
                sys.stdout.write(f"{'/'.join(way)}: {dict(outcomes)}\n")
        finally:
            server.stop()
    if not asked.quick and not asked.chosen:
        write_page(found)


if __name__ == "__main__":
    main()
