"""Requests that mean harm: to the server's memory and time, to other users' browsers, to what others read."""

from __future__ import annotations

import json
import uuid
from urllib.parse import quote, urlencode

import pytest

from tests.conformance.conftest import Cloud, cloud_of
from tests.conformance.oss_clients import oss2_bucket
from tests.conftest import Server
from tests.protocol.test_rpc import refused
from tests.protocol.wire import Wire, raw

ECS = "2014-05-26"


@pytest.fixture
def ecs(wire: Wire) -> Wire:
    return wire.but(version=ECS)


@pytest.fixture
def cloud(server: Server) -> Cloud:
    return cloud_of(server, server.new_account())


# Memory and time


@pytest.mark.parametrize("text", [json.dumps(["i-1"] * 1001), ",".join(["i-1"] * 1001)])
def test_a_list_has_an_end_however_it_is_written(ecs: Wire, text: str) -> None:
    form = {"RegionId": "cn-hangzhou", "InstanceIds": text}
    refused(ecs.v1_form("DescribeInstances", **form), "InvalidParameter.TooMany", 400)


def test_a_nonce_that_would_fill_the_state_is_refused(ecs: Wire) -> None:
    refused(ecs.v1_form("CreateKeyPair", KeyPairName="pair", SignatureNonce="n" * 257), "InvalidParameter", 400)
    assert ecs.v1_form("CreateKeyPair", KeyPairName="pair", SignatureNonce=uuid.uuid4().hex * 8).status == 200


@pytest.mark.parametrize(
    ("operation", "name"), [("DescribeKeyPairs", "KeyPairName"), ("DescribeInstances", "InstanceName")]
)
@pytest.mark.parametrize("pattern", ["a*" * 300_000, "*" * 1_000_000, "a?" * 300_000])
def test_a_pattern_longer_than_any_name_finds_nothing(ecs: Wire, operation: str, name: str, pattern: str) -> None:
    ecs.v1("CreateKeyPair", KeyPairName="aab")
    assert ecs.v1_form(operation, **{"RegionId": "cn-hangzhou", name: pattern}).fields["TotalCount"] == 0


@pytest.mark.parametrize("number", ["1" + "0" * 17, "0", "-1"])
def test_a_page_that_is_far_away_is_empty_or_none(ecs: Wire, number: str) -> None:
    answer = ecs.v1("DescribeInstances", RegionId="cn-hangzhou", PageNumber=number)
    assert answer.status in (200, 400)


def test_a_request_makes_so_many_rules_and_no_more(wire: Wire, ecs: Wire) -> None:
    vpc_id = wire.v1("CreateVpc").fields["VpcId"]
    while wire.v1("DescribeVpcAttribute", VpcId=vpc_id).fields["Status"] != "Available":
        pass
    group_id = ecs.v1("CreateSecurityGroup", RegionId="cn-hangzhou", VpcId=vpc_id).fields["SecurityGroupId"]

    def authorize(count: int) -> str:
        rules = [{"IpProtocol": "TCP", "PortRange": f"{n}/{n}", "SourceCidrIp": "::/0"} for n in range(1, count + 1)]
        flat = {f"Permissions.{n}.{key}": value for n, one in enumerate(rules, 1) for key, value in one.items()}
        flat |= {key.replace("SourceCidrIp", "Ipv6SourceCidrIp"): flat.pop(key) for key in list(flat) if "Cidr" in key}
        return ecs.v1_form("AuthorizeSecurityGroup", SecurityGroupId=group_id, **flat).code

    assert authorize(101) == "InvalidParameter"
    assert authorize(100) == ""


def test_a_document_of_a_million_elements_is_refused(server: Server, cloud: Cloud) -> None:
    bucket = oss2_bucket(cloud)
    body = b"<CreateBucketConfiguration>" + b"<a/>" * 10_001 + b"</CreateBucketConfiguration>"
    head = f"PUT /{bucket.bucket_name} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {len(body)}\r\n\r\n"
    assert b"<Code>MalformedXML</Code>" in raw(server.port, head.encode() + body)


# Text that becomes something else


@pytest.mark.parametrize("launcher", ['"', "python3 '", "\\"])
def test_a_launcher_with_an_open_quotation(ecs: Wire, launcher: str) -> None:
    given = {"Name": "x", "Type": "RunShellScript", "CommandContent": "aWQ=", "Launcher": launcher}
    answer = ecs.v1("CreateCommand", RegionId="cn-hangzhou", **given)
    refused(answer, "InvalidParameter", 400)


