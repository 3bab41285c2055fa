"""The RPC protocol as bytes: both signatures, both formats, and every error that the gateway itself answers."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from openyun.access.signature import rpc_string_to_sign
from tests.protocol.wire import Answer, Wire, timestamp

VPC_ID = re.compile(r"vpc-[a-z0-9]{20}")
REQUEST_ID = re.compile(r"[0-9A-F]{8}-[0-9A-F]{4}-4[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}")


def refused(answer: Answer, code: str, status: int) -> dict[str, str]:
    """The fields of an error that is the vendor's in all its parts."""
    fields = answer.fields
    assert (fields["Code"], answer.status) == (code, status), fields
    assert set(fields) == {"RequestId", "HostId", "Code", "Message", "Recommend"}
    assert REQUEST_ID.fullmatch(fields["RequestId"])
    assert answer.headers["x-acs-request-id"] == fields["RequestId"]
    assert fields["Message"]
    assert code in fields["Recommend"]
    if answer.is_xml:
        assert answer.xml.tag == "Error"
    return fields


# The same call, each way that clients make it


def test_v1_in_the_query_of_a_get(wire: Wire) -> None:
    made = wire.v1("CreateVpc", CidrBlock="10.0.0.0/8", VpcName="一号 & <two>")
    assert made.status == 200
    assert VPC_ID.fullmatch(made.fields["VpcId"])
    assert REQUEST_ID.fullmatch(made.fields["RequestId"])
    found = wire.v1("DescribeVpcs", VpcId=made.fields["VpcId"]).fields["Vpcs"]["Vpc"]
    assert [one["VpcName"] for one in found] == ["一号 & <two>"]


def test_v1_in_the_query_of_a_post(wire: Wire) -> None:
    assert VPC_ID.fullmatch(wire.v1("CreateVpc", "POST").fields["VpcId"])


def test_v1_in_the_body_of_a_post(wire: Wire) -> None:
    assert VPC_ID.fullmatch(wire.v1_form("CreateVpc").fields["VpcId"])


def test_v1_in_the_body_and_the_query(wire: Wire) -> None:
    assert VPC_ID.fullmatch(wire.v1_form("CreateVpc", in_query=("Action", "Version", "Signature")).fields["VpcId"])


def test_v1_with_the_longer_hash(wire: Wire) -> None:
    assert wire.v1("DescribeVpcs", SignatureMethod="HMAC-SHA256").status == 200


@pytest.mark.parametrize("given", [{"Format": "XML"}, {"Format": "-"}, {"Format": "xml"}])
def test_v1_answers_xml_unless_asked_for_json(wire: Wire, given: dict[str, str]) -> None:
    wire.v1("CreateVpc", VpcName="a<b>&'\"\x01\ufffe\r\n\u2028 \U0001f409")
    answer = wire.v1("DescribeVpcs", **given)
    assert answer.headers["content-type"] == "text/xml;charset=utf-8"
    assert answer.xml.tag == "DescribeVpcsResponse"
    assert answer.xml.findtext("TotalCount") == "1"
    assert answer.xml.findtext("Vpcs/Vpc/IsDefault") == "false"
    # What XML has no place for is left out; all else is as it was.
    assert answer.xml.findtext("Vpcs/Vpc/VpcName") == "a<b>&'\"\r\n\u2028 \U0001f409"


def test_v3_in_the_query_of_a_post_and_of_a_get(wire: Wire) -> None:
    made = wire.v3("CreateVpc", CidrBlock="10.0.0.0/8")
    assert made.headers["content-type"] == "application/json;charset=utf-8"
    vpc_id = made.fields["VpcId"]
    assert wire.v3("DescribeVpcs", "GET", VpcId=vpc_id).fields["TotalCount"] == 1


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/x-www-form-urlencoded", urlencode({"VpcName": "named in the body"}).encode()),
        ("application/json", b'{"VpcName": "named in the body", "DryRun": false}'),
    ],
)
def test_v3_with_parameters_in_the_body(wire: Wire, content_type: str, body: bytes) -> None:
    headers = wire.v3_headers("CreateVpc", {}, body=body, changes={"content-type": content_type})
    assert VPC_ID.fullmatch(wire.send("POST", "/", headers, body).fields["VpcId"])
    assert wire.v3("DescribeVpcs", VpcName="named in the body").fields["TotalCount"] == 1


