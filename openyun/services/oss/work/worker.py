"""A process that works on the contents of objects for the server: images and SELECT.

Contents come from anyone: a small picture may unfold into gigabytes, a statement may run long. So the work has a
process of its own, with bounded memory, no new files, and nothing of the server's in it; the server ends it when it
takes too long. It speaks frames over its standard input and output: four bytes of length, big-endian, and a payload.

    in:  a Task in JSON, the pieces of the input, an empty frame
    out: frames that begin with the letter H (a Head in JSON), D (data), E (a Failure in JSON) or Z (done)
"""

from __future__ import annotations

import resource
import sys
from collections.abc import Iterator
from typing import Any, BinaryIO

import msgspec

MEMORY = 1536 * 1024**2
"""bytes of address space"""
LARGEST_FRAME = 4 * 1024**2
LARGEST_CHUNK = 64 * 1024**2
"""bytes of a file in memory, which SELECT may have"""


class Task(msgspec.Struct, frozen=True):
    kind: str
    """image or select"""
    instruction: str = ""
    sizes: list[int] = []
    """of an image's watermarks, whose bytes come before its own"""
    names: list[str] = []
    select: Any = None


class Head(msgspec.Struct, frozen=True):
    content_type: str
    length: int | None = None
    """bytes of data that follow, where that is known"""


class Failure(msgspec.Struct, frozen=True):
    """An error of the service, by the name of its class."""

    name: str
    facts: dict[str, str]


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, LARGEST_CHUNK))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    while (head := read_frame(source)) is not None:
        task = msgspec.json.decode(head, type=Task)
        pieces = _pieces(source)
        try:
            for letter, payload in _perform(task, pieces):
                _write(sink, letter, payload)
            for _ in pieces:
                continue
            _write(sink, b"Z", b"")
        except MemoryError:
            _write(sink, b"E", msgspec.json.encode(Failure("ImageTooLarge", {"reason": "Out of memory."})))
            return  # what is left of this process is not worth trusting
        except Exception as problem:
            if not hasattr(problem, "facts"):
                raise
            facts = {name: str(value) for name, value in problem.facts.items()}
            _write(sink, b"E", msgspec.json.encode(Failure(type(problem).__name__, facts)))
            for _ in pieces:
                continue


def _perform(task: Task, pieces: Iterator[bytes]) -> Iterator[tuple[bytes, bytes]]:
    if task.kind == "image":
        from openyun.services.oss.image.process import process

        whole = b"".join(pieces)
        images = {}
        for name, size in zip(task.names, task.sizes, strict=True):
            images[name], whole = whole[:size], whole[size:]
        result = process(whole, task.instruction, images)
        yield b"H", msgspec.json.encode(Head(result.content_type, len(result.data)))
        for start in range(0, len(result.data), LARGEST_FRAME - 1):
            yield b"D", result.data[start : start + LARGEST_FRAME - 1]
        return
    from openyun.services.oss.select.plan import Plan
    from openyun.services.oss.select.run import prepare

    frames = prepare(msgspec.convert(task.select, Plan))(pieces)
    first = next(frames, b"")  # what is wrong before it is still told by the answer's head
    yield b"H", msgspec.json.encode(Head("application/octet-stream"))
    yield b"D", first
    for frame in frames:
        yield b"D", frame


def _pieces(source: BinaryIO) -> Iterator[bytes]:
    while piece := read_frame(source):
        yield piece


def read_frame(source: BinaryIO) -> bytes | None:
    """None at the end of all."""
    head = source.read(4)
    if len(head) < 4:
        return None
    length = int.from_bytes(head, "big")
    return source.read(length) if length else b""


def _write(sink: BinaryIO, letter: bytes, payload: bytes) -> None:
    sink.write((len(payload) + 1).to_bytes(4, "big") + letter + payload)
    sink.flush()


if __name__ == "__main__":
    main()
