"""Who may: ACLs for everybody, RAM policies and tokens for an account's own."""

from __future__ import annotations

import json

import oss2
import pytest
import requests
from alibabacloud_ram20150501 import models as ram_models
from alibabacloud_ram20150501.client import Client as Ram
from alibabacloud_sts20150401 import models as sts_models
from alibabacloud_sts20150401.client import Client as Sts

from tests.conformance.conftest import Cloud
from tests.conformance.oss_clients import VERSIONS, anonymous_bucket, oss2_bucket


@pytest.fixture
def bucket(cloud: Cloud) -> oss2.Bucket:
    made = oss2_bucket(cloud)
    made.create_bucket()
    made.put_object("k", b"1")
    return made


def test_the_public_reads_what_is_public(cloud: Cloud, other_cloud: Cloud, bucket: oss2.Bucket) -> None:
    anybody = anonymous_bucket(cloud, bucket.bucket_name)
    others = oss2_bucket(other_cloud, bucket.bucket_name)
    for visitor in (anybody, others):
        with pytest.raises(oss2.exceptions.AccessDenied) as refused:
            visitor.get_object("k")
        assert refused.value.ec == "0003-00000001"
    bucket.put_bucket_acl(oss2.BUCKET_ACL_PUBLIC_READ)
    assert bucket.get_bucket_acl().acl == "public-read"
    for visitor in (anybody, others):
        assert visitor.get_object("k").read() == b"1"
        assert [one.key for one in visitor.list_objects().object_list] == ["k"]
        for attempt in (
            lambda visitor=visitor: visitor.put_object("new", b"2"),
            lambda visitor=visitor: visitor.delete_object("k"),
            lambda visitor=visitor: visitor.batch_delete_objects(["k"]),
            lambda visitor=visitor: visitor.put_bucket_acl("private"),
            lambda visitor=visitor: visitor.get_bucket_info(),
            lambda visitor=visitor: visitor.delete_bucket(),
        ):
            with pytest.raises(oss2.exceptions.AccessDenied):
                attempt()
    bucket.put_bucket_acl(oss2.BUCKET_ACL_PUBLIC_READ_WRITE)
    anybody.put_object("new", b"2")
    others.delete_object("new")
    assert not bucket.object_exists("new")


def test_a_browser_needs_no_signature(cloud: Cloud, bucket: oss2.Bucket) -> None:
    url = f"http://{cloud.endpoint}/{bucket.bucket_name}/k"
    assert requests.get(url, timeout=30).status_code == 403
    bucket.put_bucket_acl("public-read")
    assert requests.get(url, timeout=30).content == b"1"


def test_an_objects_own_acl_counts_more(cloud: Cloud, bucket: oss2.Bucket) -> None:
    anybody = anonymous_bucket(cloud, bucket.bucket_name)
    bucket.put_object_acl("k", oss2.OBJECT_ACL_PUBLIC_READ)
    assert bucket.get_object_acl("k").acl == "public-read"
    assert anybody.get_object("k").read() == b"1"
    bucket.put_bucket_acl("public-read-write")
    bucket.put_object_acl("k", oss2.OBJECT_ACL_PRIVATE)
    for attempt in (
        lambda: anybody.get_object("k"),
        lambda: anybody.put_object("k", b"2"),
        lambda: anybody.delete_object("k"),
    ):
        with pytest.raises(oss2.exceptions.AccessDenied):
            attempt()
    bucket.put_object("other", b"1", headers={"x-oss-object-acl": "private"})
    with pytest.raises(oss2.exceptions.AccessDenied):
        anybody.get_object("other")


@pytest.mark.parametrize("acl", ["public", "default", ""])
def test_unknown_acls(bucket: oss2.Bucket, acl: str) -> None:
    with pytest.raises(oss2.exceptions.InvalidArgument):
        bucket.put_bucket_acl(acl)
    assert bucket.get_bucket_acl().acl == "private"


def test_nobody_lists_all_buckets(cloud: Cloud) -> None:
    answer = requests.get(f"http://{cloud.endpoint}/?max-keys=10", timeout=30)
    assert answer.status_code == 403
    assert "<Code>AccessDenied</Code>" in answer.text


