"""Start-up, memory, DescribeInstances and instance-to-SSH, beside moto, in one run: `python -m bench.run [--json]`.

Both sides run in turn on the same machine, so a ratio means more than either number.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench import moto_side, openyun_side
from openyun import config

MB = 1_000_000

Row = dict[str, Any]


def row(what: str, unit: str, ours: float | None, target: str, *, peer: float | None = None, note: str = "") -> Row:
    ratio = peer / ours if peer is not None and ours else None
    return {"what": what, "unit": unit, "openyun": ours, "moto": peer, "ratio": ratio, "target": target, "note": note}


def measure(requests: int, starts: int, with_ssh: bool) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="openyun-bench-") as scratch:
        base = Path(scratch)
        peer = _moto(base, requests, starts)
        ours = _openyun(base, requests, starts)
        rows = [
            row("ready after", "s", ours["ready"], "< 1", peer=peer.get("ready")),
            row("memory, idle", "MB", ours["memory"], "< 80", peer=peer.get("memory")),
            row("memory, after the requests", "MB", ours["memory after"], "", peer=peer.get("memory after")),
            row("DescribeInstances, CPU", "ms", ours["describe"], "< 0.4", peer=peer.get("describe")),
        ]
        rows[-1]["note"] = peer.get("note", "")
        rows.append(_ssh(base) if with_ssh else row("RunInstances to SSH", "s", None, "< 2", note="not asked for"))
        return rows


def _openyun(base: Path, requests: int, starts: int) -> dict[str, float]:
    data = base / "openyun"
    openyun_side.launch(data, "simulated").stop()  # the first start makes keys and tables
    ready = []
    for _ in range(starts):
        started = openyun_side.launch(data, "simulated")
        ready.append(started.seconds)
        memory = started.memory()
        started.stop()
    started = openyun_side.launch(data, "simulated")
    try:
        describe = openyun_side.describe_cost(started, data, requests)
        after = started.memory()
    finally:
        started.stop()
    return {
        "ready": statistics.median(ready),
        "memory": memory / MB,
        "memory after": after / MB,
        "describe": describe * 1000,
    }


def _moto(base: Path, requests: int, starts: int) -> dict[str, Any]:
    try:
        program = moto_side.find(Path(__file__).with_name(".venv"))
    except (OSError, subprocess.CalledProcessError) as problem:
        return {"note": f"no moto: {problem}"}
    ready = []
    for _ in range(starts):
        started = moto_side.launch(program, base / "moto.log")
        ready.append(started.seconds)
        memory = started.memory()
        started.stop()
    started = moto_side.launch(program, base / "moto.log")
    try:
        # It is so much slower that a tenth of the requests measures it as well.
        describe = moto_side.describe_cost(started, max(20, requests // 10))
        after = started.memory()
    finally:
        started.stop()
    return {
        "ready": statistics.median(ready),
        "memory": memory / MB,
        "memory after": after / MB,
        "describe": describe * 1000,
    }


def _ssh(base: Path) -> Row:
    what = "RunInstances to SSH"
    reason = openyun_side.why_no_ssh(config.load().cache) if os.geteuid() == 0 else "needs root"
    if reason:
        return row(what, "s", None, "< 2", note=reason)
    data = base / "runc"
    started = openyun_side.launch(data, "runc")
    try:
        measured = openyun_side.seconds_to_ssh(started, data, 5)
    finally:
        started.stop()
        environment = {**os.environ, "OPENYUN_DATA": str(data)}
        command = [sys.executable, "-m", "openyun", "down"]
        subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    span = f"{min(measured):.2f} to {max(measured):.2f} s, {len(measured)} instances"
    return row(what, "s", statistics.median(measured), "< 2", note=span)


def show(rows: list[Row]) -> None:
    def number(value: float | None) -> str:
        return "-" if value is None else f"{value:.3g}"

    line = "{:<28} {:>4} {:>9} {:>9} {:>8} {:>7}  {}"
    print(line.format("", "", "openyun", "moto", "ratio", "target", ""))
    for one in rows:
        ratio = "-" if one["ratio"] is None else f"{one['ratio']:.1f}x"
        figures = (number(one["openyun"]), number(one["moto"]), ratio, one["target"], one["note"])
        print(line.format(one["what"], one["unit"], *figures).rstrip())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--json", action="store_true", help="machine-readable")
    parser.add_argument("--requests", type=int, default=2000, help="DescribeInstances calls that are measured")
    parser.add_argument("--starts", type=int, default=5, help="starts that are measured")
    parser.add_argument("--no-ssh", action="store_true", help="leave out what needs root and a guest image")
    asked = parser.parse_args()
    rows = measure(asked.requests, asked.starts, not asked.no_ssh)
    if asked.json:
        print(json.dumps(rows, indent=2))
    else:
        show(rows)


if __name__ == "__main__":
    main()
