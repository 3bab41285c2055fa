"""HTTP as the gateway sees it: a request whose body may still be on its way, and a response that may be a stream."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, MutableMapping
from functools import cached_property
from typing import Any
from urllib.parse import unquote

import msgspec

from openyun.clock import new_request_id
from openyun.errors import BadRequest, RequestTooLarge

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

BODY_TIMEOUT = 60.0
"""seconds that a client may let pass between two pieces of a body"""


MOST_PARAMETERS = 10_000
"""of a query or form; what vendors' clients send stays far below"""


class ClientGone(Exception):
    """The client hung up in the middle of its request; nobody is left to answer."""


class RequestTimeout(BadRequest):
    code = "RequestTimeout"
    message = "The client sent nothing for {seconds:.0f} seconds."


class TooManyParameters(BadRequest):
    code = "InvalidParameter.TooMany"
    message = "A request has at most {most} parameters."


class HttpRequest:
    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._receive = receive
        self.id = new_request_id()
        self.method: str = scope["method"]
        self.path: str = scope["raw_path"].decode("latin-1")
        """as sent: still percent-encoded, without the query"""
        self.raw_query: str = scope["query_string"].decode("latin-1")
        self.headers: dict[str, str] = {}
        """names in lower case; values of a repeated header joined by a comma"""
        for name, value in scope["headers"]:
            key = name.decode("latin-1")
            text = _text(value)
            self.headers[key] = f"{self.headers[key]},{text}" if key in self.headers else text
        self.client: str = scope["client"][0] if scope.get("client") else ""
        self.secure: bool = scope["scheme"] == "https"
        self.begun = False
        """whether anyone has asked for the body"""
        # What an error's wording depends on; protocols set it as they learn it.
        self.product = ""
        self.xml = False

    @property
    def host(self) -> str:
        """Host header without its port, in lower case."""
        return self.headers.get("host", "").rpartition("]")[2].partition(":")[0].lower()

    @cached_property
    def query(self) -> list[tuple[str, str]]:
        """Decoded names and values, in order."""
        return pairs_of(self.raw_query)

    async def stream(self) -> AsyncIterator[bytes]:
        """The body piece by piece. Raises ClientGone, RequestTimeout."""
        more = self.begun = True
        while more:
            try:
                async with asyncio.timeout(BODY_TIMEOUT):
                    message = await self._receive()
            except TimeoutError:
                raise RequestTimeout(seconds=BODY_TIMEOUT) from None
            if message["type"] == "http.disconnect":
                raise ClientGone
            more = message.get("more_body", False)
            if chunk := message.get("body", b""):
                yield chunk

    async def body(self, limit: int) -> bytes:
        """The whole body. Raises RequestTooLarge as soon as it is seen to be."""
        announced = self.headers.get("content-length", "0")
        if announced == "0" and "transfer-encoding" not in self.headers:
            return b""
        if announced.isdecimal() and int(announced) > limit:
            raise RequestTooLarge(limit=limit)
        pieces = []
        size = 0
        async for piece in self.stream():
            size += len(piece)
            if size > limit:
                raise RequestTooLarge(limit=limit)
            pieces.append(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    async def hung_up(self) -> None:
        """Returns when the client is gone. Only for a request whose body was read or is not wanted."""
        while (await self._receive())["type"] != "http.disconnect":
            pass


class HttpResponse(msgspec.Struct, kw_only=True):
    status: int = 200
    headers: dict[str, str] = {}
    body: bytes | bytearray | AsyncIterable[bytes | bytearray] = b""

    async def send(self, send: Send) -> None:
        headers = [(name.lower().encode(), value.encode()) for name, value in self.headers.items()]
        if isinstance(self.body, bytes | bytearray):
            if "content-length" not in {name.lower() for name in self.headers}:
                headers.append((b"content-length", b"%d" % len(self.body)))
            await send({"type": "http.response.start", "status": self.status, "headers": headers})
            await send({"type": "http.response.body", "body": self.body})
            return
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        async for chunk in self.body:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


def pairs_of(text: str) -> list[tuple[str, str]]:
    """Names and values of a query or form; a broken escape stays as it is, bytes that are no UTF-8 are replaced.
    Raises TooManyParameters."""
    if text.count("&") >= MOST_PARAMETERS:
        raise TooManyParameters(most=MOST_PARAMETERS)
    pairs = []
    for part in text.split("&"):
        if part:
            name, _, value = part.partition("=")
            pairs.append((_decoded(name), _decoded(value)))
    return pairs


def _decoded(text: str) -> str:
    if "+" in text:
        text = text.replace("+", " ")
    return unquote(text, errors="replace") if "%" in text else text


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
