"""How clients pack the logs that they send: as an LZ4 block (as the SDKs do), with zstd, deflated, or not at all."""

from __future__ import annotations

import zlib

from openyun.services.sls.errors import PostBodyUncompressError


def unpack(data: bytes, kind: str, size: int) -> bytes:
    """`size` is what the client says that comes out, and bounds it. Raises PostBodyUncompressError."""
    if not kind:
        found = data
    elif kind == "lz4":
        found = _lz4(data, size)
    elif kind in ("deflate", "gzip"):
        found = _inflated(data, size)
    elif kind == "zstd":
        found = _zstd(data, size)
    else:
        raise PostBodyUncompressError(reason=f"compression {kind} is not supported: use lz4, zstd, deflate or none")
    if len(found) != size:
        raise PostBodyUncompressError(reason=f"{size} bytes were announced and {len(found)} came out")
    return found


def _inflated(data: bytes, size: int) -> bytes:
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(data, size + 1)
    except zlib.error as problem:
        raise PostBodyUncompressError(reason=str(problem)) from None


def _zstd(data: bytes, size: int) -> bytes:
    try:
        import zstandard
    except ImportError:
        reason = "this server reads zstd only with the Python package zstandard: send lz4, deflate or none"
        raise PostBodyUncompressError(reason=reason) from None
    try:
        return zstandard.ZstdDecompressor().stream_reader(data).read(size + 1)
    except zstandard.ZstdError as problem:
        raise PostBodyUncompressError(reason=str(problem)) from None


def _lz4(data: bytes, size: int) -> bytes:
    """An LZ4 block: literals, and copies of what came before. It is written out here because it is so small, and
    every client needs it."""
    out = bytearray()
    place, end = 0, len(data)
    try:
        while place < end:
            token = data[place]
            literals, place = _run(data, place + 1, token >> 4)
            out += data[place : place + literals]
            place += literals
            if place >= end:
                break
            offset = data[place] | data[place + 1] << 8
            length, place = _run(data, place + 2, token & 15)
            length += 4
            start = len(out) - offset
            if not offset or start < 0 or len(out) + length > size:
                break  # what came out is then of another size than announced
            if offset >= length:
                out += out[start : start + length]
            else:  # it runs into what it makes: a pattern repeated
                out += (out[start:] * (length // offset + 1))[:length]
    except IndexError:
        raise PostBodyUncompressError(reason="the LZ4 block ends early") from None
    return bytes(out)


def _run(data: bytes, place: int, count: int) -> tuple[int, int]:
    if count == 15:
        while True:
            byte = data[place]
            place += 1
            count += byte
            if byte != 255:
                break
    return count, place
