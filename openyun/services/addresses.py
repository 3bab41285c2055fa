"""Where products answer: at one address for all, or by the vendor's own names for who asks by them."""

from __future__ import annotations

from openyun.operation import Call

DOMAIN = "aliyuncs.com"
"""of the vendor's own endpoints"""

_EVERYWHERE = ("cbn", "location", "ram", "resourcemanager")
"""products whose names tell no region"""


def is_by_name(call: Call) -> bool:
    """Whether a proxy brought the call here: it would not bring its client to a plain address."""
    return call.host.endswith(f".{DOMAIN}")


def address(call: Call, service: str, region_id: str) -> str:
    """Host, and port if it is not the usual one."""
    if not is_by_name(call):
        return call.cloud.config.endpoint
    if service == "oss":
        return f"oss-{region_id}.{DOMAIN}"
    if service == "sls":
        return f"{region_id}.log.{DOMAIN}"
    return f"{service}.{DOMAIN}" if service in _EVERYWHERE else f"{service}.{region_id}.{DOMAIN}"