def statement(effect: str, actions: list[str], resources: list[str]) -> dict[str, object]:
    return {"Effect": effect, "Action": actions, "Resource": resources}


def user_with(ram: Ram, cloud: Cloud, *statements: dict[str, object]) -> Cloud:
    """The cloud as a RAM user sees it who has this policy."""
    ram.create_user(ram_models.CreateUserRequest(user_name="alice"))
    ram.create_policy(
        ram_models.CreatePolicyRequest(
            policy_name="p", policy_document=json.dumps({"Version": "1", "Statement": list(statements)})
        )
    )
    ram.attach_policy_to_user(
        ram_models.AttachPolicyToUserRequest(policy_type="Custom", policy_name="p", user_name="alice")
    )
    key = ram.create_access_key(ram_models.CreateAccessKeyRequest(user_name="alice")).body.access_key
    return cloud.with_key(key.access_key_id, key.access_key_secret)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_ram_user_may_what_the_policy_grants(ram: Ram, cloud: Cloud, bucket: oss2.Bucket, version: str) -> None:
    name = bucket.bucket_name
    alice = oss2_bucket(
        user_with(
            ram,
            cloud,
            statement("Allow", ["oss:GetObject", "oss:PutObject"], [f"acs:oss:*:*:{name}/mine/*"]),
            statement("Allow", ["oss:ListObjects"], [f"acs:oss:*:*:{name}"]),
            statement("Deny", ["oss:PutObject"], [f"acs:oss:*:*:{name}/mine/locked/*"]),
        ),
        name,
        version=version,
    )
    alice.put_object("mine/k", b"2")
    assert alice.get_object("mine/k").read() == b"2"
    assert len(alice.list_objects().object_list) == 2
    alice.copy_object(name, "mine/k", "mine/copy")
    for attempt in (
        lambda: alice.get_object("k"),
        lambda: alice.put_object("k", b"3"),
        lambda: alice.put_object("mine/locked/k", b"3"),
        lambda: alice.copy_object(name, "k", "mine/stolen"),
        lambda: alice.delete_object("mine/k"),
        lambda: alice.batch_delete_objects(["mine/k"]),
        alice.get_bucket_info,
        alice.delete_bucket,
        oss2_bucket(
            cloud.with_key(
                alice.auth.credentials_provider.get_credentials().access_key_id,
                alice.auth.credentials_provider.get_credentials().access_key_secret,
            )
        ).create_bucket,
    ):
        with pytest.raises(oss2.exceptions.AccessDenied):
            attempt()
    bucket.put_bucket_acl("public-read-write")
    assert alice.get_object("k").read() == b"1", "what is public is public for users too"
    with pytest.raises(oss2.exceptions.AccessDenied):
        alice.put_object("mine/locked/k", b"3")


def test_a_link_opens_nothing_that_is_closed(ram: Ram, cloud: Cloud, bucket: oss2.Bucket) -> None:
    mine = statement("Allow", ["oss:GetObject", "oss:PutObject"], [f"acs:oss:*:*:{bucket.bucket_name}/mine/*"])
    alice = oss2_bucket(user_with(ram, cloud, mine), bucket.bucket_name)
    alice.put_object("mine/k", b"2")
    alice.put_symlink("mine/k", "mine/good")
    alice.put_symlink("k", "mine/link")
    assert alice.get_object("mine/good").read() == b"2"
    assert alice.get_symlink("mine/link").target_key == "k"
    for attempt in (
        lambda: alice.get_object("mine/link"),
        lambda: alice.get_object("mine/link", process="image/info"),
        lambda: alice.select_object("mine/link", "select * from ossobject").read(),
        lambda: alice.get_object("mine/link", params={"versionId": "null"}),
    ):
        with pytest.raises(oss2.exceptions.AccessDenied):
            attempt()
    with pytest.raises(oss2.exceptions.ServerError) as refused:
        alice.head_object("mine/link")
    assert refused.value.status == 403
    # A public link to what is private opens nothing either, until the target is public.
    bucket.put_bucket_public_access_block(False)
    bucket.put_object_acl("mine/link", "public-read")
    public = anonymous_bucket(cloud, bucket.bucket_name)
    with pytest.raises(oss2.exceptions.AccessDenied):
        public.get_object("mine/link")
    bucket.put_object_acl("k", "public-read")
    assert public.get_object("mine/link").read() == b"1"


