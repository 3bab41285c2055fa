"""Signatures of S3, by the examples of Amazon's documentation."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from openyun.access.s3_errors import (
    AuthorizationHeaderMalformed,
    AuthorizationQueryParametersError,
    HeadersNotSigned,
    MissingContentSha256,
    S3RequestExpired,
    S3RequestTimeTooSkewed,
    S3SignatureDoesNotMatch,
)
from openyun.access.s3_signature import S3Signable, read_claim

KEY = "AKIAIOSFODNN7EXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
NOW = datetime(2013, 5, 24, 0, 0, 0, tzinfo=UTC)
EMPTY = hashlib.sha256(b"").hexdigest()
SCOPE = "20130524/us-east-1/s3/aws4_request"
HOST = "examplebucket.s3.amazonaws.com"


def authorization(names: str, signature: str) -> str:
    return f"AWS4-HMAC-SHA256 Credential={KEY}/{SCOPE},SignedHeaders={names},Signature={signature}"


GET = S3Signable(
    method="GET",
    path="/test.txt",
    headers={
        "host": HOST,
        "range": "bytes=0-9",
        "x-amz-content-sha256": EMPTY,
        "x-amz-date": "20130524T000000Z",
        "authorization": authorization(
            "host;range;x-amz-content-sha256;x-amz-date",
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        ),
    },
)
LIST = S3Signable(
    method="GET",
    path="/",
    query=[("max-keys", "2"), ("prefix", "J")],
    headers={
        "host": HOST,
        "x-amz-content-sha256": EMPTY,
        "x-amz-date": "20130524T000000Z",
        "authorization": authorization(
            "host;x-amz-content-sha256;x-amz-date",
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
        ),
    },
)
URL = S3Signable(
    method="GET",
    path="/test.txt",
    query=[
        ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
        ("X-Amz-Credential", f"{KEY}/{SCOPE}"),
        ("X-Amz-Date", "20130524T000000Z"),
        ("X-Amz-Expires", "86400"),
        ("X-Amz-SignedHeaders", "host"),
        ("X-Amz-Signature", "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"),
    ],
    headers={"host": HOST},
)
CHUNKED = S3Signable(
    method="PUT",
    path="/examplebucket/chunkObject.txt",
    headers={
        "host": "s3.amazonaws.com",
        "content-encoding": "aws-chunked",
        "content-length": "66824",
        "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        "x-amz-date": "20130524T000000Z",
        "x-amz-decoded-content-length": "66560",
        "x-amz-storage-class": "REDUCED_REDUNDANCY",
        "authorization": authorization(
            "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;"
            "x-amz-storage-class",
            "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
        ),
    },
)
EXAMPLES = {"get": GET, "list": LIST, "url": URL, "chunked": CHUNKED}


def changed(asked: S3Signable, **headers: str) -> S3Signable:
    return S3Signable(
        method=asked.method,
        path=asked.path,
        resource=asked.resource,
        query=asked.query,
        headers={**asked.headers, **{name.replace("_", "-"): value for name, value in headers.items()}},
    )


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_examples_are_right(name: str) -> None:
    claim = read_claim(EXAMPLES[name], NOW)
    assert claim.access_key_id == KEY
    claim.verify(SECRET)


@pytest.mark.parametrize("name", EXAMPLES)
def test_another_secret_is_wrong(name: str) -> None:
    with pytest.raises(S3SignatureDoesNotMatch):
        read_claim(EXAMPLES[name], NOW).verify(SECRET + "x")


def test_the_chunks_of_the_example() -> None:
    claim = read_claim(CHUNKED, NOW)
    claim.verify(SECRET)
    chain = claim.chunks()
    for size, signature in (
        (65536, "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"),
        (1024, "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497"),
        (0, "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"),
    ):
        chain.check(hashlib.sha256(b"a" * size).hexdigest(), signature)
    with pytest.raises(S3SignatureDoesNotMatch):
        chain.check(EMPTY, "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9")


def test_the_older_signature() -> None:
    """ "Signing and authenticating REST requests" of Amazon's documentation, its example of a GET."""
    asked = S3Signable(
        method="GET",
        path="/photos/puppy.jpg",
        resource="/awsexamplebucket1/photos/puppy.jpg",
        headers={
            "host": "awsexamplebucket1.us-west-1.s3.amazonaws.com",
            "date": "Tue, 27 Mar 2007 19:36:42 +0000",
            "authorization": "AWS AKIAIOSFODNN7EXAMPLE:qgk2+6Sv9/oM7G3qLEjTH1a1l1g=",
        },
    )
    read_claim(asked, datetime(2007, 3, 27, 19, 40, 0, tzinfo=UTC)).verify(SECRET)


def test_time_goes_by() -> None:
    with pytest.raises(S3RequestTimeTooSkewed):
        read_claim(GET, NOW + timedelta(minutes=16))
    with pytest.raises(S3RequestTimeTooSkewed):
        read_claim(GET, NOW - timedelta(minutes=16))
    read_claim(URL, NOW + timedelta(hours=23))
    with pytest.raises(S3RequestExpired):
        read_claim(URL, NOW + timedelta(hours=25))


def test_a_header_added_on_the_way() -> None:
    with pytest.raises(HeadersNotSigned):
        read_claim(changed(GET, x_amz_acl="public-read"), NOW)
    with pytest.raises(HeadersNotSigned):
        read_claim(changed(URL, x_amz_acl="public-read"), NOW)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("us-east-1/s3", "us-east-1/ec2"),
        ("20130524/us", "20130523/us"),
        ("aws4_request", "aws5_request"),
        ("Signature=", "Sig="),
        ("SignedHeaders=", "Headers="),
    ],
)
def test_malformed_claims(before: str, after: str) -> None:
    with pytest.raises(AuthorizationHeaderMalformed):
        read_claim(changed(GET, authorization=GET.headers["authorization"].replace(before, after)), NOW)


def test_what_is_missing() -> None:
    headers = {name: value for name, value in GET.headers.items() if name != "x-amz-content-sha256"}
    with pytest.raises(MissingContentSha256):
        read_claim(S3Signable(method="GET", path="/", headers=headers), NOW)
    for left_out in range(len(URL.query)):
        query = [pair for place, pair in enumerate(URL.query) if place != left_out]
        with pytest.raises(AuthorizationQueryParametersError):
            read_claim(S3Signable(method="GET", path="/test.txt", query=query, headers=URL.headers), NOW)


def test_regions() -> None:
    claim = read_claim(GET, NOW)
    assert claim.region == "", "us-east-1 is none of ours"
    claim.check_region("cn-hangzhou")
    elsewhere = changed(GET, authorization=GET.headers["authorization"].replace("us-east-1", "cn-beijing"))
    claim = read_claim(elsewhere, NOW)
    assert claim.region == "cn-beijing"
    with pytest.raises(AuthorizationHeaderMalformed, match="cn-hangzhou"):
        claim.check_region("cn-hangzhou")
