"""The server process of one data directory, as the command line sees it from outside."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from openyun.config import Config

PATIENCE = 60.0
"""seconds for the server to become ready, or to end"""


class Server:
    def __init__(self, config: Config) -> None:
        self.config = config
        self.log = config.data / "server.log"

    def holder(self) -> tuple[int, str] | None:
        """Process id and endpoint of the server that works on this data directory; None when there is none.

        The kernel knows whether the lock is held, so neither a crash nor a reused process id can deceive us."""
        try:
            with (self.config.data / "lock").open() as lock:
                try:
                    fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
                except BlockingIOError:
                    pid, endpoint = lock.read().split()
                    return int(pid), endpoint
        except FileNotFoundError:
            pass
        return None

    def running(self) -> tuple[int, str]:
        """The holder. Says how to start one when there is none."""
        found = self.holder()
        if found is None:
            raise click.ClickException("The cloud is not running. Start it with: yun up")
        return found

    def ask(self, method: str, path: str, headers: dict[str, str] | None = None, timeout: float = 10.0) -> Any:
        """One of the server's own answers, decoded."""
        import http.client

        found = self.holder()
        endpoint = found[1] if found else self.config.endpoint
        connection = http.client.HTTPConnection(endpoint, timeout=timeout)
        try:
            connection.request(method, path, headers=headers or {})
            answer = connection.getresponse()
            body = json.load(answer)
        except (OSError, http.client.HTTPException, ValueError) as problem:
            raise click.ClickException(f"http://{endpoint} does not answer as it should: {problem}") from problem
        finally:
            connection.close()
        if answer.status >= 400:
            raise click.ClickException(body.get("Message", f"the server answered {answer.status}"))
        return body

    def health(self) -> dict[str, Any]:
        return dict(self.ask("GET", "/_openyun/health"))

    def start(self, compute: str) -> None:
        """Start it in the background and return when it is ready."""
        self._need_port()
        self.config.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        said = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "openyun", "serve"],
                env={**os.environ, "OPENYUN_COMPUTE": compute},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,  # a Ctrl-C at this terminal is not meant for it
            )

        def ready() -> bool:
            if process.poll() is not None:
                last = self.log.read_bytes()[said:].decode(errors="replace").strip().splitlines()[-1:]
                raise click.ClickException(f"The server ended at once: {''.join(last)} (see {self.log})")
            with contextlib.suppress(OSError):
                return self._answers()
            return False

        if not _until(ready):
            raise click.ClickException(f"The server is not ready after {PATIENCE:.0f} s; see {self.log}")

    def stop(self) -> bool:
        """End it and wait until it has. False when none was running."""
        return self._end(signal.SIGTERM)

    def kill(self) -> bool:
        """SIGKILL: no chance to tidy up."""
        return self._end(signal.SIGKILL)

    def resident(self) -> int | None:
        """Bytes of memory it holds now; None where the system does not say."""
        found = self.holder()
        try:
            lines = Path(f"/proc/{found[0]}/status").read_text().splitlines() if found else []
        except OSError:
            return None
        return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:")), None)

    def _end(self, number: signal.Signals) -> bool:
        found = self.holder()
        if found is None:
            return False
        with contextlib.suppress(ProcessLookupError):
            os.kill(found[0], number)
        if not _until(lambda: self.holder() is None):
            raise click.ClickException(f"The server (process {found[0]}) has not ended within {PATIENCE:.0f} s.")
        return True

    def _answers(self) -> bool:
        import http.client

        # Without a look at the lock: the starting server must find it free.
        connection = http.client.HTTPConnection(self.config.host, self.config.port, timeout=5)
        try:
            connection.request("GET", "/_openyun/health")
            return connection.getresponse().status == 200
        except http.client.HTTPException:
            return False
        finally:
            connection.close()

    def _need_port(self) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.config.host, self.config.port))
            except OSError as problem:
                raise click.ClickException(
                    f"Port {self.config.port} of {self.config.host} cannot be used ({problem.strerror}). "
                    "Choose another: OPENYUN_PORT=8001 yun up"
                ) from problem


def _until(true: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True
