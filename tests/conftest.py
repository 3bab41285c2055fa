"""A whole cloud as a separate process, the way its users meet it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@dataclass(frozen=True)
class Account:
    account_id: str
    access_key_id: str
    access_key_secret: str


@dataclass
class Server:
    """One server process on a data directory of its own."""

    data: Path
    settings: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.data / "server.log"

    def start(self) -> None:
        self.data.mkdir(parents=True, exist_ok=True)
        environment = {
            **os.environ,
            "OPENYUN_DATA": str(self.data),
            "OPENYUN_PORT": str(self.port),
            "OPENYUN_COMPUTE": "simulated",
            **self.settings,
        }
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "openyun", "serve"], env=environment, stdout=log, stderr=log
            )
        deadline = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(f"http://{self.endpoint}/_openyun/health", timeout=5):
                    return
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise AssertionError(f"the server did not start:\n{self.log.read_text()}") from None
                time.sleep(0.02)

    def kill(self) -> None:
        """SIGKILL: no chance to tidy up."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        assert self.process is not None
        self.process.terminate()
        self.process.wait(timeout=60)

    def account(self) -> Account:
        """The first account."""
        return Account(**json.loads((self.data / "credentials.json").read_text()))

    def new_account(self) -> Account:
        token = (self.data / "operator.token").read_text()
        request = urllib.request.Request(
            f"http://{self.endpoint}/_openyun/accounts", method="POST", headers={"Authorization": f"Bearer {token}"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return Account(**json.load(answer))


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A cloud with simulated engines, shared by the tests of this process."""
    made = Server(tmp_path_factory.mktemp("cloud"))
    made.start()
    yield made
    made.stop()
    stumbled = made.log.read_text()
    assert '  File "' not in stumbled, f"whatever was asked, the server answered, but it stumbled:\n{stumbled}"
