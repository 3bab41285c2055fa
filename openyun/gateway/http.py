"""HTTP as the gateway sees it: a request whose body may still be on its way, and a response that may be a stream."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Awaitable
from functools import cached_property
from typing import Protocol
from urllib.parse import unquote

import msgspec

from openyun.clock import new_request_id
from openyun.engine.blob import Bytes
from openyun.errors import BadRequest, RequestTooLarge

BODY_TIMEOUT = 60.0
"""seconds in which a client must send some of the body that is waited for"""

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


class Body(Protocol):
    """What follows the head of a request."""

    received: int
    """bytes that came so far"""

    async def read(self) -> Bytes:
        """The next piece; empty at the end. Raises ClientGone, RequestTimeout."""
        ...

    async def hung_up(self) -> None:
        """Returns when the client is gone."""
        ...


class HttpRequest:
    operation = ""
    """its name, as soon as it is known"""
    checksums: dict[str, str] | None = None
    """by algorithm, what the body proved to have, once it was read; only where a protocol has such"""

    def __init__(
        self,
        method: str,
        path: str,
        raw_query: str,
        headers: dict[str, str],
        body: Body,
        client: str = "",
        *,
        secure: bool = False,
    ) -> None:
        self._body = body
        self.id = new_request_id()
        self.method = method
        self.path = path
        """as sent: still percent-encoded, without the query"""
        self.raw_query = raw_query
        self.headers = headers
        """names in lower case; values of a repeated header joined by a comma"""
        self.client = client
        self.secure = secure
        self.begun = False
        """whether anyone has asked for the body"""
        # What an error's wording depends on; protocols set it as they learn it.
        self.product = ""
        self.xml = False

    @cached_property
    def host(self) -> str:
        """Host header without its port, in lower case."""
        return self.headers.get("host", "").rpartition("]")[2].partition(":")[0].lower()

    @property
    def received(self) -> int:
        """Bytes of the body that came so far."""
        return self._body.received

    @cached_property
    def query(self) -> list[tuple[str, str]]:
        """Decoded names and values, in order."""
        return pairs_of(self.raw_query)

    async def stream(self) -> AsyncIterator[Bytes]:
        """The body piece by piece. Raises ClientGone, RequestTimeout."""
        self.begun = True
        while piece := await self._body.read():
            yield piece

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
        return bytes(pieces[0]) if len(pieces) == 1 else b"".join(pieces)

    async def hung_up(self) -> None:
        """Returns when the client is gone."""
        await self._body.hung_up()


class HttpResponse(msgspec.Struct, kw_only=True):
    status: int = 200
    headers: dict[str, str] = {}
    body: Bytes | AsyncIterable[Bytes] = b""
    """bytes that lie in a file (`engine.blob.FilePart`) are sent by the kernel"""


class App(Protocol):
    """Answers requests."""

    def answer(self, request: HttpRequest) -> Awaitable[HttpResponse]:
        """Raises ClientGone, and nothing else that it can word."""
        ...

    def broke(self, request: HttpRequest, problem: Exception) -> None:
        """Told of what went wrong after the head of an answer was sent, when nobody can be told any more."""
        ...


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
