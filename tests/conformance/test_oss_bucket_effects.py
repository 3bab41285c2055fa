"""What a bucket's configurations do, as its clients see it."""

from __future__ import annotations

import json

import alibabacloud_oss_v2 as oss_v2
import oss2
import pytest
import requests
from alibabacloud_ram20150501 import models as ram_models
from alibabacloud_ram20150501.client import Client as Ram
from oss2.models import BucketReferer, BucketWebsite, CorsRule

from tests.conformance.conftest import Cloud, eventually
from tests.conformance.oss_clients import anonymous_bucket, oss2_bucket, oss2_service, v2_client


@pytest.fixture
def bucket(cloud: Cloud) -> oss2.Bucket:
    made = oss2_bucket(cloud)
    made.create_bucket()
    return made


def url(cloud: Cloud, bucket: oss2.Bucket, key: str = "") -> str:
    return f"http://{cloud.endpoint}/{bucket.bucket_name}/{key}"


def host(bucket: oss2.Bucket) -> dict[str, str]:
    """The header that a browser sends to the bucket's own name."""
    return {"Host": f"{bucket.bucket_name}.oss-cn-hangzhou.aliyuncs.com"}


def at_bucket(cloud: Cloud, bucket: oss2.Bucket, key: str = "", **more: str) -> requests.Response:
    return requests.get(
        f"http://{cloud.endpoint}/{key}", headers={**host(bucket), **more}, allow_redirects=False, timeout=10
    )


def test_cors_answers_preflights_and_marks_answers(cloud: Cloud, bucket: oss2.Bucket) -> None:
    place = url(cloud, bucket, "page")
    ask = {"Origin": "https://shop.example.com", "Access-Control-Request-Method": "PUT"}
    assert requests.options(place, headers=ask, timeout=10).status_code == 403
    rule = CorsRule(
        allowed_origins=["https://*.example.com"],
        allowed_methods=["PUT", "GET"],
        allowed_headers=["x-oss-*"],
        expose_headers=["ETag"],
        max_age_seconds=60,
    )
    bucket.put_bucket_cors(oss2.models.BucketCors([rule]))
    allowed = requests.options(place, headers={**ask, "Access-Control-Request-Headers": "x-oss-meta-a"}, timeout=10)
    assert allowed.status_code == 200
    assert allowed.headers["Access-Control-Allow-Origin"] == "https://shop.example.com"
    assert allowed.headers["Access-Control-Allow-Methods"] == "PUT, GET"
    assert allowed.headers["Access-Control-Allow-Headers"] == "x-oss-meta-a"
    assert allowed.headers["Access-Control-Max-Age"] == "60"
    for refused in (
        {**ask, "Origin": "https://example.org"},
        {**ask, "Access-Control-Request-Method": "DELETE"},
        {**ask, "Access-Control-Request-Headers": "authorization"},
    ):
        assert requests.options(place, headers=refused, timeout=10).status_code == 403
    bucket.put_object("page", b"x")
    real = bucket.get_object("page", headers={"Origin": "https://shop.example.com"})
    assert real.headers["Access-Control-Allow-Origin"] == "https://shop.example.com"
    assert real.headers["Access-Control-Expose-Headers"] == "ETag"
    # A page must be able to read an error, too.
    denied = requests.get(place, headers={"Origin": "https://shop.example.com"}, timeout=10)
    assert denied.status_code == 403
    assert denied.headers["Access-Control-Allow-Origin"] == "https://shop.example.com"
    assert "Access-Control-Allow-Origin" not in bucket.get_object("page", headers={"Origin": "https://x.org"}).headers


def test_referers_keep_other_pages_out(cloud: Cloud, bucket: oss2.Bucket) -> None:
    bucket.put_bucket_acl("public-read")
    bucket.put_object("image", b"x")
    place = url(cloud, bucket, "image")

    def status(referer: str = "") -> int:
        return requests.get(place, headers={"Referer": referer} if referer else {}, timeout=10).status_code

    bucket.put_bucket_referer(BucketReferer(True, ["http://www.example.com", "http://*.example.net/"]))
    assert status("http://www.example.com?a=1") == 200
    assert status("http://img.example.net/") == 200
    assert status("http://www.example.org") == 403
    assert status() == 200
    bucket.put_bucket_referer(BucketReferer(False, ["http://*.example.com*"], True, ["http://bad.example.com*"]))
    assert status() == 403
    assert status("http://good.example.com/page") == 200
    assert status("http://bad.example.com/page") == 403
    # A signed URL is asked for its referer, a signed header is not.
    assert requests.get(bucket.sign_url("GET", "image", 60), timeout=10).status_code == 403
    assert bucket.get_object("image").read() == b"x"


