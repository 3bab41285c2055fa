"""Objects: CPU of the server a request, beside moto's S3, in one run: `python -m bench.oss [--json]`.

Both are asked for the same over plain HTTP on one kept connection; ours verifies every signature, moto none.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import http.client
import json
import os
import subprocess
import tempfile
from base64 import b64encode
from email.utils import formatdate
from pathlib import Path

from bench import moto_side, openyun_side
from bench.process import Started

SIZES = {"1K": 1024, "1M": 1024**2, "64M": 64 * 1024**2}
TIMES = {"1K": 2000, "1M": 200, "64M": 5}
LEAST = {"1K": 300, "1M": 50, "64M": 4}
"""requests: the kernel counts CPU in hundredths of a second, which must be few beside what is measured"""
TARGETS = {"GET 1K": 25.0, "PUT 1K": 20.0, "PUT 1M": 2.5}
BUCKET = "bench"


class Client:
    """Signs as OSS V1 does, which costs this side least; the peer looks at no signature."""

    def __init__(self, started: Started, data: Path | None) -> None:
        self._started = started
        self._connection = http.client.HTTPConnection("127.0.0.1", started.port, timeout=120)
        keys = json.loads((data / "credentials.json").read_text()) if data else {}
        self._id, self._secret = keys.get("access_key_id", ""), keys.get("access_key_secret", "").encode()

    def send(self, method: str, path: str, body: bytes = b"") -> int:
        """Bytes that were answered."""
        headers = {"Date": formatdate(usegmt=True), "Content-Type": "application/octet-stream"}
        if self._id:
            text = f"{method}\n\n{headers['Content-Type']}\n{headers['Date']}\n{path}"
            digest = hmac.new(self._secret, text.encode(), hashlib.sha1).digest()
            headers["Authorization"] = f"OSS {self._id}:{b64encode(digest).decode()}"
        else:
            headers["Authorization"] = moto_side.HEADERS["Authorization"].replace("/ec2/", "/s3/")
        self._connection.request(method, path, body or None, headers)
        response = self._connection.getresponse()
        size = 0
        while piece := response.read(1 << 20):
            size += len(piece)
        assert response.status == 200, (method, path, response.status)
        return size

    def cost(self, method: str, path: str, times: int, body: bytes = b"") -> float:
        """CPU microseconds of the server for one such request."""
        for _ in range(max(1, times // 20)):
            self.send(method, path, body)
        before = self._started.cpu_seconds()
        for _ in range(times):
            self.send(method, path, body)
        return (self._started.cpu_seconds() - before) / times * 1e6


def measure(client: Client, share: float) -> dict[str, float]:
    client.send("PUT", f"/{BUCKET}/" if client._id else f"/{BUCKET}")
    found: dict[str, float] = {}
    for name, size in SIZES.items():
        body, times = os.urandom(1024) * (size // 1024), max(LEAST[name], int(TIMES[name] * share))
        found[f"PUT {name}"] = client.cost("PUT", f"/{BUCKET}/{name}", times, body)
        found[f"GET {name}"] = client.cost("GET", f"/{BUCKET}/{name}", times)
        found[f"HEAD {name}"] = client.cost("HEAD", f"/{BUCKET}/{name}", times)
    return found


def run(share: float) -> list[dict[str, object]]:
    with tempfile.TemporaryDirectory(prefix="openyun-bench-") as scratch:
        base = Path(scratch)
        data = base / "openyun"
        started = openyun_side.launch(data, "simulated")
        try:
            ours = measure(Client(started, data), share)
        finally:
            started.stop()
        theirs: dict[str, float] = {}
        try:
            program = moto_side.find(Path(__file__).with_name(".venv"))
        except (OSError, subprocess.CalledProcessError):
            program = None
        if program is not None:
            started = moto_side.launch(program, base / "moto.log")
            try:
                theirs = measure(Client(started, None), share / 10)
            finally:
                started.stop()
    rows: list[dict[str, object]] = []
    for what, cost in ours.items():
        peer = theirs.get(what)
        ratio = peer / cost if peer and cost else None
        rows.append({"what": what, "openyun": cost, "moto": peer, "ratio": ratio, "target": TARGETS.get(what)})
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--json", action="store_true", help="machine-readable")
    parser.add_argument("--share", type=float, default=1.0, help="of the usual number of requests")
    asked = parser.parse_args()
    rows = run(asked.share)
    if asked.json:
        print(json.dumps(rows, indent=2))
        return
    line = "{:<10} {:>12} {:>12} {:>8} {:>8}"
    print(line.format("CPU, us", "openyun", "moto", "ratio", "target"))
    for one in rows:
        figures = [f"{one[name]:.0f}" if one[name] else "-" for name in ("openyun", "moto")]
        ratio = f"{one['ratio']:.1f}x" if one["ratio"] else "-"
        target = f"{one['target']:.1f}x" if one["target"] else ""
        print(line.format(str(one["what"]), *figures, ratio, target))


if __name__ == "__main__":
    main()
