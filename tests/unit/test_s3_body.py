"""Bodies of S3 requests, however the network cuts them and whatever is wrong with them."""

from __future__ import annotations

import asyncio
import base64
import zlib
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openyun.access.s3_signature import S3Claim
from openyun.errors import CloudError
from openyun.gateway.s3.body import Payload
from openyun.gateway.s3.checksums import Expected

CLAIM = S3Claim(access_key_id="", signature="", security_token="", string_to_sign=b"")


def payload(size: int) -> Payload:
    return Payload(
        {
            "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
            "x-amz-decoded-content-length": str(size),
            "x-amz-trailer": "x-amz-checksum-crc32",
        },
        CLAIM,
    )


def wrapped(pieces: list[bytes]) -> bytes:
    crc = base64.b64encode(zlib.crc32(b"".join(pieces)).to_bytes(4, "big"))
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    return chunks + b"0\r\nx-amz-checksum-crc32:%s\r\n\r\n" % crc


def received(made: Payload, sent: list[bytes]) -> bytes:
    async def source() -> AsyncIterator[bytes]:
        for piece in sent:
            yield piece

    async def collect() -> bytes:
        return b"".join([piece async for piece in made.stream(source())])

    return asyncio.run(collect())


@given(
    pieces=st.lists(st.binary(min_size=1, max_size=50), max_size=5),
    cuts=st.lists(st.integers(min_value=1, max_value=20), min_size=1, max_size=40),
)
def test_it_does_not_matter_where_the_network_cuts(pieces: list[bytes], cuts: list[int]) -> None:
    rest, sent = wrapped(pieces), []
    for cut in cuts:
        sent.append(rest[:cut])
        rest = rest[cut:]
    content = b"".join(pieces)
    assert received(payload(len(content)), [*(one for one in sent if one), rest]) == content


@given(body=st.binary(max_size=200))
def test_nonsense_is_refused_in_words(body: bytes) -> None:
    with pytest.raises(CloudError):
        received(payload(7), [body])


@given(body=st.binary(min_size=1, max_size=60), place=st.integers(min_value=0), byte=st.integers(0, 255))
def test_a_changed_byte_is_seen(body: bytes, place: int, byte: int) -> None:
    """Anywhere in the data; elsewhere it may be harmless, such as `A` for `a` in a size."""
    head = len(b"%x\r\n" % len(body))
    place = head + place % len(body)
    sent = bytearray(wrapped([body]))
    if sent[place] == byte:
        return
    sent[place] = byte
    with pytest.raises(CloudError):
        received(payload(len(body)), [bytes(sent)])


@pytest.mark.parametrize(
    ("algorithm", "value"),
    [
        ("crc32", "cbf43926"),
        ("crc32c", "e3069283"),
        ("crc64nvme", "ae8b14860a799888"),
        ("sha1", "f7c3bc1d808e04732adf679965ccc34ca7ae3441"),
        ("sha256", "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"),
    ],
)
def test_the_check_value_of_each_algorithm(algorithm: str, value: str) -> None:
    """Of the text 123456789, as the catalogue of CRCs has it; fed in pieces."""
    if algorithm == "crc64nvme":
        pytest.importorskip("awscrt", reason="awscrt computes CRC64NVME")
    expected = Expected(algorithm, base64.b64encode(bytes.fromhex(value)).decode())
    for piece in (b"1234", b"", b"56789"):
        expected.update(piece)
    expected.check()
