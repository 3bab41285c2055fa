"""`yun` as its users call it: as a process, with a data directory of its own."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from openyun.engine.drivers import doctor
from tests.conftest import free_port


@dataclass
class Yun:
    """The command line, for one data directory."""

    data: Path
    settings: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)

    def __call__(self, *arguments: str, code: int = 0, patience: float = 300.0) -> subprocess.CompletedProcess[str]:
        """Run it; it must end with this exit code, and never with a stack trace."""
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("OPENYUN_")},
            "OPENYUN_DATA": str(self.data),
            "OPENYUN_PORT": str(self.port),
            "OPENYUN_COMPUTE": "simulated",
            **self.settings,
        }
        done = subprocess.run(
            [sys.executable, "-m", "openyun", *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=patience,
            check=False,
        )
        told = f"yun {' '.join(arguments)} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
        assert done.returncode == code, told
        assert "Traceback" not in done.stderr, told
        return done

    def json(self, *arguments: str, code: int = 0) -> Any:
        return json.loads(self(*arguments, "--json", code=code).stdout)


@pytest.fixture
def yun(tmp_path: Path) -> Iterator[Yun]:
    """Nothing runs yet; whatever a test starts ends with it."""
    made = Yun(tmp_path / "data")
    yield made
    made("reset", "--yes")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Yun]:
    """A running cloud with simulated engines, shared by the tests of a module."""
    made = Yun(tmp_path_factory.mktemp("yun") / "data")
    made("up")
    yield made
    made("reset", "--yes")


@pytest.fixture
def real(tmp_path: Path) -> Iterator[Yun]:
    """Nothing runs yet; instances will be real."""
    if doctor.best_compute() != "runc":
        missing = next(one for one in doctor.check() if one.needed and not one.ok)
        pytest.skip(f"real instances need {missing.what}: {missing.fix or missing.detail}")
    # Public addresses are the host's: whatever else is tested on it at the same time hardly has the same.
    block = f"198.19.{2 * random.randrange(128)}.0/23"
    made = Yun(tmp_path / "data", {"OPENYUN_COMPUTE": "runc", "OPENYUN_PUBLIC_CIDR": block})
    yield made
    made("reset", "--yes")
