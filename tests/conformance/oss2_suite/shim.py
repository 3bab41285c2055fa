"""A pytest plug-in for the process that runs the SDK's tests: the vendor's names lead to the server under test, no
connection leaves this machine, and every result is written down.

SHIM_SERVER is host:port of the server, SHIM_RESULTS the file of results, SHIM_SLEEP a factor for `time.sleep`.
"""

from __future__ import annotations

import json
import os
import socket
import time
from pathlib import Path
from typing import Any

HOST, _, PORT = os.environ.get("SHIM_SERVER", "").partition(":")
RESULTS = os.environ.get("SHIM_RESULTS", "")
SLEEP = float(os.environ.get("SHIM_SLEEP", "1"))

_getaddrinfo, _connect, _sleep = socket.getaddrinfo, socket.socket.connect, time.sleep


def _is_here(name: str) -> bool:
    return name in ("localhost", "::1") or name.startswith("127.")


def getaddrinfo(host: Any, port: Any, *rest: Any, **more: Any) -> Any:
    name = host.decode() if isinstance(host, bytes) else str(host)
    if name.endswith((".aliyuncs.com", ".localhost")):
        return _getaddrinfo(HOST, int(PORT), type=socket.SOCK_STREAM)
    if _is_here(name):
        return _getaddrinfo(host, port, *rest, **more)
    raise socket.gaierror(socket.EAI_NONAME, "only the vendor's names lead anywhere here")


def connect(self: socket.socket, address: Any) -> None:
    if isinstance(address, tuple) and not _is_here(str(address[0])):
        raise ConnectionRefusedError("no connection leaves this machine")
    _connect(self, address)


if HOST:
    socket.getaddrinfo = getaddrinfo
    socket.socket.connect = connect  # type: ignore[method-assign]  # that is what a shim does
    time.sleep = lambda seconds: _sleep(seconds * SLEEP)


def pytest_runtest_logreport(report: Any) -> None:
    if not RESULTS or (report.when != "call" and report.outcome == "passed"):
        return
    lines = [line[1:].strip() for line in str(report.longrepr or "").splitlines() if line.startswith("E ")]
    found = {"test": report.nodeid, "when": report.when, "outcome": report.outcome, "why": (lines or [""])[-1][:300]}
    with Path(RESULTS).open("a") as file:
        file.write(json.dumps(found) + "\n")
