"""The commands that look, against one running cloud."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from openyun import __version__
from tests.cli.conftest import Yun


def test_env_prints_what_a_shell_can_evaluate(running: Yun) -> None:
    keys = running.json("env")
    script = running("env").stdout + '\necho "$ALIBABA_CLOUD_ACCESS_KEY_SECRET $ALIBABA_CLOUD_REGION_ID $OSS_ENDPOINT"'
    said = subprocess.run(["sh", "-eu", "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert said == [keys["access_key_secret"], keys["region"], f"http://{keys['endpoint']}"]


def test_env_as_json_has_what_scripts_need(running: Yun) -> None:
    keys = running.json("env")
    assert keys["endpoint"] == f"127.0.0.1:{running.port}"
    assert keys["region"] == "cn-hangzhou"
    assert keys["account_id"] == "1000000000000001"
    assert keys["access_key_id"].startswith("LTAI")


def test_env_follows_the_running_server_not_the_setting(running: Yun) -> None:
    elsewhere = Yun(running.data, port=running.port + 1)
    assert elsewhere.json("env")["endpoint"] == f"127.0.0.1:{running.port}"


def test_an_unknown_client_is_answered_with_the_known_ones(running: Yun) -> None:
    said = running("env", "--client", "perl", code=1).stderr
    assert "perl" in said
    assert "oss2" in said


def test_status_tells_what_runs(running: Yun) -> None:
    facts = running.json("status")
    assert facts["running"] is True
    assert facts["version"] == __version__
    assert Path(f"/proc/{facts['pid']}").exists()
    assert 10e6 < facts["memory_bytes"] < 200e6
    assert [one["region"] for one in facts["regions"]] == ["cn-hangzhou"]
    assert facts["regions"][0]["compute"] == "simulated"
    assert facts["endpoint"] in running("status").stdout


def test_another_account_has_keys_of_its_own(running: Yun) -> None:
    made = running.json("account", "add")
    assert made["account_id"] != running.json("env")["account_id"]
    assert set(made) == {"account_id", "access_key_id", "access_key_secret"}


def test_the_doctor_says_what_can_run(running: Yun) -> None:
    found = running.json("doctor")
    assert found["compute"] in ("runc", "simulated")
    assert {"root", "runc", "nft", "ip", "mmdebstrap", "guest image"} <= {one["what"] for one in found["findings"]}
    if found["compute"] == "simulated":
        assert any(one["needed"] and not one["ok"] for one in found["findings"])
    assert "nstances will be" in running("doctor").stdout


@pytest.mark.parametrize("command", [["env"], ["status"], ["tour"], ["account", "add"]])
def test_without_a_cloud_the_way_to_one_is_shown(yun: Yun, command: list[str]) -> None:
    done = yun(*command, code=3 if command == ["status"] else 1)
    assert "yun up" in done.stdout + done.stderr
