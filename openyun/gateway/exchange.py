"""One request on its way in, and what its answer must know of it."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Protocol

from openyun.engine.blob import Bytes
from openyun.gateway import http
from openyun.gateway.http import ClientGone, RequestTimeout

LEAST = 1024
"""bytes that a client must send in BODY_TIMEOUT, if so many are missing"""
MOST_HELD = 512 * 1024
"""bytes of a body that wait for their reader before the client has to"""
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Line(Protocol):
    """The connection, as a request's body sees it."""

    lost: bool

    def write(self, *pieces: Bytes) -> None: ...

    def pause(self, reason: int) -> None: ...

    def resume(self, reason: int) -> None: ...


BODY_WAITS = 1
"""why reading pauses: what came of a body is not yet read"""


class Exchange:
    """To the request it is its body."""

    __slots__ = (
        "_gone", "_line", "_waiter", "answered", "complete", "continues", "held", "http_1_0", "is_head",
        "keep_alive", "left_alone", "length", "mark", "paused", "pieces", "received", "since",
    )  # fmt: skip

    def __init__(self, line: Line) -> None:
        self._line = line
        self._gone: asyncio.Future[None] | None = None
        self._waiter: asyncio.Future[None] | None = None
        self.answered = False
        self.complete = False
        self.continues = False
        """the client waits to be told to go on"""
        self.held = 0
        self.http_1_0 = False
        self.is_head = False
        self.keep_alive = True
        self.left_alone = False
        """nobody will read what still comes"""
        self.length = -1
        """bytes of the body; -1 where they are not announced"""
        self.paused = False
        self.pieces: deque[Bytes] = deque()
        self.received = 0
        self.since = self.mark = 0.0
        """when the client was last found to be quick enough, and what it had sent by then"""

    async def read(self) -> Bytes:
        while not self.pieces:
            if self.complete:
                return b""
            if self._line.lost:
                raise ClientGone
            if self.continues:
                self.continues = False
                self._line.write(_CONTINUE)
            loop = asyncio.get_running_loop()
            if not self.since:
                self.since, self.mark = loop.time(), self.received
            self._waiter = loop.create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        piece = self.pieces.popleft()
        self.held -= len(piece)
        if self.paused and self.held < MOST_HELD // 2:
            self.since = 0.0
            self._resume()
        return piece

    async def hung_up(self) -> None:
        if self._line.lost:
            return
        self._gone = asyncio.get_running_loop().create_future()
        await self._gone

    def push(self, piece: Bytes) -> None:
        self.received += len(piece)
        if self.left_alone:
            return
        self.continues = False
        self.pieces.append(piece)
        self.held += len(piece)
        if self.held >= MOST_HELD and not self.paused:
            self.paused = True
            self._line.pause(BODY_WAITS)
        self._wake()

    def finish(self) -> None:
        self.complete = True
        self._wake()

    def fail(self, problem: Exception) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(problem)

    def leave(self) -> None:
        """Whatever still comes is for nobody."""
        self.left_alone = True
        self.pieces.clear()
        self.held = 0
        if self.paused:
            self._resume()

    def lose(self) -> None:
        self.fail(ClientGone())
        if self._gone is not None and not self._gone.done():
            self._gone.set_result(None)

    def check(self, now: float, on_its_way: int) -> None:
        """Give up a client that is awaited and sends next to nothing; `on_its_way` bytes came since the last piece."""
        if self._waiter is None or not self.since or now - self.since <= http.BODY_TIMEOUT:
            return
        received = self.received + on_its_way
        if received - self.mark < LEAST:
            self.keep_alive = False
            self.fail(RequestTimeout(seconds=http.BODY_TIMEOUT))
        else:
            self.since, self.mark = now, received

    def _resume(self) -> None:
        self.paused = False
        self._line.resume(BODY_WAITS)

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
