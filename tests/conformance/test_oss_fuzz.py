"""Whatever is asked, the answer is one that the protocol knows; the server never stumbles."""

from __future__ import annotations

import http.client
from xml.etree import ElementTree

import oss2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openyun.gateway.oss.subresources import CONFIGURATIONS
from tests.conformance.conftest import cloud_of
from tests.conformance.oss_clients import oss2_bucket
from tests.conftest import Server


@pytest.fixture(scope="module")
def bucket(server: Server) -> oss2.Bucket:
    """Open to everybody, so that more than signatures is tried."""
    made = oss2_bucket(cloud_of(server, server.new_account()))
    made.create_bucket("public-read-write")
    made.put_object("k", b"0123456789")
    made.append_object("log", 0, b"0123456789")
    return made


SUBRESOURCES = [
    "acl", "append", "bucketInfo", "continuation-token", "delete", "delimiter", "encoding-type", "fetch-owner",
    "list-type", "live", "location", "marker", "max-keys", "objectMeta", "position", "prefix", "response-expires",
    "response-content-type", "start-after", "stat", "tagging", "uploads", "uploadId", "versionId", "OSSAccessKeyId",
    "Expires", "Signature", "x-oss-signature", "x-oss-credential", "x-oss-process", "security-token",
]  # fmt: skip
HEADERS = [
    "Authorization", "Content-MD5", "Content-Type", "Expires", "If-Match", "If-Modified-Since", "If-None-Match",
    "If-Unmodified-Since", "Range", "x-oss-acl", "x-oss-copy-source", "x-oss-copy-source-if-match", "x-oss-date",
    "x-oss-forbid-overwrite", "x-oss-meta-a", "x-oss-metadata-directive", "x-oss-object-acl", "x-oss-range-behavior",
    "x-oss-security-token", "x-oss-storage-class", "x-oss-content-sha256",
]  # fmt: skip
VALUES = [
    "", "0", "1", "-1", "10", "2", "url", "true", "private", "default", "/", "k", "*", "bytes=0-1", "bytes=-3", "IA",
    "standard", "99999999999999999999", "%00", "%FF%FE", "%F0%9F%98%80", "REPLACE", "OSS a:b", "OSS4-HMAC-SHA256 x",
    "Fri, 28 Feb 2012 05:38:42 GMT", "20260101T000000Z", "UNSIGNED-PAYLOAD", "a/b/c/d/e",
]  # fmt: skip
values = st.sampled_from(VALUES) | st.text(
    st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="&#?"), max_size=12
)


@settings(max_examples=400, deadline=None)
@given(
    method=st.sampled_from(["GET", "HEAD", "PUT", "POST", "DELETE"]),
    path=st.sampled_from(["//", "/{bucket}", "/{bucket}/", "/{bucket}/k", "/{bucket}/log", "/{bucket}//", "/none/k"])
    | values.map(lambda text: "/{bucket}/" + text),
    query=st.lists(st.tuples(st.sampled_from(SUBRESOURCES), values), max_size=4),
    headers=st.dictionaries(st.sampled_from(HEADERS), values, max_size=4),
    body=st.binary(max_size=40) | st.sampled_from([b"<Delete><Object><Key>x</Key></Object></Delete>", b"<a/>"]),
)
def test_no_request_is_too_odd_for_an_answer(
    server: Server,
    bucket: oss2.Bucket,
    method: str,
    path: str,
    query: list[tuple[str, str]],
    headers: dict[str, str],
    body: bytes,
) -> None:
    place = path.replace("{bucket}", bucket.bucket_name)
    if query:
        place += "?" + "&".join(f"{name}={value}" for name, value in query)
    if headers.get("x-oss-copy-source", "").startswith("/"):
        headers["x-oss-copy-source"] = f"/{bucket.bucket_name}/k"
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.putrequest(method, place.replace(" ", "+"), skip_accept_encoding=True)
    for name, value in headers.items():
        connection.putheader(name, value)
    if method not in ("GET", "HEAD"):
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body if method not in ("GET", "HEAD") else None)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    assert answer.status in (200, 204, 206, 304, 400, 403, 404, 405, 409, 411, 412, 416, 501), content
    assert len(answer.headers["x-oss-request-id"]) == 24
    if answer.status >= 400 and method != "HEAD":
        assert ElementTree.fromstring(content).findtext("Code")


DOCUMENTS = [
    "LifecycleConfiguration Rule ID Prefix Status Expiration Days CreatedBeforeDate Transition StorageClass Filter Not",
    "ReplicationConfiguration Rule PrefixSet Prefix Action Destination Bucket Location HistoricalObjectReplication",
    "InventoryConfiguration Id IsEnabled Destination OSSBucketDestination Format AccountId RoleArn Bucket Schedule",
    "WebsiteConfiguration RoutingRules RoutingRule RuleNumber Condition KeyPrefixEquals Redirect RedirectType",
    "CreateAccessPointConfiguration AccessPointName NetworkOrigin VpcConfiguration VpcId",
    "AsyncFetchTaskConfiguration Url Object Host ContentMD5 Callback IgnoreSameKey StorageClass",
    "ObjectWormConfiguration ObjectWormEnabled Rule DefaultRetention Mode Days Years",
    "MetaQuery NextToken MaxResults Query Sort Order Aggregations Aggregation Field Operation",
    "OverwriteConfiguration Rule ID Action Prefix Suffix Principals Principal",
    "QosConfiguration TotalUploadBandwidth IntranetUploadBandwidth TotalQps StorageCapacity",
]
"""The name of a root, and those of elements that may lie anywhere below it."""


@st.composite
def documents(draw: st.DrawFn) -> bytes:
    root, *names = draw(st.sampled_from(DOCUMENTS)).split()
    inner = ""
    for name in draw(st.lists(st.sampled_from(names), max_size=6)):
        text = draw(st.sampled_from(["", "1", "-1", "9" * 30, "true", "Enabled", "x", "2020-01-01T00:00:00Z", "IA"]))
        inner = f"<{name}>{text}{inner}</{name}>" if draw(st.booleans()) else f"{inner}<{name}>{text}</{name}>"
    return f"<{root}>{inner}</{root}>".encode()


@settings(max_examples=200, deadline=None)
@given(
    asked=st.sampled_from(sorted(CONFIGURATIONS)),
    more=st.dictionaries(st.sampled_from(["max-keys", "marker", "status", "startTime", "cname"]), values, max_size=2),
    value=st.sampled_from(["", "x", "-1", "LRS", "%00"]),
    body=documents(),
)
def test_no_configuration_of_the_owner_is_too_odd(
    bucket: oss2.Bucket, asked: tuple[str, str, str], more: dict[str, str], value: str, body: bytes
) -> None:
    method, level, feature = asked
    named = [part.partition("=") for part in feature.split("&") if part]
    query = {name: given or (value if place else "") for place, (name, _, given) in enumerate(named)} | more
    name = bucket.bucket_name if level == "bucket" else ""
    try:
        bucket._do(method, name, "", params=query, data=body if method in ("PUT", "POST") else b"")
        return
    except oss2.exceptions.ServerError as problem:
        refused = problem
    assert refused.status < 500 or refused.code == "NotImplemented"
    assert refused.code
    assert refused.details["RequestId"]
