"""Sockets: who listens, how many clients there may be, when each has to go, and how all of it ends."""

from __future__ import annotations

import asyncio
import signal
import socket
from contextlib import suppress

from openyun import metrics
from openyun.gateway.connection import Connection
from openyun.gateway.http import App

CONNECTIONS = 4096
"""open at once; more are answered 503"""
SWEEP = 0.5
"""seconds between two looks at who is too slow"""
_GRACE = 5.0
"""seconds that requests under way have when the server ends"""
_BACKLOG = 1024


class Listener:
    """Serves an application on a socket."""

    def __init__(self, app: App) -> None:
        self._app = app
        self.open: set[Connection] = set()
        self._server: asyncio.Server | None = None
        self._timer: asyncio.TimerHandle | None = None

    async def listen(self, sock: socket.socket) -> None:
        self._server = await asyncio.get_running_loop().create_server(self._connect, sock=sock, backlog=_BACKLOG)

    def close(self) -> None:
        """No more clients; those that wait for nothing are let go."""
        if self._server is not None:
            self._server.close()
        for one in list(self.open):
            one.close_when_idle()

    async def finish(self) -> None:
        """After `close`: wait for what is under way, but not for ever."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_GRACE):
                await asyncio.gather(*(one.over() for one in self.open))
        for one in list(self.open):
            one.abort()

    def _connect(self) -> Connection:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(SWEEP, self._sweep)
        return Connection(self._app, self.open, full=len(self.open) >= CONNECTIONS)

    def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        for one in list(self.open):
            one.sweep(loop.time())
        self._timer = loop.call_later(SWEEP, self._sweep) if self.open else None


async def listen(app: App, sock: socket.socket) -> Listener:
    """Serve an application on a socket that is bound elsewhere, such as inside a VPC."""
    listener = Listener(app)
    await listener.listen(sock)
    return listener


async def serve(app: App, host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT. Raises OSError where the port cannot be had."""
    loop = asyncio.get_running_loop()
    over = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, over.set)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = await listen(app, socket.create_server((host, port), family=family, backlog=_BACKLOG))
    metrics.CONNECTIONS.read = lambda: len(listener.open)
    await over.wait()
    listener.close()
    await listener.finish()