def test_what_is_unknown_is_ignored(wire: Wire) -> None:
    assert wire.v1("DescribeVpcs", SourceRegionId="x", Nonsense="y").status == 200


# Who is it?


def test_a_key_that_nobody_has(wire: Wire) -> None:
    stranger = wire.but(access_key_id="LTAI5tNobody")
    refused(stranger.v1("DescribeVpcs"), "InvalidAccessKeyId.NotFound", 404)
    refused(stranger.v3("DescribeVpcs"), "InvalidAccessKeyId.NotFound", 404)


def test_a_wrong_secret_is_told_with_our_string_to_sign(wire: Wire) -> None:
    wrong = wire.but(access_key_secret="wrong")
    parameters = wrong.v1_parameters("DescribeVpcs", "GET", {})
    fields = refused(wrong.send("GET", "/?" + urlencode(parameters)), "SignatureDoesNotMatch", 400)
    # Clients tell a wrong secret from a wrong signature by comparing what follows the first colon with their own.
    assert fields["Message"].partition(":")[2] == rpc_string_to_sign("GET", parameters)
    message = refused(wrong.v3("DescribeVpcs"), "SignatureDoesNotMatch", 400)["Message"]
    assert message.partition(":")[2].startswith("ACS3-HMAC-SHA256\n")


def test_a_parameter_that_was_changed_on_the_way(wire: Wire) -> None:
    parameters = wire.v1_parameters("DescribeVpcs", "GET", {"PageSize": "10"})
    refused(wire.send("GET", "/?" + urlencode({**parameters, "PageSize": "50"})), "SignatureDoesNotMatch", 400)
    headers = wire.v3_headers("DescribeVpcs", {"PageSize": "10"})
    refused(wire.send("POST", "/?PageSize=50", headers), "SignatureDoesNotMatch", 400)


def test_a_body_that_was_changed_on_the_way(wire: Wire) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    headers = wire.v3_headers("CreateVpc", {}, body=b"VpcName=a", changes=form)
    refused(wire.send("POST", "/", headers, b"VpcName=b"), "IncompleteSignature", 400)


@pytest.mark.parametrize("name", ["Signature", "Timestamp", "SignatureNonce"])
def test_v1_without_a_part_of_its_signature(wire: Wire, name: str) -> None:
    parameters = wire.v1_parameters("DescribeVpcs", "GET", {})
    del parameters[name]
    fields = refused(wire.send("GET", "/?" + urlencode(parameters)), "IncompleteSignature", 400)
    assert name in fields["Message"]


def test_v1_without_a_key(wire: Wire) -> None:
    refused(wire.v1("DescribeVpcs", AccessKeyId="-"), "MissingAccessKeyId", 400)


@pytest.mark.parametrize("method", ["HMAC-MD5", "RSA", "ACS3-HMAC-SHA256"])
def test_v1_with_another_method(wire: Wire, method: str) -> None:
    refused(wire.v1("DescribeVpcs", SignatureMethod=method), "InvalidParameter.SignatureMethod", 400)


@pytest.mark.parametrize(
    "authorization",
    ["ACS3-HMAC-SHA256", "ACS3-HMAC-SHA256 Credential=a", "ACS3-HMAC-SHA256 Credential=,SignedHeaders=,Signature="],
)
def test_v3_with_a_broken_authorization(wire: Wire, authorization: str) -> None:
    headers = {**wire.v3_headers("DescribeVpcs", {}), "authorization": authorization}
    refused(wire.send("POST", "/", headers), "IncompleteSignature", 400)


@pytest.mark.parametrize(
    "name", ["host", "x-acs-date", "x-acs-action", "x-acs-version", "x-acs-content-sha256", "x-acs-signature-nonce"]
)
def test_v3_must_sign_what_decides(wire: Wire, name: str) -> None:
    headers = wire.v3_headers("DescribeVpcs", {}, unsigned=(name,))
    fields = refused(wire.send("POST", "/", headers), "IncompleteSignature", 400)
    assert name in fields["Message"]


@pytest.mark.parametrize("name", ["x-acs-signature-nonce", "x-acs-content-sha256"])
def test_v3_without_a_part_of_its_signature(wire: Wire, name: str) -> None:
    headers = wire.v3_headers("DescribeVpcs", {}, changes={name: "-"})
    refused(wire.send("POST", "/", headers), "IncompleteSignature", 400)


# When was it?


