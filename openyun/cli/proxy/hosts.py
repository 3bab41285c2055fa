"""Which hosts the proxy speaks for."""

from __future__ import annotations

DOMAIN = "aliyuncs.com"
"""of all the vendor's endpoints: ecs.cn-hangzhou.aliyuncs.com, bucket.oss-cn-hangzhou-internal.aliyuncs.com"""


def is_vendors(host: str) -> bool:
    return host == DOMAIN or host.endswith(f".{DOMAIN}")


def split(place: str, default_port: int) -> tuple[str, int]:
    """Host, in lower case and without brackets, and port. Raises ValueError."""
    host, colon, port = place.rpartition(":")
    if not colon or "]" in port:
        host, port = place, str(default_port)
    number = int(port)
    if not host or not 0 < number < 65536:
        raise ValueError(place)
    return host.strip("[]").rstrip(".").lower(), number