def test_a_policy_grants_and_denies(cloud: Cloud, bucket: oss2.Bucket, other_cloud: Cloud) -> None:
    bucket.put_object("shared/a", b"a")
    bucket.put_object("secret/b", b"b")
    stranger = oss2_bucket(other_cloud, bucket.bucket_name)

    def policy(*statements: dict[str, object]) -> str:
        return json.dumps({"Version": "1", "Statement": list(statements)})

    def statement(effect: str, principal: str, path: str, *actions: str) -> dict[str, object]:
        resource = f"acs:oss:*:{cloud.account_id}:{bucket.bucket_name}{path}"
        return {"Effect": effect, "Principal": [principal], "Action": list(actions), "Resource": [resource]}

    with pytest.raises(oss2.exceptions.AccessDenied):
        stranger.get_object("shared/a")
    bucket.put_bucket_policy(policy(statement("Allow", other_cloud.account_id, "/shared/*", "oss:GetObject")))
    assert stranger.get_object("shared/a").read() == b"a"
    for refused in (lambda: stranger.get_object("secret/b"), lambda: stranger.put_object("shared/c", b"c")):
        with pytest.raises(oss2.exceptions.AccessDenied):
            refused()
    anyone = anonymous_bucket(cloud, bucket.bucket_name)
    with pytest.raises(oss2.exceptions.AccessDenied):
        anyone.get_object("shared/a")
    bucket.put_bucket_policy(
        policy(
            statement("Allow", "*", "/*", "oss:GetObject"),
            statement("Deny", "*", "/secret/*", "oss:GetObject"),
        )
    )
    assert anyone.get_object("shared/a").read() == b"a"
    for reader in (anyone, stranger, bucket):
        with pytest.raises(oss2.exceptions.AccessDenied):
            reader.get_object("secret/b")
    client = v2_client(cloud)
    status = client.get_bucket_policy_status(oss_v2.GetBucketPolicyStatusRequest(bucket=bucket.bucket_name))
    assert status.policy_status is not None
    assert status.policy_status.is_public is True
    bucket.delete_bucket_policy()
    assert bucket.get_object("secret/b").read() == b"b"


def test_a_policy_that_denies_the_owner_can_be_undone(cloud: Cloud, bucket: oss2.Bucket) -> None:
    everything = {
        "Effect": "Deny",
        "Principal": ["*"],
        "Action": ["oss:*"],
        "Resource": [f"acs:oss:*:*:{bucket.bucket_name}", f"acs:oss:*:*:{bucket.bucket_name}/*"],
    }
    bucket.put_bucket_policy(json.dumps({"Version": "1", "Statement": [everything]}))
    with pytest.raises(oss2.exceptions.AccessDenied):
        bucket.put_object("a", b"a")
    bucket.delete_bucket_policy()
    bucket.put_object("a", b"a")


@pytest.mark.parametrize(
    "document",
    ["", "[]", "{", '{"Version": "2", "Statement": []}', '{"Version": "1", "Statement": [{"Effect": "Maybe"}]}'],
)
def test_what_is_no_policy_is_refused(bucket: oss2.Bucket, document: str) -> None:
    with pytest.raises(oss2.exceptions.ServerError) as refused:
        bucket.put_bucket_policy(document)
    assert (refused.value.status, refused.value.code) == (400, "InvalidPolicyDocument")


def test_blocked_public_access_beats_every_grant(cloud: Cloud, bucket: oss2.Bucket) -> None:
    bucket.put_bucket_acl("public-read")
    bucket.put_object("a", b"a")
    anyone = anonymous_bucket(cloud, bucket.bucket_name)
    assert anyone.get_object("a").read() == b"a"
    bucket.put_bucket_public_access_block(True)
    with pytest.raises(oss2.exceptions.AccessDenied):
        anyone.get_object("a")
    for grant in (
        lambda: bucket.put_bucket_acl("public-read-write"),
        lambda: bucket.put_object_acl("a", "public-read"),
        lambda: bucket.put_object("b", b"b", headers={"x-oss-object-acl": "public-read"}),
    ):
        with pytest.raises(oss2.exceptions.AccessDenied):
            grant()
    assert bucket.get_object("a").read() == b"a"
    bucket.delete_bucket_public_access_block()
    assert anyone.get_object("a").read() == b"a"


