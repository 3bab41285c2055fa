"""Sockets: uvicorn with httptools, and three limits that it leaves to a proxy.

A request head must be small and must come soon: who sends a byte a minute holds a connection no longer than anyone.
And an answer must be taken: who stops reading is cut off.
"""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

HEAD_LIMIT = 64 * 1024
"""bytes of request line and headers"""
HEAD_TIMEOUT = 20.0
"""seconds from a request's first byte to the end of its head"""
STALL_TIMEOUT = 60.0
"""seconds that a client may take no byte of an answer that waits for it"""
KEEP_ALIVE = 75
"""seconds that an idle connection is kept"""
_TOO_LARGE = f"The head of the request is larger than {HEAD_LIMIT} bytes."
CONNECTIONS = 4096
"""open at once; more are answered 503"""


class GuardedProtocol(HttpToolsProtocol):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._in_head = True
        self._head_size = 0
        self._deadline: asyncio.TimerHandle | None = None
        self._stall: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        super().connection_made(transport)
        self._deadline = self.loop.call_later(HEAD_TIMEOUT, self._give_up)

    def connection_lost(self, exc: Exception | None) -> None:
        self._disarm()
        self._flows()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._in_head and self._deadline is not None:
            self._head_size += len(data)
            if self._head_size > HEAD_LIMIT:
                self._disarm()
                self.send_400_response(_TOO_LARGE)

    def eof_received(self) -> bool:  # type: ignore[override]  # uvicorn's own always closes
        """Who has asked and then closed only its own side still gets the answer."""
        cycle = self.cycle
        if cycle is None or cycle.response_complete or cycle.more_body:
            return False
        cycle.keep_alive = False
        return True

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True
        self._head_size = 0
        if self._deadline is None:
            self._deadline = self.loop.call_later(HEAD_TIMEOUT, self._give_up)

    def on_headers_complete(self) -> None:
        self._disarm()
        self._in_head = False
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > HEAD_LIMIT:
            raise ValueError(_TOO_LARGE)  # the parser makes it a 400
        super().on_headers_complete()

    def pause_writing(self) -> None:
        self._stall = self.loop.call_later(STALL_TIMEOUT, self._give_up)
        super().pause_writing()

    def resume_writing(self) -> None:
        self._flows()
        super().resume_writing()

    def _flows(self) -> None:
        if self._stall is not None:
            self._stall.cancel()
            self._stall = None

    def _disarm(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        """No answer: who has not asked anything yet expects none, and who does not read gets none."""
        self._disarm()
        self.transport.abort()


def configure(app: Any, host: str, port: int) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        loop="uvloop",
        http=GuardedProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=5,
        limit_concurrency=CONNECTIONS,
        backlog=1024,
    )


async def listen(app: Any, sock: socket.socket) -> asyncio.Server:
    """Serve another application on a socket that is bound elsewhere, such as inside a VPC."""
    config = configure(app, "", 0)
    config.load()
    state = ServerState()
    return await asyncio.get_running_loop().create_server(
        lambda: GuardedProtocol(config=config, server_state=state, app_state={}), sock=sock
    )
