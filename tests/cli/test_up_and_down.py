from __future__ import annotations

import json
import os
import signal
import socket
import urllib.request
from pathlib import Path

from tests.cli.conftest import Yun


def health(yun: Yun) -> dict[str, object]:
    with urllib.request.urlopen(f"http://127.0.0.1:{yun.port}/_openyun/health", timeout=10) as answer:
        return dict(json.load(answer))


def test_up_starts_the_cloud_and_says_what_to_do_next(yun: Yun) -> None:
    said = yun("up").stdout
    assert health(yun)["ready"] is True
    keys = yun.json("env")
    for part in (f"http://127.0.0.1:{yun.port}", keys["access_key_id"], keys["access_key_secret"], "yun tour"):
        assert part in said
    assert "export ALIBABA_CLOUD_ACCESS_KEY_ID=" in said


def test_up_twice_is_one_server(yun: Yun) -> None:
    yun("up")
    first = yun.json("status")["pid"]
    assert "is running" in yun("up").stdout
    assert yun.json("status")["pid"] == first


def test_down_ends_the_server_and_up_brings_the_same_cloud_back(yun: Yun) -> None:
    yun("up")
    before = yun.json("env")
    pid = yun.json("status")["pid"]
    assert "has stopped" in yun("down").stdout
    assert not Path(f"/proc/{pid}/exe").exists()
    assert yun.json("status", code=3)["running"] is False
    yun("up")
    assert yun.json("env") == before


def test_down_without_a_server_is_no_mistake(yun: Yun) -> None:
    assert "was not running" in yun("down").stdout


def test_a_killed_server_is_not_taken_for_a_running_one(yun: Yun) -> None:
    yun("up")
    pid = yun.json("status")["pid"]
    os.kill(pid, signal.SIGKILL)
    while Path(f"/proc/{pid}/exe").exists():
        pass
    assert yun.json("status", code=3)["pid"] is None
    yun("up")
    assert yun.json("status")["pid"] != pid


def test_a_taken_port_is_named(yun: Yun) -> None:
    with socket.create_server(("127.0.0.1", yun.port)):
        said = yun("up", code=1).stderr
    assert f"Port {yun.port}" in said
    assert "OPENYUN_PORT" in said


def test_a_server_that_cannot_start_says_why(yun: Yun) -> None:
    yun.data.mkdir(parents=True)
    (yun.data / "master.key").mkdir()
    said = yun("up", code=1).stderr
    assert "master.key" in said
    assert str(yun.data / "server.log") in said
    (yun.data / "master.key").rmdir()


def test_a_wrong_setting_is_named(yun: Yun) -> None:
    yun.settings["OPENYUN_PORT"] = "eighty"
    assert "port" in yun("status", code=1).stderr
    del yun.settings["OPENYUN_PORT"]
