"""The tutorial's program runs as it is printed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Yun

PAGE = Path(__file__).parents[2] / "docs" / "tutorial" / "first-steps.md"


def blocks() -> list[str]:
    return re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)


def run(yun: Yun, folder: Path, program: str) -> str:
    """What the program says in a shell that has evaluated `yun env`."""
    (folder / "first.py").write_text(program)
    script = yun("env").stdout + f'\n"{sys.executable}" first.py'
    done = subprocess.run(
        ["sh", "-eu", "-c", script], cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_tutorial_runs_with_simulated_instances(running: Yun, tmp_path: Path) -> None:
    said = run(running, tmp_path, "".join(block for block in blocks() if "run_command" not in block))
    assert "ssh -i first.pem root@198." in said
    assert "notes/today.txt" in said


@pytest.mark.xdist_group("host")
def test_the_tutorial_runs_with_real_instances(real: Yun, tmp_path: Path) -> None:
    real("up")
    said = run(real, tmp_path, "".join(blocks()))
    assert "Linux" in said
    assert "notes/today.txt" in said
