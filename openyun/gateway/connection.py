"""One client's connection: its bytes become requests, which are answered in their order.

Small things stay small: a request whose answer is at hand is answered without a task of its own. Large bodies do not
go through the parser: they are received where they will be hashed from. And bytes that lie in a file are sent by the
kernel. All clocks are read by one sweeper, as a timer a request would cost more than most requests need.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections import deque
from collections.abc import AsyncIterable, Coroutine
from typing import Any, cast

import httptools

from openyun.engine.blob import Bytes
from openyun.engine.file_part import FilePart
from openyun.gateway.exchange import Exchange
from openyun.gateway.first_step import begin, drop, resumed
from openyun.gateway.head import NO_LENGTH, Malformed, date_line, read_headers, read_target, render_head
from openyun.gateway.http import App, ClientGone, HttpRequest, HttpResponse

HEAD_LIMIT = 64 * 1024
"""bytes of request line and headers"""
HEAD_TIMEOUT = 20.0
"""seconds from a request's first byte to the end of its head"""
STALL_TIMEOUT = 60.0
"""seconds that a client may take no byte of an answer that waits for it"""
KEEP_ALIVE = 75.0
"""seconds that an idle connection is kept"""
_LINGER = 30.0
"""seconds in which a client may still send what nobody will read: cut off at once, it would not see its answer"""

_FIRST_UNIT = 32 * 1024
_UNIT = 512 * 1024
"""bytes of a large body that are received before anybody is told; less at first, for those who never send so many"""
_FILE_PIECE = 2 * 1024 * 1024
_WAIT_FOR_MORE = 16 * 1024
"""bytes of a head and body that are worth a copy to save a system call"""

_OTHERS_WAIT, _NO_MORE = 2, 4
"""why reading pauses: requests wait for their turn; nothing that comes is of use"""
_BUFFER = memoryview(bytearray(64 * 1024))
"""One for all: what is received is parsed before the loop does anything else."""