def test_an_account_blocks_public_access_of_all_its_buckets(cloud: Cloud) -> None:
    service = oss2_service(cloud)
    far = oss2_bucket(cloud, region="cn-beijing")
    far.create_bucket("public-read")
    far.put_object("a", b"a")
    anyone = anonymous_bucket(cloud, far.bucket_name)
    assert anyone.get_object("a").read() == b"a"
    service.put_public_access_block(True)

    def status() -> int:
        return requests.get(url(cloud, far, "a"), timeout=10).status_code

    assert eventually(status, lambda seen: seen == 403) == 403
    service.delete_public_access_block()
    assert eventually(status, lambda seen: seen == 200) == 200


def test_requesters_pay(cloud: Cloud, bucket: oss2.Bucket, other_cloud: Cloud) -> None:
    bucket.put_object("a", b"a", headers={"x-oss-object-acl": "public-read"})
    stranger = oss2_bucket(other_cloud, bucket.bucket_name)
    assert stranger.get_object("a").read() == b"a"
    bucket.put_bucket_request_payment("Requester")
    with pytest.raises(oss2.exceptions.AccessDenied):
        stranger.get_object("a")
    with pytest.raises(oss2.exceptions.AccessDenied):
        anonymous_bucket(cloud, bucket.bucket_name).get_object("a")
    assert stranger.get_object("a", headers={"x-oss-request-payer": "requester"}).read() == b"a"
    assert bucket.get_object("a").read() == b"a"


def test_a_website_is_served(cloud: Cloud, bucket: oss2.Bucket) -> None:
    bucket.put_bucket_acl("public-read")
    bucket.put_object("index.html", b"home", headers={"Content-Type": "text/html"})
    bucket.put_object("docs/index.html", b"docs")
    bucket.put_object("error.html", b"lost")
    assert at_bucket(cloud, bucket).status_code == 200  # no website yet: a listing
    rules = (
        "<RoutingRules><RoutingRule><RuleNumber>1</RuleNumber><Condition><KeyPrefixEquals>old/</KeyPrefixEquals>"
        "<HttpErrorCodeReturnedEquals>404</HttpErrorCodeReturnedEquals></Condition><Redirect>"
        "<RedirectType>External</RedirectType><Protocol>https</Protocol><HostName>new.example.com</HostName>"
        "<ReplaceKeyPrefixWith>fresh/</ReplaceKeyPrefixWith><HttpRedirectCode>301</HttpRedirectCode>"
        "<PassQueryString>true</PassQueryString></Redirect></RoutingRule></RoutingRules>"
    )
    bucket.put_bucket_website(
        "<WebsiteConfiguration><IndexDocument><Suffix>index.html</Suffix><SupportSubDir>true</SupportSubDir>"
        f"<Type>0</Type></IndexDocument><ErrorDocument><Key>error.html</Key></ErrorDocument>{rules}"
        "</WebsiteConfiguration>"
    )
    home = at_bucket(cloud, bucket)
    assert (home.status_code, home.content, home.headers["Content-Type"]) == (200, b"home", "text/html")
    assert at_bucket(cloud, bucket, "docs/").content == b"docs"
    moved = at_bucket(cloud, bucket, "docs")
    assert (moved.status_code, moved.headers["Location"]) == (302, "/docs/")
    lost = at_bucket(cloud, bucket, "nowhere")
    assert (lost.status_code, lost.content) == (404, b"lost")
    away = at_bucket(cloud, bucket, "old/page?a=1")
    assert (away.status_code, away.headers["Location"]) == (301, "https://new.example.com/fresh/page?a=1")
    bucket.delete_bucket_website()
    assert at_bucket(cloud, bucket, "nowhere").status_code == 404
    assert b"NoSuchKey" in at_bucket(cloud, bucket, "nowhere").content


