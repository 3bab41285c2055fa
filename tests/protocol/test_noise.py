"""Anything at all on the port, for as many rounds as a test may take: no 500, no stack in the log, no secret either."""

from __future__ import annotations

import json
import random
import urllib.request
from urllib.parse import urlencode

from openyun.main import SERVICES
from tests.conftest import Server
from tests.protocol.wire import raw, statuses, wire_of

ROUNDS = 400

PIECES = rb"""GET
POST
PUT
HEAD
\r\n
\r\n\r\n
\x20
\x00
\xff
:
=
&
%
%00
/
/?
/bucket/key
/_openyun/health
/_openyun/accounts
\x20HTTP/1.1\r\n
\x20HTTP/1.0\r\n
Host: h\r\n
Host: bucket.oss-cn-hangzhou.aliyuncs.com\r\n
Content-Length: 5\r\n
hello
Transfer-Encoding: chunked\r\n
5\r\nhello\r\n0\r\n\r\n
Expect: 100-continue\r\n
Range: bytes=0-\r\n
Date: Mon, 01 Jan 0001 00:00:00 +2359\r\n
Date: \xb2\xb3 Jan 99999 00:00:00\r\n
x-acs-action: DescribeVpcs\r\n
x-acs-version: 2016-04-28\r\n
Authorization:
Authorization: ACS3-HMAC-SHA256 Credential=a,SignedHeaders=host,Signature=b\r\n
Authorization: acs a:b\r\n
Authorization: OSS a:b\r\n
Authorization: OSS4-HMAC-SHA256 Credential=a/20260101/cn-hangzhou/oss/aliyun_v4_request,Signature=b\r\n
Authorization: AWS4-HMAC-SHA256 Credential=a/20260101/cn-hangzhou/s3/aws4_request,SignedHeaders=host,Signature=b\r\n
Content-Type: application/x-www-form-urlencoded\r\n
Content-Type: application/json\r\n
Content-Type: multipart/form-data; boundary=x\r\n
{"a":
<a>
Action=DescribeVpcs
&Version=2016-04-28
&AccessKeyId=a
&Signature=b
&Timestamp=c
&Format=JSON
&SignatureNonce=d
&Tag.1.Key=a
&Tag.1=b
&RegionId=me-east-1
&SecurityToken=CAISaaaa
&OSSAccessKeyId=a
&Expires=99999999999999999999""".split(b"\n")

VALUES = [
    "1",
    "-1",
    "999999999",
    "true",
    "[]",
    "[",
    '["a"]',
    "{}",
    "*",
    "a,b,,c",
    "\x01",
    "é🐉",
    "10.0.0.0/8",
    "vpc-bp1aaaaaaaaaaaaaaaaa",
    "2026-01-01T00:00:00Z\n/etc/passwd",
    "' OR 1=1 --",
    "nan",
    "%s{0}",
    "acs:ram::1:user/x",
    "x\ny",
    '{"Version":"1"}',
    "http://a",
    "0.0.0.0/0",
    "-1/-1",
    "22/22",
]


def test_noise_on_the_port_harms_nobody(lonely: Server) -> None:
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    dice = random.Random(seed)
    wire = wire_of(lonely)
    pieces = [piece.decode("unicode_escape").encode("latin-1") for piece in PIECES]
    for number in range(ROUNDS):
        noise = b"".join(dice.choices(pieces, k=dice.randrange(1, 25)))
        if number % 4 == 0:  # a good request with some bytes changed
            target = "/?" + urlencode(wire.v1_parameters("DescribeVpcs", "GET", {}))
            spoilt = bytearray(f"GET {target} HTTP/1.1\r\nHost: h\r\n\r\n".encode())
            for _ in range(dice.randrange(1, 6)):
                spoilt[dice.randrange(len(spoilt))] = dice.randrange(256)
            noise = bytes(spoilt)
        try:
            received = raw(lonely.port, noise, half_close=True, timeout=10)
        except ConnectionError:
            continue
        assert 500 not in statuses(received), (noise, received)
    with urllib.request.urlopen(f"http://{lonely.endpoint}/_openyun/health", timeout=10) as health:
        assert json.load(health)["ready"] is True


def test_signed_noise_harms_nobody(lonely: Server) -> None:
    """Nonsense with a right signature, so that it comes as far as the operations."""
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    dice = random.Random(seed)
    wire = wire_of(lonely)
    operations = [one for service in SERVICES for one in service.operations.values()]
    for _ in range(ROUNDS * 2):
        operation = dice.choice(operations)
        given = {
            name + dice.choice(["", "", "", ".1", ".1.Key", ".1.Value", ".2"]): dice.choice([*VALUES, "", "x" * 300])
            for name in operation.request.__struct_encode_fields__
            if dice.random() < 0.7 and name != "RegionId"
        }
        asking = wire.but(version=operation.service.version)
        given["Format"] = dice.choice(["XML", "JSON"])
        target = "/?" + urlencode(asking.v1_parameters(operation.name, "GET", given))
        answer = asking.send("GET", target)
        assert answer.status < 500, (operation.action, given, answer.body)
        assert answer.fields["RequestId"]
