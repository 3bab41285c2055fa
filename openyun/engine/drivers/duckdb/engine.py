"""The server's side: a few processes, each with one query at a time. To cancel is to kill, which frees all memory."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import threading
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from threading import Event
from typing import IO

import msgspec

from openyun.engine.query import Output, Query, QueryCancelled, QueryEngineBroke, QueryProblem

_LOOK = 0.05
"""seconds between two looks at whether a query was cancelled"""
_MEMORY_SHARE = 0.4
"""of the machine's memory, for one query"""


def is_installed() -> bool:
    return all(find_spec(name) is not None for name in ("duckdb", "sqlglot", "pyarrow"))


class Order(msgspec.Struct, frozen=True):
    """What a process is told."""

    query: Query
    directory: str


class Answer(msgspec.Struct, frozen=True):
    output: Output | None = None
    problem: str = ""


class DuckDb:
    dialect = "duckdb"

    def __init__(self, kept: int = 2) -> None:
        self._kept = kept
        self._idle: list[subprocess.Popen[bytes]] = []
        self._busy: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()

    def run(self, query: Query, directory: Path, cancelled: Event) -> Output:
        if not query.memory:
            query = msgspec.structs.replace(query, memory=int(_memory() * _MEMORY_SHARE))
        process = self._take()
        whole = False
        try:
            stdin, stdout = _pipes(process)
            stdin.write(msgspec.json.encode(Order(query, str(directory))) + b"\n")
            stdin.flush()
            while not select.select([stdout], [], [], _LOOK)[0]:
                if cancelled.is_set():
                    raise QueryCancelled
            line = stdout.readline()
            if not line.endswith(b"\n"):
                raise QueryEngineBroke("the process that ran the query ended, perhaps for want of memory")
            whole = True
        except BrokenPipeError:
            raise QueryEngineBroke("the process that was to run the query ended") from None
        finally:
            self._give_back(process, whole=whole)
        answer = msgspec.json.decode(line, type=Answer)
        if answer.output is None:
            raise QueryProblem(answer.problem)
        return answer.output

    def close(self) -> None:
        with self._lock:
            processes = [*self._idle, *self._busy]
            self._idle.clear()
        for process in processes:
            _end(process)

    def _take(self) -> subprocess.Popen[bytes]:
        with self._lock:
            while self._idle:
                process = self._idle.pop()
                if process.poll() is None:
                    self._busy.add(process)
                    return process
        process = subprocess.Popen(
            [sys.executable, "-m", "openyun.engine.drivers.duckdb.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"HOME": "/nonexistent", "LANG": "C.UTF-8"},  # nothing of the server's: a query may not learn it
        )
        with self._lock:
            self._busy.add(process)
        return process

    def _give_back(self, process: subprocess.Popen[bytes], *, whole: bool) -> None:
        with self._lock:
            self._busy.discard(process)
            if whole and process.poll() is None and len(self._idle) < self._kept:
                self._idle.append(process)
                return
        _end(process)


def _pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    assert process.stdin is not None  # noqa: S101  for the type checker: it was made with pipes
    assert process.stdout is not None  # noqa: S101  for the type checker, likewise
    return process.stdin, process.stdout


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for pipe in _pipes(process):
        with suppress(OSError):
            pipe.close()


def _memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