@pytest.mark.parametrize(
    "text",
    [
        "yesterday",
        "2026-13-01T00:00:00Z",
        "2026-01-01 00:00:00",
        "2026-01-01T00:00:00",
        "1767225600",
        "２０26-01-01T00:00:00Z",
    ],
)
def test_a_time_that_is_none(wire: Wire, text: str) -> None:
    refused(wire.v1("DescribeVpcs", Timestamp=text), "InvalidTimeStamp.Format", 400)


def test_v3_without_a_date(wire: Wire) -> None:
    headers = wire.v3_headers("DescribeVpcs", {}, changes={"x-acs-date": "-"})
    refused(wire.send("POST", "/", headers), "InvalidTimeStamp.Format", 400)


@pytest.mark.parametrize("minutes", [-16, 16, -60 * 24 * 365])
def test_a_clock_that_is_far_off(wire: Wire, minutes: int) -> None:
    when = timestamp(timedelta(minutes=minutes))
    refused(wire.v1("DescribeVpcs", Timestamp=when), "InvalidTimeStamp.Expired", 400)
    headers = wire.v3_headers("DescribeVpcs", {}, changes={"x-acs-date": when})
    refused(wire.send("POST", "/", headers), "InvalidTimeStamp.Expired", 400)


@pytest.mark.parametrize("minutes", [-14, 14])
def test_a_clock_that_is_a_little_off(wire: Wire, minutes: int) -> None:
    assert wire.v1("DescribeVpcs", Timestamp=timestamp(timedelta(minutes=minutes))).status == 200


def test_a_replay_is_refused(wire: Wire) -> None:
    target = "/?" + urlencode(wire.v1_parameters("CreateVpc", "GET", {}))
    assert wire.send("GET", target).status == 200
    refused(wire.send("GET", target), "SignatureNonceUsed", 400)
    headers = wire.v3_headers("DescribeVpcs", {})
    assert wire.send("POST", "/", headers).status == 200
    refused(wire.send("POST", "/", headers), "SignatureNonceUsed", 400)
    assert wire.v1("DescribeVpcs").fields["TotalCount"] == 1


def test_a_nonce_belongs_to_its_key(wire: Wire, server: object) -> None:
    from tests.protocol.wire import wire_of

    nonce = str(uuid.uuid4())
    assert wire.v1("DescribeVpcs", SignatureNonce=nonce).status == 200
    assert wire_of(server).v1("DescribeVpcs", SignatureNonce=nonce).status == 200  # type: ignore[arg-type]
    refused(wire.v1("DescribeVpcs", SignatureNonce=nonce), "SignatureNonceUsed", 400)


def test_a_call_with_a_wrong_signature_uses_no_nonce_up(wire: Wire) -> None:
    nonce = str(uuid.uuid4())
    refused(wire.but(access_key_secret="x").v1("DescribeVpcs", SignatureNonce=nonce), "SignatureDoesNotMatch", 400)
    assert wire.v1("DescribeVpcs", SignatureNonce=nonce).status == 200


# What is asked?


def test_no_action_and_no_version(wire: Wire) -> None:
    refused(wire.v1("-"), "MissingAction", 400)
    refused(wire.v1("DescribeVpcs", Version="-"), "MissingVersion", 400)


def test_an_operation_that_nobody_has(wire: Wire) -> None:
    refused(wire.v1("DescribeVpc"), "InvalidAction.NotFound", 404)
    refused(wire.v3("DescribeVpcz"), "InvalidAction.NotFound", 404)
    refused(wire.but(version="2014-05-26").v1("CreateVpcs"), "InvalidAction.NotFound", 404)


def test_an_operation_that_only_the_vendor_has_says_so(wire: Wire) -> None:
    fields = refused(wire.v1("CreateFullNatEntry"), "OperationNotImplemented", 400)
    assert "CreateFullNatEntry" in fields["Message"]
    assert "OpenYun" in fields["Message"]
    refused(wire.but(version="2014-08-15").v3("CreateDBInstance"), "OperationNotImplemented", 400)


def test_a_version_that_no_product_has(wire: Wire) -> None:
    refused(wire.but(version="1999-01-01").v1("DescribeVpcs"), "InvalidVersion", 400)
    refused(wire.but(version="x").v3("DescribeVpcs"), "InvalidVersion", 400)


