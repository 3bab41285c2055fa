"""A pytest plug-in for the process that runs the SDK's tests: the vendor's names lead to the server under test, no
connection leaves this machine, and every result is written down.

SHIM_SERVER is host:port of the server, SHIM_TLS that of a TLS terminator before it, SHIM_CA the certificate to trust,
SHIM_RESULTS the file of results, SHIM_SLEEP a factor for `time.sleep`.
"""

from __future__ import annotations

import json
import os
import socket
import ssl
import time
from pathlib import Path
from typing import Any

HOST, _, PORT = os.environ.get("SHIM_SERVER", "").partition(":")
TLS_PORT = os.environ.get("SHIM_TLS", "").rpartition(":")[2]
CA = os.environ.get("SHIM_CA", "")
RESULTS = os.environ.get("SHIM_RESULTS", "")
SLEEP = float(os.environ.get("SHIM_SLEEP", "1"))
TIMED = ("test_ecs_ram_role_credentials_",)
"""Tests that look at the clock after they have slept, and so must really sleep."""

_getaddrinfo, _connect, _sleep = socket.getaddrinfo, socket.socket.connect, time.sleep
_load, _load_default = ssl.SSLContext.load_verify_locations, ssl.SSLContext.load_default_certs
_factor = SLEEP


def _is_here(name: str) -> bool:
    return name in ("localhost", "::1") or name.startswith("127.")


def getaddrinfo(host: Any, port: Any, *rest: Any, **more: Any) -> Any:
    name = host.decode() if isinstance(host, bytes) else str(host)
    if name.endswith((".aliyuncs.com", ".localhost")) or (name == HOST and port in (80, 443)):
        place = TLS_PORT if TLS_PORT and port in (443, "443", "https") else PORT
        return _getaddrinfo(HOST, int(place), type=socket.SOCK_STREAM)
    if _is_here(name):
        return _getaddrinfo(host, port, *rest, **more)
    raise socket.gaierror(socket.EAI_NONAME, "only the vendor's names lead anywhere here")


def gethostbyname(name: str) -> str:
    return str(getaddrinfo(name, 80)[0][4][0])


def connect(self: socket.socket, address: Any) -> None:
    if isinstance(address, tuple) and not _is_here(str(address[0])):
        raise ConnectionRefusedError("no connection leaves this machine")
    _connect(self, address)


def load(self: ssl.SSLContext, *which: Any, **more: Any) -> None:
    _load(self, *which, **more)
    _load(self, cafile=CA)


def load_default(self: ssl.SSLContext, *which: Any, **more: Any) -> None:
    _load_default(self, *which, **more)
    _load(self, cafile=CA)


if HOST:
    socket.getaddrinfo, socket.gethostbyname = getaddrinfo, gethostbyname
    socket.socket.connect = connect  # type: ignore[method-assign]  # that is what a shim does
    time.sleep = lambda seconds: _sleep(seconds * _factor)
if CA:
    ssl.SSLContext.load_verify_locations = load  # type: ignore[method-assign]  # as above
    ssl.SSLContext.load_default_certs = load_default  # type: ignore[method-assign]  # as above


def pytest_runtest_setup(item: Any) -> None:
    global _factor
    _factor = 1.0 if item.name.startswith(TIMED) else SLEEP


def pytest_runtest_logreport(report: Any) -> None:
    if not RESULTS or (report.when != "call" and report.outcome == "passed"):
        return
    lines = [line[1:].strip() for line in str(report.longrepr or "").splitlines() if line.startswith("E ")]
    found = {"test": report.nodeid, "when": report.when, "outcome": report.outcome, "why": (lines or [""])[-1][:300]}
    with Path(RESULTS).open("a") as file:
        file.write(json.dumps(found) + "\n")
