"""The cloud of an ordinary user: real instances without root, or none."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from aliyunsdkcore.acs_exception.exceptions import ServerException
from aliyunsdkcore.client import AcsClient
from aliyunsdkcore.request import CommonRequest

from openyun.engine.drivers import doctor, tool
from tests.cli.conftest import Yun
from tests.conftest import free_port

# Another user for each process of tests: they run at the same time.
_NUMBER = os.getpid() % 4000
USER, UID = f"yun{_NUMBER}", 60_001 + _NUMBER
FIRST_SUBORDINATE = 3_000_000_000 + 65_536 * _NUMBER

# In a mount namespace of its own: a user who has subordinate ids, and who may read the program wherever it lies.
AS_USER = """
set -e
mount --make-rprivate /
for file in passwd subuid subgid; do
    cp /etc/$file "$SCRATCH/$file" 2>/dev/null || : > "$SCRATCH/$file"
done
echo "$USERNAME:x:$ID:$ID::$HOME:/bin/sh" >> "$SCRATCH/passwd"
for file in subuid subgid; do [ -z "$FIRST" ] || echo "$USERNAME:$FIRST:65536" >> "$SCRATCH/$file"; done
for file in passwd subuid subgid; do touch /etc/$file; mount --bind "$SCRATCH/$file" /etc/$file; done
at=0
for path in $READ; do
    mkdir -p "$SCRATCH/read/$at"; mount --bind "$path" "$SCRATCH/read/$at"; at=$((at + 1))
done
for closed in $CLOSED; do mount -t tmpfs -o mode=755 tmpfs "$closed"; done
at=0
for path in $READ; do
    mkdir -p "$path"; mount --bind "$SCRATCH/read/$at" "$path"; at=$((at + 1))
done
cd /
exec setpriv --reuid "$ID" --regid "$ID" --clear-groups "$@"
"""


def _closed(path: Path) -> list[Path]:
    """Folders above it that keep others out."""
    return [above for above in reversed(path.parents) if not above.stat().st_mode & 0o001]


@pytest.fixture
def as_user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., subprocess.CompletedProcess[str]]]:
    if os.geteuid() != 0:
        pytest.skip("it makes a user of its own, which needs root")
    if lacking := [name for name in ("runc", "nft", "ip", "mmdebstrap", "newuidmap", "ssh") if not tool.find(name)]:
        pytest.skip(f"not installed: {', '.join(lacking)}")
    if absence := doctor.absence():
        pytest.skip(absence)
    scratch = Path("/var/tmp") / f"openyun-user-{os.getpid()}"  # overlayfs does not lie on overlayfs
    home = scratch / "home"
    home.mkdir(parents=True)
    scratch.chmod(0o755)
    os.chown(home, UID, UID)
    read = sorted({Path(sys.base_prefix), Path(sys.prefix), Path(__file__).parents[2]})
    closed = [above for path in read for above in _closed(path)]
    outermost = [one for one in dict.fromkeys(closed) if not any(one.is_relative_to(o) for o in closed if o != one)]
    environment = {
        "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin",
        "SCRATCH": str(scratch),
        "READ": " ".join(str(path) for path in read if any(path.is_relative_to(one) for one in outermost)),
        "CLOSED": " ".join(map(str, outermost)),
        "USERNAME": USER,
        "ID": str(UID),
        "FIRST": str(FIRST_SUBORDINATE),
        "HOME": str(home),
        "OPENYUN_PORT": str(free_port()),
    }

    def run(*arguments: str, code: int = 0, **settings: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            ["unshare", "--mount", "sh", "-c", AS_USER, "sh", sys.executable, "-m", "openyun", *arguments],
            env={**environment, **settings},
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        told = f"yun {shlex.join(arguments)}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        assert done.returncode == code, told
        assert "Traceback" not in done.stderr, told
        return done

    yield run
    run("reset", "--yes")
    left = [one for one in Path("/proc").iterdir() if one.name.isdigit() and _is_ours(one)]
    subprocess.run(["rm", "-rf", str(scratch)], check=True)
    assert not left


def _is_ours(process: Path) -> bool:
    """A process of the user, or of one of the users inside; one that has ended and nobody waited for is none."""
    try:
        ids = dict(line.split(":\t", 1) for line in (process / "status").read_text().splitlines() if ":\t" in line)
    except OSError:
        return False
    uid = int(ids["Uid"].split()[0])
    return ids["State"][0] != "Z" and (uid == UID or FIRST_SUBORDINATE <= uid < FIRST_SUBORDINATE + 65536)


def test_an_ordinary_user_has_real_instances(as_user: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    assert "they run on runc" in as_user("up").stdout
    steps = json.loads(as_user("tour", "--json").stdout)["steps"]
    assert {step["result"] for step in steps} == {"passed"}, steps


def test_without_subordinate_ids_the_doctor_says_how_to_get_them(
    as_user: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    found = json.loads(as_user("doctor", "--json", FIRST="").stdout)
    assert found["compute"] == "none"
    (root,) = (one for one in found["findings"] if one["needed"] and not one["ok"])
    assert "usermod --add-subuids" in root["fix"]


def test_where_no_instance_can_run_it_is_refused_and_the_rest_works(yun: Yun) -> None:
    yun.settings["OPENYUN_COMPUTE"] = "none"
    assert "refused" in yun("up").stdout
    keys = yun.json("env")
    client = AcsClient(keys["access_key_id"], keys["access_key_secret"], keys["region"], port=yun.port)
    request = CommonRequest("127.0.0.1", "2014-05-26", "RunInstances")
    request.set_method("POST")
    request.add_query_param("InstanceType", "ecs.g7.large")
    with pytest.raises(ServerException) as refused:
        client.do_action_with_exception(request)
    assert refused.value.get_error_code() == "OperationDenied.NoStock"
    assert refused.value.get_http_status() == 403
    skipped = {step["step"] for step in yun.json("tour")["steps"] if step["result"] == "skipped"}
    assert "Run an instance in each of two regions" in skipped
    assert "Put, list and read an object" not in skipped
