"""The proxy: what is meant for the vendor's hosts goes to this cloud, and nothing goes anywhere else unless asked.

    CONNECT ecs.cn-hangzhou.aliyuncs.com:443      TLS ends here, the plain bytes go to the cloud
    GET http://ecs.cn-hangzhou.aliyuncs.com/      goes to the cloud as GET /

Requests keep their Host header, by which the cloud tells products, regions and buckets.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from urllib.parse import urlsplit

from openyun.cli.proxy.authority import Authority
from openyun.cli.proxy.hosts import is_vendors, split

log = logging.getLogger("openyun.proxy")

_HEAD_LIMIT = 64 * 1024
_HEAD_TIMEOUT = 20.0
"""seconds from a connection's begin to the end of its first head"""
_PIECE = 64 * 1024

_FOR_THE_PROXY = (b"proxy-connection:", b"proxy-authorization:", b"connection:", b"keep-alive:")


class _Refused(Exception):
    def __init__(self, status: str, text: str) -> None:
        super().__init__(text)
        self.status = status


class Proxy:
    def __init__(self, authority: Authority, cloud: tuple[str, int], *, tunnels: bool = False) -> None:
        self._authority = authority
        self._cloud = cloud
        self._tunnels = tunnels

    async def listen(self, host: str, port: int) -> asyncio.Server:
        return await asyncio.start_server(self._serve, host, port, limit=_HEAD_LIMIT)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            try:
                async with asyncio.timeout(_HEAD_TIMEOUT):
                    head = await reader.readuntil(b"\r\n\r\n")
                await self._answer(head, reader, writer)
            except _Refused as refusal:
                text = f"{refusal}\n".encode()
                writer.write(
                    f"HTTP/1.1 {refusal.status}\r\nContent-Type: text/plain\r\nContent-Length: {len(text)}\r\n"
                    "Connection: close\r\n\r\n".encode()
                    + text
                )
                await writer.drain()
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as problem:
            log.debug("a connection ended: %s", problem)
        except asyncio.CancelledError:
            pass  # the proxy ends, and this with it: streams would print a cancelled task as a mistake
        finally:
            await _close(writer)

    async def _answer(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        words = head.partition(b"\r\n")[0].decode("latin-1").split(" ")
        if len(words) != 3 or not words[2].startswith("HTTP/1."):
            raise _Refused("400 Bad Request", "This is a proxy for HTTP.")
        method, target, version = words
        try:
            if method == "CONNECT":
                await self._connect(*split(target, 443), reader, writer)
                return
            address = urlsplit(target if target.startswith("http://") else "")
            host, port = split(address.netloc.rpartition("@")[2], 80)
        except ValueError:
            raise _Refused("400 Bad Request", f"{target[:200]!r} is nothing that this proxy can ask for.") from None
        there = await self._reach(host, port)
        origin = (address.path or "/") + (f"?{address.query}" if address.query else "")
        there[1].write(_rewritten(head, f"{method} {origin} {version}"))
        await _relay((reader, writer), there)

    async def _connect(self, host: str, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A tunnel; where it goes to the cloud, TLS ends here."""
        there = await self._reach(host, port)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await writer.drain()
        if self._is_ours(host, port) and port != 80:
            try:
                await writer.start_tls(self._authority.context(host))
            except BaseException:
                await _close(there[1])
                raise
        await _relay((reader, writer), there)

    def _is_ours(self, host: str, port: int) -> bool:
        return is_vendors(host) or (host, port) == self._cloud

    async def _reach(self, host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Raises _Refused."""
        if self._is_ours(host, port):
            host, port = self._cloud
        elif not self._tunnels:
            raise _Refused("403 Forbidden", f"{host} is no host of Alibaba Cloud; yun proxy --tunnel lets it through.")
        try:
            return await asyncio.open_connection(host, port)
        except OSError as problem:
            raise _Refused("502 Bad Gateway", f"{host}:{port} does not answer: {problem}") from None


def _rewritten(head: bytes, line: str) -> bytes:
    """The head for the origin itself. It ends the connection with its answer, as the next request of this connection
    may be for another host."""
    lines = [one for one in head.split(b"\r\n")[1:-2] if not one.lower().startswith(_FOR_THE_PROXY)]
    return b"\r\n".join([line.encode("latin-1"), *lines, b"Connection: close", b"", b""])


async def _relay(
    here: tuple[asyncio.StreamReader, asyncio.StreamWriter], there: tuple[asyncio.StreamReader, asyncio.StreamWriter]
) -> None:
    """Until the cloud has said all; what the client still sends then is for nobody."""
    up = asyncio.create_task(_pump(here[0], there[1]))
    try:
        await _pump(there[0], here[1])
    finally:
        up.cancel()
        with suppress(asyncio.CancelledError, OSError):
            await up
        await _close(there[1])


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(_PIECE):
        writer.write(data)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(1):
            await writer.wait_closed()
