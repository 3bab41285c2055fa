"""The two ways in which OSS writes a time, and the one in which HTTP clients do."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import formatdate, parsedate_to_datetime
from functools import lru_cache


@lru_cache(maxsize=4096)
def iso(seconds: int) -> str:
    """2026-01-02T03:04:05.000Z: in documents."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


@lru_cache(maxsize=4096)
def http_date(seconds: int) -> str:
    """Fri, 02 Jan 2026 03:04:05 GMT: in headers."""
    return formatdate(seconds, usegmt=True)


@lru_cache(maxsize=1024)
def read_http_date(text: str) -> int | None:
    """Seconds since the epoch; None if it is no date, and then a condition on it is as good as absent."""
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, IndexError, TypeError):
        return None
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp())
