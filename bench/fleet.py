"""Many instances: `python -m bench.fleet [--json]`.

1,000 in the simulated driver, beside moto where it has the same call; 50 real ones in the runc driver, with the memory
of each. What is idle is measured too: a cloud of 1,000 instances that nobody asks for anything should cost nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from bench import moto_side, openyun_side
from bench.openyun_side import ECS, Client
from bench.process import Started
from bench.run import MB, row, show
from openyun import config
from openyun.reconcile import SURVEY

BATCH = 100
"""instances a RunInstances call makes, and a page of DescribeInstances shows: the vendor's most"""
PAGES = 100
"""DescribeInstances calls that are measured: the kernel counts CPU in hundredths of a second"""


def simulated(base: Path, instances: int) -> list[dict[str, Any]]:
    data = base / "simulated"
    started = openyun_side.launch(data, "simulated")
    try:
        client = Client(started, data)
        place = openyun_side.make_place(client, prefix=20)
        spent, cpu = _timed(started, instances // BATCH, lambda: _run(client, place, BATCH))
        _all_running(client, instances)
        page = _page(started, client)
        idle = _idle(started)
        memory = started.memory() / MB
    finally:
        started.stop()
    peer = _moto(base, instances)
    return [
        row(f"RunInstances of {BATCH}", "s", spent, "< 1", peer=peer.get("run")),
        row("  CPU, with starting them", "s", cpu, "", peer=peer.get("run cpu")),
        row(f"DescribeInstances page of {BATCH}, CPU", "ms", page * 1000, "< 20", peer=peer.get("page")),
        row(f"idle pass over {instances}, CPU", "s", idle, "< 0.2"),
        row(f"memory with {instances}", "MB", memory, "", peer=peer.get("memory")),
    ]


def real(base: Path, instances: int) -> list[dict[str, Any]]:
    reason = openyun_side.why_no_ssh(config.load().cache) if os.geteuid() == 0 else "needs root"
    if reason:
        return [row(f"{instances} real instances", "s", None, "", note=reason)]
    data = base / "runc"
    started = openyun_side.launch(data, "runc")
    try:
        client = Client(started, data)
        place = openyun_side.make_place(client, prefix=20)
        before = _available()
        begun = time.perf_counter()
        for _ in range(0, instances, 10):
            _run(client, place, 10)
        _all_running(client, instances)
        seconds = time.perf_counter() - begun
        time.sleep(5)  # sshd in the last guests is still starting
        each = (before - _available()) / instances
        idle = _idle(started)
        _remove_all(client)
        openyun_side.remove_place(client, place)
    finally:
        started.stop()
        environment = {**os.environ, "OPENYUN_DATA": str(data)}
        command = [sys.executable, "-m", "openyun", "down"]
        subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return [
        row(f"{instances} real instances Running", "s", seconds, ""),
        row("  memory of one, all of the host's", "MB", each / MB, ""),
        row(f"  idle pass over {instances}, CPU", "s", idle, "< 0.2"),
    ]


def _run(client: Client, place: dict[str, str], amount: int) -> None:
    client.ask(ECS, "RunInstances", **place, Amount=str(amount), Password="Bench-1234")


def _timed(started: Started, times: int, deed: Callable[[], None]) -> tuple[float, float]:
    """Median seconds of a call, and CPU seconds of the server a call."""
    seconds = []
    before = started.cpu_seconds()
    for _ in range(times):
        begun = time.perf_counter()
        deed()
        seconds.append(time.perf_counter() - begun)
    return statistics.median(seconds), (started.cpu_seconds() - before) / times


def _all_running(client: Client, instances: int) -> None:
    while client.ask(ECS, "DescribeInstances", Status="Running")["TotalCount"] < instances:
        time.sleep(0.1)


def _page(started: Started, client: Client) -> float:
    """CPU seconds of the server for one full page."""
    targets = [client.target(ECS, "DescribeInstances", PageSize=str(BATCH)) for _ in range(PAGES)]
    before = started.cpu_seconds()
    for target in targets:
        body = client.send(target)
    spent = started.cpu_seconds() - before
    assert len(json.loads(body)["Instances"]["Instance"]) == BATCH
    return spent / PAGES


def _idle(started: Started, passes: int = 3) -> float:
    """CPU seconds of the whole server, and of what it starts, between two looks at the host."""
    time.sleep(SURVEY)
    before = started.cpu_seconds()
    time.sleep(SURVEY * passes)
    return (started.cpu_seconds() - before) / passes


def _available() -> int:
    """Bytes of memory that the host has left, caches not counted as used."""
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("this kernel does not say MemAvailable")


def _remove_all(client: Client) -> None:
    while found := client.ask(ECS, "DescribeInstances", PageSize=str(BATCH))["Instances"]["Instance"]:
        for one in found:
            with suppress(openyun_side.Refused):  # it is on its way already
                client.ask(ECS, "DeleteInstance", InstanceId=one["InstanceId"], Force="true")
        time.sleep(0.2)


def _moto(base: Path, instances: int) -> dict[str, float]:
    try:
        program = moto_side.find(Path(__file__).with_name(".venv"))
    except (OSError, subprocess.CalledProcessError):
        return {}
    started = moto_side.launch(program, base / "moto-fleet.log")
    try:
        client = moto_side.Client(started)
        spent, cpu = _timed(started, instances // BATCH, lambda: client.run(BATCH))
        times = PAGES // 20  # it is so much slower that a few are enough
        before = started.cpu_seconds()
        for _ in range(times):
            client.ask("DescribeInstances", MaxResults=str(BATCH))
        page = (started.cpu_seconds() - before) / times
        return {"run": spent, "run cpu": cpu, "page": page * 1000, "memory": started.memory() / MB}
    finally:
        started.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--json", action="store_true", help="machine-readable")
    parser.add_argument("--simulated", type=int, default=1000, help="instances in the simulated driver")
    parser.add_argument("--real", type=int, default=50, help="instances in the runc driver; 0: none")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="openyun-bench-") as scratch:
        rows = simulated(Path(scratch), asked.simulated)
        if asked.real:
            rows += real(Path(scratch), asked.real)
    if asked.json:
        print(json.dumps(rows, indent=2))
    else:
        show(rows)


if __name__ == "__main__":
    main()
