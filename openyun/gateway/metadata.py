"""The metadata service: 100.100.100.200 inside every VPC.

A listener in each VPC's own network tells instances with the same private address apart: the VPC and the sender's
address, which an instance can not forge, name the instance.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from urllib.parse import unquote

from openyun.cloud import Cloud, RegionState
from openyun.engine.network import ListenEngine
from openyun.gateway.http import HttpRequest, HttpResponse
from openyun.gateway.server import Listener, listen
from openyun.services.ecs.instance import metadata
from openyun.state import StateError

log = logging.getLogger("openyun.metadata")

ADDRESS = "100.100.100.200"
PORT = 80


class MetadataService:
    """Follows the networks of all regions, and answers their instances."""

    def __init__(self, cloud: Cloud, loop: asyncio.AbstractEventLoop) -> None:
        self._cloud = cloud
        self._loop = loop
        self._listeners: dict[str, Listener] = {}

    def stands(self, at: RegionState, network_id: str) -> None:
        engine = at.engines.network
        if isinstance(engine, ListenEngine):
            sock = engine.listen(network_id, ADDRESS, PORT)
            self._loop.call_soon_threadsafe(
                lambda: self._loop.create_task(self._open(network_id, sock, _Answerer(self._cloud, at, network_id)))
            )

    def gone(self, at: RegionState, network_id: str) -> None:
        self._loop.call_soon_threadsafe(self._close, network_id)

    async def _open(self, network_id: str, sock: socket.socket, answerer: _Answerer) -> None:
        self._close(network_id)
        self._listeners[network_id] = await listen(answerer, sock)

    def _close(self, network_id: str) -> None:
        if server := self._listeners.pop(network_id, None):
            server.close()


class _Answerer:
    """What answers in one VPC."""

    def __init__(self, cloud: Cloud, at: RegionState, network_id: str) -> None:
        self._cloud = cloud
        self._at = at
        self._network_id = network_id

    async def answer(self, request: HttpRequest) -> HttpResponse:
        try:
            status, kind, body = await asyncio.to_thread(self._answer, request)
        except StateError:
            status, kind, body = 503, "text/plain", b""
        return HttpResponse(status=status, headers={"Content-Type": kind}, body=body)

    def broke(self, request: HttpRequest, problem: Exception) -> None:
        log.error("%s: %s", request.id, type(problem).__name__)

    def _answer(self, request: HttpRequest) -> tuple[int, str, bytes]:
        found = self._at.store.read(lambda state: metadata.find(state, self._network_id, request.client))
        if found is None:
            return 404, "text/plain", b""
        return metadata.answer(self._cloud, self._at, found, request.method, unquote(request.path), request.headers)
