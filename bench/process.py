"""A server process and what it costs: seconds of CPU, bytes of memory, seconds until it answers."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@dataclass
class Started:
    process: subprocess.Popen[bytes]
    port: int
    seconds: float
    """from its start until it answered its first request"""

    def cpu_seconds(self) -> float:
        """User and system time of the process and its children."""
        total = 0
        for pid in self._family():
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
        return total / TICK

    def memory(self) -> int:
        """Resident bytes of the process and its children."""
        total = 0
        for pid in self._family():
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Rss:"):
                    total += int(line.split()[1]) * 1024
        return total

    def _family(self) -> list[int]:
        found = [self.process.pid]
        for pid in found:
            for children in Path(f"/proc/{pid}/task").glob("*/children"):
                found.extend(int(child) for child in children.read_text().split())
        return found

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(60)


def start(command: list[str], port: int, path: str, environment: Mapping[str, str], log: Path) -> Started:
    """Raises RuntimeError if it ends before it answers `GET path`."""
    with log.open("ab") as output:
        begun = time.perf_counter()
        process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=output, stderr=output)
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request("GET", path)
            connection.getresponse().read()
            return Started(process, port, time.perf_counter() - begun)
        except OSError:
            if process.poll() is not None:
                raise RuntimeError(f"{command[0]} did not start:\n{log.read_text()}") from None
            time.sleep(0.005)
        finally:
            connection.close()
