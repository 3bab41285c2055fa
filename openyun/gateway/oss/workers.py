"""Processes beside the server that work on contents of objects: a few, kept for reuse, ended if they take too long."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import suppress
from typing import Any

import msgspec

from openyun.engine.blob import Bytes
from openyun.errors import CloudError, Unavailable
from openyun.services.oss.image import steps as image_process_steps
from openyun.services.oss.select import errors as select_errors
from openyun.services.oss.work.worker import LARGEST_FRAME, Failure, Head, Task

AT_ONCE = 2
"""processes; more tasks wait"""
MOST_WAITING = 64
PATIENCE = 60.0
"""seconds until the head of an answer, and between its pieces"""


class ProcessingTimeout(Unavailable):
    code = "ServiceUnavailable"
    message = "Processing the object took too long."


class ProcessingBusy(Unavailable):
    code = "ServiceUnavailable"
    message = "Too many objects are being processed. Please try again later."


class ProcessingFailed(CloudError):
    status = 400
    code = "BadRequest"
    message = "The object could not be processed."


class Workers:
    """Belongs to one event loop."""

    def __init__(self) -> None:
        self._idle: list[asyncio.subprocess.Process] = []
        self._room = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0

    async def run(self, task: Task, source: AsyncIterable[Bytes]) -> tuple[Head, AsyncIterator[bytes]]:
        """The head of the answer, and its data. Raises the service's errors, ProcessingTimeout, ProcessingBusy."""
        if self._waiting >= MOST_WAITING:
            raise ProcessingBusy
        await asyncio.sleep(0)  # a request's first step may be taken outside a task, where no timeout can be set
        self._waiting += 1
        try:
            await self._room.acquire()
        finally:
            self._waiting -= 1
        job = _Job(self, task, source)
        try:
            head = await job.begin()
        except BaseException:
            job.end()
            raise
        return head, job.data()

    async def process(self) -> asyncio.subprocess.Process:
        while self._idle:
            kept = self._idle.pop()
            if kept.returncode is None:
                return kept
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "openyun.services.oss.work.worker",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={},
        )

    def give_back(self, process: asyncio.subprocess.Process | None, *, whole: bool) -> None:
        """`whole`: it answered to the end, and so can be used again."""
        self._room.release()
        if process is None or process.returncode is not None:
            return
        if whole:
            self._idle.append(process)
        else:
            process.kill()


class _Job:
    def __init__(self, workers: Workers, task: Task, source: AsyncIterable[Bytes]) -> None:
        self._workers = workers
        self._task = task
        self._source = source
        self._process: asyncio.subprocess.Process | None = None
        self._feeding: asyncio.Task[None] | None = None
        self._over = False

    async def begin(self) -> Head:
        self._process = await self._workers.process()
        self._feeding = asyncio.create_task(self._feed(self._process))
        letter, payload = await self._frame()
        if letter == b"H":
            return msgspec.json.decode(payload, type=Head)
        raise ProcessingFailed

    async def data(self) -> AsyncIterator[bytes]:
        try:
            while True:
                letter, payload = await self._frame()
                if letter == b"Z":
                    break
                yield payload
            self.end(whole=True)
        finally:
            self.end()

    def end(self, *, whole: bool = False) -> None:
        """Repeatable."""
        if self._over:
            return
        self._over = True
        feeding = self._feeding
        if feeding is not None and not feeding.done():
            feeding.cancel()
            whole = False
        self._workers.give_back(self._process, whole=whole)

    async def _frame(self) -> tuple[bytes, bytes]:
        assert self._process is not None  # noqa: S101  for the type checker: begin() has run
        assert self._process.stdout is not None  # noqa: S101  for the type checker, likewise
        reader = self._process.stdout
        try:
            async with asyncio.timeout(PATIENCE):
                length = int.from_bytes(await reader.readexactly(4), "big")
                if not 0 < length <= LARGEST_FRAME:
                    raise ProcessingFailed
                frame = await reader.readexactly(length)
        except TimeoutError:
            raise ProcessingTimeout from None
        except asyncio.IncompleteReadError:
            await self._source_problem()
            raise ProcessingFailed from None
        letter, payload = frame[:1], frame[1:]
        if letter == b"E":
            await self._source_problem()
            failure = msgspec.json.decode(payload, type=Failure)
            if failure.name != "ImageTooLarge" or failure.facts.get("reason") != "Out of memory.":
                self.end(whole=True)
            raise _problem(failure)
        return letter, payload

    async def _source_problem(self) -> None:
        """If the input broke off, that is the error to tell."""
        if self._feeding is not None:
            with suppress(ConnectionError):
                async with asyncio.timeout(PATIENCE):
                    await self._feeding

    async def _feed(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None  # noqa: S101  for the type checker: it was made with a pipe
        pipe = process.stdin
        pipe.write(_framed(msgspec.json.encode(self._task)))
        async for piece in self._source:
            if piece:
                pipe.write(_framed(bytes(piece)))
                await pipe.drain()
        pipe.write(_framed(b""))
        await pipe.drain()


def _framed(payload: bytes) -> bytes:
    return len(payload).to_bytes(4, "big") + payload


def _problem(failure: Failure) -> CloudError:
    for module in (image_process_steps, select_errors):
        found: Any = getattr(module, failure.name, None)
        if isinstance(found, type) and issubclass(found, CloudError):
            return found(**failure.facts)
    return ProcessingFailed()
