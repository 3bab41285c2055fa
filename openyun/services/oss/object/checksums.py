"""Checksums of S3's kinds that clients proved of what they sent: kept with the object, for whoever verifies them.

A value is base64, as S3 writes it. Of an upload in parts it is either the checksum of the whole, which follows from
those of the parts for CRCs, or one of the parts' checksums, with their number behind it.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence

from fastcrc import crc32

from openyun.services.oss.crc64 import combine
from openyun.services.oss.records import Object, Piece

HEADER = "x-oss-checksum-"

_POLYNOMIALS = {"crc32": (0xEDB88320, 32), "crc32c": (0x82F63B78, 32), "crc64nvme": (0x9A6C9329AC4BC9B5, 64)}
"""reflected, and their width in bits"""

_DIGESTS: dict[str, Callable[[bytes], bytes]] = {
    "crc32": lambda data: crc32.iso_hdlc(data).to_bytes(4, "big"),
    "crc32c": lambda data: crc32.iscsi(data).to_bytes(4, "big"),
    "sha1": lambda data: hashlib.sha1(data, usedforsecurity=False).digest(),
    "sha256": lambda data: hashlib.sha256(data).digest(),
}


def of_parts(parts: Sequence[Piece], *, whole: bool) -> dict[str, str]:
    """By algorithm, as far as it is known of every part; `whole` where CRCs are wanted of the whole."""
    found = {}
    for algorithm in parts[0].checksums if parts else ():
        values = [one.checksums.get(algorithm, "") for one in parts]
        if not all(values):
            continue
        digests = [base64.b64decode(value) for value in values]
        if algorithm in _POLYNOMIALS and (whole or algorithm not in _DIGESTS):
            found[algorithm] = _text(_combined(algorithm, digests, [one.size for one in parts]))
        elif algorithm in _DIGESTS:
            found[algorithm] = f"{_text(_DIGESTS[algorithm](b''.join(digests)))}-{len(parts)}"
    return found


def _combined(algorithm: str, digests: Sequence[bytes], sizes: Sequence[int]) -> bytes:
    polynomial, width = _POLYNOMIALS[algorithm]
    value = int.from_bytes(digests[0], "big")
    for digest, size in zip(digests[1:], sizes[1:], strict=True):
        value = combine(value, int.from_bytes(digest, "big"), size, polynomial, width)
    return value.to_bytes(width // 8, "big")


def _text(digest: bytes) -> str:
    return base64.b64encode(digest).decode()


def checksum_headers(one: Object) -> dict[str, str]:
    return {HEADER + algorithm: value for algorithm, value in one.checksums.items()}
