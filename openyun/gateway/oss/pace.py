"""Lets the bytes of an object pass no faster than they may: by the request's own limit, and by its bucket's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Sequence
from functools import partial
from time import monotonic

from openyun.cloud import RegionState
from openyun.engine.blob import Bytes
from openyun.gateway.http import HttpRequest
from openyun.gateway.perform import Performer
from openyun.services.oss.authorization import Visit
from openyun.services.oss.errors import InvalidArgument
from openyun.services.oss.metering import Meter, bandwidths, is_metered

TRAFFIC_LIMIT = "x-oss-traffic-limit"
_LEAST, _MOST = 819_200, 838_860_800
"""bits a second"""
_SMALLEST_PIECE = 8 * 1024
_LARGEST_PIECE = 1024**2
_PIECES = 10
"""a second, so that the rate is even"""


def wished_limit(request: HttpRequest) -> int:
    """Bytes a second, 0 for no limit; in a header, or in the URL. Raises InvalidArgument."""
    text = request.headers.get(TRAFFIC_LIMIT)
    if text is None and TRAFFIC_LIMIT in request.raw_query:
        text = dict(request.query).get(TRAFFIC_LIMIT)
    if text is None:
        return 0
    if not (text.isascii() and text.isdigit() and _LEAST <= int(text[:12]) <= _MOST):
        raise InvalidArgument(
            reason=f"{TRAFFIC_LIMIT} must be a number between {_LEAST} and {_MOST}.",
            ArgumentName=TRAFFIC_LIMIT,
            ArgumentValue=text,
        )
    return int(text) // 8


async def meters(
    performer: Performer, request: HttpRequest, at: RegionState, visit: Visit, *, upload: bool
) -> list[Meter]:
    """Which the request's bytes have to pass."""
    wished = wished_limit(request)
    own = [Meter(wished)] if wished else []
    if visit.bucket is None or not is_metered(visit.bucket):
        return own
    work = partial(
        bandwidths, at, bucket=visit.bucket, principal=visit.principal, intranet=visit.intranet, upload=upload
    )
    return own + await performer.run(at, work, reads=True)


async def paced(data: Bytes | AsyncIterable[Bytes], passed: Sequence[Meter]) -> AsyncIterator[Bytes]:
    size = min(max(min(one.rate for one in passed) // _PIECES, _SMALLEST_PIECE), _LARGEST_PIECE)
    chunks = _alone(data) if isinstance(data, bytes | bytearray | memoryview) else aiter(data)
    try:
        async for chunk in chunks:
            for start in range(0, len(chunk), size):
                piece = chunk[start : start + size]
                now = monotonic()
                wait = max(one.take(len(piece), now) for one in passed)
                if wait > 0:
                    await asyncio.sleep(wait)
                yield piece
    finally:
        close = getattr(chunks, "aclose", None)
        if close is not None:
            await close()


async def _alone(data: Bytes) -> AsyncIterator[Bytes]:
    yield data
