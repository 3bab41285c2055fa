"""Categories of cloud disks: how large they may be, and how fast the vendor says they are.

What the vendor's performance is here is not enforced: a disk is as fast as the host's. Figures are from the vendor's
page on block storage performance.
"""

from __future__ import annotations

import msgspec

DEFAULT_LEVEL = "PL1"


class Category(msgspec.Struct, frozen=True, kw_only=True):
    least: int
    """GiB of a data disk"""
    most: int
    iops: tuple[int, int, int]
    """base, more for each GiB, at most"""
    throughput: tuple[float, float, int]
    """the same in MB/s"""

    def iops_of(self, size: int) -> int:
        base, more, most = self.iops
        return min(base + more * size, most)

    def throughput_of(self, size: int) -> int:
        base, more, most = self.throughput
        return int(min(base + more * size, most))


LEVELS = {
    "PL0": Category(least=1, most=65536, iops=(1800, 12, 10_000), throughput=(100, 0.25, 180)),
    "PL1": Category(least=20, most=65536, iops=(1800, 50, 50_000), throughput=(120, 0.5, 350)),
    "PL2": Category(least=461, most=65536, iops=(4000, 50, 100_000), throughput=(120, 0.5, 750)),
    "PL3": Category(least=1261, most=65536, iops=(6000, 50, 1_000_000), throughput=(120, 0.5, 4000)),
}
"""performance levels of cloud_essd"""

CATEGORIES = {
    "cloud": Category(least=5, most=2000, iops=(100, 1, 300), throughput=(20, 0.1, 40)),
    "cloud_efficiency": Category(least=20, most=32768, iops=(1800, 8, 5000), throughput=(100, 0.15, 140)),
    "cloud_ssd": Category(least=20, most=32768, iops=(1800, 30, 25_000), throughput=(120, 0.5, 300)),
    "cloud_essd": LEVELS[DEFAULT_LEVEL],
    "cloud_auto": Category(least=1, most=65536, iops=(1800, 50, 50_000), throughput=(120, 0.5, 350)),
    "cloud_essd_entry": Category(least=10, most=32768, iops=(1800, 8, 6000), throughput=(100, 0.15, 150)),
}

RANK = ("cloud", "cloud_efficiency", "cloud_essd_entry", "cloud_ssd", "cloud_essd", "cloud_auto")
"""a disk's category changes only upwards in this list"""


def category_of(category: str, performance_level: str) -> Category:
    """Of a category that exists."""
    return LEVELS[performance_level] if category == "cloud_essd" and performance_level else CATEGORIES[category]
