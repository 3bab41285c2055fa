"""Gets the suite and runs it: `python -m tests.conformance.oss2_suite.suite` prints a table and writes the page
docs/reference/oss-conformance.md. Needs pip's index once, then only its cache directory."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import venv
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from alibabacloud_ram20150501 import models as ask
from alibabacloud_ram20150501.client import Client as Ram
from alibabacloud_tea_openapi.models import Config

from tests.conformance.oss2_suite import neighbours, samples
from tests.conformance.oss2_suite.page import write_page
from tests.conformance.ram_clients import trust
from tests.conftest import Account, Server

VERSION = "2.19.1"
NEEDED = (
    "pytest pytest-timeout mock wheel setuptools requests crcmod pycryptodome six "
    "aliyun-python-sdk-core aliyun-python-sdk-kms aliyun-python-sdk-sts"
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
    if done.exists() and done.read_text() == NEEDED:
        return suite
    root.mkdir(parents=True, exist_ok=True)
    venv.create(root / "venv", with_pip=True, clear=True)
    pip = [str(python), "-m", "pip"]
    subprocess.run([*pip, "install", "-q", *NEEDED.split()], check=True, timeout=600)
    fetch = ["download", "-q", "--no-deps", "--no-binary", ":all:", "--no-build-isolation", "-d", str(root)]
    subprocess.run([*pip, *fetch, f"oss2=={VERSION}"], check=True, timeout=300)
    with tarfile.open(root / f"oss2-{VERSION}.tar.gz") as archive:
        archive.extractall(root, **_SAFELY)
    done.write_text(NEEDED)
    return suite


def run(
    server: Server, suite: Path, auth: str, addressing: str, chosen: list[str], sleep: float = 0.05
) -> list[Result]:
    """One result a test."""
    account, other = server.new_account(), server.new_account()
    caller, role = _caller(server, account)
    # The ports that a URL need not name lead to the server, by the shim.
    host = f"oss-{REGION}.aliyuncs.com" if addressing == "vhost" else server.endpoint.partition(":")[0]
    with tempfile.TemporaryDirectory() as scratch, ExitStack() as stack:
        place = Path(scratch) / "suite"
        shutil.copytree(suite, place)
        samples.write(place / "tests")
        results = Path(scratch) / "results.jsonl"
        results.touch()
        neighbours.SECRETS[account.access_key_id] = account.access_key_secret
        tls = stack.enter_context(neighbours.neighbours(server.endpoint, Path(scratch)))
        _make_locale(Path(scratch))
        environment = {
            "LOCPATH": scratch,
            "PATH": os.environ["PATH"],
            "HOME": scratch,
            "PYTHONPATH": f"{HERE}:{place}",
            "SHIM_SERVER": server.endpoint,
            "SHIM_TLS": tls,
            "SHIM_CA": str(Path(scratch) / "ca.crt"),
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
            "OSS_TEST_STS_ID": caller.access_key_id,
            "OSS_TEST_STS_KEY": caller.access_key_secret,
            "OSS_TEST_STS_ARN": role,
            "OSS_TEST_RAM_ROLE_ARN": role,
            "OSS_TEST_RAM_UID": account.account_id,
        }
        python = suite.parent / "venv" / "bin" / "python"
        options = ["-p", "shim", "-p", "no:cacheprovider", "-p", "no:warnings", "-q", "--tb=short", "--timeout=300"]
        command = [str(python), "-m", "pytest", *options, *(chosen or ["tests"])]
        done = subprocess.run(command, cwd=place, env=environment, capture_output=True, check=False, timeout=7200)
        if done.returncode not in (0, 1):
            raise RuntimeError(done.stdout.decode()[-2000:] + done.stderr.decode()[-2000:])
        return [json.loads(line) for line in results.read_text().splitlines()]


def _make_locale(folder: Path) -> None:
    """Chinese, which two tests switch to; where the sources of locales are not installed, they fail and say so."""
    with suppress(FileNotFoundError):
        command = ["localedef", "-i", "zh_CN", "-f", "UTF-8", str(folder / "zh_CN.UTF-8")]
        subprocess.run(command, check=False, capture_output=True, timeout=60)


def _caller(server: Server, account: Account) -> tuple[Account, str]:
    """A RAM user's key, since an account itself may assume no role; and the role, for which all is allowed."""
    config = Config(
        access_key_id=account.access_key_id,
        access_key_secret=account.access_key_secret,
        endpoint=server.endpoint,
        protocol="http",
    )
    ram, everything = Ram(config), {"policy_type": "System", "policy_name": "AdministratorAccess"}
    ram.create_user(ask.CreateUserRequest(user_name="caller"))
    ram.attach_policy_to_user(ask.AttachPolicyToUserRequest(user_name="caller", **everything))
    role = ask.CreateRoleRequest(role_name="oss-test", assume_role_policy_document=trust(account.account_id))
    arn = ram.create_role(role).body.role.arn
    ram.attach_policy_to_role(ask.AttachPolicyToRoleRequest(role_name="oss-test", **everything))
    key = ram.create_access_key(ask.CreateAccessKeyRequest(user_name="caller")).body.access_key
    return Account(account.account_id, key.access_key_id, key.access_key_secret), str(arn)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one signature and addressing, and no page")
    parser.add_argument("--jobs", type=int, default=2, help="ways of signature and addressing at a time")
    parser.add_argument("--page", action="store_true", help="run nothing: write the page of the last whole run")
    parser.add_argument("chosen", nargs="*", help="tests, as pytest wants them")
    asked = parser.parse_args()
    kept = cache() / "results.json"
    if asked.page:
        write_page({(auth, addressing): results for auth, addressing, results in json.loads(kept.read_text())})
        return
    suite = prepare(cache())
    ways = WAYS[:1] if asked.quick else WAYS
    with tempfile.TemporaryDirectory(prefix="openyun-oss2-") as scratch:
        server = Server(Path(scratch))
        server.start()
        try:
            with ThreadPoolExecutor(asked.jobs) as pool:
                running = {way: pool.submit(run, server, suite, *way, asked.chosen) for way in ways}
                found = {way: one.result() for way, one in running.items()}
        finally:
            server.stop()
    for way, results in found.items():
        outcomes = Counter(one["outcome"] for one in results)
        sys.stdout.write(f"{'/'.join(way)}: {dict(outcomes)}\n")
        if asked.quick or asked.chosen:
            failed = [one for one in results if one["outcome"] == "failed"]
            sys.stdout.writelines(f"  {one['test']}: {one['why']}\n" for one in failed)
    if not asked.quick and not asked.chosen:
        kept.write_text(json.dumps([[*way, results] for way, results in found.items()]))
        write_page(found)


if __name__ == "__main__":
    main()