def test_a_parameter_that_is_missing_or_wrong(wire: Wire) -> None:
    fields = refused(wire.v1("DeleteVpc"), "MissingParameter", 400)
    assert "VpcId" in fields["Message"]
    fields = refused(wire.v3("DescribeVpcs", PageSize="ten"), "InvalidParameter", 400)
    assert "PageSize" in fields["Message"]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_a_method_that_rpc_does_not_know(wire: Wire, method: str) -> None:
    headers = wire.v3_headers("DescribeVpcs", {}, method=method)
    refused(wire.send(method, "/", headers), "UnsupportedHTTPMethod", 400)


def test_errors_come_in_the_format_that_was_asked_for(wire: Wire) -> None:
    assert wire.v1("DeleteVpc", Format="XML").is_xml
    assert wire.v1("DeleteVpc", Format="-").is_xml
    assert not wire.v1("DeleteVpc").is_xml
    assert not wire.v3("DeleteVpc").is_xml
    refused(wire.v1("DeleteVpc", Format="XML", VpcId="<&>\x00"), "InvalidParameter", 400)


def test_an_error_keeps_what_xml_must_escape(wire: Wire) -> None:
    fields = refused(wire.v1("DescribeVpcAttribute", Format="XML", VpcId="vpc-<a>&\x08"), "InvalidVpcID.NotFound", 404)
    assert "vpc-<a>&" in fields["Message"]


# Where?


def region_of(made: Answer) -> str:
    """Resource ids tell their region."""
    codes = {"bp1": "cn-hangzhou", "eb3": "me-east-1", "gw8": "eu-central-1"}
    return codes[made.fields["VpcId"][4:7]]


def test_regions_are_told_by_parameter_host_or_resource(wire: Wire) -> None:
    assert region_of(wire.v1("CreateVpc")) == "cn-hangzhou"
    in_dubai = wire.v1("CreateVpc", RegionId="me-east-1")
    assert region_of(in_dubai) == "me-east-1"
    for host in ("vpc.me-east-1.aliyuncs.com", "vpc-me-east-1.aliyuncs.com", "VPC.ME-EAST-1.ALIYUNCS.COM:80"):
        assert region_of(wire.but(host=host).v1("CreateVpc")) == "me-east-1"
        assert region_of(wire.but(host=host).v3("CreateVpc")) == "me-east-1"
    # RegionId is more exact than a host.
    assert region_of(wire.but(host="vpc.me-east-1.aliyuncs.com").v3("CreateVpc", RegionId="eu-central-1")) == (
        "eu-central-1"
    )
    # Deletes name only the resource.
    vpc_id = in_dubai.fields["VpcId"]
    assert wire.v1("DescribeVpcAttribute", VpcId=vpc_id).fields["RegionId"] == "me-east-1"
    refused(wire.v1("DescribeVpcAttribute", VpcId=vpc_id, RegionId="cn-hangzhou"), "InvalidVpcID.NotFound", 404)


@pytest.mark.parametrize("region_id", ["cn-atlantis-1", "../../etc", "CN-HANGZHOU", "%00"])
def test_a_region_that_is_none(wire: Wire, region_id: str) -> None:
    refused(wire.v1("DescribeVpcs", RegionId=region_id), "InvalidRegionId.NotFound", 404)


# Exactly once


def test_a_client_token_makes_one_thing_of_two_calls(wire: Wire) -> None:
    first = wire.v1("CreateVpc", ClientToken="t-1").fields
    again = wire.v3("CreateVpc", ClientToken="t-1").fields
    assert again["VpcId"] == first["VpcId"]
    assert again["RequestId"] != first["RequestId"]
    refused(wire.v1("CreateVpc", ClientToken="t-1", VpcName="other"), "IdempotentParameterMismatch", 400)
    refused(wire.v1("CreateVpc", ClientToken="x" * 65), "InvalidParameter.ClientToken", 400)
    refused(wire.v1("CreateVpc", ClientToken="é"), "InvalidParameter.ClientToken", 400)
    assert wire.v1("DescribeVpcs").fields["TotalCount"] == 1


def test_a_dry_run_says_what_would_come_and_does_nothing(wire: Wire) -> None:
    refused(wire.v1("CreateVpc", DryRun="true"), "DryRunOperation", 400)
    refused(wire.v1("DeleteVpc", DryRun="true", VpcId="vpc-none"), "InvalidVpcID.NotFound", 404)
    assert wire.v1("DescribeVpcs").fields["TotalCount"] == 0
