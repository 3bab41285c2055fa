"""Bytes out of a tool and into one, without holding them all."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from typing import IO, cast

from openyun.engine.compute import EngineError
from openyun.engine.drivers import tool

PIECE = 1 << 20
FAITHFULLY = ("--xattrs", "--xattrs-include=*", "--numeric-owner", "--same-permissions")
"""to tar: overlayfs keeps what it knows in attributes that are left out otherwise"""


def read(*argv: str) -> Iterator[bytes]:
    """What the tool writes. Raises EngineError when it fails, after what it wrote."""
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **tool.surroundings()) as process:
        output = cast(IO[bytes], process.stdout)
        try:
            while piece := output.read(PIECE):
                yield piece
        except GeneratorExit:
            process.kill()
            raise
        _check(process, argv)


def write(pieces: Iterator[bytes], *argv: str) -> None:
    """Have the tool read the pieces. Raises EngineError when it fails."""
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stderr=subprocess.PIPE, **tool.surroundings()) as process:
        sink = cast(IO[bytes], process.stdin)
        try:
            for piece in pieces:
                sink.write(piece)
            sink.close()
        except BrokenPipeError:
            pass  # it says below why it went
        except BaseException:
            process.kill()
            raise
        _check(process, argv)


def _check(process: subprocess.Popen[bytes], argv: tuple[str, ...]) -> None:
    said = process.stderr.read() if process.stderr else b""
    if process.wait() != 0:
        raise EngineError(f"{' '.join(argv)} failed: {said.decode(errors='replace').strip()[-2000:]}")
