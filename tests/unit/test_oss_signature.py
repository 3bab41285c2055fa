"""What the official SDKs sign, we verify; what is changed afterwards, we refuse."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import alibabacloud_oss_v2 as oss_v2
import oss2
import pytest
from alibabacloud_oss_v2.signer import SignerV1, SignerV4
from alibabacloud_oss_v2.types import HttpRequest, SigningContext
from hypothesis import given, settings
from hypothesis import strategies as st

from openyun.access.oss_signature import SUBRESOURCES, Claim, Signable, read_claim
from openyun.access.oss_signature_errors import (
    IncompleteUrlSignature,
    InvalidAuthorization,
    InvalidCredential,
    InvalidDate,
    InvalidUrlExpires,
    RequestExpired,
    RequestTimeTooSkewed,
    SignatureDoesNotMatch,
    UnsupportedAuthorization,
)
from openyun.errors import CloudError

KEY_ID, SECRET, TOKEN = "LTAI5tExample", "s3cr3t/of+example=", "CAIS+token/with=signs"
REGION, BUCKET = "cn-hangzhou", "examplebucket"

Sign = Callable[..., Signable]


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def read(asked: Signable, at: dt.datetime | None = None) -> Claim:
    claim = read_claim(asked, at or now())
    assert claim is not None
    return claim


def signable(method: str, bucket: str, key: str, url: str, headers: Any) -> Signable:
    """A request as a server takes it apart."""
    query = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    wire = {
        name.lower(): value if isinstance(value, str) else value.decode("latin-1")
        for name, value in headers.items()
        if value is not None
    }
    return Signable(method=method, bucket=bucket, key=key, query=query, headers=wire)


def oss2_auth(version: str, token: str) -> Any:
    if token:
        return oss2.StsAuth(KEY_ID, SECRET, token, auth_version=version)
    return oss2.make_auth(KEY_ID, SECRET, version)


def oss2_request(method: str, bucket: str, key: str, params: dict[str, str], headers: dict[str, str]) -> Any:
    url = f"http://127.0.0.1/{bucket}/{quote(key, safe='')}"
    return oss2.http.Request(method, url, params=dict(params), headers=dict(headers), region=REGION, product="oss")


def with_query(url: str, params: dict[str, str]) -> str:
    """As requests puts it on the wire: a space becomes a plus."""
    from requests import PreparedRequest

    prepared = PreparedRequest()
    prepared.prepare_url(url, params)
    assert prepared.url is not None
    return prepared.url


def oss2_header(
    version: str, method: str, bucket: str, key: str, params: dict[str, str], headers: dict[str, str], token: str = ""
) -> Signable:
    request = oss2_request(method, bucket, key, params, headers)
    oss2_auth(version, token)._sign_request(request, bucket, key)
    return signable(method, bucket, key, with_query(request.url, request.params), request.headers)


def oss2_url(
    version: str,
    method: str,
    bucket: str,
    key: str,
    params: dict[str, str],
    headers: dict[str, str],
    token: str = "",
    expires: int = 60,
) -> Signable:
    request = oss2_request(method, bucket, key, params, headers)
    url = oss2_auth(version, token)._sign_url(request, bucket, key, expires)
    request.headers.pop("date", None)
    return signable(method, bucket, key, url, request.headers)


def v2_context(
    method: str, bucket: str, key: str, params: dict[str, str], headers: dict[str, str], token: str, **more: Any
) -> SigningContext:
    query = "&".join(f"{quote(k, safe='')}={quote(v, safe='')}" if v else quote(k, safe="") for k, v in params.items())
    url = f"http://127.0.0.1/{bucket}/{quote(key, safe='/')}" + ("?" + query if query else "")
    return SigningContext(
        product="oss",
        region=REGION,
        bucket=bucket or None,
        key=key or None,
        request=HttpRequest(method, url, headers=dict(headers)),
        credentials=oss_v2.credentials.StaticCredentialsProvider(KEY_ID, SECRET, token or None).get_credentials(),
        **more,
    )


def v2_header(
    signer: Any,
    method: str,
    bucket: str,
    key: str,
    params: dict[str, str],
    headers: dict[str, str],
    token: str = "",
    in_url: bool = False,
    **more: Any,
) -> Signable:
    context = v2_context(method, bucket, key, params, headers, token, **more)
    context.auth_method_query = in_url
    signer.sign(context)
    return signable(method, bucket, key, context.request.url, context.request.headers)


def v2_url(
    signer: Any,
    method: str,
    bucket: str,
    key: str,
    params: dict[str, str],
    headers: dict[str, str],
    token: str = "",
    **more: Any,
) -> Signable:
    return v2_header(signer, method, bucket, key, params, headers, token, in_url=True, **more)


SIGNERS: dict[str, Sign] = {
    "oss2 V1 header": lambda *a, **k: oss2_header("v1", *a, **k),
    "oss2 V1 url": lambda *a, **k: oss2_url("v1", *a, **k),
    "oss2 V4 header": lambda *a, **k: oss2_header("v4", *a, **k),
    "oss2 V4 url": lambda *a, **k: oss2_url("v4", *a, **k),
    "oss-v2 V1 header": lambda *a, **k: v2_header(SignerV1(), *a, **k),
    "oss-v2 V1 url": lambda *a, **k: v2_url(SignerV1(), *a, **k),
    "oss-v2 V4 header": lambda *a, **k: v2_header(SignerV4(), *a, **k),
    "oss-v2 V4 url": lambda *a, **k: v2_url(SignerV4(), *a, **k),
}

every_signer = pytest.mark.parametrize("sign", SIGNERS.values(), ids=SIGNERS.keys())

REQUESTS: list[tuple[str, str, str, dict[str, str], dict[str, str]]] = [
    ("GET", "", "", {}, {}),
    ("GET", "", "", {"prefix": "my bucket", "max-keys": "10"}, {}),
    ("PUT", BUCKET, "", {}, {"x-oss-acl": "private"}),
    ("GET", BUCKET, "", {"acl": ""}, {}),
    ("GET", BUCKET, "", {"list-type": "2", "prefix": "a b/+%", "delimiter": "/", "encoding-type": "url"}, {}),
    ("PUT", BUCKET, "key", {}, {"Content-Type": "text/plain", "x-oss-meta-b": "2", "x-oss-meta-a": "1"}),
    ("PUT", BUCKET, "key", {}, {"Content-MD5": "eB5eJF1ptWaXm4bijSPyxw==", "Content-Type": "text/plain"}),
    ("GET", BUCKET, "key", {"response-content-type": "text/html; charset=utf-8"}, {"Range": "bytes=0-1"}),
    ("DELETE", BUCKET, "dir/文件 名+%2F~.txt", {}, {}),
    ("POST", BUCKET, "", {"delete": ""}, {"Content-MD5": "eB5eJF1ptWaXm4bijSPyxw=="}),
]


@every_signer
@pytest.mark.parametrize(("method", "bucket", "key", "params", "headers"), REQUESTS)
@pytest.mark.parametrize("token", ["", TOKEN], ids=["pair", "token"])
def test_what_the_sdks_sign_is_verified(
    sign: Sign, method: str, bucket: str, key: str, params: dict[str, str], headers: dict[str, str], token: str
) -> None:
    claim = read(sign(method, bucket, key, params, headers, token=token))
    claim.verify(SECRET)
    assert (claim.access_key_id, claim.security_token) == (KEY_ID, token)
    assert claim.region in ("", REGION)


# A name may not begin with / or \, nor hold a NUL; surrogates cannot be sent.
names = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), min_size=1, max_size=60)


@every_signer
@settings(max_examples=60, deadline=None)
@given(key=names | st.from_regex(r"[a+%/. ~é]{1,20}", fullmatch=True), prefix=names)
def test_any_name_survives_the_way_from_client_to_server(sign: Sign, key: str, prefix: str) -> None:
    asked = sign("GET", BUCKET, key, {"prefix": prefix, "continuation-token": prefix}, {})
    assert ("prefix", prefix) in asked.query
    read(asked).verify(SECRET)


def test_the_key_as_sent_is_decoded_to_the_key_as_signed() -> None:
    request = oss2_request("GET", BUCKET, "a b+c%2F文/..", {}, {})
    assert unquote(urlsplit(request.url).path) == f"/{BUCKET}/a b+c%2F文/.."


CHANGES: dict[str, Callable[[Signable], dict[str, Any]]] = {
    "method": lambda asked: {"method": "DELETE"},
    "bucket": lambda asked: {"bucket": "otherbucket"},
    "key": lambda asked: {"key": "other"},
    "sub-resource": lambda asked: {"query": [*asked.query, ("acl", "")]},
    "content type": lambda asked: {"headers": {**asked.headers, "content-type": "text/html"}},
    "oss header": lambda asked: {"headers": {**asked.headers, "x-oss-object-acl": "public-read"}},
}


@every_signer
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_changed_request_is_refused(sign: Sign, change: Callable[[Signable], dict[str, Any]]) -> None:
    asked = sign("PUT", BUCKET, "key", {"append": "", "position": "0"}, {"Content-Type": "text/plain"})
    fields = {name: getattr(asked, name) for name in asked.__struct_fields__}
    changed = Signable(**{**fields, **change(asked)})
    with pytest.raises(SignatureDoesNotMatch):
        read(changed).verify(SECRET)


@every_signer
def test_another_secret_is_refused_with_what_we_signed(sign: Sign) -> None:
    claim = read(sign("GET", BUCKET, "key", {}, {}))
    with pytest.raises(SignatureDoesNotMatch) as refused:
        claim.verify("wrong")
    facts = refused.value.facts
    assert facts["OSSAccessKeyId"] == KEY_ID
    assert facts["SignatureProvided"] == claim.signature
    assert facts["StringToSign"].encode() == claim.string_to_sign
    assert bytes.fromhex(facts["StringToSignBytes"]) == claim.string_to_sign
    assert SECRET not in str(facts)


def test_v4_also_shows_its_canonical_request() -> None:
    with pytest.raises(SignatureDoesNotMatch) as refused:
        read(oss2_header("v4", "GET", BUCKET, "k", {}, {})).verify("wrong")
    assert refused.value.facts["CanonicalRequest"].startswith(f"GET\n/{BUCKET}/k\n")


@pytest.mark.parametrize("sign", [v2_header, v2_url])
def test_v4_signs_additional_headers(sign: Any) -> None:
    headers = {"Range": "bytes=0-9", "host": "127.0.0.1"}
    asked = sign(SignerV4(), "GET", BUCKET, "key", {}, headers, additional_headers={"range", "host"})
    read(asked).verify(SECRET)
    changed = Signable(
        method="GET", bucket=BUCKET, key="key", query=asked.query, headers={**asked.headers, "range": "bytes=0-99"}
    )
    with pytest.raises(SignatureDoesNotMatch):
        read(changed).verify(SECRET)


@pytest.mark.parametrize("minutes", [-16, 16])
@pytest.mark.parametrize("name", [name for name in SIGNERS if "header" in name])
def test_a_header_signature_is_good_for_fifteen_minutes_either_way(name: str, minutes: int) -> None:
    asked = SIGNERS[name]("GET", BUCKET, "key", {}, {})
    read(asked, now() + dt.timedelta(minutes=minutes * 14 // 16)).verify(SECRET)
    with pytest.raises(RequestTimeTooSkewed) as refused:
        read(asked, now() + dt.timedelta(minutes=minutes))
    assert refused.value.facts["MaxAllowedSkewMilliseconds"] == "900000"
    assert refused.value.status == 403


@pytest.mark.parametrize("name", [name for name in SIGNERS if "url" in name])
def test_a_url_is_good_until_it_expires(name: str) -> None:
    asked = SIGNERS[name]("GET", BUCKET, "key", {}, {})
    read(asked, now() + dt.timedelta(seconds=50)).verify(SECRET)
    with pytest.raises(RequestExpired) as refused:
        read(asked, now() + dt.timedelta(hours=1))
    assert (refused.value.code, refused.value.text) == ("AccessDenied", "Request has expired.")


def test_a_v4_url_may_not_live_longer_than_seven_days() -> None:
    with pytest.raises(InvalidUrlExpires):
        read(oss2_url("v4", "GET", BUCKET, "k", {}, {}, expires=7 * 24 * 3600 + 1))
    read(oss2_url("v4", "GET", BUCKET, "k", {}, {}, expires=7 * 24 * 3600)).verify(SECRET)


def test_no_signature_is_no_claim() -> None:
    assert read_claim(Signable(method="GET", bucket=BUCKET, key="key", headers={"x-oss-date": "junk"}), now()) is None


TODAY = f"{now():%Y%m%d}"
DATE = {"x-oss-date": f"{now():%Y%m%dT%H%M%SZ}"}


@pytest.mark.parametrize(
    ("headers", "query", "error"),
    [
        ({"authorization": "Bearer abc"}, [], UnsupportedAuthorization),
        ({"authorization": "OSS only-a-key"}, [], InvalidAuthorization),
        ({"authorization": "OSS :sig"}, [], InvalidAuthorization),
        ({"authorization": "OSS key:"}, [], InvalidAuthorization),
        ({"authorization": "OSS key:sig"}, [], InvalidDate),
        ({"authorization": "OSS key:sig", "date": "yesterday"}, [], InvalidDate),
        ({"authorization": "OSS4-HMAC-SHA256 Credential=a/b"} | DATE, [], InvalidAuthorization),
        ({"authorization": "OSS4-HMAC-SHA256 Credential=a/b,Signature=c"} | DATE, [], InvalidCredential),
        (
            {"authorization": f"OSS4-HMAC-SHA256 Credential=k/{TODAY}/cn-hangzhou/oss/abc,Signature=c"} | DATE,
            [],
            InvalidCredential,
        ),
        (
            {"authorization": "OSS4-HMAC-SHA256 Credential=k/20200101/r/oss/aliyun_v4_request,Signature=c"} | DATE,
            [],
            InvalidCredential,
        ),
        ({}, [("OSSAccessKeyId", "k"), ("Signature", "s")], IncompleteUrlSignature),
        ({}, [("OSSAccessKeyId", "k"), ("Signature", "s"), ("Expires", "soon")], IncompleteUrlSignature),
        ({}, [("OSSAccessKeyId", "k"), ("Signature", "s"), ("Expires", "1" * 4000)], CloudError),
        ({}, [("Signature", "s"), ("Expires", "9999999999")], IncompleteUrlSignature),
        ({}, [("x-oss-signature", "s")], InvalidCredential),
    ],
)
def test_a_malformed_claim_gets_the_vendors_error(
    headers: dict[str, str], query: list[tuple[str, str]], error: type[CloudError]
) -> None:
    with pytest.raises(error):
        read(Signable(method="GET", bucket=BUCKET, key="key", headers=headers, query=query)).verify(SECRET)


@settings(max_examples=300, deadline=None)
@given(
    authorization=st.sampled_from(["", "OSS ", "OSS4-HMAC-SHA256 "]).flatmap(
        lambda scheme: st.text(max_size=80).map(lambda rest: scheme + rest)
    ),
    query=st.lists(
        st.tuples(
            st.sampled_from(["OSSAccessKeyId", "Expires", "Signature", "x-oss-credential", "x-oss-signature", "acl"])
            | st.text(max_size=5),
            st.text(max_size=20),
        ),
        max_size=6,
    ),
    date=st.sampled_from([DATE["x-oss-date"], ""]) | st.text(max_size=30),
)
def test_no_garbage_crashes_or_passes(authorization: str, query: list[tuple[str, str]], date: str) -> None:
    asked = Signable(
        method="GET",
        bucket=BUCKET,
        key="key",
        headers={"authorization": authorization, "x-oss-date": date} if authorization else {},
        query=query,
    )
    try:
        claim = read_claim(asked, now())
        if claim is not None:
            claim.verify(SECRET)
    except CloudError:
        return
    assert claim is None


def test_every_parameter_that_oss2_signs_is_known() -> None:
    assert oss2.auth.ProviderAuth._subresource_key_set <= SUBRESOURCES
    assert SignerV1._subresource_key_set <= SUBRESOURCES
