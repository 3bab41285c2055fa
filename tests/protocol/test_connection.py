"""HTTP on the bare socket, before a small application: order, framing, keep-alive, and who is too slow."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvloop

from openyun.engine.file_part import FilePart
from openyun.errors import CloudError
from openyun.gateway import server
from openyun.gateway.http import ClientGone, HttpRequest, HttpResponse

MB = 1024 * 1024
FILE = bytes(range(256)) * 16 * 1024 + b"the end"


class Small:
    """Answers by path."""

    def __init__(self, place: Path, pool: ThreadPoolExecutor) -> None:
        self._file = place / "file"
        self._file.write_bytes(FILE)
        self._pool = pool
        self.gone: asyncio.Queue[str] = asyncio.Queue()
        self.broken: list[Exception] = []

    async def answer(self, request: HttpRequest) -> HttpResponse:
        try:
            return await self._answer(request)
        except ClientGone:
            self.gone.put_nowait(request.path)
            raise
        except CloudError as problem:
            return HttpResponse(status=problem.status, body=problem.code.encode())

    async def _answer(self, request: HttpRequest) -> HttpResponse:
        match request.path:
            case "/sum":
                pieces = [len(piece) async for piece in request.stream()]
                return HttpResponse(body=b"%d" % sum(pieces))
            case "/refuse":
                return HttpResponse(status=403, body=b"no")
            case "/file":
                opened = os.open(self._file, os.O_RDONLY)
                headers = {"Content-Length": str(len(FILE))}
                return HttpResponse(headers=headers, body=FilePart(opened, 0, len(FILE), self._pool))
            case "/stream":
                return HttpResponse(body=self._stream())
            case "/endless":
                return HttpResponse(body=self._endless())
            case "/split":
                return HttpResponse(headers={"X-A": "a\r\nX-B: b"})
            case "/later":
                await asyncio.sleep(0.01)
        return HttpResponse(headers={"X-Path": request.path}, body=request.path.encode())

    async def _stream(self) -> AsyncIterator[bytes]:
        for number in range(3):
            await asyncio.sleep(0)
            yield b"%d" % number

    async def _endless(self) -> AsyncIterator[bytes]:
        try:
            while True:
                await asyncio.sleep(0.001)
                yield bytes(1000)
        finally:
            self.gone.put_nowait("/endless")

    def broke(self, request: HttpRequest, problem: Exception) -> None:
        self.broken.append(problem)


Use = Callable[[Small, int], Awaitable[None]]


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Callable[[Use], None]]:
    """Runs a client beside the server, on the loop that the product uses."""
    with ThreadPoolExecutor(1) as pool:

        async def both(use: Use) -> None:
            app = Small(tmp_path, pool)
            with socket.create_server(("127.0.0.1", 0)) as sock:
                listener = await server.listen(app, sock)
                try:
                    await asyncio.wait_for(use(app, sock.getsockname()[1]), 30)
                finally:
                    listener.close()
                    await listener.finish()

        yield lambda use: asyncio.Runner(loop_factory=uvloop.new_event_loop).run(both(use))


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()


async def read_answer(reader: asyncio.StreamReader, *, body: bool = True) -> tuple[int, dict[str, str], bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
    length = int(headers.get("content-length", "0"))
    return int(head[0][9:12]), headers, await reader.readexactly(length) if body else b""


def put(path: str, body: bytes, *more: str) -> bytes:
    lines = [f"PUT {path} HTTP/1.1", "Host: h", f"Content-Length: {len(body)}", *more]
    return "\r\n".join([*lines, "", ""]).encode() + body


def get(path: str, *more: str, method: str = "GET", version: str = "1.1") -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/{version}", "Host: h", *more, "", ""]).encode()


def test_a_client_that_leaves_in_the_middle_of_an_answer_breaks_nothing(run: Callable[[Use], None]) -> None:
    """The stream that was made for it is closed, and there is nothing to report."""

    async def use(app: Small, port: int) -> None:
        for version in ("1.0", "1.1"):
            async with connected(port) as (reader, writer):
                writer.write(get("/endless", version=version))
                await reader.readuntil(b"\r\n\r\n")
                writer.transport.abort()
            assert await app.gone.get() == "/endless"
        async with connected(port) as (_, writer):
            writer.write(get("/endless") + get("/a"))
            writer.transport.abort()
        assert not app.broken

    run(use)


@pytest.mark.parametrize("size", [0, 1, 100, 65_536, 65_537, 100_000, 3 * MB + 1])
def test_bodies_of_all_sizes_come_whole_and_in_order(run: Callable[[Use], None], size: int) -> None:
    """Pipelined behind one another, large ones too, which go past the parser."""

    async def use(_app: Small, port: int) -> None:
        async with connected(port) as (reader, writer):
            writer.write((put("/sum", bytes(size)) + get("/later") + get("/file")) * 3 + get("/a"))
            for _ in range(3):
                assert (await read_answer(reader))[2] == b"%d" % size
                assert (await read_answer(reader))[2] == b"/later"
                assert (await read_answer(reader))[2] == FILE
            assert (await read_answer(reader))[2] == b"/a"

    run(use)


def test_chunked_both_ways(run: Callable[[Use], None]) -> None:
    async def use(_app: Small, port: int) -> None:
        async with connected(port) as (reader, writer):
            chunks = b"".join(b"%x\r\n%s\r\n" % (size, bytes(size)) for size in (1, 70_000, 3))
            writer.write(b"PUT /sum HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n")
            assert (await read_answer(reader))[2] == b"70004"
            writer.write(get("/stream"))
            _, headers, _ = await read_answer(reader)
            assert headers["transfer-encoding"] == "chunked"
            assert await reader.readuntil(b"0\r\n\r\n") == b"1\r\n0\r\n1\r\n1\r\n1\r\n2\r\n0\r\n\r\n"
            writer.write(get("/a"))
            assert (await read_answer(reader))[0] == 200

    run(use)


def test_head_has_no_body_and_http_1_0_ends(run: Callable[[Use], None]) -> None:
    async def use(_app: Small, port: int) -> None:
        async with connected(port) as (reader, writer):
            writer.write(get("/file", method="HEAD") + get("/a", method="HEAD") + get("/stream", version="1.0"))
            _, headers, _ = await read_answer(reader, body=False)
            assert headers["content-length"] == str(len(FILE))
            assert (await read_answer(reader, body=False))[1]["content-length"] == "2"
            _, headers, _ = await read_answer(reader)
            assert headers["connection"] == "close"
            assert await reader.read() == b"012"
        async with connected(port) as (reader, writer):
            writer.write(get("/a", "Connection: keep-alive", version="1.0"))
            assert (await read_answer(reader))[1]["connection"] == "keep-alive"
            writer.write(get("/b", "Connection: close") + get("/never"))
            assert (await read_answer(reader))[2] == b"/b"
            assert await reader.read() == b""

    run(use)


def test_an_answer_before_the_end_of_the_body(run: Callable[[Use], None]) -> None:
    async def use(_app: Small, port: int) -> None:
        async with connected(port) as (reader, writer):
            writer.write(put("/refuse", b"")[:-4].replace(b": 0", b": 3000000") + b"\r\n\r\n" + bytes(1000))
            assert (await read_answer(reader))[0] == 403
            # What still comes is dropped, and the next request is not taken for a part of it.
            writer.write(bytes(2_999_000) + get("/a"))
            assert (await read_answer(reader))[2] == b"/a"

    run(use)


def test_who_asks_whether_to_go_on_is_told(run: Callable[[Use], None]) -> None:
    async def use(_app: Small, port: int) -> None:
        async with connected(port) as (reader, writer):
            writer.write(put("/sum", bytes(5), "Expect: 100-continue")[:-5])
            assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
            writer.write(bytes(5))
            assert (await read_answer(reader))[2] == b"5"
            writer.write(put("/refuse", bytes(5), "Expect: 100-continue")[:-5])
            assert (await read_answer(reader))[0] == 403
            assert await reader.read() == b""

    run(use)


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"PUT /sum HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"PUT /sum HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"PUT /sum HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET / HTTP/1.1\r\nHost : h\r\n\r\n",
    ],
)
def test_what_two_servers_could_read_in_two_ways_is_refused(run: Callable[[Use], None], head: bytes) -> None:
    async def use(_app: Small, port: int) -> None:
        async with connected(port) as (reader, writer):
            writer.write(get("/first") + head + get("/smuggled"))
            assert (await read_answer(reader))[2] == b"/first"
            assert (await read_answer(reader))[0] == 400
            assert await reader.read() == b""

    run(use)


def test_no_header_becomes_two(run: Callable[[Use], None]) -> None:
    async def use(_app: Small, port: int) -> None:
        async with connected(port) as (reader, writer):
            writer.write(get("/split"))
            status, headers, _ = await read_answer(reader)
            assert status == 500
            assert "x-b" not in headers

    run(use)


def test_a_slow_body_is_timed_out(run: Callable[[Use], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """Also one that drips; one that comes in time is taken."""
    monkeypatch.setattr("openyun.gateway.http.BODY_TIMEOUT", 0.2)
    monkeypatch.setattr(server, "SWEEP", 0.05)

    async def use(_app: Small, port: int) -> None:
        async with connected(port) as (reader, writer), connected(port) as (other, quick):
            writer.write(put("/sum", bytes(100_000))[:-100_000])
            quick.write(put("/sum", bytes(100_000))[:-100_000])

            async def drip() -> None:
                for _ in range(1000):
                    writer.write(b"x")
                    quick.write(bytes(2000))
                    await asyncio.sleep(0.02)

            dripping = asyncio.create_task(drip())
            status, headers, text = await read_answer(reader)
            assert (status, text, headers["connection"]) == (400, b"RequestTimeout", "close")
            assert (await read_answer(other))[2] == b"100000"
            dripping.cancel()

    run(use)


def test_who_hangs_up_in_the_middle_is_let_go(run: Callable[[Use], None]) -> None:
    async def use(app: Small, port: int) -> None:
        for sent in (100, 200_000):
            async with connected(port) as (_, writer):
                writer.write(put("/sum", bytes(1_000_000))[: -1_000_000 + sent])
                await writer.drain()
        assert [await app.gone.get() for _ in range(2)] == ["/sum"] * 2

    run(use)


def test_who_reads_nothing_is_cut_off(run: Callable[[Use], None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openyun.gateway.connection.STALL_TIMEOUT", 0.2)
    monkeypatch.setattr(server, "SWEEP", 0.05)

    async def use(_app: Small, port: int) -> None:
        loop = asyncio.get_running_loop()
        with socket.create_connection(("127.0.0.1", port)) as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
            sock.sendall(get("/file") * 10)
            await asyncio.sleep(0.6)
            sock.setblocking(False)
            got = 0
            try:
                while piece := await loop.sock_recv(sock, MB):
                    got += len(piece)
            except ConnectionError:
                pass
            assert got < 10 * len(FILE)

    run(use)
