"""Object-level WORM: retentions and legal holds, through the clients of OSS and of S3."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import alibabacloud_oss_v2 as oss_v2
import alibabacloud_oss_v2.aio as oss_aio
import oss2
import pytest

from tests.conformance.conftest import Cloud
from tests.conformance.oss_clients import bucket_name, oss2_bucket, v2_client
from tests.conformance.s3_clients import refused as s3_refused
from tests.conformance.s3_clients import s3_client


def refusal(caught: pytest.ExceptionInfo[Any]) -> tuple[str, int]:
    problem = caught.value.unwrap()
    return problem.code, problem.status_code


def later(days: float) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def worm_bucket(cloud: Cloud, mode: str = "") -> str:
    """A bucket whose objects may be retained; with `mode`, they are for a day unless they say otherwise."""
    name = bucket_name()
    client = v2_client(cloud)
    client.put_bucket(oss_v2.PutBucketRequest(bucket=name))
    client.put_bucket_versioning(
        oss_v2.PutBucketVersioningRequest(
            bucket=name, versioning_configuration=oss_v2.VersioningConfiguration(status="Enabled")
        )
    )
    rule = None
    if mode:
        default = oss_v2.models.ObjectWormConfigurationRuleDefaultRetention(mode=mode, days=1)
        rule = oss_v2.models.ObjectWormConfigurationRule(default_retention=default)
    client.put_bucket_object_worm_configuration(
        oss_v2.PutBucketObjectWormConfigurationRequest(
            bucket=name,
            object_worm_configuration=oss_v2.models.ObjectWormConfiguration(object_worm_enabled="Enabled", rule=rule),
        )
    )
    return name


def test_a_bucket_needs_versions_and_never_goes_back(cloud: Cloud) -> None:
    client = v2_client(cloud)
    name = bucket_name()
    client.put_bucket(oss_v2.PutBucketRequest(bucket=name))
    asked = oss_v2.PutBucketObjectWormConfigurationRequest(
        bucket=name, object_worm_configuration=oss_v2.models.ObjectWormConfiguration(object_worm_enabled="Enabled")
    )
    with pytest.raises(oss_v2.exceptions.OperationError) as caught:
        client.put_bucket_object_worm_configuration(asked)
    assert refusal(caught) == ("InvalidRequest", 400)
    with pytest.raises(oss_v2.exceptions.OperationError) as caught:
        client.get_bucket_object_worm_configuration(oss_v2.GetBucketObjectWormConfigurationRequest(bucket=name))
    assert refusal(caught)[1] == 404

    name = worm_bucket(cloud, "GOVERNANCE")
    held = client.get_bucket_object_worm_configuration(
        oss_v2.GetBucketObjectWormConfigurationRequest(bucket=name)
    ).object_worm_configuration
    assert (held.object_worm_enabled, held.rule.default_retention.mode) == ("Enabled", "GOVERNANCE")
    assert (held.rule.default_retention.days, held.rule.default_retention.years) == (1, None)
    for call in (
        lambda: client.put_bucket_versioning(
            oss_v2.PutBucketVersioningRequest(
                bucket=name, versioning_configuration=oss_v2.VersioningConfiguration(status="Suspended")
            )
        ),
        lambda: client.append_object(oss_v2.AppendObjectRequest(bucket=name, key="log", position=0, body=b"x")),
    ):
        with pytest.raises(oss_v2.exceptions.OperationError) as caught:
            call()
        assert refusal(caught)[1] == 400


def test_a_retention_keeps_a_version_until_its_date(cloud: Cloud) -> None:
    name, client = worm_bucket(cloud, "GOVERNANCE"), v2_client(cloud)
    made = client.put_object(oss_v2.PutObjectRequest(bucket=name, key="a", body=b"first"))
    head = client.head_object(oss_v2.HeadObjectRequest(bucket=name, key="a"))
    assert head.object_worm_mode == "GOVERNANCE"
    assert later(0.9) < head.object_worm_retain_until_date < later(1.1)
    # A delete marker hides it, and a new version lies over it; the version itself stays.
    marker = client.delete_object(oss_v2.DeleteObjectRequest(bucket=name, key="a"))
    assert marker.delete_marker
    client.put_object(oss_v2.PutObjectRequest(bucket=name, key="a", body=b"second"))
    for call in (
        lambda: client.delete_object(oss_v2.DeleteObjectRequest(bucket=name, key="a", version_id=made.version_id)),
        lambda: client.put_object_retention(
            oss_v2.PutObjectRetentionRequest(
                bucket=name,
                key="a",
                version_id=made.version_id,
                retention=oss_v2.models.Retention(mode="GOVERNANCE", retain_until_date=later(0.5)),
            )
        ),
    ):
        with pytest.raises(oss_v2.exceptions.OperationError) as caught:
            call()
        assert refusal(caught) == ("FileImmutable", 409)
    # It may be made stricter and longer by anyone with the right, but then it cannot be got round.
    longer = oss_v2.PutObjectRetentionRequest(
        bucket=name,
        key="a",
        version_id=made.version_id,
        retention=oss_v2.models.Retention(mode="COMPLIANCE", retain_until_date=later(30)),
    )
    client.put_object_retention(longer)
    shown = client.get_object_retention(
        oss_v2.GetObjectRetentionRequest(bucket=name, key="a", version_id=made.version_id)
    ).retention
    assert (shown.mode, shown.retain_until_date) == ("COMPLIANCE", longer.retention.retain_until_date)
    with pytest.raises(oss_v2.exceptions.OperationError) as caught:
        client.delete_object(
            oss_v2.DeleteObjectRequest(
                bucket=name, key="a", version_id=made.version_id, bypass_governance_retention=True
            )
        )
    assert refusal(caught) == ("FileImmutable", 409)
    # The newer one, in governance mode, goes for whoever says so; for many at once, too.
    second = client.head_object(oss_v2.HeadObjectRequest(bucket=name, key="a")).version_id
    client.delete_multiple_objects(
        oss_v2.DeleteMultipleObjectsRequest(
            bucket=name,
            objects=[oss_v2.DeleteObject(key="a", version_id=second)],
            bypass_governance_retention=True,
        )
    )
    with pytest.raises(oss_v2.exceptions.OperationError) as caught:
        client.head_object(oss_v2.HeadObjectRequest(bucket=name, key="a", version_id=second))
    assert refusal(caught)[1] == 404
    past = oss_v2.models.Retention(mode="COMPLIANCE", retain_until_date=later(-1))
    with pytest.raises(oss_v2.exceptions.OperationError) as caught:
        client.put_object_retention(
            oss_v2.PutObjectRetentionRequest(bucket=name, key="a", version_id=made.version_id, retention=past)
        )
    assert refusal(caught) == ("InvalidArgument", 400)


def test_a_legal_hold_has_no_date(cloud: Cloud) -> None:
    name = worm_bucket(cloud)
    bucket = oss2_bucket(cloud, name)
    made = bucket.put_object("a", b"x", headers={"x-oss-object-worm-legal-hold": "ON"})
    assert bucket.head_object("a").headers["x-oss-object-worm-legal-hold"] == "ON"
    with pytest.raises(oss2.exceptions.ServerError) as caught:
        bucket.delete_object("a", {"versionId": made.versionid}, {"x-oss-bypass-governance-retention": "true"})
    assert (caught.value.code, caught.value.status) == ("FileImmutable", 409)

    async def lift() -> str:
        config = oss_v2.config.load_default()
        config.credentials_provider = oss_v2.credentials.StaticCredentialsProvider(
            cloud.access_key_id, cloud.access_key_secret, cloud.security_token or None
        )
        config.region, config.endpoint, config.use_path_style = "cn-hangzhou", f"http://{cloud.endpoint}", True
        async with oss_aio.AsyncClient(config) as client:
            await client.put_object_legal_hold(
                oss_v2.PutObjectLegalHoldRequest(bucket=name, key="a", legal_hold=oss_v2.models.LegalHold(status="OFF"))
            )
            held = await client.get_object_legal_hold(oss_v2.GetObjectLegalHoldRequest(bucket=name, key="a"))
            return str(held.legal_hold.status)

    assert asyncio.run(lift()) == "OFF"
    bucket.delete_object("a", {"versionId": made.versionid})
    assert not bucket.object_exists("a")


def test_s3_object_lock_is_the_same(cloud: Cloud) -> None:
    s3, name = s3_client(cloud), bucket_name()
    s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
    assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
    assert s3.get_object_lock_configuration(Bucket=name)["ObjectLockConfiguration"] == {"ObjectLockEnabled": "Enabled"}
    rule = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 2}}
    s3.put_object_lock_configuration(
        Bucket=name, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule}
    )
    assert s3.get_object_lock_configuration(Bucket=name)["ObjectLockConfiguration"]["Rule"] == rule
    made = s3.put_object(Bucket=name, Key="a", Body=b"x")["VersionId"]
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(days=10)
    own = s3.put_object(Bucket=name, Key="b", Body=b"x", ObjectLockMode="COMPLIANCE", ObjectLockRetainUntilDate=until)[
        "VersionId"
    ]
    head = s3.head_object(Bucket=name, Key="b")
    assert (head["ObjectLockMode"], head["ObjectLockRetainUntilDate"]) == ("COMPLIANCE", until)
    with s3_refused("AccessDenied", 403):
        s3.delete_object(Bucket=name, Key="b", VersionId=own, BypassGovernanceRetention=True)
    with s3_refused("AccessDenied", 403):
        s3.delete_object(Bucket=name, Key="a", VersionId=made)
    s3.delete_object(Bucket=name, Key="a", VersionId=made, BypassGovernanceRetention=True)
    made = s3.put_object(Bucket=name, Key="a", Body=b"x", ObjectLockLegalHoldStatus="ON")["VersionId"]
    assert s3.get_object_legal_hold(Bucket=name, Key="a")["LegalHold"] == {"Status": "ON"}
    s3.put_object_retention(
        Bucket=name,
        Key="a",
        Retention={"Mode": "GOVERNANCE", "RetainUntilDate": until},
    )
    assert s3.get_object_retention(Bucket=name, Key="a")["Retention"]["RetainUntilDate"] == until
    with s3_refused("AccessDenied", 403):
        s3.delete_object(Bucket=name, Key="a", VersionId=made, BypassGovernanceRetention=True)
    s3.put_object_legal_hold(Bucket=name, Key="a", LegalHold={"Status": "OFF"})
    s3.delete_object(Bucket=name, Key="a", VersionId=made, BypassGovernanceRetention=True)
    # What has none says so in S3's words.
    plain = bucket_name()
    s3.create_bucket(Bucket=plain)
    with s3_refused("ObjectLockConfigurationNotFoundError", 404):
        s3.get_object_lock_configuration(Bucket=plain)
    with s3_refused("InvalidRequest", 400):
        s3.put_object(Bucket=plain, Key="a", Body=b"x", ObjectLockLegalHoldStatus="ON")
    s3.put_object(Bucket=name, Key="b", Body=b"x")
    with s3_refused("NoSuchObjectLockConfiguration", 404):
        s3.get_object_legal_hold(Bucket=name, Key="b")


@pytest.mark.parametrize("quiet", [False, True])
def test_s3_deletes_what_is_not_locked(cloud: Cloud, quiet: bool) -> None:
    """One locked version keeps no other; OSS's own DeleteMultipleObjects is done as a whole or not at all."""
    name, s3 = worm_bucket(cloud), s3_client(cloud)
    held = s3.put_object(Bucket=name, Key="held", ObjectLockLegalHoldStatus="ON")["VersionId"]
    free = s3.put_object(Bucket=name, Key="free")["VersionId"]
    both = [{"Key": "held", "VersionId": held}, {"Key": "free", "VersionId": free}]
    with pytest.raises(oss2.exceptions.ServerError) as refused:
        oss2_bucket(cloud, name).delete_object_versions(
            oss2.models.BatchDeleteObjectVersionList(
                [oss2.models.BatchDeleteObjectVersion(one["Key"], one["VersionId"]) for one in both]
            )
        )
    assert refused.value.code == "FileImmutable"
    s3.head_object(Bucket=name, Key="free")
    answer = s3.delete_objects(Bucket=name, Delete={"Objects": both, "Quiet": quiet})
    assert [(one["Key"], one["VersionId"], one["Code"]) for one in answer["Errors"]] == [("held", held, "AccessDenied")]
    assert [one["Key"] for one in answer.get("Deleted", [])] == ([] if quiet else ["free"])
    with s3_refused("404", 404):
        s3.head_object(Bucket=name, Key="free")
    s3.head_object(Bucket=name, Key="held")
