"""Holds the traffic of a region's buckets to their limits. Counts live in memory: a restart begins anew."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Lock
from weakref import WeakKeyDictionary

from openyun.access.principal import Principal
from openyun.cloud import RegionState
from openyun.operation import Call
from openyun.services.oss.bucket.qos import (
    QOS,
    REQUESTER_QOS,
    DownloadTrafficRateLimitExceeded,
    Limits,
    TotalQpsLimitExceeded,
    UploadTrafficRateLimitExceeded,
)
from openyun.services.oss.records import Bucket
from openyun.state import Transaction

_GBIT = 125_000_000
"""bytes a second"""


class Meter:
    """Lets bytes pass at a rate, whoever sends them."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        """bytes a second"""
        self._free_at = 0.0

    def take(self, size: int, now: float) -> float:
        """Seconds to wait before these bytes may pass."""
        begin = max(self._free_at, now)
        self._free_at = begin + size / self.rate
        return self._free_at - now


class _Meters:
    """Of one region."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._meters: dict[tuple[str, ...], Meter] = {}
        self._second = 0
        self._requests: dict[tuple[str, ...], set[str]] = {}
        """of this second, by their ids: a transaction may look at a request several times"""

    def meter(self, key: tuple[str, ...], rate: int) -> Meter:
        with self._lock:
            held = self._meters.get(key)
            if held is None or held.rate != rate:
                held = self._meters[key] = Meter(rate)
            return held

    def admits(self, key: tuple[str, ...], most: int, request_id: str, second: int) -> bool:
        with self._lock:
            if second != self._second:
                self._second = second
                self._requests.clear()
            seen = self._requests.setdefault(key, set())
            if request_id not in seen and len(seen) >= most:
                return False
            seen.add(request_id)
            return True


_all: WeakKeyDictionary[RegionState, _Meters] = WeakKeyDictionary()
_lock = Lock()


def _meters_of(at: RegionState) -> _Meters:
    with _lock:
        return _all.setdefault(at, _Meters())


def is_metered(bucket: Bucket) -> bool:
    return QOS.name in bucket.configured or REQUESTER_QOS.name in bucket.configured


def admit(call: Call, bucket: Bucket, way: str, *, intranet: bool) -> None:
    """`way` is upload, download or neither. Raises TotalQpsLimitExceeded, and what a forbidden way is refused with."""
    net = "intranet" if intranet else "extranet"
    for whose, limits in _limits(call.state, bucket, call.principal):
        for part in ("total", net):
            if way and getattr(limits, f"{part}_{way}_bandwidth") == 0:
                raise (UploadTrafficRateLimitExceeded if way == "upload" else DownloadTrafficRateLimitExceeded)(
                    BucketName=bucket.name
                )
            most: int = getattr(limits, f"{part}_qps")
            key = (bucket.name, whose, part)
            second = int(call.now.timestamp())
            if most >= 0 and not _meters_of(call.at).admits(key, most, call.request_id, second):
                raise TotalQpsLimitExceeded(BucketName=bucket.name)


def bandwidths(
    at: RegionState, state: Transaction, bucket: Bucket, principal: Principal, *, intranet: bool, upload: bool
) -> list[Meter]:
    """What the bytes of a request have to pass."""
    net = "intranet" if intranet else "extranet"
    way = "upload" if upload else "download"
    found = []
    for whose, limits in _limits(state, bucket, principal):
        for part in ("total", net):
            rate: int = getattr(limits, f"{part}_{way}_bandwidth")
            if rate > 0:
                found.append(_meters_of(at).meter((bucket.name, whose, part, way), rate * _GBIT))
    return found


def _limits(state: Transaction, bucket: Bucket, principal: Principal) -> Iterator[tuple[str, Limits]]:
    """Those of the bucket, of the caller's account and of the caller, as far as there are any."""
    held = QOS.of(state, bucket)
    if held is not None:
        yield "", held
    for requester in dict.fromkeys((principal.account_id, principal.id)):
        limits = REQUESTER_QOS.of(state, bucket, requester)
        if limits is not None:
            yield requester, limits