def test_a_policy_may_ask_for_the_prefix_of_a_listing(ram: Ram, cloud: Cloud, bucket: oss2.Bucket) -> None:
    only_mine = statement("Allow", ["oss:ListObjects"], [f"acs:oss:*:*:{bucket.bucket_name}"])
    only_mine["Condition"] = {"StringLike": {"oss:Prefix": ["mine/*"]}}
    alice = oss2_bucket(user_with(ram, cloud, only_mine), bucket.bucket_name)
    bucket.put_object("mine/k", b"1")
    assert [one.key for one in alice.list_objects(prefix="mine/").object_list] == ["mine/k"]
    for prefix in ("", "other/"):
        with pytest.raises(oss2.exceptions.AccessDenied):
            alice.list_objects(prefix=prefix)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_role_acts_with_its_token(ram: Ram, sts: Sts, cloud: Cloud, bucket: oss2.Bucket, version: str) -> None:
    trust = {
        "Version": "1",
        "Statement": [
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"RAM": [f"acs:ram::{cloud.account_id}:root"]}}
        ],
    }
    role = ram.create_role(
        ram_models.CreateRoleRequest(role_name="reader", assume_role_policy_document=json.dumps(trust))
    ).body.role
    ram.attach_policy_to_role(
        ram_models.AttachPolicyToRoleRequest(
            policy_type="System", policy_name="AliyunOSSReadOnlyAccess", role_name="reader"
        )
    )
    user = user_with(ram, cloud, statement("Allow", ["sts:AssumeRole"], ["*"]))
    session = (
        Sts(user.config())
        .assume_role(sts_models.AssumeRoleRequest(role_arn=role.arn, role_session_name="test"))
        .body.credentials
    )
    as_role = cloud.with_key(session.access_key_id, session.access_key_secret, session.security_token)
    reader = oss2_bucket(as_role, bucket.bucket_name, version=version)
    assert reader.get_object("k").read() == b"1"
    assert requests.get(reader.sign_url("GET", "k", 60), timeout=30).content == b"1"
    with pytest.raises(oss2.exceptions.AccessDenied):
        reader.put_object("k", b"2")
    forged = oss2_bucket(
        cloud.with_key(session.access_key_id, session.access_key_secret, "x" + session.security_token),
        bucket.bucket_name,
        version=version,
    )
    with pytest.raises(oss2.exceptions.ServerError) as refused:
        forged.get_object("k")
    assert (refused.value.status, refused.value.code) == (403, "InvalidSecurityToken")


def test_versions_have_actions_of_their_own(ram: Ram, cloud: Cloud, bucket: oss2.Bucket) -> None:
    bucket.put_bucket_versioning(oss2.models.BucketVersioningConfig("Enabled"))
    kept = bucket.put_object("k", b"2").versionid
    bucket.put_object("k", b"3")
    everything = [f"acs:oss:*:*:{bucket.bucket_name}/*"]
    alice = user_with(
        ram,
        cloud,
        statement("Allow", ["oss:GetObject", "oss:DeleteObject", "oss:GetObjectVersionTagging"], everything),
    )
    hers = oss2_bucket(alice, bucket.bucket_name)
    assert hers.get_object("k").read() == b"3"
    assert hers.get_object_tagging("k", params={"versionId": kept}).tag_set.tagging_rule == {}
    for attempt in (
        lambda: hers.get_object("k", params={"versionId": kept}),
        lambda: hers.delete_object("k", params={"versionId": kept}),
        lambda: hers.get_object_tagging("k"),
        lambda: hers.delete_object_versions(
            oss2.models.BatchDeleteObjectVersionList([oss2.models.BatchDeleteObjectVersion("k", kept)])
        ),
    ):
        with pytest.raises(oss2.exceptions.AccessDenied):
            attempt()
    assert bucket.get_object("k", params={"versionId": kept}).read() == b"2"
