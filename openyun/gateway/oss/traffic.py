"""Counts a request of OSS or S3, for bills and for monitoring."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator
from time import perf_counter

from openyun.cloud import RegionState
from openyun.engine.blob import Bytes
from openyun.gateway.http import HttpRequest, HttpResponse
from openyun.services.oss.authorization import Visit


def note_traffic(
    at: RegionState,
    request: HttpRequest,
    bucket: str,
    visit: Visit,
    operation: str,
    response: HttpResponse,
    started: float,
) -> None:
    """Its labels are the bucket, who pays, the operation, the status, the network and the class of what was read.

    Bytes that are sent are those announced: a client that hangs up in between is charged as if it had not."""
    headers = response.headers
    labels = (
        bucket if visit.bucket is not None or response.status < 300 else "",  # names that no bucket has are endless
        visit.payer or visit.principal.account_id,
        operation,
        str(response.status),
        "intranet" if visit.intranet else "internet",
        headers.get("x-oss-storage-class", ""),
    )
    seconds = perf_counter() - started
    body = response.body
    if request.method == "HEAD":
        sent = 0
    elif isinstance(body, bytes | bytearray):
        sent = len(body)
    elif length := headers.get("Content-Length"):
        sent = int(length)
    else:
        response.body = _counted(at, labels, body, seconds, request.received)
        return
    at.traffic.note(labels, seconds, request.received, sent)


async def _counted(
    at: RegionState, labels: tuple[str, ...], body: AsyncIterable[Bytes], seconds: float, received: int
) -> AsyncIterator[Bytes]:
    """Of an answer that does not tell its length."""
    sent = 0
    try:
        async for chunk in body:
            sent += len(chunk)
            yield chunk
    finally:
        at.traffic.note(labels, seconds, received, sent)
