"""Buckets and their settings through boto3."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests
from alibabacloud_ram20150501 import models
from alibabacloud_ram20150501.client import Client as Ram
from alibabacloud_sts20150401 import models as sts_models
from alibabacloud_sts20150401.client import Client as Sts

from tests.conformance.conftest import Cloud, eventually
from tests.conformance.oss_clients import bucket_name, oss2_bucket
from tests.conformance.s3_clients import refused, s3_client


@pytest.fixture
def s3(cloud: Cloud) -> Any:
    return s3_client(cloud)


@pytest.fixture
def bucket(s3: Any) -> str:
    name = bucket_name()
    s3.create_bucket(Bucket=name)
    return name


def test_a_bucket_from_its_beginning_to_its_end(cloud: Cloud, s3: Any) -> None:
    name = bucket_name()
    s3.create_bucket(Bucket=name)
    assert [one["Name"] for one in s3.list_buckets()["Buckets"]] == [name]
    head = s3.head_bucket(Bucket=name)
    assert (head["BucketRegion"], head["ResponseMetadata"]["HTTPStatusCode"]) == ("cn-hangzhou", 200)
    assert s3.get_bucket_location(Bucket=name)["LocationConstraint"] == "cn-hangzhou"
    assert oss2_bucket(cloud, name).get_bucket_info().location == "oss-cn-hangzhou"
    s3.put_object(Bucket=name, Key="k", Body=b"")
    with refused("BucketNotEmpty", 409):
        s3.delete_bucket(Bucket=name)
    s3.delete_object(Bucket=name, Key="k")
    s3.delete_bucket(Bucket=name)
    with refused("404", 404):
        s3.head_bucket(Bucket=name)


def test_a_name_is_given_once(s3: Any, bucket: str, other_cloud: Cloud) -> None:
    with refused("BucketAlreadyExists", 409):
        s3_client(other_cloud).create_bucket(Bucket=bucket)
    with refused("403", 403):
        s3_client(other_cloud).head_bucket(Bucket=bucket)
    with refused("InvalidBucketName", 400):
        s3.create_bucket(Bucket="with--capital-Letters".replace("L", "l").replace("--", "-") + "-" * 5)


def test_regions(cloud: Cloud) -> None:
    name = bucket_name()
    s3 = s3_client(cloud, region="cn-beijing")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "cn-beijing"})
    assert s3.head_bucket(Bucket=name)["BucketRegion"] == "cn-beijing"
    s3_client(cloud).put_object(Bucket=name, Key="k", Body=b"us-east-1 is nowhere here, and so everywhere")
    with refused("InvalidLocationConstraint", 400):
        s3.create_bucket(Bucket=bucket_name(), CreateBucketConfiguration={"LocationConstraint": "mars-north-1"})


def test_a_client_in_another_region_is_sent_on(cloud: Cloud, s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"1")
    elsewhere = s3_client(cloud, region="cn-beijing")
    assert elsewhere.get_object(Bucket=bucket, Key="k")["Body"].read() == b"1", "boto3 signs again, as it is told"


def test_keys_that_are_wrong(cloud: Cloud, bucket: str) -> None:
    with refused("SignatureDoesNotMatch", 403):
        s3_client(cloud.with_key(cloud.access_key_id, "x" * 30)).list_objects_v2(Bucket=bucket)
    with refused("InvalidAccessKeyId", 403):
        s3_client(cloud.with_key("LTAInobody", "x" * 30)).list_objects_v2(Bucket=bucket)
    with refused("InvalidToken", 400):
        s3_client(cloud.with_key("STS.nobody", "x" * 30, "nonsense")).list_objects_v2(Bucket=bucket)


@pytest.mark.parametrize("call", ["list_objects", "list_objects_v2"])
def test_listing(s3: Any, bucket: str, call: str) -> None:
    for name in ("a/1", "a/2", "b/1", "c", "d e+f"):
        s3.put_object(Bucket=bucket, Key=name, Body=b"x")
    rolled = getattr(s3, call)(Bucket=bucket, Delimiter="/")
    assert [one["Prefix"] for one in rolled["CommonPrefixes"]] == ["a/", "b/"]
    assert [one["Key"] for one in rolled["Contents"]] == ["c", "d e+f"]
    assert rolled["MaxKeys"] == 1000
    pages = list(s3.get_paginator(call).paginate(Bucket=bucket, PaginationConfig={"PageSize": 2}))
    assert [one["Key"] for page in pages for one in page["Contents"]] == ["a/1", "a/2", "b/1", "c", "d e+f"]
    assert len(pages) == 3
    below = getattr(s3, call)(Bucket=bucket, Prefix="a/")["Contents"]
    assert [(one["Key"], one["Size"], one["StorageClass"]) for one in below] == [
        ("a/1", 1, "STANDARD"),
        ("a/2", 1, "STANDARD"),
    ]
    assert below[0]["ETag"] == '"9dd4e461268c8034f5c8564e155c67a6"'


def test_access_control_lists(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"1")
    assert [one["Permission"] for one in s3.get_bucket_acl(Bucket=bucket)["Grants"]] == ["FULL_CONTROL"]
    s3.put_object_acl(Bucket=bucket, Key="k", ACL="private")
    found = s3.get_object_acl(Bucket=bucket, Key="k")
    assert found["Grants"][0]["Grantee"] == {**found["Owner"], "Type": "CanonicalUser"}
    s3.put_object_acl(Bucket=bucket, Key="k", AccessControlPolicy={"Owner": found["Owner"], "Grants": found["Grants"]})
    with refused("NotImplemented", 501):
        s3.put_object_acl(Bucket=bucket, Key="k", GrantRead="id=somebody")


def test_versions(s3: Any, bucket: str) -> None:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    first = s3.put_object(Bucket=bucket, Key="k", Body=b"1")["VersionId"]
    s3.put_object(Bucket=bucket, Key="k", Body=b"2")
    assert s3.get_object(Bucket=bucket, Key="k", VersionId=first)["Body"].read() == b"1"
    gone = s3.delete_object(Bucket=bucket, Key="k")
    assert gone["DeleteMarker"] is True
    with refused("NoSuchKey", 404):
        s3.get_object(Bucket=bucket, Key="k")
    listed = s3.list_object_versions(Bucket=bucket)
    assert [(one["Key"], one["IsLatest"]) for one in listed["DeleteMarkers"]] == [("k", True)]
    assert len(listed["Versions"]) == 2
    s3.delete_object(Bucket=bucket, Key="k", VersionId=gone["VersionId"])
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"2"
    everything = [
        {"Key": one["Key"], "VersionId": one["VersionId"]} for one in s3.list_object_versions(Bucket=bucket)["Versions"]
    ]
    s3.delete_objects(Bucket=bucket, Delete={"Objects": everything})
    s3.delete_bucket(Bucket=bucket)


def test_tags(s3: Any, bucket: str) -> None:
    tags = [{"Key": "team", "Value": "blue"}]
    with refused("NoSuchTagSet", 404):
        s3.get_bucket_tagging(Bucket=bucket)
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tags})
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == tags
    s3.delete_bucket_tagging(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="k", Body=b"1", Tagging="a=1&b=2")
    assert s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == [
        {"Key": "a", "Value": "1"},
        {"Key": "b", "Value": "2"},
    ]
    s3.put_object_tagging(Bucket=bucket, Key="k", Tagging={"TagSet": tags})
    assert s3.head_object(Bucket=bucket, Key="k")["TagCount"] == 1
    s3.delete_object_tagging(Bucket=bucket, Key="k")
    assert s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == [], "an object without tags is no error"


def test_cors(s3: Any, bucket: str) -> None:
    with refused("NoSuchCORSConfiguration", 404):
        s3.get_bucket_cors(Bucket=bucket)
    rule = {"AllowedMethods": ["GET"], "AllowedOrigins": ["https://example.com"], "MaxAgeSeconds": 60}
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [rule]})
    assert s3.get_bucket_cors(Bucket=bucket)["CORSRules"] == [rule]
    s3.delete_bucket_cors(Bucket=bucket)


def test_lifecycle(s3: Any, bucket: str) -> None:
    with refused("NoSuchLifecycleConfiguration", 404):
        s3.get_bucket_lifecycle_configuration(Bucket=bucket)
    rules = [
        {"ID": "old", "Filter": {"Prefix": "logs/"}, "Status": "Enabled", "Expiration": {"Days": 30}},
        {
            "ID": "tagged",
            "Filter": {"And": {"Prefix": "tmp/", "Tags": [{"Key": "a", "Value": "b"}]}},
            "Status": "Enabled",
            "Transitions": [{"Days": 40, "StorageClass": "STANDARD_IA"}],
        },
        {
            "ID": "parts",
            "Filter": {"Prefix": "parts/"},
            "Status": "Enabled",
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 3},
        },
    ]
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})
    assert s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"] == rules
    s3.delete_bucket_lifecycle(Bucket=bucket)


def test_encryption(s3: Any, bucket: str) -> None:
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})
    found = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert found == [rule]
    s3.delete_bucket_encryption(Bucket=bucket)
    with refused("ServerSideEncryptionConfigurationNotFoundError", 404):
        s3.get_bucket_encryption(Bucket=bucket)


def test_public_access_block(s3: Any, bucket: str) -> None:
    names = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    everything = dict.fromkeys(names, True)
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=everything)
    assert s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"] == everything
    with refused("NotImplemented", 501):
        s3.put_public_access_block(
            Bucket=bucket, PublicAccessBlockConfiguration={**everything, "BlockPublicAcls": False}
        )


def test_policies(cloud: Cloud, s3: Any, bucket: str, other_cloud: Cloud) -> None:
    s3.put_object(Bucket=bucket, Key="shared/k", Body=b"1")
    s3.put_object(Bucket=bucket, Key="k", Body=b"2")
    with refused("NoSuchBucketPolicy", 404):
        s3.get_bucket_policy(Bucket=bucket)
    document = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": [f"arn:aws:iam::{other_cloud.account_id}:root"]},
                "Action": ["s3:GetObject"],
                "Resource": [f"arn:aws:s3:::{bucket}/shared/*"],
            }
        ],
    }
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(document))
    assert json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"]) == document
    other = s3_client(other_cloud)
    assert other.get_object(Bucket=bucket, Key="shared/k")["Body"].read() == b"1"
    with refused("AccessDenied", 403):
        other.get_object(Bucket=bucket, Key="k")
    s3.delete_bucket_policy(Bucket=bucket)
    with refused("AccessDenied", 403):
        other.get_object(Bucket=bucket, Key="shared/k")


def test_what_is_lacking_says_so(s3: Any, bucket: str) -> None:
    role = {
        "Role": "arn:aws:iam::1:role/r",
        "Rules": [{"Status": "Enabled", "Destination": {"Bucket": "arn:aws:s3:::b"}}],
    }
    with refused("NotImplemented", 501):
        s3.put_bucket_replication(Bucket=bucket, ReplicationConfiguration=role)
    with refused("NotImplemented", 501):
        s3.get_object_torrent(Bucket=bucket, Key="k")
    with refused("NotImplemented", 501):
        s3.put_object(Bucket=bucket, Key="k", Body=b"", SSECustomerAlgorithm="AES256", SSECustomerKey="0" * 32)


def test_websites(s3: Any, bucket: str) -> None:
    site = {"IndexDocument": {"Suffix": "index.html"}, "ErrorDocument": {"Key": "error.html"}}
    s3.put_bucket_website(Bucket=bucket, WebsiteConfiguration=site)
    found = s3.get_bucket_website(Bucket=bucket)
    assert {name: found[name] for name in site} == site
    s3.delete_bucket_website(Bucket=bucket)
    with refused("NoSuchWebsiteConfiguration", 404):
        s3.get_bucket_website(Bucket=bucket)


def test_logging(s3: Any, bucket: str) -> None:
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=bucket)
    wanted = {"TargetBucket": bucket, "TargetPrefix": "log/"}
    s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus={"LoggingEnabled": wanted})
    assert s3.get_bucket_logging(Bucket=bucket)["LoggingEnabled"] == wanted
    s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus={})
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=bucket)


def test_who_pays(s3: Any, bucket: str, other_cloud: Cloud) -> None:
    assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "BucketOwner"
    s3.put_bucket_request_payment(Bucket=bucket, RequestPaymentConfiguration={"Payer": "Requester"})
    assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "Requester"


def test_archives_are_restored(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"cold", StorageClass="GLACIER")
    assert s3.head_object(Bucket=bucket, Key="k")["StorageClass"] == "GLACIER"
    with refused("InvalidObjectState", 403):
        s3.get_object(Bucket=bucket, Key="k")
    s3.restore_object(Bucket=bucket, Key="k", RestoreRequest={"Days": 1})
    thawed = eventually(lambda: s3.head_object(Bucket=bucket, Key="k")["Restore"], lambda told: "false" in told)
    assert "expiry-date" in thawed
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"cold"


def test_ram_users_may_what_their_policies_say(cloud: Cloud, s3: Any, bucket: str, ram: Ram) -> None:
    s3.put_object(Bucket=bucket, Key="mine/k", Body=b"1")
    s3.put_object(Bucket=bucket, Key="k", Body=b"2")
    ram.create_user(models.CreateUserRequest(user_name="reader"))
    document = {
        "Version": "1",
        "Statement": [{"Effect": "Allow", "Action": "oss:GetObject", "Resource": f"acs:oss:*:*:{bucket}/mine/*"}],
    }
    ram.create_policy(models.CreatePolicyRequest(policy_name="read", policy_document=json.dumps(document)))
    ram.attach_policy_to_user(
        models.AttachPolicyToUserRequest(policy_type="Custom", policy_name="read", user_name="reader")
    )
    key = ram.create_access_key(models.CreateAccessKeyRequest(user_name="reader")).body.access_key
    reader = s3_client(cloud.with_key(key.access_key_id, key.access_key_secret))
    assert reader.get_object(Bucket=bucket, Key="mine/k")["Body"].read() == b"1"
    for refusing in (
        lambda: reader.get_object(Bucket=bucket, Key="k"),
        lambda: reader.put_object(Bucket=bucket, Key="mine/k", Body=b"3"),
        lambda: reader.list_objects_v2(Bucket=bucket),
        lambda: reader.copy_object(Bucket=bucket, Key="mine/copy", CopySource={"Bucket": bucket, "Key": "k"}),
        lambda: reader.create_multipart_upload(Bucket=bucket, Key="mine/k"),
    ):
        with refused("AccessDenied", 403):
            refusing()


def test_session_tokens(cloud: Cloud, s3: Any, bucket: str, ram: Ram) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"1")
    trust = {
        "Version": "1",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"RAM": [f"acs:ram::{cloud.account_id}:root"]},
            }
        ],
    }
    role = ram.create_role(
        models.CreateRoleRequest(role_name="reader", assume_role_policy_document=json.dumps(trust))
    ).body.role
    ram.attach_policy_to_role(
        models.AttachPolicyToRoleRequest(
            policy_type="System", policy_name="AliyunOSSReadOnlyAccess", role_name="reader"
        )
    )
    ram.create_user(models.CreateUserRequest(user_name="caller"))
    ram.attach_policy_to_user(
        models.AttachPolicyToUserRequest(
            policy_type="System", policy_name="AliyunSTSAssumeRoleAccess", user_name="caller"
        )
    )
    key = ram.create_access_key(models.CreateAccessKeyRequest(user_name="caller")).body.access_key
    caller = Sts(cloud.with_key(key.access_key_id, key.access_key_secret).config())
    given = caller.assume_role(
        sts_models.AssumeRoleRequest(role_arn=role.arn, role_session_name="session")
    ).body.credentials
    held = cloud.with_key(given.access_key_id, given.access_key_secret, given.security_token)
    reader = s3_client(held, signature_version="s3v4")
    assert reader.get_object(Bucket=bucket, Key="k")["Body"].read() == b"1"
    url = reader.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"})
    assert requests.get(url, timeout=30).content == b"1"
    with refused("AccessDenied", 403):
        reader.put_object(Bucket=bucket, Key="k", Body=b"2")
    with refused("InvalidToken", 400):
        s3_client(cloud.with_key(given.access_key_id, given.access_key_secret, "forged")).list_buckets()


def test_a_bucket_of_somebody_unexpected(cloud: Cloud, s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"1", ExpectedBucketOwner=cloud.account_id)
    with refused("AccessDenied", 403):
        s3.put_object(Bucket=bucket, Key="k", Body=b"2", ExpectedBucketOwner="1234567890123456")
    with refused("AccessDenied", 403):
        s3.copy_object(
            Bucket=bucket,
            Key="copy",
            CopySource={"Bucket": bucket, "Key": "k"},
            ExpectedSourceBucketOwner="1234567890123456",
        )
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"1"