class Connection(asyncio.BufferedProtocol):
    def __init__(self, app: App, everybody: set[Connection], *, full: bool = False) -> None:
        self._app = app
        self._everybody = everybody
        self._full = full
        """no more clients are served"""
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpRequestParser(self)
        self._transport = cast(asyncio.Transport, None)
        self._client = ""
        self._raw: socket.socket | None = None
        """the same socket, for what the transport cannot do"""
        self.lost = False
        self._gone: asyncio.Future[None] | None = None
        # What comes in.
        self._url = b""
        self._headers: list[tuple[bytes, bytes]] = []
        self._in_head = True
        self._head_size = 0
        self._incoming: Exchange | None = None
        self._unit: bytearray | None = None
        self._view = _BUFFER
        self._filled = 0
        self._pauses = 0
        self._broken = b""
        """the answer to what cannot be parsed, once all before it is answered"""
        # What goes out.
        self._waiting: deque[HttpRequest] = deque()
        self._exchanges: deque[Exchange] = deque()
        """of the waiting requests"""
        self._active: Exchange | None = None
        self._drained: asyncio.Future[None] | None = None
        self._full_since = 0.0
        self.deadline = 0.0
        """when to give up a client of which something is due"""
        self.closing = False

    # The transport's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        peer = transport.get_extra_info("peername")
        self._client = peer[0] if isinstance(peer, tuple) else ""
        self._everybody.add(self)
        self.deadline = self._loop.time() + HEAD_TIMEOUT

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True
        self._everybody.discard(self)
        if self._raw is not None:
            self._loop.remove_writer(self._raw.fileno())
            self._raw.close()
            self._raw = None
        for exchange in (self._active, self._incoming, *self._exchanges):
            if exchange is not None:
                exchange.lose()
        if self._gone is not None and not self._gone.done():
            self._gone.set_result(None)
        self._waiting.clear()
        self._exchanges.clear()
        self._flows()

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._view[self._filled :] if self._unit is not None else _BUFFER

    def buffer_updated(self, nbytes: int) -> None:
        if self._unit is not None:
            self._filled += nbytes
            if self._filled == len(self._unit):
                self._pass_unit()
            return
        data = _BUFFER[:nbytes]
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            # We speak nothing else: the request is answered as it is, and what follows is not HTTP.
            self._exchanges[-1].keep_alive = False
            self.pause(_NO_MORE)
        except httptools.HttpParserError as problem:
            self._refuse(str(problem.__context__) if isinstance(problem.__context__, Malformed) else "")
        if self._in_head and self.deadline and not self._broken:
            self._head_size += nbytes
            if self._head_size > HEAD_LIMIT:
                self._refuse("The head of the request is too large.")
        incoming = self._incoming
        if incoming is not None and incoming.length > incoming.received and not self._broken:
            self._begin_unit(min(_FIRST_UNIT, incoming.length - incoming.received))
        if self._waiting and self._active is None:
            self._answer_waiting()
        elif self._waiting and not self._pauses & _OTHERS_WAIT:
            self.pause(_OTHERS_WAIT)

    def eof_received(self) -> bool:
        """Who has asked and then closed only its own side still gets the answer."""
        if self._incoming is not None:
            self._incoming.lose()
            self._incoming.keep_alive = False
            return False
        if self._active is None:
            return False
        (self._exchanges[-1] if self._exchanges else self._active).keep_alive = False
        return True

    def pause_writing(self) -> None:
        self._full_since = self._loop.time()
        self._drained = self._loop.create_future()

    def resume_writing(self) -> None:
        self._flows()

    # The parser's side

    def on_message_begin(self) -> None:
        self._url = b""
        self._headers = []
        self._in_head = True
        self._head_size = 0
        if not self.deadline or self._active is None:
            self.deadline = self._loop.time() + HEAD_TIMEOUT

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Raises Malformed, which the parser makes an error of its own."""
        self._in_head = False
        self.deadline = 0.0
        if len(self._url) + sum(len(name) + len(value) for name, value in self._headers) > HEAD_LIMIT:
            raise Malformed("The head of the request is too large.")
        path, query = read_target(self._url)
        headers = read_headers(self._headers)
        parser = self._parser
        method = parser.get_method().decode("ascii")
        exchange = Exchange(self)
        exchange.keep_alive = parser.should_keep_alive()
        exchange.is_head = method == "HEAD"
        exchange.http_1_0 = parser.get_http_version() == "1.0"
        if "content-length" in headers and "transfer-encoding" not in headers:
            exchange.length = int(headers["content-length"])
        if "expect" in headers and headers["expect"].lower() == "100-continue" and not exchange.http_1_0:
            exchange.continues = True
        self._incoming = exchange
        self._exchanges.append(exchange)
        self._waiting.append(HttpRequest(method, path, query, headers, exchange, self._client))

    def on_body(self, body: bytes) -> None:
        if self._incoming is not None:
            self._incoming.push(body)

    def on_message_complete(self) -> None:
        incoming, self._incoming = self._incoming, None
        if incoming is not None:
            self._complete(incoming)

    # Large bodies

    def _begin_unit(self, size: int) -> None:
        self._unit = bytearray(size)
        self._view = memoryview(self._unit)
        self._filled = 0

    def _pass_unit(self) -> None:
        """A unit is full, and maybe with it the body."""
        exchange, unit = self._incoming, self._unit
        self._unit, self._view, self._filled = None, _BUFFER, 0
        if exchange is None or unit is None:
            return
        exchange.push(unit)
        rest = exchange.length - exchange.received
        if rest:
            self._begin_unit(min(rest, _UNIT))
            return
        # The parser still waits for this body, so another one takes what follows.
        self._parser = httptools.HttpRequestParser(self)
        self._incoming = None
        self._complete(exchange)

    def _complete(self, exchange: Exchange) -> None:
        exchange.finish()
        if exchange.left_alone:
            self._go_on(exchange)

    # Reading, or not

    def pause(self, reason: int) -> None:
        if not self._pauses and not self._transport.is_closing():
            self._transport.pause_reading()
        self._pauses |= reason

    def resume(self, reason: int) -> None:
        if not self._pauses & reason:
            return
        self._pauses &= ~reason
        if self._in_head and self.deadline:
            self.deadline = self._loop.time() + HEAD_TIMEOUT
        if not self._pauses and not self._transport.is_closing():
            self._transport.resume_reading()

    def _refuse(self, reason: str) -> None:
        """What came cannot be understood, and so nothing that follows."""
        self.pause(_NO_MORE)
        last = self._incoming or (self._exchanges[-1] if self._exchanges else self._active)
        if last is not None and last.complete and not last.keep_alive:
            return  # it was announced to be the last
        text = (reason or "Invalid HTTP request received.").encode()
        self._broken = b"HTTP/1.1 400 Bad Request\r\n%sContent-Type: text/plain\r\nContent-Length: %d\r\n" % (
            date_line(),
            len(text),
        )
        self._broken += b"Connection: close\r\n\r\n" + text
        self._unit, self._view, self._filled = None, _BUFFER, 0
        incoming, self._incoming = self._incoming, None
        if incoming is not None:
            incoming.lose()
            if incoming is not self._active:
                self._waiting.pop()
                self._exchanges.pop()
            elif incoming.answered:
                self.abort()
            else:
                self._end()
                return
        if self._active is None and not self._waiting:
            self._end()

    # Answers

    def write(self, *pieces: Bytes) -> None:
        """Raises ClientGone."""
        if self._transport.is_closing():
            raise ClientGone
        self._transport.writelines(pieces)

    def _answer_waiting(self) -> None:
        while self._waiting and self._active is None and not self.lost:
            request = self._waiting.popleft()
            exchange = self._active = self._exchanges.popleft()
            if not self._in_head:
                self.deadline = 0.0
            if self._full:
                exchange.keep_alive = False
                self._send(exchange, request, HttpResponse(status=503))
                continue
            coroutine = cast("Coroutine[Any, Any, HttpResponse]", self._app.answer(request))
            try:
                awaited = coroutine.send(None)
            except StopIteration as done:
                self._send(exchange, request, done.value)
            except ClientGone:
                self._give_up()
            else:
                # It must wait for something, and only now is worth a task.
                begin(self._answer_later(exchange, request, coroutine, awaited))
        if not self._waiting:
            self.resume(_OTHERS_WAIT)

    async def _answer_later(
        self, exchange: Exchange, request: HttpRequest, coroutine: Coroutine[Any, Any, HttpResponse], awaited: Any
    ) -> None:
        try:
            response: HttpResponse = await resumed(coroutine, awaited)
        except ClientGone:
            self._give_up()
            return
        self._send(exchange, request, response)
        if self._active is None and self._waiting:
            self._answer_waiting()

    def _send(self, exchange: Exchange, request: HttpRequest, response: HttpResponse) -> None:
        """The whole of it if it is at hand; else a task does."""
        exchange.answered = True
        body = response.body
        if self._transport.is_closing():
            drop(body)
            return
        headers = response.headers
        if headers.get("Connection") == "close":
            exchange.keep_alive = False
        whole = isinstance(body, bytes | bytearray)
        length = len(body) if isinstance(body, bytes | bytearray) else NO_LENGTH
        chunked = not whole and "Content-Length" not in headers and not exchange.http_1_0
        if not whole and "Content-Length" not in headers and exchange.http_1_0:
            exchange.keep_alive = False
        try:
            head = render_head(
                response.status, headers, length, keep_alive=exchange.keep_alive, old=exchange.http_1_0, chunked=chunked
            )
        except Malformed as problem:
            self._app.broke(request, problem)
            drop(body)
            body, whole, chunked = b"", True, False
            exchange.keep_alive = False
            head = render_head(500, {}, 0, keep_alive=False, old=exchange.http_1_0, chunked=False)
        if whole or exchange.is_head:
            if not whole:
                drop(body)
            if exchange.is_head or not body:
                self._transport.write(head)
            elif len(cast("Bytes", body)) <= _WAIT_FOR_MORE:
                self._transport.write(head + cast("Bytes", body))
            else:
                self._transport.writelines([head, cast("Bytes", body)])
            self._sent(exchange)
            return
        begin(self._send_stream(exchange, request, head, cast("AsyncIterable[Bytes]", body), chunked))

    async def _send_stream(
        self, exchange: Exchange, request: HttpRequest, head: bytes, body: AsyncIterable[Bytes], chunked: bool
    ) -> None:
        try:
            if isinstance(body, FilePart) and not chunked and self._transport.get_extra_info("sslcontext") is None:
                await self._send_file(head, body)
            else:
                self.write(head)
                async for piece in body:
                    framed = [b"%x\r\n" % len(piece), piece, b"\r\n"] if chunked and piece else [piece]
                    self.write(*framed)
                    await self._drain()
                if chunked:
                    self.write(b"0\r\n\r\n")
        except Exception as problem:
            if not isinstance(problem, ConnectionError) and not self._transport.is_closing():
                self._app.broke(request, problem)
            self.abort()
            return
        finally:
            close = getattr(body, "aclose", None)
            if close is not None:
                await close()
        self._sent(exchange)
        if self._active is None and self._waiting:
            self._answer_waiting()

    async def _send_file(self, head: bytes, part: FilePart) -> None:
        """Have the kernel send bytes that lie in a file. Raises ClientGone, ConnectionError."""
        if self._transport.get_write_buffer_size():
            self.write(head)
            head = b""
            while self._transport.get_write_buffer_size():
                await asyncio.sleep(0)
                await self._drain()
        if self._raw is None:
            self._raw = socket.socket(fileno=os.dup(self._transport.get_extra_info("socket").fileno()))
            self._raw.setblocking(False)
        out = self._raw
        while head:
            try:
                head = head[out.send(head, socket.MSG_MORE) :]
            except BlockingIOError:
                await self._writable(out)
        while part.length:
            await asyncio.sleep(0)  # others have their turn between two pieces
            await self._drain()
            if not part.is_at_hand(_FILE_PIECE):
                await part.fetch(_FILE_PIECE)
            try:
                part.send(out.fileno(), _FILE_PIECE)
            except BlockingIOError:
                await self._writable(out)

    async def _drain(self) -> None:
        """Wait until there is room for more. Raises ClientGone."""
        if self._drained is not None:
            await self._drained
        if self.lost:
            raise ClientGone

    async def _writable(self, out: socket.socket) -> None:
        """Wait until the client has taken some. Raises ClientGone."""
        self._full_since = self._loop.time()
        self._drained = self._loop.create_future()
        self._loop.add_writer(out.fileno(), self._flows)
        try:
            await self._drain()
        finally:
            if not self.lost:
                self._loop.remove_writer(out.fileno())

    def _sent(self, exchange: Exchange) -> None:
        """An answer is on its way: what next?"""
        if exchange.complete:
            self._go_on(exchange)
            return
        if exchange.continues:
            # Who was never told to go on sends no body; and if it does, it would be taken for a request.
            self._active = None
            self._end()
            return
        exchange.leave()
        self.deadline = self._loop.time() + _LINGER

    def _go_on(self, exchange: Exchange) -> None:
        if exchange is not self._active:
            return
        self._active = None
        if not exchange.keep_alive or self.closing or (self._broken and not self._waiting):
            self._end()
        elif not self._in_head or not self.deadline:
            self.deadline = 0.0 if self._incoming is not None else self._loop.time() + KEEP_ALIVE
        if exchange.left_alone and self._waiting:
            self._answer_waiting()

    def _end(self) -> None:
        if self._broken and not self.lost and not self._transport.is_closing():
            self._transport.write(self._broken)
        self._waiting.clear()
        self._exchanges.clear()
        self._transport.close()

    def _flows(self) -> None:
        self._full_since = 0.0
        drained, self._drained = self._drained, None
        if drained is not None and not drained.done():
            drained.set_result(None)

    def _give_up(self) -> None:
        """Nobody waits for an answer any more, unless one to something malformed is on its way."""
        if not self._transport.is_closing():
            self.abort()

    # The sweeper's and the server's side

    def sweep(self, now: float) -> None:
        """No answer to who is too slow: who has not asked anything yet expects none, who does not read gets none."""
        if (self.deadline and now > self.deadline and not self._pauses) or (
            self._full_since and now - self._full_since > STALL_TIMEOUT
        ):
            self.abort()
            return
        if self._active is not None:
            self._active.check(now, self._filled if self._active is self._incoming else 0)

    def abort(self) -> None:
        if not self.lost:
            self._transport.abort()

    async def over(self) -> None:
        """Returns when the connection is gone."""
        if not self.lost:
            self._gone = self._gone or self._loop.create_future()
            await self._gone

    def close_when_idle(self) -> None:
        """The server ends: what is under way is finished."""
        self.closing = True
        if self._active is None:
            self._transport.close()
