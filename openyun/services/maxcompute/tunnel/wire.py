"""What records and Arrow streams of the tunnel share with Protocol Buffers: varints, tags, and checksums (CRC-32C)."""

from __future__ import annotations

import struct

from fastcrc import crc32

META_COUNT, META_CHECKSUM, END_RECORD = 33554430, 33554431, 33553408
"""field numbers: rows of the stream, its checksum, checksum of a row"""
VARINT, FIXED64, DELIMITED, FIXED32 = 0, 1, 2, 5
"""wire types"""

pack_int, pack_long = struct.Struct("<i").pack, struct.Struct("<q").pack
pack_float, pack_double = struct.Struct("<f").pack, struct.Struct("<d").pack
unpack_float, unpack_double = struct.Struct("<f").unpack_from, struct.Struct("<d").unpack_from


def checksum(data: bytes | bytearray | memoryview, before: int = 0) -> int:
    """`before` is that of what came before."""
    return crc32.iscsi(bytes(data), before)


def varint(value: int) -> bytes:
    if value < 0x80:
        return bytes((value,))
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def zigzag(value: int) -> bytes:
    return varint((value << 1) ^ (value >> 63) if value < 0 else value << 1)


def tag(number: int, kind: int) -> bytes:
    return varint(number << 3 | kind)


def signed(value: int) -> int:
    """A checksum as the 32-bit number with sign that it is summed up as."""
    return value - (1 << 32) if value >= 1 << 31 else value
