"""What `yun env --client` prints works as it is, and stands in the documentation."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from openyun.accounts import Credentials
from openyun.cli.env import clients, snippet
from tests.cli.conftest import Yun

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "point-your-client.md"

SAID = {
    "python": "0 instances",
    "oss2": "Good morning",
    "boto3": "Good morning",
    "oss-v2": "Good morning",
    "core": "cn-hangzhou",
    "libcloud": "me-east-1",
}


@pytest.mark.parametrize("client", SAID)
def test_a_python_snippet_runs(running: Yun, tmp_path: Path, client: str) -> None:
    script = tmp_path / "snippet.py"
    script.write_text(running("env", "--client", client).stdout)
    done = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, timeout=120, check=False, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert SAID[client] in done.stdout


@pytest.mark.parametrize("client", clients())
def test_a_snippet_stands_in_the_documentation(client: str) -> None:
    keys = Credentials(account_id="1000000000000001", access_key_id="YOUR_KEY_ID", access_key_secret="YOUR_SECRET")
    assert snippet(client, "127.0.0.1:8000", "cn-hangzhou", keys) in PAGE.read_text()
