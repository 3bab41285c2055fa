"""Orders: nothing is billed, but what costs money for a period is answered with an order's number."""

from __future__ import annotations

import hashlib

from openyun.operation import Call


def new_order_id(call: Call) -> str:
    """15 digits, as the vendor's have."""
    digest = hashlib.sha256(call.new_id("order").encode()).digest()
    return str(10**14 + int.from_bytes(digest[:8], "big") % (9 * 10**14))
