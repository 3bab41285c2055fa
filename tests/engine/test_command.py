"""Cloud Assistant commands in a real machine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from openyun.engine.compute import EngineError
from tests.engine.cloud import Cloud, machine, network, wait_for


@pytest.fixture
def host(real: Cloud) -> Cloud:
    """A cloud with one machine, i-10."""
    real.network.ensure(network())
    real.compute.ensure(machine())
    return real


def test_output_and_exit_code(host: Cloud) -> None:
    before = time.time()
    done = host.run("i-10", "echo out; echo err >&2; exit 3")
    assert (done.state, done.exit_code, done.output, done.error) == ("finished", 3, b"out\nerr\n", "")
    assert before - 1 <= done.started_at <= done.finished_at <= time.time()


def test_a_command_that_was_never_launched_is_absent(host: Cloud) -> None:
    assert host.compute.progress("i-10", "t-none").state == "absent"  # type: ignore[attr-defined]


def test_launch_again_runs_nothing(host: Cloud) -> None:
    command = host.launch("i-10", "echo ran >>/root/ran")
    host.finish(command)
    host.compute.launch(command)  # type: ignore[attr-defined]
    host.restart_server()
    host.compute.launch(command)  # type: ignore[attr-defined]
    host.finish(command)
    assert host.run("i-10", "cat /root/ran").output == b"ran\n"


def test_the_script_is_private_and_removed(host: Cloud) -> None:
    done = host.run("i-10", 'stat -c "%a %U" "$0"; echo "$0"', username="nobody", working_directory="/")
    mode, path = done.output.decode().splitlines()
    assert mode == "700 nobody"
    assert host.run("i-10", f"ls {path}").exit_code != 0
    assert not list(host.data.glob("**/commands/*/script"))


def test_user_and_directory(host: Cloud) -> None:
    done = host.run("i-10", "id -un; id -gn; pwd; echo $HOME $USER", username="games", working_directory="/tmp")
    assert done.output.decode().split() == ["games", "games", "/tmp", "/usr/games", "games"]
    assert host.run("i-10", "pwd").output == b"/root\n"


def test_an_unknown_user_or_directory_is_an_error(host: Cloud) -> None:
    done = host.run("i-10", "true", username="nobody-knows")
    assert (done.state, done.exit_code) == ("finished", None)
    assert done.error.startswith("AccountNotExists")
    assert host.run("i-10", "true", working_directory="/nowhere").error.startswith("DirectoryNotExists")


def test_another_interpreter(host: Cloud) -> None:
    done = host.run("i-10", 'print "perl $]\\n"; exit 4', interpreter=("/usr/bin/perl", "-w"))
    assert done.output.startswith(b"perl 5")
    assert done.exit_code == 4


def test_output_is_seen_while_it_runs(host: Cloud) -> None:
    command = host.launch("i-10", "echo begun; sleep 60")
    now = wait_for(lambda: (now := host.progress(command)).output and now)
    assert (now.state, now.output) == ("running", b"begun\n")


def test_only_the_last_24_kib_are_kept(host: Cloud) -> None:
    done = host.run("i-10", "head -c 1000000 /dev/zero | tr '\\0' x; printf end")
    assert len(done.output) == 24 * 1024
    assert done.output.endswith(b"xend")
    assert done.dropped + len(done.output) == 1000003


def test_timeout_ends_the_whole_group(host: Cloud) -> None:
    done = host.run("i-10", "sleep 1234 & echo begun; sleep 4321", timeout=0.5)
    assert (done.state, done.exit_code, done.output) == ("timeout", None, b"begun\n")
    wait_for(lambda: host.run("i-10", "pgrep -f 'sleep (1234|4321)'").exit_code == 1)
    assert host.run("i-10", "ls /run/openyun-commands | wc -l").output == b"1\n"  # only its own


def test_cancel(host: Cloud) -> None:
    command = host.launch("i-10", "sleep 600")
    for _ in range(2):
        host.compute.cancel("i-10", command.id)  # type: ignore[attr-defined]
        assert host.finish(command).state == "stopped"


def test_a_background_process_does_not_keep_a_command_running(host: Cloud) -> None:
    assert host.run("i-10", "sleep 600 & echo done").output == b"done\n"


def test_a_machine_that_is_off_runs_nothing(host: Cloud) -> None:
    host.compute.ensure(machine(power="off"))
    with pytest.raises(EngineError):
        host.launch("i-10", "true")


def test_a_reboot_ends_a_command(host: Cloud) -> None:
    command = host.launch("i-10", "echo begun; sleep 600")
    wait_for(lambda: host.progress(command).output)
    host.compute.ensure(machine(boots=2))
    done = host.progress(command)
    assert done.state != "running"
    assert done.output == b"begun\n"


LAUNCH = """
import sys
from pathlib import Path
from tests.engine.cloud import Cloud
cloud = Cloud("runc", Path(sys.argv[1]))
cloud.launch("i-10", "echo begun; sleep 1; echo ended")
print("launched", flush=True)
sys.stdin.read()
"""


def test_a_command_outlives_the_server(host: Cloud) -> None:
    server = subprocess.Popen(
        [sys.executable, "-c", LAUNCH, str(host.data)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert server.stdout
    assert server.stdout.readline() == "launched\n"
    os.kill(server.pid, signal.SIGKILL)
    server.wait()
    (folder,) = (host.data / "machines/i-10/commands").iterdir()
    done = wait_for(
        lambda: (now := host.compute.progress("i-10", folder.name)).state != "running" and now  # type: ignore[attr-defined]
    )
    assert (done.state, done.exit_code, done.output) == ("finished", 0, b"begun\nended\n")


def test_a_supervisor_that_was_killed_is_reported(host: Cloud) -> None:
    command = host.launch("i-10", "sleep 600")
    lock = host.data / "machines/i-10/commands" / command.id / "lock"
    pid = wait_for(lambda: lock.read_text().strip())
    os.kill(int(pid), signal.SIGKILL)
    done = host.finish(command)
    assert done.state == "finished"
    assert done.exit_code is None
    assert "interrupted" in done.error


def test_a_launch_cut_off_after_its_marker_never_runs(host: Cloud) -> None:
    folder: Path = host.data / "machines/i-10/commands/t-cut"
    folder.mkdir(parents=True)
    assert host.compute.progress("i-10", "t-cut").state == "finished"  # type: ignore[attr-defined]
    assert "interrupted" in host.compute.progress("i-10", "t-cut").error  # type: ignore[attr-defined]