def test_a_custom_domain_reaches_its_bucket(cloud: Cloud, bucket: oss2.Bucket) -> None:
    domain = f"www.{bucket.bucket_name}.test"
    bucket.put_object("a", b"a", headers={"x-oss-object-acl": "public-read"})
    token = bucket.create_bucket_cname_token(domain)
    assert bucket.get_bucket_cname_token(domain).token == token.token
    bucket.put_bucket_cname(oss2.models.PutBucketCnameRequest(domain))
    assert [one.domain for one in bucket.list_bucket_cname().cname] == [domain]
    through = requests.get(f"http://{cloud.endpoint}/a", headers={"Host": domain}, timeout=10)
    assert through.content == b"a"
    with pytest.raises(oss2.exceptions.ServerError) as unproved:
        bucket.put_bucket_cname(oss2.models.PutBucketCnameRequest("www.example.com"))
    assert unproved.value.code == "NeedVerifyDomainOwnership"
    bucket.delete_bucket_cname(domain)
    assert requests.get(f"http://{cloud.endpoint}/a", headers={"Host": domain}, timeout=10).status_code != 200


def test_worm_keeps_objects(bucket: oss2.Bucket) -> None:
    bucket.put_object("kept", b"1")
    bucket.append_object("log", 0, b"1")
    worm = bucket.init_bucket_worm(1)
    bucket.complete_bucket_worm(worm.worm_id)
    upload = bucket.init_multipart_upload("kept").upload_id
    part = oss2.models.PartInfo(1, bucket.upload_part("kept", upload, 1, b"2").etag)
    for change in (
        lambda: bucket.put_object("kept", b"2"),
        lambda: bucket.delete_object("kept"),
        lambda: bucket.append_object("log", 1, b"2"),
        lambda: bucket.copy_object(bucket.bucket_name, "log", "kept"),
        lambda: bucket.complete_multipart_upload("kept", upload, [part]),
        lambda: bucket.put_symlink("log", "kept"),
        lambda: bucket.batch_delete_objects(["kept", "log"]),
    ):
        with pytest.raises(oss2.exceptions.ServerError) as refused:
            change()
        assert (refused.value.status, refused.value.code) == (409, "FileImmutable")
    bucket.put_object("new", b"1")
    assert bucket.get_object("kept").read() == b"1"


def test_worm_and_suspended_versioning_exclude_each_other(bucket: oss2.Bucket) -> None:
    """Else the null version could be overwritten."""
    bucket.put_bucket_versioning(oss2.models.BucketVersioningConfig("Enabled"))
    bucket.init_bucket_worm(1)
    suspended = oss2.models.BucketVersioningConfig("Suspended")
    with pytest.raises(oss2.exceptions.ServerError) as refused:
        bucket.put_bucket_versioning(suspended)
    assert refused.value.status == 400
    bucket.abort_bucket_worm()
    bucket.put_bucket_versioning(suspended)
    with pytest.raises(oss2.exceptions.ServerError) as refused:
        bucket.init_bucket_worm(1)
    assert refused.value.status == 400


@pytest.fixture
def ram_user(cloud: Cloud, ram: Ram, user: str) -> Cloud:
    key = ram.create_access_key(ram_models.CreateAccessKeyRequest(user_name=user)).body.access_key
    return cloud.with_key(key.access_key_id, key.access_key_secret)


def test_configurations_need_their_ram_action(cloud: Cloud, bucket: oss2.Bucket, ram: Ram, ram_user: Cloud) -> None:
    as_user = oss2_bucket(ram_user, bucket.bucket_name)
    with pytest.raises(oss2.exceptions.AccessDenied):
        as_user.put_bucket_request_payment("Requester")
    document = {
        "Version": "1",
        "Statement": [{"Effect": "Allow", "Action": "oss:PutBucketRequestPayment", "Resource": "acs:oss:*:*:*"}],
    }
    ram.create_policy(ram_models.CreatePolicyRequest(policy_name="payment", policy_document=json.dumps(document)))
    ram.attach_policy_to_user(
        ram_models.AttachPolicyToUserRequest(policy_type="Custom", policy_name="payment", user_name="alice-1")
    )
    as_user.put_bucket_request_payment("Requester")
    assert bucket.get_bucket_request_payment().payer == "Requester"


def test_unknown_elements_are_refused(bucket: oss2.Bucket) -> None:
    with pytest.raises(oss2.exceptions.ServerError) as refused:
        bucket.put_bucket_cors(
            "<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethods>GET</AllowedMethods>"
            "</CORSRule></CORSConfiguration>"
        )
    assert (refused.value.status, refused.value.code) == (400, "MalformedXML")


def test_configurations_go_with_their_bucket(bucket: oss2.Bucket) -> None:
    bucket.put_bucket_website(BucketWebsite("index.html", "error.html"))
    bucket.delete_bucket()
    bucket.create_bucket()
    with pytest.raises(oss2.exceptions.NoSuchWebsite):
        bucket.get_bucket_website()