@pytest.mark.parametrize("block", ["fe80::1%eth0", "fe80::1%\nflush ruleset", "fe80::%x/64"])
def test_an_address_names_no_interface(wire: Wire, ecs: Wire, block: str) -> None:
    vpc_id = wire.v1("CreateVpc").fields["VpcId"]
    while wire.v1("DescribeVpcAttribute", VpcId=vpc_id).fields["Status"] != "Available":
        pass
    group_id = ecs.v1("CreateSecurityGroup", RegionId="cn-hangzhou", VpcId=vpc_id).fields["SecurityGroupId"]
    given = {"SecurityGroupId": group_id, "IpProtocol": "TCP", "PortRange": "1/1", "Ipv6SourceCidrIp": block}
    assert ecs.v1("AuthorizeSecurityGroup", **given).status == 400


@pytest.mark.parametrize("value", ["a\r\nx-evil: 1", "a\nx-evil: 1", "a\r\n\r\n<script>"])
@pytest.mark.parametrize("name", ["response-content-type", "response-content-disposition", "response-expires"])
def test_a_query_makes_no_header_of_its_own(server: Server, cloud: Cloud, name: str, value: str) -> None:
    bucket = oss2_bucket(cloud)
    bucket.create_bucket("public-read")
    bucket.put_object("k", b"x")
    target = f"/{bucket.bucket_name}/k?{name}={quote(value)}"
    answer = raw(server.port, f"GET {target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".encode())
    head = answer.partition(b"\r\n\r\n")[0]
    assert head.startswith(b"HTTP/1.1 400")
    assert b"x-evil" not in head


@pytest.mark.parametrize("value", [b"a\r\n x-evil: 1", b"a\r\n\tx-evil: 1", b"a\nx-evil: 1", b"a\rx-evil: 1"])
def test_a_stored_header_makes_no_other(server: Server, cloud: Cloud, value: bytes) -> None:
    bucket = oss2_bucket(cloud)
    bucket.create_bucket("public-read-write")
    path = f"/{bucket.bucket_name}/k".encode()
    put = b"PUT %s HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 1\r\nx-oss-meta-a: %s\r\n\r\nx"
    raw(server.port, put % (path, value))
    answer = raw(server.port, b"GET %s HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n" % path)
    names = [
        line.partition(b":")[0].strip() for line in answer.partition(b"\r\n\r\n")[0].replace(b"\r", b"\n").split(b"\n")
    ]
    assert b"x-evil" not in names


# Browsers: a web page may send what it likes, and must neither be believed nor read the answer.


@pytest.mark.parametrize("host", ["127.0.0.1", "evil.example:8000", "localhost"])
@pytest.mark.parametrize(
    "path", ["/", "/_openyun/health", "/_openyun/accounts", "/?Action=DescribeVpcs&Version=2016-04-28"]
)
def test_no_web_page_reads_an_answer(wire: Wire, host: str, path: str) -> None:
    origin = {"origin": "http://evil.example", "host": host}
    preflight = {"access-control-request-method": "POST", "access-control-request-headers": "authorization"}
    for method, headers in (("GET", origin), ("POST", origin), ("OPTIONS", origin | preflight)):
        answer = wire.send(method, path, headers, b"" if method == "POST" else None)
        assert [name for name in answer.headers if name.startswith("access-control-")] == []
        assert method != "OPTIONS" or answer.status >= 400


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer ", "Bearer wrong", "Basic b3BlcmF0b3I6", "Bearer \xff"]
)
def test_only_the_operator_makes_accounts(wire: Wire, authorization: str) -> None:
    headers = {"authorization": authorization} if authorization else {}
    refused(wire.send("POST", "/_openyun/accounts", headers, b""), "Forbidden.NotOperator", 403)


def test_a_form_that_a_page_posts_is_nobodys(wire: Wire) -> None:
    form = {"content-type": "application/x-www-form-urlencoded", "origin": "http://evil.example"}
    body = urlencode({"Action": "CreateVpc", "Version": "2016-04-28", "AccessKeyId": wire.access_key_id})
    assert wire.send("POST", "/", form, body.encode()).status == 400
